"""Composition: shares and overlap by hand, against brute force and SciPy, their invariances, and what is undefined."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cityblock

import technopole as tp
from technopole.comparison._overlap import nearest, overlap
from technopole.errors import EmptyTable, MissingColumn, WrongOption


def contract_case() -> dict[str, Any]:
    """The standard activity counts jobs, not output."""
    return {"value": "employment"}


def activity(rows: list[tuple[Any, ...]], value: str = "output", **columns: Any) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["place", "industry", "year", value]).assign(**columns)


TWO = [
    ("A", "laser", 2020, 40.0),
    ("A", "display", 2020, 60.0),
    ("B", "laser", 2021, 40.0),
    ("B", "display", 2021, 10.0),
    ("B", "imaging", 2021, 50.0),
]


def pair(result: Any, a: str, b: str) -> pd.Series:
    table = result.overlap
    return table[(table["park_a"] == a) & (table["park_b"] == b)].iloc[0]


def test_two_parks_by_hand() -> None:
    result = tp.comparison.composition(activity(TWO))
    shares = result.table.set_index(["park", "segment"])["share"]
    assert shares["A", "laser"] == pytest.approx(0.4, rel=1e-12)
    assert shares["B", "imaging"] == pytest.approx(0.5, rel=1e-12)
    both = pair(result, "A", "B")
    assert both["krugman"] == pytest.approx(0.0 + 0.5 + 0.5, rel=1e-12)
    assert both["overlap"] == pytest.approx(0.5, rel=1e-12)
    assert (both["year_a"], both["year_b"]) == (2020, 2021)
    parks = result.parks.set_index("park")
    assert parks.loc["A", "herfindahl"] == pytest.approx(0.16 + 0.36, rel=1e-12)
    assert parks.loc["B", "largest_segment"] == "imaging"
    assert parks.loc["B", "location_quotient"] == pytest.approx(0.5 / (50 / 200), rel=1e-12)


def test_east_lake_1999_by_hand() -> None:
    """143 firms: 59 information optoelectronics, 12 lasers, 72 software, as published for East Lake in 1999."""
    rows = [
        ("East Lake", "information", 1999, 59),
        ("East Lake", "lasers", 1999, 12),
        ("East Lake", "software", 1999, 72),
    ]
    result = tp.comparison.composition(activity(rows, "firms"), value="firms")
    assert result.parks.loc[0, "total"] == 143
    assert result.parks.loc[0, "herfindahl"] == pytest.approx((59**2 + 12**2 + 72**2) / 143**2, rel=1e-12)
    assert result.parks.loc[0, "largest_share"] == pytest.approx(72 / 143, rel=1e-12)


def test_taiwan_parks_equal_brute_force(shared_data: Any) -> None:
    """Revenue of Taiwan's three parks, January to October 2022, shares by a plain loop."""
    raw = pd.read_csv(shared_data / "taiwan-science-parks" / "revenue_by_park_industry.csv")
    raw = raw[(raw["period_start"] == "2022-01") & (raw["period_end"] == "2022-10")]
    amounts = {
        (p, i): v for p, i, v in raw[["park", "industry", "revenue_billion_twd"]].itertuples(index=False)
    }
    table = activity([(p, i, 2022, v) for (p, i), v in amounts.items()], unit="billion TWD")
    result = tp.comparison.composition(table)
    parks, segments = ({key[i] for key in amounts} for i in (0, 1))
    total = {park: sum(amounts[park, s] for s in segments) for park in parks}
    for a in parks:
        for b in parks:
            brute = sum(min(amounts[a, s] / total[a], amounts[b, s] / total[b]) for s in segments)
            assert pair(result, a, b)["overlap"] == pytest.approx(brute, rel=1e-12)
    assert pair(result, "HSP", "STSP")["duplicating"]


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(st.data())
def test_overlap_properties(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 8))
    rows = [
        np.array(data.draw(st.lists(st.integers(0, 50), min_size=size, max_size=size))) + 0.0 for _ in "ab"
    ]
    if any(row.sum() == 0 for row in rows):
        return
    a, b = (row / row.sum() for row in rows)
    one, low, high, distance = overlap(a, b)
    assert overlap(b, a) == (one, low, high, distance)
    assert 0 <= low <= one <= high <= 1
    assert overlap(a, a)[0] == 1
    assert one == pytest.approx(np.minimum(a, b).sum(), abs=1e-12), "Finger and Kreinin's similarity"
    assert distance == pytest.approx(cityblock(a, b), abs=1e-12), "SciPy's city-block distance"
    order = data.draw(st.permutations(range(size)))
    assert overlap(a[list(order)], b[list(order)])[0] == pytest.approx(one, abs=1e-12)
    merged = [np.append(x[2:], x[:2].sum()) for x in (a, b)]
    assert overlap(*merged)[0] >= one - 1e-12, "merging segments can only raise the overlap"
    halves = [np.append(x[1:], [x[0] / 2, x[0] / 2]) for x in (a, b)]
    assert overlap(*halves)[0] == pytest.approx(one, abs=1e-12), "splitting alike everywhere changes nothing"


