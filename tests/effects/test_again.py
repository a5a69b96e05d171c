"""An effect estimated again: the same arguments give the same bytes; another table is refused."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import firms

from technopole import rooms
from technopole.effects import _again
from technopole.errors import TechnopoleError
from technopole.libraries import heard
from technopole.member import member
from technopole.result import EffectResult
from technopole.result.effect import FIELDS, OVERALL
from technopole.tables import Firms


def mean(firms: Firms, *, outcome: str, times: float = 1.0, seed: int = 0) -> EffectResult:
    """An estimator that returns the mean of the outcome among those who entered."""
    value = firms.expr.filter(firms.expr["entered"] > 0)[outcome].mean().to_pyarrow().as_py() * times
    row: dict[str, Any] = {**dict.fromkeys(OVERALL, 0), "outcome": outcome, "estimate": value}
    overall = pd.DataFrame([row])
    return EffectResult.of(overall, text="The mean.", fields=FIELDS, overall=overall)


mean.__module__ = "technopole.effects.mean"
ESTIMATOR: Any = member(mean)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "load", lambda name: {"effects.mean": ESTIMATOR}[name])


def test_same_arguments_same_bytes() -> None:
    table = Firms.of(firms())
    effect = ESTIMATOR(table, outcome="log_sales", times=2.0, seed=3)
    assert _again.again(effect, table).digest == effect.digest
    assert _again.again(effect, Firms.of(firms())).digest == effect.digest


def test_other_arguments_and_other_rows() -> None:
    frame = firms()
    table = Firms.of(frame)
    effect = ESTIMATOR(table, outcome="log_sales")
    assert _again.again(effect, table, times=3.0).estimate == pytest.approx(3 * effect.estimate, rel=1e-12)
    fewer = _again.again(effect, table, rows=table.expr.filter(table.expr["entered"] != 2015))
    assert fewer.estimate == pytest.approx(frame[frame["entered"] == 2017]["log_sales"].mean(), rel=1e-12)


def test_no_table_another_table_or_no_origin() -> None:
    table = Firms.of(firms())
    effect = ESTIMATOR(table, outcome="log_sales")
    with pytest.raises(TechnopoleError, match="needs the table"):
        _again.again(effect, None)
    with pytest.raises(TechnopoleError, match="isn't the table"):
        _again.again(effect, Firms.of(firms(40)))
    with pytest.raises(TechnopoleError, match="doesn't say how"):
        _again.again(mean(table, outcome="log_sales"), table)


def test_numpys_own_remarks_are_nobodys_business() -> None:
    said: list[str] = []
    with heard(said):
        np.sqrt(np.array([-1.0]))
        warnings.warn("the library didn't converge", RuntimeWarning, stacklevel=1)
    assert said == ["the library didn't converge"]
