"""Oracles: SaTScan 9.6 on leukaemia in upstate New York (clusters, radii, ratios and p as it printed them), cases by hand."""

from __future__ import annotations

from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.measures import scan
from technopole.result import Result
from technopole.tables import Places

ORACLE = Path(__file__).parents[1] / "oracles" / "new_york_leukemia.csv"
# 552 cases of leukaemia among 1,057,673 people in 281 tracts (Waller & Gotway 2005). SaTScan 9.6, discrete Poisson, high rates,
# as printed in the tests of the R package smerc: tracts of the cluster, cases, expected, relative risk, ratio, p, radius.
GREAT_CIRCLE = [
    ("52 50 53 38 49 48 15 39 37 1 16 44 47 40 14 2 51 13 43 45 17 55 11 3 12 46 36 35 54 10 5", 106, 62.13, 1.87, 14.780276, 0.0001, 7.70),
    ("88 87 92 86 89 91 93 85 90", 42, 21.24, 2.06, 8.287056, 0.033, 13.01),
    ("113 117 116 112 220 118 115 123 124 111 114 125 219 122 126 119", 44, 23.83, 1.92, 7.199672, 0.105, 2.35),
    ("62 64 67 65", 25, 12.82, 1.99, 4.651839, 0.653, 5.82),
]  # fmt: skip
# The same with the degrees taken as a plane.
ON_A_PLANE = [
    ("52 50 37 49 38 48 53 39 15 47 51 1 40 44 16 2 55 36 14 43 13 45 3 35 17 11 12 46", 100, 58.28, 1.87, 14.083511, 0.00015, 0.087),
    ("89 88 87 84 90 86 92 85", 38, 17.79, 2.22, 9.019716, 0.016, 0.13),
    (
        "112 113 115 111 116 219 117 123 218 114 122 110 124 220 118 133 121 125 216 120 134 217 126 139 215 132 141 140 127 142 138 131 119",
        64, 40.85, 1.64, 6.114140, 0.248, 0.040,
    ),
    ("62 64 67 65", 25, 12.82, 1.99, 4.651839, 0.645, 0.061),
    ("266 281 267 265", 12, 5.14, 2.37, 3.363518, 0.965, 0.026),
    ("166 159 167", 11, 4.61, 2.41, 3.209485, 0.982, 0.012),
]  # fmt: skip
TENTH = [
    ("49 48 50 47 1 15 51 2 13 14 3 35 16 52 36 37 12 11 5 17 10 4 6 38 18 9", 85, 49.71, 1.84, 11.577255, 0.0010, 0.070),
    (*ON_A_PLANE[1][:5], 0.013, 0.13),
    (*ON_A_PLANE[2][:5], 0.216, 0.040),
]  # fmt: skip
COUNTS = {"A": (9, 11), "B": (8, 12), "C": (1, 39), "D": (2, 38), "E": (0, 40)}


def new_york(planar: bool) -> dict[str, Any]:
    tracts = pd.read_csv(ORACLE, dtype={"place": str})
    cases = tracts.assign(industry="leukaemia", cases=tracts["cases"])[["place", "industry", "cases"]]
    if planar:
        tracts = tracts.rename(columns={"longitude": "x", "latitude": "y"})
    places = Places.of(tracts.drop(columns="cases"), crs="planar-km" if planar else None)
    return {
        "activity": cases,
        "places": places,
        "value": "cases",
        "population": "population",
        "industry": "leukaemia",
    }


def five(counts: dict[str, tuple[float, float]] = COUNTS, column: str = "establishments") -> dict[str, Any]:
    rows = [
        (place, name, n)
        for place, pair in counts.items()
        for name, n in zip(("lasers", "other"), pair, strict=True)
    ]
    return {
        "activity": pd.DataFrame(rows, columns=["place", "industry", column]),
        "places": line(list(counts)),
        "industry": "lasers",
        "simulations": 99,
    }


def line(places: list[str]) -> Places:
    far = [0.0, 1, 5, 9, 13, 17, 21][: len(places)]
    return Places.of(
        pd.DataFrame({"place": places, "name": [f"the town {p}" for p in places], "x": far, "y": 0.0}),
        crs="planar-km",
    )