def test_the_range_leaves_one_segment_out_by_hand() -> None:
    a, b = np.array([0.5, 0.25, 0.25]), np.array([0.5, 0.5, 0.0])
    full, low, high, _ = overlap(a, b)
    assert full == pytest.approx(0.75, rel=1e-12)
    # without 1: (1/2, 1/2) and (1, 0): 1/2; without 2: (2/3, 1/3) and (1, 0): 2/3; without 3: (2/3, 1/3), (1/2, 1/2): 5/6
    assert (low, high) == (pytest.approx(1 / 2, rel=1e-12), pytest.approx(5 / 6, rel=1e-12))


def test_the_matrix_is_symmetric_with_ones_on_the_diagonal() -> None:
    table = tp.comparison.composition(activity(TWO)).overlap
    matrix = table.pivot(index="park_a", columns="park_b", values="overlap").to_numpy()
    assert (matrix == matrix.T).all() and (np.diag(matrix) == 1).all()
    assert not table.loc[table["park_a"] == table["park_b"], "duplicating"].any()


def test_the_currency_and_multiple_of_a_park_change_nothing_in_its_shares() -> None:
    plain = tp.comparison.composition(activity(TWO, unit="billion USD"))
    table = activity(TWO, unit=["million EUR"] * 2 + ["billion USD"] * 3)
    table.loc[:1, "output"] *= 1000 * 0.8764
    converted = tp.comparison.composition(table)
    for column in ("share", "location_quotient"):
        pd.testing.assert_series_equal(converted.table[column], plain.table[column], rtol=1e-12)


def test_without_a_rate_there_are_shares_but_no_location_quotient() -> None:
    table = activity(TWO, unit=["billion UZS"] * 2 + ["billion USD"] * 3)
    result = tp.comparison.composition(table).table.set_index("park")
    assert result.loc["A", "share"].notna().all() and result.loc["A", "location_quotient"].isna().all()
    assert result.loc["A", "undefined"].str.contains("no exchange rate for UZS in 2020").all()
    assert result.loc["B", "location_quotient"].eq(1).all(), "the only park left is all there is"


def test_a_pair_is_compared_in_its_nearest_years_or_not_at_all() -> None:
    assert nearest([1999, 2012, 2019], [2013]) == (2012, 2013)
    assert nearest([2016, 2022], [2016, 2022]) == (2022, 2022)
    assert nearest([], [2013]) is None
    rows = [("A", "x", 2000, 1.0), ("B", "x", 2011, 1.0)]
    far = pair(tp.comparison.composition(activity(rows)), "A", "B")
    assert (
        pd.isna(far["overlap"]) and far["undefined"] == "years too far apart: 2000 and 2011 are the nearest"
    )
    assert pair(tp.comparison.composition(activity(rows), max_gap=11), "A", "B")["overlap"] == 1


