"""Specialization: hand-worked cases, brute force on whole tables, behaviour on zeros and withheld values."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import technopole as tp

TWO = pd.DataFrame({"place": list("AABB"), "industry": list("xyxy"), "employment": [30, 10, 10, 30]})
ONE = pd.DataFrame({"place": ["A", "A"], "industry": ["x", "y"], "employment": [5, 3]})
EVEN = pd.DataFrame({"place": list("ABAB"), "industry": list("xxyy"), "employment": [5] * 4})
INDICES = ["krugman", "hoover_balassa_max", "herfindahl", "hachman"]


def random_table(seed: int = 5, places: int = 9, industries: int = 7) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    values = random.integers(0, 90, (places, industries)) * (random.random((places, industries)) < 0.6)
    frame = pd.DataFrame(values, [f"p{i}" for i in range(places)], [f"i{i}" for i in range(industries)])
    frame.index.name, frame.columns.name = "place", "industry"
    return frame.stack().rename("employment").reset_index().astype({"employment": "int64"})


def row(frame: pd.DataFrame, place: str, **options: object) -> pd.Series:
    return tp.measures.specialization(frame, **options).table.set_index("place").loc[place]


def test_two_places_by_hand() -> None:
    """Shares (3/4, 1/4) against (1/2, 1/2): 1/4; 3/2; 10/16; 1 / (9/8 + 1/8)."""
    assert list(row(TWO, "A")[INDICES]) == pytest.approx([0.25, 1.5, 0.625, 0.8], rel=1e-12)


def test_against_the_rest_by_hand() -> None:
    """A (3/4, 1/4) against B (1/4, 3/4): 1/2; 3; 10/16; 1 / (9/4 + 1/12)."""
    assert list(row(TWO, "A", reference="rest")[INDICES]) == pytest.approx([0.5, 3, 0.625, 3 / 7], rel=1e-12)


def test_nation_s_own_mix_is_the_end_of_each_scale() -> None:
    same = TWO.assign(employment=[10, 30, 20, 60])
    assert list(row(same, "A")[INDICES]) == pytest.approx([0, 1, 0.625, 1], rel=1e-12)


def test_an_industry_alone_in_its_place_by_hand() -> None:
    """A only has x, B only y, of 10 and 30: krugman 3/4 and 1/4; hachman 1/4 and 3/4."""
    apart = pd.DataFrame({"place": ["A", "B"], "industry": ["x", "y"], "employment": [10, 30]})
    assert list(row(apart, "A")[INDICES]) == pytest.approx([0.75, 4, 1, 0.25], rel=1e-12)
    assert list(row(apart, "B")[INDICES]) == pytest.approx([0.25, 4 / 3, 1, 0.75], rel=1e-12)


@pytest.mark.parametrize("reference", ["nation", "rest"])
def test_brute_force(reference: str) -> None:
    """The formulas on the dense matrix, absent cells as zeros; absent rows left out of the table don't matter."""
    frame = random_table()
    dense = frame.pivot(index="place", columns="industry", values="employment").to_numpy(float)
    table = tp.measures.specialization(frame[frame["employment"] > 0], reference=reference).table
    for p, (_, found) in enumerate(table.sort_values("place").iterrows()):
        s = dense[p] / dense[p].sum()
        other = dense.sum(0) if reference == "nation" else dense.sum(0) - dense[p]
        t = other / other.sum()
        expected = [np.abs(s - t).sum() / 2, (s / t).max(), (s**2).sum(), 1 / (s**2 / t).sum()]
        assert list(found[INDICES]) == pytest.approx(expected, rel=1e-12)


def test_merging_equal_places_and_splitting_one_keep_the_mix() -> None:
    frame = random_table()
    halves = pd.concat([frame, frame.assign(place=frame["place"] + "'")])
    a, b = (tp.measures.specialization(each).table.set_index("place")[INDICES] for each in (frame, halves))
    pd.testing.assert_frame_equal(b.loc[a.index], a, rtol=1e-12)


def test_undefined_and_withheld() -> None:
    frame = pd.DataFrame(
        {
            "place": ["A", "A", "B", "B", "C", "D"],
            "industry": ["x", "y", "x", "y", "x", "x"],
            "employment": [None, 10, 10, 30, 0, None],
            "employment_low": [20, 10, 10, 30, 0, None],
            "employment_high": [40, 10, 10, 30, 0, None],
        }
    )
    table = tp.measures.specialization(frame).table.set_index("place")
    assert table.loc["A", "suppressed_share"] == pytest.approx(0.75, rel=1e-12)
    assert table.loc["A", "krugman"] == pytest.approx(0.25, rel=1e-12), "the middle of 20 and 40 stands in"
    assert table.loc["C", "undefined"] == "the place has no employment"
    assert table.loc["D", "undefined"] == "withheld values without an upper bound: 1"
    assert table.loc[["C", "D"], INDICES].isna().all().all()
    assert not math.isnan(table.loc["B", "hachman"])


def test_summary_names_ends() -> None:
    said = tp.measures.specialization(TWO.assign(employment=[30, 10, 10, 50])).summary()
    assert said.startswith("A is the most specialised of 2 places: 35% of its activity")
    assert "nothing but zeros" in tp.measures.specialization(TWO.assign(employment=0)).summary()


def test_an_industry_the_rest_lacks_leaves_hachman_undefined_instead_of_above_one() -> None:
    frame = pd.DataFrame({"place": list("AABB"), "industry": list("xyyz"), "employment": [90, 10, 30, 0]})
    found = tp.measures.specialization(frame, reference="rest")
    assert found.table["place"].tolist() == ["B", "A"]
    last = found.table.iloc[1]
    assert last["krugman"] == pytest.approx(0.9, rel=1e-12)
    assert last["hoover_balassa_max"] == pytest.approx(0.1, rel=1e-12)
    assert np.isnan(last["hachman"])
    assert "lack one of its industries" in last["undefined"]
    assert found.table.iloc[0][["hachman", "undefined"]].tolist() == [pytest.approx(0.1, rel=1e-12), ""]
    assert "90% of its activity" in found.summary()


def test_nothing_shared_and_nothing_else_have_their_reasons() -> None:
    apart = pd.DataFrame({"place": ["A", "B"], "industry": ["x", "y"], "employment": [1, 2]})
    assert "lack all" in row(apart, "A", reference="rest")["undefined"]
    alone = tp.measures.specialization(apart.head(1), reference="rest")
    assert alone.table["undefined"].tolist() == ["there is no other place to compare with"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "frame", "never"),
    [
        ("specialization", ONE, "most specialised"),
        ("variety", ONE, "Of 1 places"),
        ("star_rating", ONE.head(1), "1 clusters"),
        ("star_rating", ONE.assign(employment=0), "None of 0"),
        ("coagglomeration", EVEN, "Of 1 pairs"),
    ],
)
def test_one_place_or_one_industry_is_said_in_the_singular(
    function: str, frame: pd.DataFrame, never: str
) -> None:
    assert never not in getattr(tp.measures, function)(frame).summary()


def test_a_single_place_and_even_growth_have_no_best_and_worst() -> None:
    two = pd.concat([EVEN.assign(year=2010), EVEN.assign(year=2020, employment=10)])
    assert "No place grew by more or less" in tp.measures.shift_share(two, from_=2010, to=2020).summary()
    one = two[two["place"] == "A"]
    assert "the only place" in tp.measures.shift_share(one, from_=2010, to=2020).summary()
