"""Oracles: the same estimate on rows picked by hand; worlds with and without an earlier trend."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from worlds import drawn, effect, estimate

import technopole as tp
from technopole.errors import TechnopoleError, WrongOption

placebo_time: Any = tp.checks.placebo_time


def contract_case() -> dict[str, Any]:
    return {"effect": effect("effect", count=120), "table": drawn("effect", count=120)}


def test_equals_the_estimate_on_rows_before_entry() -> None:
    frame = drawn("effect").to_pandas()
    before = frame[(frame["entered"] == 0) | (frame["year"] < frame["entered"])].copy()
    before["entered"] = before["entered"].where(before["entered"] == 0, before["entered"] - 2)
    expected = estimate(before, outcome="log_sales", base="universal")
    row = placebo_time(effect("effect"), drawn("effect")).table.iloc[0]
    assert (row["estimate"], row["std_error"]) == pytest.approx(
        (expected.estimate, expected.std_error), rel=1e-10
    )
    assert row["treated"] == expected.frames["overall"]["treated"].iloc[0]


@pytest.mark.slow
def test_worlds() -> None:
    assert placebo_time(effect("pre_trend", count=600), drawn("pre_trend", count=600)).passed is False
    assert placebo_time(effect("effect", count=600), drawn("effect", count=600)).passed is True
    assert placebo_time(effect("null", count=120), drawn("null", count=120)).passed is None


def test_too_early_cannot_tell() -> None:
    found = placebo_time(effect("effect"), drawn("effect"), years=7)
    assert found.passed is None and found.finding["undefined"].iloc[0]


def test_bad_requests() -> None:
    with pytest.raises(WrongOption):
        placebo_time(effect("effect"), drawn("effect"), years=0)
    with pytest.raises(TechnopoleError, match="needs the table"):
        placebo_time(effect("effect"))
    with pytest.raises(TechnopoleError, match="isn't the table"):
        placebo_time(effect("effect"), drawn("null"))


@pytest.mark.slow
def test_size_in_null_worlds() -> None:
    """An entry that never mattered is found in about 5 of 100 null worlds: of 20, at most 5 in 999 of 1,000 series."""
    firms: Any = tp.simulate_firms
    found: list[Any] = []
    for seed in range(20):
        table = pd.DataFrame(firms("null", firms=160, years=6, cohorts=2, seed=seed).firms)
        found.append(placebo_time(estimate(table, outcome="log_sales"), table))
    assert sum(one.passed is False for one in found) <= 5