def contract_case() -> dict[str, Any]:
    turn = np.linspace(0, 5, 13)
    places = pd.DataFrame(
        {
            "place": [*(f"{i:02d}" for i in range(12)), "zzz"],
            "longitude": 8 + np.cos(turn),
            "latitude": 50 + np.sin(2 * turn),
        }
    )
    return {"places": Places.of(places), "industry": "3100", "simulations": 99}


exempt = {
    "rename": "its places are a table of their own, which keeps the old names",
    "merge": "it counts establishments, which that table lacks; test_codes_of_a_sector_add_up does the same",
}


def members(found: Result, cluster: int) -> set[str]:
    return set(found.members.query("cluster == @cluster")["place"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("planar", "share", "printed"), [(False, 0.5, GREAT_CIRCLE), (True, 0.5, ON_A_PLANE), (True, 0.1, TENTH)]
)
def test_satscan_on_new_york_leukaemia(planar: bool, share: float, printed: list[Any]) -> None:
    found = scan(**new_york(planar), max_share=share, simulations=1999, level=0.001)
    assert len(found.table) >= len(printed)
    for row, (places, cases, expected, risk, ratio, p, radius) in zip(
        found.table.itertuples(), printed, strict=False
    ):
        assert members(found, row.cluster) == set(places.split())
        assert row.observed == cases
        assert row.expected == pytest.approx(expected, abs=0.0051)
        assert row.relative_risk == pytest.approx(risk, abs=0.0051)
        assert row.log_likelihood_ratio == pytest.approx(ratio, abs=5.1e-7)
        assert row.p_value == pytest.approx(p, abs=4 * (p * (1 - p) * (1 / 999 + 1 / 1999)) ** 0.5 + 1e-3)
        # Where several centres give the same places, ours has the smallest circle; SaTScan's Earth is 0.07 % smaller.
        assert row.radius_km <= radius * 1.001 + 0.0051
        if row.centre == places.split()[0]:
            assert row.radius_km == pytest.approx(radius, rel=0.001, abs=0.0051)
    assert found.table["centre"].iloc[0] == printed[0][0].split()[0]


def test_by_hand() -> None:
    found = scan(**five())
    row = found.table.iloc[0]
    assert (row["centre"], row["places"], row["radius_km"], row["secondary"]) == ("A", 2, 1.0, False)
    assert (row["observed"], row["expected"]) == (17, 5)
    # 17 of 20 in 40 of 160: 17 ln (17 / 5) + 3 ln (3 / 15); inside 17/40, outside 3/120.
    assert row["log_likelihood_ratio"] == pytest.approx(17 * log(3.4) + 3 * log(0.2), rel=1e-12)
    assert row["relative_risk"] == pytest.approx(17, rel=1e-12)
    assert (row["rank"], row["p_value"]) == (1, 0.01)
    assert found.members["place"].tolist() == ["A", "B"]
    assert found.members["expected"].tolist() == [2.5, 2.5]
    assert "the town A" in found.summary() and "17 instead of 5" in found.summary()


def test_bernoulli_by_hand() -> None:
    row = scan(**five(), model="bernoulli").table.iloc[0]
    inside = 17 * log(17 / 40) + 23 * log(23 / 40)
    outside = 3 * log(3 / 120) + 117 * log(117 / 120)
    everywhere = 20 * log(1 / 8) + 140 * log(7 / 8)
    assert row["log_likelihood_ratio"] == pytest.approx(inside + outside - everywhere, rel=1e-12)


def test_low_rates() -> None:
    table = scan(**five(), alternative="low").table
    assert table["observed"].iloc[0] < table["expected"].iloc[0]
    both = scan(**five(), alternative="both").table
    assert both["log_likelihood_ratio"].iloc[0] == scan(**five()).table["log_likelihood_ratio"].iloc[0]


def test_limits_of_the_circle() -> None:
    assert scan(**five(), max_km=0.5).table["places"].max() == 1
    # A alone has an eighth of everything; two places a quarter.
    assert scan(**five(), max_share=0.2).table["places"].max() == 1
    nothing = scan(**five(), max_share=0.1)
    assert nothing.table["undefined"].iloc[0].startswith("no circle")
    assert nothing.table["p_value"].isna().all() and nothing.members.empty


def test_a_column_of_the_places_as_population() -> None:
    given = five()
    people = given["places"].to_pandas().assign(population=[20, 20, 40, 40, 40])
    found = scan(**{**given, "places": Places.of(people, crs="planar-km")}, population="population").table
    pd.testing.assert_frame_equal(found, scan(**given).table)
    with pytest.raises(MissingColumn):
        scan(**given, population="inhabitants")


def test_a_place_without_population_or_coordinates_is_left_out_and_counted() -> None:
    given = five()
    people = given["places"].to_pandas().assign(population=[20, 0, 40, 40, 40])
    said = scan(**{**given, "places": Places.of(people, crs="planar-km")}, population="population").warnings
    assert any("1 places with 8 establishments of lasers have no population" in text for text in said)
    few = Places.of(people.drop(columns="population").iloc[1:], crs="planar-km")
    assert any("1 places with 9 establishments" in text for text in scan(**{**given, "places": few}).warnings)


def test_places_at_one_point_are_one() -> None:
    split = {"A": (4, 6), "a": (5, 5), **{k: v for k, v in COUNTS.items() if k != "A"}}
    given = five(split)
    points = given["places"].to_pandas().assign(x=[0, 0, 1, 5, 9, 13])
    found = scan(**{**given, "places": Places.of(points, crs="planar-km")})
    columns = ["observed", "expected", "log_likelihood_ratio", "p_value", "radius_km"]
    pd.testing.assert_frame_equal(found.table[columns], scan(**five()).table[columns])
    assert members(found, 1) == {"A", "a", "B"}


def test_weights_of_a_sector() -> None:
    half = tp.sector("half", scheme="own", codes={"lasers": 0.5})
    given = {**five(), "industry": None, "sector": half}
    row = scan(**given).table.iloc[0]
    assert (row["observed"], row["expected"]) == (8.5, 2.5)
    assert row["log_likelihood_ratio"] == pytest.approx((17 * log(3.4) + 3 * log(0.2)) / 2, rel=1e-12)
    assert any("rounded" in text for text in scan(**given, model="bernoulli").warnings)


def test_codes_of_a_sector_add_up() -> None:
    given = five()
    frame = given["activity"]
    mine = frame["industry"] == "lasers"
    parts = [frame[mine].assign(industry="lasers a", establishments=frame["establishments"] // 2)]
    parts.append(frame[mine].assign(industry="lasers b", establishments=(frame["establishments"] + 1) // 2))
    sector = tp.sector("both", scheme="own", codes=["lasers"])
    halves = pd.concat([frame[~mine], *parts])
    found = scan(**{**given, "activity": halves, "industry": None, "sector": sector})
    pd.testing.assert_frame_equal(found.table, scan(**given).table)


def test_withheld_counts_stand_at_their_middle() -> None:
    given = five()
    frame = given["activity"].astype({"establishments": float})
    low = high = frame["establishments"].copy()
    low, high = low.where(frame.index != 0, 7), high.where(frame.index != 0, 11)
    hidden = frame.assign(establishments_low=low, establishments_high=high)
    hidden.loc[0, "establishments"] = None
    found = scan(**{**given, "activity": hidden})
    pd.testing.assert_frame_equal(found.table, scan(**given).table)
    assert any("withheld" in text for text in found.warnings)


def two_clusters() -> dict[str, Any]:
    random = np.random.default_rng(8)
    where = random.random((120, 2)) * 100
    rate = np.where(np.hypot(*(where - 25).T) < 15, 0.5, np.where(np.hypot(*(where - 75).T) < 12, 0.4, 0.1))
    count = random.binomial(40, rate)
    place = [f"p{i:03d}" for i in range(120)]
    rows = pd.DataFrame(
        {"place": place * 2, "industry": ["i"] * 120 + ["j"] * 120, "establishments": [*count, *(40 - count)]}
    )
    places = Places.of(pd.DataFrame({"place": place, "x": where[:, 0], "y": where[:, 1]}), crs="planar-km")
    return {"activity": rows, "places": places, "industry": "i", "simulations": 199}


def test_secondary_clusters_share_no_place_and_are_in_order() -> None:
    found = scan(**two_clusters())
    table = found.table
    assert table["secondary"].tolist() == [False] + [True] * (len(table) - 1) and len(table) >= 2
    assert table["log_likelihood_ratio"].is_monotonic_decreasing
    assert table["p_value"].is_monotonic_increasing and table["p_value"].le(0.05).all()
    assert found.members["place"].is_unique
    sums = found.members.groupby("cluster")[["observed", "expected"]].sum()
    np.testing.assert_allclose(sums, table.set_index("cluster")[["observed", "expected"]], rtol=1e-12)


def test_sequential_takes_clusters_off_the_map() -> None:
    given = two_clusters()
    one = scan(**given, inference="sequential")
    assert len(one.table) >= 2 and one.members["place"].is_unique
    gone = members(one, 1)
    rest = given["activity"][~given["activity"]["place"].isin(gone)]
    second = scan(**{**given, "activity": rest}).table.iloc[0]
    columns = ["centre", "places", "observed", "expected", "log_likelihood_ratio"]
    assert one.table.iloc[1][columns].tolist() == second[columns].tolist()


def test_gumbel_goes_below_the_smallest_rank() -> None:
    p = scan(**two_clusters(), tail="gumbel").table["p_value"].iloc[0]
    assert 0 < p < 0.005


@pytest.mark.slow
def test_refusals() -> None:
    given = five()
    for changed in (
        {"industry": None},
        {"sector": tp.sector("s", scheme="own", codes=["lasers"])},
        {"max_share": 0},
        {"max_km": -1},
        {"simulations": 0},
        {"level": 95},
        {"year": 1999},
        {"value": "output", "activity": five(column="output")["activity"].astype({"output": float})},
    ):
        with pytest.raises(WrongOption):
            scan(**{**given, **changed})
    with pytest.raises(UnknownName):
        scan(**{**given, "industry": "masers"})
    with pytest.raises(WrongOption, match="more cases than population"):
        people = given["places"].to_pandas().assign(population=5)
        scan(
            **{**given, "places": Places.of(people, crs="planar-km")},
            population="population",
            model="bernoulli",
        )
    with pytest.raises(EmptyTable):
        scan(
            **{
                **given,
                "places": Places.of(
                    pd.DataFrame({"place": ["A"], "x": [None], "y": [None]}), crs="planar-km"
                ),
            }
        )


def test_nothing_to_find_is_said() -> None:
    found = scan(**five({place: (0, total) for place, (_, total) in COUNTS.items()}))
    assert found.table["undefined"].tolist() == ["no place has establishments of lasers"]
    assert "no cluster can be looked for" in found.summary()
    alone = scan(**five({"A": (3, 0), "B": (0, 10), "C": (0, 10)})).table
    assert (
        alone["undefined"].iloc[0].startswith("there is nothing outside") and alone["p_value"].notna().all()
    )


def test_jobs_are_warned_about() -> None:
    assert any("plants" in text for text in scan(**five(column="employment"), value="employment").warnings)


@pytest.mark.slow
def test_optical_instruments_in_us_counties(shared_data: Path) -> None:
    raw = pd.read_parquet(
        shared_data / "us-county-business-patterns" / "cbp_county_naics6_2017_2021.parquet",
        filters=[("year", "=", 2021)],
    )
    activity = raw.rename(columns={"fips": "place", "naics": "industry", "est": "establishments"})[
        ["place", "industry", "establishments"]
    ]
    counties = pd.read_csv(
        shared_data / "us-county-business-patterns" / "counties.csv.gz", dtype={"fips": str}
    )
    places = counties.rename(columns={"fips": "place", "lon": "longitude", "lat": "latitude"})[
        ["place", "name", "longitude", "latitude"]
    ]
    found = scan(activity, places=Places.of(places), industry="333314", max_km=100)
    assert "36055" in members(found, 2)  # Monroe County: Rochester, New York
    assert found.table["p_value"].iloc[1] == 0.001


def test_amounts_beyond_counting_are_refused() -> None:
    rows = [
        (p, i, n * 1e9) for p, pair in COUNTS.items() for i, n in zip(("lasers", "other"), pair, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["place", "industry", "revenue"])
    places = Places.of(pd.DataFrame({"place": list("ABCDE"), "x": range(5), "y": 0}), crs="planar-km")
    with pytest.raises(WrongOption, match="more revenue than a scan can throw"):
        scan(table, places=places, industry="lasers", value="revenue")