def test_bases_are_never_mixed() -> None:
    table = activity(TWO[:2]).assign(named_fields=np.nan)
    other = pd.DataFrame(
        {"place": ["C"], "industry": ["laser"], "year": [2013], "output": [np.nan], "named_fields": [2.0]}
    )
    result = tp.comparison.composition(pd.concat([table, other], ignore_index=True), parks=["A", "C", "D"])
    why = result.parks.set_index("park")["undefined"]
    assert why["A"] == ""
    assert why["C"] == "no composition by output, only by named fields (2013), which doesn't compare"
    assert why["D"] == "no composition was found"
    assert pd.isna(pair(result, "A", "C")["overlap"]) and pair(result, "A", "C")["undefined"].startswith(
        "C: no composition"
    )


def test_an_unknown_amount_is_not_zero() -> None:
    result = tp.comparison.composition(activity([*TWO, ("A", "software", 2020, np.nan)]))
    own = result.table[result.table["park"] == "A"]
    assert (
        own["share"].isna().all() and own["undefined"].str.contains("no amount is known for software").all()
    )
    assert result.table["park"].tolist()[0] == "B", "undefined rows sort last"


def test_zeros_and_units_that_do_not_mix() -> None:
    zeros = tp.comparison.composition(activity([("A", "x", 2020, 0.0), ("B", "x", 2020, 1.0)]))
    assert zeros.parks.set_index("park").loc["A", "undefined"] == "all amounts are zero"
    mixed = activity(TWO, unit=["billion USD", "billion CNY", "billion USD", "billion USD", "billion USD"])
    why = tp.comparison.composition(mixed).parks.set_index("park")["undefined"]
    assert why["A"] == "amounts in different units: billion CNY, billion USD"


def test_one_year_asked_for() -> None:
    result = tp.comparison.composition(activity(TWO), year=2021)
    assert (
        result.parks.set_index("park")["undefined"]["A"] == "no composition by output for 2021; there is 2020"
    )


def test_uncertainty_is_stated() -> None:
    result = tp.comparison.composition(activity(TWO))
    assert result.table["uncertainty"].str.startswith("none: ").all()
    assert result.overlap["uncertainty"].str.startswith("not a confidence interval").all()


def test_parks_stand_in_the_order_asked_for() -> None:
    frame = activity([("A", "x", 2020, 3), ("A", "y", 2020, 1), ("B", "x", 2020, 1), ("B", "z", 2020, 3)])
    found = tp.comparison.composition(frame, parks=["B", "A"])
    assert found.table["park"].drop_duplicates().tolist() == ["B", "A"]
    assert found.parks["park"].tolist() == ["B", "A"]
    assert "B: z (75%); A: x (75%)" in found.summary()
    assert "A and B overlap by 25%." in found.summary()
    three = activity([(park, "x", 2020, 1) for park in "AB"] + [("C", "y", 2020, 1)])
    assert (
        "1 of 3 pairs overlap by more than 70%; the closest are A and B"
        in tp.comparison.composition(three).summary()
    )
    none = activity([(park, park, 2020, 1) for park in "ABC"])
    assert "None of 3 pairs overlaps by more than 70%" in tp.comparison.composition(none).summary()
    bars = found.plot().to_dict()["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert bars == ["B (2020)", "A (2020)"]


def test_bad_arguments() -> None:
    with pytest.raises(MissingColumn) as error:
        tp.comparison.composition(activity(TWO), value="revenue")
    assert "output" in error.value.exists
    for wrong in ({"duplicating": 1.0}, {"duplicating": 0.0}, {"max_gap": -1}):
        with pytest.raises(WrongOption):
            tp.comparison.composition(activity(TWO), **wrong)
    with pytest.raises(EmptyTable):
        tp.comparison.composition(activity(TWO), parks=[])
    with pytest.raises(WrongOption, match="at most 200"):
        tp.comparison.composition(activity([(f"P{i:03d}", "x", 2020, 1.0) for i in range(201)]))
