"""Oracles: the same estimate on a frame without the group; a cohort that carries everything."""

from __future__ import annotations

from typing import Any

import pytest
from worlds import drawn, effect, estimate

import technopole as tp
from technopole.errors import MissingColumn, WrongOption
from technopole.tables import Firms

leave_one_out: Any = tp.checks.leave_one_out


def contract_case() -> dict[str, Any]:
    return {"effect": effect("effect", count=120), "table": drawn("effect", count=120)}


@pytest.mark.slow
def test_equals_the_estimate_without_the_cohort() -> None:
    frame, found = drawn("effect").to_pandas(), leave_one_out(effect("effect"), drawn("effect"))
    assert found.table["left_out"].tolist() == [str(g) for g in sorted(set(frame["entered"]) - {0})]
    for row in found.table.itertuples():
        rest = frame[frame["entered"] != int(row.left_out)]
        expected = estimate(rest, outcome="log_sales", base="universal")
        assert (row.estimate, row.std_error) == pytest.approx(
            (expected.estimate, expected.std_error), rel=1e-10
        )
        assert row.change == pytest.approx(
            (expected.estimate - effect("effect").estimate) / effect("effect").std_error, rel=1e-8
        )
    assert found.passed is True


@pytest.mark.slow
def test_one_cohort_carries_it() -> None:
    frame = drawn("null", count=300, noise=0.1).to_pandas()
    first = min(set(frame["entered"]) - {0})
    inside = (frame["entered"] == first) & (frame["year"] >= first)
    frame.loc[inside, "log_sales"] += 1
    table = Firms.of(frame)
    found = leave_one_out(estimate(table, outcome="log_sales"), table)
    assert found.passed is False
    assert f"{first} moves it most" in found.text and "mostly that one's" in found.text


@pytest.mark.slow
def test_by_park_leaves_out_all_its_firms() -> None:
    frame = drawn("effect").to_pandas()
    found = leave_one_out(effect("effect"), drawn("effect"), by="park")
    row = found.table.iloc[0]
    gone = set(frame.loc[frame["park"] == row["left_out"], "firm"])
    assert row["units"] == len(gone)
    expected = estimate(frame[~frame["firm"].isin(gone)], outcome="log_sales", base="universal")
    assert row["estimate"] == pytest.approx(expected.estimate, rel=1e-10)


def test_bad_requests() -> None:
    with pytest.raises(MissingColumn):
        leave_one_out(effect("effect"), drawn("effect"), by="country")
    with pytest.raises(WrongOption, match="between 2 and"):
        leave_one_out(effect("effect"), drawn("effect"), by="firm")
