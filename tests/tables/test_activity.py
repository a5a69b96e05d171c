"""Activity.cells: what measures compute from. Weights, bounds and years by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.tables import Activity, sector

TABLE = pd.DataFrame(
    {
        "place": ["A", "A", "A", "B", "A"],
        "industry": ["2610", "2670", "1010", "2670", "2670"],
        "year": [2018, 2018, 2018, 2018, 2019],
        "employment": [100, None, 40, 30, 7],
        "employment_low": [100, 10, 40, 30, 7],
        "employment_high": [100, 19, 40, 30, 7],
        "establishments": [5, 2, 3, 1, 1],
    }
)
OPTICS = sector("optics", scheme="ISIC-4", codes={"2670": 1.0, "2610": 0.25})


def cells(table: pd.DataFrame = TABLE, value: str = "employment", **options: object) -> pd.DataFrame:
    frame = Activity.of(table).cells(value, **options).to_pyarrow().to_pandas()
    assert list(frame.columns) == ["place", "industry", "year", "value", "low", "high", "suppressed"]
    return frame.set_index(["place", "industry", "year"]).sort_index()


def test_values_and_what_they_count() -> None:
    table = Activity.of(
        TABLE.assign(firms=[1, 2, 3, 4, 5], revenue=[0.5, 1.5, 2, 3, 4], output=[1, 2, 3, 4, 5])
    )
    assert set(table.values) == {"employment", "establishments", "firms", "revenue", "output"}
    assert [table.counts(name) for name in ("employment", "firms", "revenue", "output")] == [
        True,
        True,
        False,
        False,
    ]
    assert table.unit("employment") == "persons" and table.unit("firms") == ""


def test_known_cells_are_their_own_bounds() -> None:
    row = cells().loc[("B", "2670", 2018)]
    assert (row["value"], row["low"], row["high"], row["suppressed"]) == (30, 30, 30, False)


def test_withheld_cells_keep_their_bounds() -> None:
    row = cells().loc[("A", "2670", 2018)]
    assert math.isnan(row["value"]) and row["suppressed"]
    assert (row["low"], row["high"]) == (10, 19)


def test_withheld_without_bounds_is_open_upwards() -> None:
    row = cells(TABLE.drop(columns=["employment_low", "employment_high"])).loc[("A", "2670", 2018)]
    assert row["low"] == 0 and math.isnan(row["high"]) and row["suppressed"]


def test_bounds_beside_a_known_value_do_not_count() -> None:
    odd = TABLE.assign(employment_low=[90, 10, 40, 30, 7], employment_high=[110, 19, 40, 30, 7])
    row = cells(odd).loc[("A", "2610", 2018)]
    assert (row["low"], row["high"]) == (100, 100)


def test_sector_adds_weighted_codes_and_leaves_the_rest() -> None:
    """A in 2018: 2670 in [10, 19] and a quarter of 100; three quarters stay under 2610; other years and places apart."""
    table = cells(sector=OPTICS)
    row = table.loc[("A", "optics", 2018)]
    assert math.isnan(row["value"]) and row["suppressed"]
    assert (row["low"], row["high"]) == (35, 44)
    assert table.loc[("A", "2610", 2018), "value"] == 75
    assert table.loc[("A", "1010", 2018), "value"] == 40
    assert table.loc[("A", "optics", 2019), "value"] == 7
    assert table.loc[("B", "optics", 2018), "value"] == 30
    assert "2670" not in table.index.get_level_values("industry")


def test_sector_keeps_every_total() -> None:
    before, after = cells(value="establishments"), cells(value="establishments", sector=OPTICS)
    for key in (["year"], ["place", "year"]):
        pd.testing.assert_series_equal(before.groupby(key)["value"].sum(), after.groupby(key)["value"].sum())


def test_one_period_without_a_name() -> None:
    assert set(cells(TABLE[TABLE["year"] == 2018].drop(columns="year")).index.get_level_values("year")) == {0}


def test_what_cannot_be_computed_is_an_error() -> None:
    with pytest.raises(MissingColumn, match="wages"):
        cells(value="wages")
    with pytest.raises(EmptyTable):
        cells(TABLE.iloc[:0])
    with pytest.raises(UnknownName, match="no industry code of the table"):
        cells(sector=sector("optics", scheme="ISIC-4", codes=["3250"]))
    with pytest.raises(WrongOption, match="name of an industry"):
        cells(sector=sector("1010", scheme="own", codes=["2670"]))


def test_money_has_the_unit_that_all_rows_agree_on() -> None:
    frame = pd.DataFrame(
        {
            "place": ["a", "b"],
            "industry": ["x", "x"],
            "output": [1.5, 2.5],
            "employment": [3, 4],
            "unit": "billion TWD",
        }
    )
    table = Activity.of(frame)
    assert table.unit("output") == "billion TWD"
    assert table.unit("employment") == "persons"
    mixed = Activity.of(frame.assign(unit=["billion TWD", "billion CNY"]))
    assert mixed.unit("output") == "currency of the source"
