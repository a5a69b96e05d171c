"""Suppressed is never zero: markers become bounds and reasons, empty cells stay empty."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from technopole.errors import BadInput
from technopole.tables import Activity, Patents

INF = math.inf


def activity(*cells: object, **more: list[object]) -> Activity:
    frame = {
        "place": [f"P{i}" for i in range(len(cells))],
        "industry": "x",
        "employment": list(cells),
        **more,
    }
    return Activity.of(pd.DataFrame(frame))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("marker", "low", "high", "reason"),
    [
        ("(D)", 0, INF, "suppressed: (D)"),
        ("D", 0, INF, "suppressed: D"),
        ("S", 0, INF, "suppressed: S"),
        ("x", 0, INF, "suppressed: x"),
        ("c", 0, INF, "suppressed: c"),
        ("*", 0, INF, "suppressed: *"),
        ("***", 0, INF, "suppressed: ***"),
        ("Suppressed", 0, INF, "suppressed: Suppressed"),
        ("保密", 0, INF, "suppressed: 保密"),
        ("<10", 0, 10, "range: <10"),
        ("< 1,000", 0, 1000, "range: < 1,000"),
        ("10-19", 10, 19, "range: 10-19"),
        ("1–4", 1, 4, "range: 1–4"),
        ("10 to 19", 10, 19, "range: 10 to 19"),
        ("100+", 100, INF, "range: 100+"),
        (">= 250", 250, INF, "range: >= 250"),
        (":", 0, INF, "not available: :"),
        ("..", 0, INF, "not available: .."),
        ("n/a", 0, INF, "not available: n/a"),
        ("—", 0, INF, "not available: —"),
        ("нет данных", 0, INF, "not available: нет данных"),
    ],
)
def test_marker(marker: str, low: float, high: float, reason: str) -> None:
    table = activity("7", marker)
    row = table.to_pandas().iloc[1]
    assert pd.isna(row["employment"])
    assert row["employment_low"] == low
    assert (INF if pd.isna(row["employment_high"]) else row["employment_high"]) == high
    assert row["employment_flag"] == reason
    assert len(table.warnings) == 1


def test_a_known_cell_is_its_own_bounds() -> None:
    row = activity("7", "D").to_pandas().iloc[0]
    assert (row["employment"], row["employment_low"], row["employment_high"], row["employment_flag"]) == (
        7,
        7,
        7,
        "",
    )


def test_cells_carry_the_bounds_to_the_measures() -> None:
    cells = activity("7", "10-19", "D").cells("employment").order_by("place").to_pyarrow().to_pandas()
    assert cells["low"].tolist() == [7, 10, 0]
    assert cells["high"].iloc[:2].tolist() == [7, 19]
    assert pd.isna(cells["high"].iloc[2])
    assert cells["suppressed"].tolist() == [False, True, True]


def test_kinds_are_counted_apart() -> None:
    table = activity("7", "D", "D", "1-4", "n/a", None)
    assert "2 suppressed" in table.warnings[0]
    assert "1 given as ranges" in table.warnings[0]
    assert "1 marked as not available" in table.warnings[0]
    assert "1 empty" in table.warnings[0]


def test_a_value_that_may_be_negative_has_no_lower_bound() -> None:
    frame = pd.DataFrame({"place": ["A", "B"], "industry": "x", "employment": [1, 2], "profit": ["-5", "D"]})
    assert pd.isna(Activity.of(frame).to_pandas()["profit_low"].iloc[1])


def test_own_bounds_win() -> None:
    table = activity(
        "7", "D", employment_low=[7, 3], employment_high=[7, 9], employment_flag=["", "withheld"]
    )
    row = table.to_pandas().iloc[1]
    assert (row["employment_low"], row["employment_high"], row["employment_flag"]) == (3, 9, "withheld")


def test_a_value_outside_its_bounds_is_refused() -> None:
    with pytest.raises(BadInput, match="bounds don't enclose"):
        activity("7", employment_low=[8], employment_high=[9])


def test_a_flagged_zero_is_suppressed() -> None:
    table = activity(0, 0, employment_flag=["D", ""])
    assert table.to_pandas()["employment"].isna().tolist() == [True, False]
    assert "flagged as suppressed" in table.warnings[0]


def test_empty_cells_alone_add_no_columns() -> None:
    table = activity(1.0, None)
    assert table.columns == ("place", "industry", "year", "employment")
    assert table.warnings == ("employment: 1 empty cell; 1 with a number",)


def test_reading_what_was_read_changes_nothing() -> None:
    first = activity("7", "(D)", "1-4")
    second = Activity.of(first)
    assert (
        second.to_pandas()
        .drop(columns="employment_flag")
        .equals(first.to_pandas().drop(columns="employment_flag"))
    )
    assert Activity.of(second).to_pandas().equals(second.to_pandas())


def test_patents_have_values_too() -> None:
    table = Patents.of(pd.DataFrame({"place": ["A"], "technology": ["G02B"], "patents": ["<5"]}))
    assert table.to_pandas()["patents_high"].tolist() == [5]
