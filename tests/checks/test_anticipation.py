"""Oracles: the estimator with anticipation; worlds in which half of the effect comes a year early, or none does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from worlds import drawn, effect, estimate

import technopole as tp
from technopole.errors import TechnopoleError, WrongOption
from technopole.tables import Firms

anticipation: Any = tp.checks.anticipation


def contract_case() -> dict[str, Any]:
    return {"effect": effect("effect", count=120), "table": drawn("effect", count=120)}


@pytest.mark.slow
def test_equals_the_estimator_with_anticipation() -> None:
    found = anticipation(effect("effect"), drawn("effect"), years=2)
    wider = estimate(drawn("effect"), outcome="log_sales", base="universal", anticipation=2)
    event = wider.aggregate("event").table.set_index("event_time")
    assert found.table["event_time"].tolist() == [-2, -1]
    assert found.table["estimate"].to_numpy() == pytest.approx(
        event.loc[[-2, -1], "estimate"].to_numpy(float), rel=1e-12
    )
    b = event.loc[[-2, -1], "estimate"].to_numpy(float)
    wide = wider.covariance.pivot(index="event_time_a", columns="event_time_b", values="covariance")
    assert found.statistic == pytest.approx(
        float(b @ np.linalg.inv(wide.loc[[-2, -1], [-2, -1]].to_numpy()) @ b), rel=1e-9
    )
    assert found.effects["anticipation"].tolist() == [0, 2]
    assert found.effects["estimate"].iloc[1] == pytest.approx(wider.estimate, rel=1e-12)


@pytest.mark.slow
def test_worlds() -> None:
    early = anticipation(effect("anticipation", count=600), drawn("anticipation", count=600))
    assert early.passed is False
    assert early.effects["estimate"].iloc[1] > early.effects["estimate"].iloc[0]
    assert anticipation(effect("effect", count=600), drawn("effect", count=600)).passed is True
    assert anticipation(effect("null", count=120), drawn("null", count=120)).passed is None


@pytest.mark.slow
def test_imputation_has_its_window_from_an_earlier_entry() -> None:
    """Imputation gives years of the window no estimates: entry two years earlier has them as its first two years."""
    table, impute = drawn("anticipation", noise=0.1), tp.effects.imputation
    found = anticipation(impute(table, outcome="log_sales"), table, years=2)
    frame = table.to_pandas()
    frame["entered"] = frame["entered"].where(frame["entered"] == 0, frame["entered"] - 2)
    earlier = impute(Firms.of(frame), outcome="log_sales").aggregate("event").table.set_index("event_time")
    assert found.table["event_time"].tolist() == [-2, -1]
    assert found.table["estimate"].to_numpy() == pytest.approx(
        earlier.loc[[0, 1], "estimate"].to_numpy(float), rel=1e-10
    )
    assert found.passed is False
    assert (
        found.table["low"].iloc[1] < 0.1 < found.table["high"].iloc[1]
    )  # half of the effect comes a year early


def test_bad_requests() -> None:
    with pytest.raises(WrongOption):
        anticipation(effect("effect"), drawn("effect"), years=0)
    with pytest.raises(TechnopoleError, match="needs the table"):
        anticipation(effect("effect"))
