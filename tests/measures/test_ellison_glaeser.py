"""Oracles: the worked case of the project's domain notes (G = .18, gamma = .288889) and the paper's formulas in loops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, TechnopoleError, WrongOption
from technopole.measures import ellison_glaeser
from technopole.tables import Activity, Establishments

exempt = {"scale": "plants have a size in jobs; more jobs in as many plants is another economy"}


def plants(sizes: dict[str, dict[str, list[float]]]) -> pd.DataFrame:
    """industry -> place -> plant sizes, as establishments."""
    rows = [
        (industry, place, size)
        for industry, places in sizes.items()
        for place, found in places.items()
        for size in found
    ]
    frame = pd.DataFrame(rows, columns=["industry", "place", "employment"])
    return frame.assign(establishment_id=[f"e{i}" for i in range(len(frame))])


TWO = plants({"lasers": {"A": [10] * 8, "B": [10] * 2}, "other": {"A": [10] * 2, "B": [10] * 8}})


def economy(seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "establishment_id": [f"e{i}" for i in range(300)],
            "industry": random.choice(list("ijk"), 300),
            "place": random.choice(list("ABCDEFG"), 300, p=np.array([4, 3, 2, 2, 1, 1, 1]) / 14),
            "employment": random.integers(1, 100, 300),
        }
    )


def in_loops(frame: pd.DataFrame, industry: str) -> dict[str, float]:
    """Ellison and Glaeser (1997), eq. 5 and the variance of G, plant by plant."""
    total = frame["employment"].sum()
    mine = frame[frame["industry"] == industry]
    size = mine["employment"].sum()
    x = [sum(frame.loc[frame["place"] == p, "employment"]) / total for p in sorted(set(frame["place"]))]
    s = [sum(mine.loc[mine["place"] == p, "employment"]) / size for p in sorted(set(frame["place"]))]
    z = [e / size for e in mine["employment"]]
    g = sum((a - b) ** 2 for a, b in zip(s, x, strict=True))
    h, z4 = sum(v**2 for v in z), sum(v**4 for v in z)
    x2, x3 = sum(v**2 for v in x), sum(v**3 for v in x)
    variance = 2 * (h**2 * (x2 - 2 * x3 + x2**2) - z4 * (x2 - 4 * x3 + 3 * x2**2))
    return {
        "gamma": (g - (1 - x2) * h) / ((1 - x2) * (1 - h)),
        "raw_concentration": g,
        "herfindahl": h,
        "z": (g - (1 - x2) * h) / variance**0.5,
    }


def test_worked_case() -> None:
    row = ellison_glaeser(TWO).table.set_index("industry").loc["lasers"]
    assert row["raw_concentration"] == pytest.approx(0.18, rel=1e-12)
    assert row["herfindahl"] == pytest.approx(0.1, rel=1e-12)
    assert row["gamma"] == pytest.approx(0.13 / 0.45, rel=1e-12)
    assert row["gamma"] == pytest.approx(0.288889, abs=5e-7)
    assert row["n_plants"] == 10
    # Ten equal plants, two equal places: var G = 2 (1/100 * 1/4 - 1/1000 * 1/4).
    assert row["z"] == pytest.approx(0.13 / 0.0045**0.5, rel=1e-12)


def test_all_in_one_place_is_one_and_spread_like_everything_is_negative() -> None:
    frame = plants({"i": {"A": [5, 5, 5, 5]}, "j": {"B": [5, 5, 5, 5]}, "k": {"A": [5, 5], "B": [5, 5]}})
    gamma = ellison_glaeser(frame).table.set_index("industry")["gamma"]
    # x = (1/2, 1/2): G = 1/2, H = 1/4 for i; G = 0 for k.
    assert gamma["i"] == pytest.approx((0.5 - 0.125) / (0.5 * 0.75), rel=1e-12)
    assert gamma["k"] == pytest.approx(-0.125 / (0.5 * 0.75), rel=1e-12)


@pytest.mark.parametrize("industry", list("ijk"))
def test_equals_the_paper_in_loops(industry: str) -> None:
    row = ellison_glaeser(economy()).table.set_index("industry").loc[industry]
    for name, expected in in_loops(economy(), industry).items():
        assert row[name] == pytest.approx(expected, rel=1e-11), name
    assert row["low"] < row["gamma"] < row["high"]
    assert 0 < row["p_value"] <= 1


@pytest.mark.slow
def test_equal_plants_give_the_same_from_counts_as_from_establishments() -> None:
    frame = economy().assign(employment=7)
    cells = frame.groupby(["place", "industry"], as_index=False).agg(
        employment=("employment", "sum"), establishments=("employment", "count")
    )
    exact, counted = ellison_glaeser(frame), ellison_glaeser(cells)
    assert not exact.warnings
    pd.testing.assert_frame_equal(exact.table, counted.table, rtol=1e-12)
    assert "upper bound" in counted.warnings[0]


def test_counts_give_a_lower_herfindahl_and_a_higher_gamma() -> None:
    frame = economy(2)
    cells = frame.groupby(["place", "industry"], as_index=False).agg(
        employment=("employment", "sum"), n=("employment", "count")
    )
    exact = ellison_glaeser(frame).table
    counted = ellison_glaeser(cells, plants="n").table
    assert (counted["herfindahl"] < exact["herfindahl"]).all()
    assert (counted["gamma"] > exact["gamma"]).all()
    np.testing.assert_allclose(counted["raw_concentration"], exact["raw_concentration"], rtol=1e-12)


def test_size_classes_by_hand() -> None:
    # i: 2 plants of 1-3 (middle 2) and 1 of 10 or more: the total 20 leaves it 16. z = .1, .1, .8.
    cells = pd.DataFrame(
        {
            "place": ["A", "B", "A", "B"],
            "industry": list("iijj"),
            "employment": [18, 2, 2, 18],
            "small": [1, 1, 1, 1],
            "big": [1, 0, 0, 1],
        }
    )
    found = ellison_glaeser(cells, size_classes={"small": [1, 3], "big": [10]})
    row = found.table.iloc[0]
    assert row["herfindahl"] == pytest.approx(0.66, rel=1e-12)
    assert row["raw_concentration"] == pytest.approx(0.32, rel=1e-12)
    assert row["gamma"] == pytest.approx((0.32 - 0.33) / (0.5 * 0.34), rel=1e-12)
    assert row["n_plants"] == 3
    assert "size classes" in found.warnings[0]


@pytest.mark.parametrize(
    "classes", [{"small": [3, 1]}, {"small": [0, 4]}, {"small": [1], "big": [10]}, {"small": []}]
)
def test_size_classes_that_make_no_sense(classes: dict[str, list[float]]) -> None:
    cells = pd.DataFrame({"place": ["A"], "industry": ["i"], "employment": [1], "small": [1], "big": [1]})
    with pytest.raises(WrongOption):
        ellison_glaeser(cells, size_classes=classes)


def test_a_sector_counts_its_codes_as_one_industry() -> None:
    frame = economy(3)
    merged = frame.assign(industry=frame["industry"].replace({"i": "both", "j": "both"}))
    sector = tp.sector("both", scheme="own", codes=["i", "j"])
    alone = ellison_glaeser(frame, sector=sector).table
    pd.testing.assert_frame_equal(
        alone, ellison_glaeser(merged).table.query("industry == 'both'").reset_index(drop=True), rtol=1e-12
    )


def test_splitting_plants_raises_gamma_and_scaling_changes_nothing() -> None:
    frame = economy(4)
    twice = pd.concat([frame.assign(employment=frame["employment"] / 2)] * 2, ignore_index=True)
    twice["establishment_id"] = [f"t{i}" for i in range(len(twice))]
    one, two = ellison_glaeser(frame).table, ellison_glaeser(twice).table
    np.testing.assert_allclose(two["herfindahl"], one["herfindahl"] / 2, rtol=1e-12)
    assert (two["gamma"] > one["gamma"]).all()
    scaled = ellison_glaeser(frame.assign(employment=frame["employment"] * 8)).table
    pd.testing.assert_frame_equal(scaled, one, rtol=1e-12)


def test_undefined_is_said_and_last() -> None:
    frame = plants({"a": {"A": [5]}, "b": {"A": [0], "B": [0]}, "c": {"A": [3, 4], "B": [5]}})
    table = ellison_glaeser(frame).table
    assert table["industry"].tolist() == ["c", "a", "b"]
    assert table["undefined"].tolist()[1:] == [
        "one plant: nothing to be close to",
        "the industry has no employment",
    ]
    assert table.loc[1:, ["gamma", "z", "p_value", "low", "high"]].isna().all(axis=None)
    nowhere = ellison_glaeser(plants({"a": {"A": [5, 2]}, "b": {"A": [1, 2]}}))
    assert set(nowhere.table["undefined"]) == {"all activity is in one place"}
    assert "undefined" in nowhere.summary()


@pytest.mark.slow
def test_withheld_cells_are_bounds_not_zero() -> None:
    cells = pd.DataFrame(
        {
            "place": list("ABCABC"),
            "industry": list("iiijjj"),
            "employment": [50, 20, None, 10, 40, 60],
            "employment_low": [50, 20, 10, 10, 40, 60],
            "employment_high": [50, 20, 30, 10, 40, 60],
            "establishments": [3, 2, 2, 1, 5, 4],
        }
    )
    found = ellison_glaeser(cells)
    for column, amount in (("gamma_at_low", 10), ("gamma_at_high", 30)):
        filled = cells.assign(employment=cells["employment"].fillna(amount))[
            ["place", "industry", "employment", "establishments"]
        ]
        expected = ellison_glaeser(filled).table["gamma"]
        np.testing.assert_allclose(found.bounds[column], expected, rtol=1e-12)
    middle = cells.assign(employment=cells["employment"].fillna(20))
    np.testing.assert_allclose(found.table["gamma"], ellison_glaeser(middle).table["gamma"], rtol=1e-12)
    assert found.bounds["suppressed"].tolist() == [1, 0]
    assert any("1 of 6 cells" in warning for warning in found.warnings)


def test_left_out_establishments_are_counted() -> None:
    frame = economy()
    frame.loc[:4, "place"] = None
    found = ellison_glaeser(frame)
    assert "5 of 300" in found.warnings[0]
    pd.testing.assert_frame_equal(found.table, ellison_glaeser(economy().iloc[5:]).table)


def test_cells_without_a_number_of_plants_count_as_one() -> None:
    cells = pd.DataFrame(
        {
            "place": list("ABAB"),
            "industry": list("iijj"),
            "employment": [3, 7, 4, 6],
            "establishments": [None, 1, 1, 1],
        }
    )
    found = ellison_glaeser(cells)
    assert found.table["n_plants"].tolist() == [2, 2]
    assert any("1 of 4 cells" in warning for warning in found.warnings)


def test_bad_input() -> None:
    cells = pd.DataFrame({"place": ["A", "B"], "industry": ["i", "i"], "employment": [1, 2]})
    with pytest.raises(MissingColumn, match="no number of plants"):
        ellison_glaeser(Activity.of(cells))
    with pytest.raises(MissingColumn):
        ellison_glaeser(Establishments.of(TWO.drop(columns="place")))
    with pytest.raises(MissingColumn):
        ellison_glaeser(TWO, value="output")
    with pytest.raises(EmptyTable):
        ellison_glaeser(Establishments.of(TWO.assign(place=None)))
    with pytest.raises(WrongOption):
        ellison_glaeser(TWO, level=95)
    with pytest.raises(WrongOption):
        ellison_glaeser(Establishments.of(TWO), size_classes={"n": [1, 2]})
    with pytest.raises(TechnopoleError):
        ellison_glaeser(TWO.iloc[:0])


@pytest.mark.slow
def test_us_counties_agree_with_pandas(shared_data: Path) -> None:
    path = shared_data / "us-county-business-patterns" / "cbp_county_naics4_2017_2021.parquet"
    raw = pd.read_parquet(path, filters=[("year", "=", 2019)])
    names = {"place": "fips", "industry": "naics", "employment": "emp", "establishments": "est"}
    found = ellison_glaeser(Activity.of(raw, columns=names)).table.set_index("industry")
    x = raw.groupby("fips")["emp"].sum() / raw["emp"].sum()
    wide = raw.pivot_table(index="fips", columns="naics", values="emp", aggfunc="sum", fill_value=0)
    s = wide / wide.sum()
    g = s.sub(x, axis=0).pow(2).sum()
    cells = raw[raw["emp"] > 0].astype({"emp": "float64"})
    h = (cells["emp"] ** 2 / cells["est"]).groupby(cells["naics"]).sum() / wide.sum() ** 2
    gamma = (g - (1 - (x**2).sum()) * h) / ((1 - (x**2).sum()) * (1 - h))
    kept = found.index[found["undefined"] == ""]
    assert len(kept) > 250
    np.testing.assert_allclose(found.loc[kept, "gamma"].to_numpy(), gamma[kept].to_numpy(), rtol=1e-10)
