"""Oracles: the triangle by hand, counts in sets, numpy's correlations, and Stata's density, which needs every pair."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import UnknownName, WrongOption

proximity = tp.competitiveness.product_proximity
HAS = {"A": "wxyz", "B": "wxy", "C": "wx", "D": "w"}
TRIANGLE = pd.DataFrame(
    [(place, item, 1.0) for place, items in HAS.items() for item in items],
    columns=["exporter", "product", "value"],
)


def drawn(seed: int = 5) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    cells = pd.DataFrame(
        itertools.product("ABCDEFGH", ["p1", "p2", "p3", "p4", "p5"]), columns=["exporter", "product"]
    )
    return cells.assign(value=random.lognormal(0, 1.5, len(cells)))


def test_triangle_by_hand() -> None:
    result = proximity(TRIANGLE, presence="positive")
    assert list(result.table["proximity"]) == pytest.approx(
        [3 / 4, 1 / 2, 1 / 4, 2 / 3, 1 / 3, 1 / 2], rel=1e-15
    )
    pairs = list(zip(result.table["product_a"], result.table["product_b"], strict=True))
    assert pairs == list(itertools.combinations("wxyz", 2))
    assert list(result.products["ubiquity"]) == [4, 3, 2, 1]
    assert result.leading["label"].head(3).tolist() == ["w · x", "x · y", "w · y"]
    assert "6 pairs of products" in result.summary()


def test_counted_in_sets() -> None:
    frame = drawn()
    wide = frame.pivot(index="exporter", columns="product", values="value")
    rca = (wide.T / wide.sum(axis=1)).T / (wide.sum() / wide.sum().sum())
    who = {p: set(rca.index[rca[p] >= 1]) for p in wide}
    for row in proximity(frame).table.itertuples():
        a, b = who[row.product_a], who[row.product_b]
        assert row.proximity == pytest.approx(len(a & b) / max(len(a), len(b)), rel=1e-15)
    by_correlation = proximity(frame, kind="correlation").table
    expected = (1 + np.corrcoef(rca.T))[np.triu_indices(5, 1)] / 2
    assert list(by_correlation["proximity"]) == pytest.approx(expected, rel=1e-12)


def test_minimum_and_products() -> None:
    all_pairs = proximity(TRIANGLE, presence="positive").table
    near = proximity(TRIANGLE, presence="positive", minimum=0.5)
    assert len(near.table) == 4 and "4 pairs are 0.5 or nearer" in near.summary()
    some = proximity(TRIANGLE, presence="positive", products=["w", "z"])
    assert len(some.table) == 1 and some.table["proximity"].iloc[0] == all_pairs["proximity"].iloc[2]
    assert some.products["product"].tolist() == ["w", "z"]


def test_products_that_nobody_has() -> None:
    more = pd.concat([TRIANGLE, pd.DataFrame({"exporter": ["A"], "product": ["a"], "value": [0.0]})])
    result = proximity(more, presence="positive")
    assert len(result.table) == 6
    assert result.products["product"].tolist() == ["w", "x", "y", "z", "a"]
    assert result.products["undefined"].iloc[-1] == "the world has no exports of this product"
    steep = proximity(TRIANGLE, threshold=99.0)
    assert steep.table.empty and "no two products can be compared" in steep.summary()
    flat = proximity(TRIANGLE[TRIANGLE["product"] == "w"].assign(value=3.0), kind="correlation")
    assert flat.products["undefined"].tolist() == ["all have as much of this product"]


def test_years_and_other_tables() -> None:
    both = pd.concat([TRIANGLE.assign(year=2001), TRIANGLE.assign(year=2002)])
    assert proximity(both, presence="positive").table["year"].tolist() == [2001] * 6 + [2002] * 6
    assert len(proximity(both, presence="positive", year=2002).table) == 6
    jobs = TRIANGLE.rename(columns={"exporter": "place", "product": "industry", "value": "employment"})
    assert proximity(jobs, presence="positive").table.columns[:2].tolist() == ["industry_a", "industry_b"]
    counts = TRIANGLE.rename(columns={"exporter": "place", "product": "technology", "value": "patents"})
    assert "technologies" in proximity(counts, presence="positive").summary()


def test_bad_options() -> None:
    with pytest.raises(WrongOption, match="minimum"):
        proximity(TRIANGLE, minimum=2.0)
    with pytest.raises(UnknownName, match="product"):
        proximity(TRIANGLE, products=["nothing"])
