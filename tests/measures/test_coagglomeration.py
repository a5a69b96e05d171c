"""Oracles: sums over places in loops; Ellison and Glaeser's group formula; cases worked by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from technopole.errors import MissingColumn, UnknownName, WrongOption
from technopole.measures import coagglomeration
from technopole.tables import Activity


def economy(seed: int = 1, places: int = 9, industries: str = "ijkl") -> pd.DataFrame:
    random = np.random.default_rng(seed)
    cells = itertools.product([f"p{p}" for p in range(places)], industries)
    frame = pd.DataFrame(cells, columns=["place", "industry"])
    amount = random.integers(0, 90, len(frame)) * random.integers(0, 2, len(frame))
    return frame.assign(employment=amount, establishments=np.ceil(amount / 20))


def in_loops(frame: pd.DataFrame, a: str, b: str, aggregate: str) -> float:
    wide = frame.pivot(index="place", columns="industry", values="employment")
    s = wide / wide.sum()
    x = s.mean(axis=1) if aggregate == "mean" else wide.sum(axis=1) / wide.sum().sum()
    return sum((s.loc[p, a] - x[p]) * (s.loc[p, b] - x[p]) for p in s.index) / (1 - sum(x**2))


@pytest.mark.parametrize("aggregate", ["mean", "total"])
def test_all_pairs_equal_the_loop(aggregate: str) -> None:
    table = coagglomeration(economy(), aggregate=aggregate).table
    assert len(table) == 6
    for row in table.itertuples():
        expected = in_loops(economy(), row.industry_a, row.industry_b, aggregate)
        assert row.coagglomeration == pytest.approx(expected, rel=1e-11)
        assert row.low < row.coagglomeration < row.high


@pytest.mark.slow
def test_worked_cases() -> None:
    # s_i = (.8, .1, .1), s_j = (.6, .2, .2).
    cells = pd.DataFrame(
        {"place": list("ABCABC"), "industry": list("iiijjj"), "employment": [8, 1, 1, 6, 2, 2]}
    )
    total = coagglomeration(cells, aggregate="total").table["coagglomeration"].iloc[0]
    assert total == pytest.approx(-0.015 / 0.465, rel=1e-12)
    # Ten each, so the mean of shares is the total.
    assert coagglomeration(cells).table["coagglomeration"].iloc[0] == pytest.approx(total, rel=1e-12)
    # Two industries apart, one in each of two places: s_i = (1, 0), s_j = (0, 1), x = (.5, .5).
    apart = pd.DataFrame({"place": ["A", "B"], "industry": ["i", "j"], "employment": [5, 5]})
    assert coagglomeration(apart).table["coagglomeration"].iloc[0] == pytest.approx(-1.0, rel=1e-12)
    # Two together in A, a third in B, equal in size: x = (2/3, 1/3), (1/9 + 1/9) / (4/9).
    third = pd.DataFrame({"place": list("AAB"), "industry": list("ijk"), "employment": [5, 5, 5]})
    assert coagglomeration(third).table["coagglomeration"].iloc[0] == pytest.approx(0.5, rel=1e-12)


def test_some_pairs_in_any_order() -> None:
    every = coagglomeration(economy()).table.set_index(["industry_a", "industry_b"])
    some = coagglomeration(economy(), pairs=[("k", "i"), ("j", "l")]).table
    assert some[["industry_a", "industry_b"]].to_numpy().tolist() == [["j", "l"], ["k", "i"]]
    expected = [every.loc[pair, "coagglomeration"] for pair in (("j", "l"), ("i", "k"))]
    assert some["coagglomeration"].tolist() == pytest.approx(expected, rel=1e-12)


def test_groups_by_the_formula_of_the_paper() -> None:
    frame = economy(2)
    found = coagglomeration(frame, groups={"ijk": ["i", "j", "k"], "ij": ["i", "j"]})
    wide = frame.pivot(index="place", columns="industry", values="employment")
    x = wide.sum(axis=1) / wide.sum().sum()
    size = wide[list("ijk")].sum()
    w = size / size.sum()
    s = wide / wide.sum()
    g = ((wide[list("ijk")].sum(axis=1) / size.sum() - x) ** 2).sum()
    own = sum(w[i] ** 2 * ((s[i] - x) ** 2).sum() for i in "ijk")
    expected = (g - own) / ((1 - (x**2).sum()) * (1 - (w**2).sum()))
    groups = found.groups.set_index("group")
    assert groups.loc["ijk", "coagglomeration"] == pytest.approx(expected, rel=1e-11)
    assert groups.loc["ijk", "industries"] == 3
    assert groups.loc["ij", "coagglomeration"] == pytest.approx(in_loops(frame, "i", "j", "total"), rel=1e-11)


def test_scaling_an_industry_changes_nothing_with_the_mean() -> None:
    frame = economy(3)
    more = frame.assign(
        employment=frame["employment"].where(frame["industry"] != "j", frame["employment"] * 8)
    )
    one, two = coagglomeration(frame).table, coagglomeration(more).table
    np.testing.assert_allclose(two["coagglomeration"], one["coagglomeration"], rtol=1e-12)


def test_without_plants_the_index_stands_and_the_missing_interval_is_said() -> None:
    bare = coagglomeration(economy().drop(columns="establishments"))
    np.testing.assert_allclose(
        bare.table["coagglomeration"], coagglomeration(economy()).table["coagglomeration"], rtol=1e-12
    )
    assert bare.table[["low", "high"]].isna().all(axis=None)
    assert any("no intervals" in warning for warning in bare.warnings)


def test_establishments_and_their_cells_agree() -> None:
    random = np.random.default_rng(4)
    plants = pd.DataFrame(
        {
            "establishment_id": [f"e{i}" for i in range(120)],
            "industry": random.choice(list("ijk"), 120),
            "place": random.choice(list("ABCDE"), 120),
            "employment": 5,
        }
    )
    cells = plants.groupby(["place", "industry"], as_index=False).agg(
        employment=("employment", "sum"), establishments=("employment", "count")
    )
    pd.testing.assert_frame_equal(coagglomeration(plants).table, coagglomeration(cells).table, rtol=1e-12)


def test_years_stand_alone_and_what_is_missing_comes_last() -> None:
    early, late = economy(5).assign(year=2010), economy(6).assign(year=2020)
    late = late[late["industry"] != "l"]
    pairs = [("i", "l"), ("i", "j")]
    table = coagglomeration(pd.concat([early, late]), pairs=pairs).table
    assert table["undefined"].ne("").tolist() == [False, False, False, True]
    assert table["year"].tolist() == [2010, 2010, 2020, 2020]
    alone = coagglomeration(late.drop(columns="year"), pairs=[("i", "j")]).table
    assert table["coagglomeration"].iloc[2] == pytest.approx(alone["coagglomeration"].iloc[0], rel=1e-12)


def test_bad_input() -> None:
    with pytest.raises(UnknownName, match="zz"):
        coagglomeration(economy(), pairs=[("i", "zz")])
    with pytest.raises(WrongOption):
        coagglomeration(economy(), pairs=[("i", "i")])
    with pytest.raises(WrongOption):
        coagglomeration(economy(), pairs="some")
    with pytest.raises(WrongOption):
        coagglomeration(economy(), groups={"g": ["i"]})
    with pytest.raises(UnknownName):
        coagglomeration(economy(), groups={"g": ["i", "zz"]})
    with pytest.raises(MissingColumn):
        coagglomeration(Activity.of(economy()), value="output")
    with pytest.raises(MissingColumn):
        coagglomeration(Activity.of(economy()), plants="n")
