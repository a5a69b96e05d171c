"""Oracles: the textbook formula in loops over cells; cases worked by hand; the identity itself."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from technopole.errors import MissingColumn, UnknownName, WrongOption
from technopole.measures import shift_share

PARTS = ["national", "industry_mix", "regional"]

exempt = {"scale": "changes are in jobs"}


def contract_case() -> dict[str, Any]:
    return {"from_": 2018, "to": 2019}


def economy(years: tuple[int, ...] = (2010, 2011, 2012), seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    cells = itertools.product("ABCD", "ijk", years)
    frame = pd.DataFrame(cells, columns=["place", "industry", "year"])
    return frame.assign(employment=random.integers(1, 200, len(frame)))


def in_loops(frame: pd.DataFrame, first: int, last: int) -> dict[tuple[str, str], list[float]]:
    def e(year: int, place: str = "", industry: str = "") -> float:
        rows = frame[frame["year"] == year]
        if place:
            rows = rows[rows["place"] == place]
        if industry:
            rows = rows[rows["industry"] == industry]
        return float(rows["employment"].sum())

    g = e(last) / e(first) - 1
    found = {}
    for place, industry in itertools.product("ABCD", "ijk"):
        start, own = e(first, place, industry), e(last, "", industry) / e(first, "", industry) - 1
        growth = e(last, place, industry) / start - 1
        found[place, industry] = [start * g, start * (own - g), start * (growth - own)]
    return found


def test_worked_case() -> None:
    # Nation 400 -> 480 (+20 %), x 200 -> 280 (+40 %), y 200 -> 200.
    jobs = pd.DataFrame(
        {
            "place": list("ABABABAB"),
            "industry": list("xxyyxxyy"),
            "year": [2010] * 4 + [2020] * 4,
            "employment": [100, 100, 100, 100, 150, 130, 90, 110],
        }
    )
    result = shift_share(jobs, from_=2010, to=2020)
    found = result.table.set_index(["place", "industry"])[[*PARTS, "change"]]
    assert found.loc[("A", "x")].tolist() == pytest.approx([20, 20, 10, 50], rel=1e-12)
    assert found.loc[("A", "y")].tolist() == pytest.approx([20, -20, -10, -10], rel=1e-12)
    assert found.loc[("B", "x")].tolist() == pytest.approx([20, 20, -10, 30], rel=1e-12)
    assert found.loc[("B", "y")].tolist() == pytest.approx([20, -20, 10, 10], rel=1e-12)
    assert result.places["national"].tolist() == pytest.approx([40, 40], rel=1e-12)


def test_classic_equals_the_loop() -> None:
    table = shift_share(economy(), from_=2010, to=2012).table.set_index(["place", "industry"])
    for key, expected in in_loops(economy(), 2010, 2012).items():
        assert table.loc[key, PARTS].tolist() == pytest.approx(expected, rel=1e-11, abs=1e-11)


def test_dynamic_is_the_sum_of_the_years() -> None:
    table = shift_share(economy(), from_=2010, to=2012, method="dynamic").table.set_index(
        ["place", "industry"]
    )
    first, second = in_loops(economy(), 2010, 2011), in_loops(economy(), 2011, 2012)
    for key, early in first.items():
        expected = [a + b for a, b in zip(early, second[key], strict=True)]
        assert table.loc[key, PARTS].tolist() == pytest.approx(expected, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("method", ["classic", "dynamic"])
def test_parts_add_up_and_regional_parts_cancel(method: str) -> None:
    frame = economy(seed=2).sample(frac=0.8, random_state=1)
    result = shift_share(frame, from_=2010, to=2012, method=method)
    table = result.table
    np.testing.assert_allclose(table[PARTS].sum(axis=1), table["change"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(table["end"] - table["start"], table["change"], rtol=0, atol=1e-10)
    assert table["industry_mix"].sum() + table["regional"].sum() == pytest.approx(0, abs=1e-9)
    by_place = table.groupby("place")[[*PARTS, "change"]].sum()
    np.testing.assert_allclose(result.places[[*PARTS, "change"]], by_place, rtol=0, atol=1e-10)


def test_industries_that_come_and_go() -> None:
    jobs = pd.DataFrame(
        {
            "place": ["A", "B", "A", "B", "A"],
            "industry": ["old", "steady", "new", "steady", "steady"],
            "year": [2010, 2010, 2020, 2020, 2020],
            "employment": [10, 10, 6, 12, 2],
        }
    )
    table = shift_share(jobs, from_=2010, to=2020).table.set_index(["place", "industry"])
    # The total stays 20: g = 0. "old" ends everywhere: all industry mix. What is new to a place is its own.
    assert table.loc[("A", "old"), PARTS].tolist() == pytest.approx([0, -10, 0], abs=1e-12)
    assert table.loc[("A", "new"), PARTS].tolist() == pytest.approx([0, 0, 6], abs=1e-12)
    assert table.loc[("A", "steady"), PARTS].tolist() == pytest.approx([0, 0, 2], abs=1e-12)
    assert table.loc[("B", "steady"), PARTS].tolist() == pytest.approx([0, 4, -2], abs=1e-12)


def test_merging_places_adds_their_parts() -> None:
    frame = economy(seed=3)
    merged = frame.assign(place=frame["place"].replace({"B": "A"}))
    merged = merged.groupby(["place", "industry", "year"], as_index=False).sum()
    apart = shift_share(frame, from_=2010, to=2012).places.set_index("place")[PARTS]
    together = shift_share(merged, from_=2010, to=2012).places.set_index("place")[PARTS]
    np.testing.assert_allclose(together.loc["A"], apart.loc["A"] + apart.loc["B"], rtol=1e-11, atol=1e-10)


def test_withheld_values_bound_the_change() -> None:
    frame = pd.DataFrame(
        {
            "place": list("ABAB"),
            "industry": "i",
            "year": [2010, 2010, 2020, 2020],
            "employment": [100, None, 120, 80],
            "employment_low": [100, 20, 120, 80],
            "employment_high": [100, 60, 120, 80],
        }
    )
    result = shift_share(frame, from_=2010, to=2020)
    assert result.bounds[["place", "change", "change_low", "change_high"]].to_numpy().tolist() == [
        ["B", 40, 20, 60]
    ]
    assert any("1 of 4 cells" in warning for warning in result.warnings)
    open_end = shift_share(frame.drop(columns=["employment_low", "employment_high"]), from_=2010, to=2020)
    assert open_end.bounds["change_high"].tolist() == [80]
    assert open_end.bounds["change_low"].isna().all()


def test_nothing_at_the_start_is_undefined() -> None:
    frame = economy((2010, 2011))
    frame.loc[frame["year"] == 2010, "employment"] = 0
    result = shift_share(frame, from_=2010, to=2011)
    assert set(result.table["undefined"]) == {"the table has nothing at the start to grow from"}
    assert result.table[PARTS].isna().all(axis=None)
    assert "no growth" in result.summary()


def test_missing_years_are_said() -> None:
    result = shift_share(economy((2010, 2011, 2014)), from_=2010, to=2014, method="dynamic")
    assert "2011-2014" in result.warnings[0]


def test_bad_input() -> None:
    with pytest.raises(UnknownName, match="2009"):
        shift_share(economy(), from_=2009, to=2012)
    with pytest.raises(WrongOption):
        shift_share(economy(), from_=2012, to=2010)
    with pytest.raises(WrongOption):
        shift_share(economy(), from_=2010, to=2012, method="static")
    with pytest.raises(MissingColumn):
        shift_share(economy(), from_=2010, to=2012, value="output")
