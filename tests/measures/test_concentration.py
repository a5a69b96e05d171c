"""Concentration: hand-worked cases, published values, brute force over pairs of places."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import technopole as tp

INDICES = ["gini", "theil", "hoover"]


def nation(industry: list[float], everything: list[float]) -> pd.DataFrame:
    """Industry x beside all else, so that place totals are as given."""
    places = [f"p{i}" for i in range(len(industry))]
    rest = [total - own for own, total in zip(industry, everything, strict=True)]
    return pd.DataFrame(
        {
            "place": places * 2,
            "industry": ["x"] * len(places) + ["-"] * len(places),
            "employment": [*industry, *rest],
        }
    )


def of(frame: pd.DataFrame, industry: str = "x", **options: object) -> pd.Series:
    return tp.measures.concentration(frame, **options).table.set_index("industry").loc[industry]


def test_two_places_by_hand() -> None:
    """s = (3/4, 1/4), x = (1/2, 1/2)."""
    found = of(nation([30, 10], [40, 40]))
    assert list(found[INDICES]) == pytest.approx(
        [0.25, 0.75 * math.log(1.5) + 0.25 * math.log(0.5), 0.25], rel=1e-12
    )


def test_spread_like_everything_is_zero() -> None:
    assert list(of(nation([10, 20, 30], [20, 40, 60]))[INDICES]) == pytest.approx([0, 0, 0], abs=1e-15)


def test_all_in_one_place_by_hand() -> None:
    """One place with 1/8 of all activity holds it all: 7/8, ln 8, 7/8."""
    found = of(nation([10, 0, 0], [10, 30, 40]))
    assert list(found[INDICES]) == pytest.approx([0.875, math.log(8), 0.875], rel=1e-12)
    assert found["places"] == 1


def test_theil_of_stoermann() -> None:
    """Störmann (2009), as documented with theil() of the R package REAT for 10, 10, 10, 20, 50: 0.2326302.

    That is the mean logarithmic deviation: equal shares against unequal ones, here an evenly spread industry in uneven places.
    """
    found = of(nation([5, 5, 5, 5, 5], [10, 10, 10, 20, 50]))
    assert found["theil"] == pytest.approx(0.2326302, abs=5e-8)


def test_uniform_reference_by_hand() -> None:
    """1, 2, 3 and 4 in four equal places: Gini 1/4, Hoover 1/5."""
    found = of(nation([1, 2, 3, 4], [10, 10, 20, 20]), reference="uniform")
    assert found["gini"] == pytest.approx(0.25, rel=1e-12)
    assert found["hoover"] == pytest.approx(0.2, rel=1e-12)


@pytest.mark.parametrize("reference", ["overall", "uniform"])
def test_brute_force(reference: str) -> None:
    """Gini as half the mean difference of all pairs of quotients; the other two term by term on the dense matrix."""
    random = np.random.default_rng(4)
    dense = random.integers(0, 80, (11, 5)) * (random.random((11, 5)) < 0.7)
    frame = (
        pd.DataFrame(dense, [f"p{i:02d}" for i in range(11)])
        .rename_axis("place")
        .rename_axis("industry", axis=1)
    )
    long = frame.stack().rename("employment").reset_index().astype({"industry": str, "employment": "int64"})
    table = tp.measures.concentration(long[long["employment"] > 0], reference=reference).table.set_index(
        "industry"
    )
    for i in range(5):
        s = dense[:, i] / dense[:, i].sum()
        here = dense.sum(1) > 0
        x = dense.sum(1) / dense.sum() if reference == "overall" else here / here.sum()
        s, x = s[here], x[here]
        q = s / x
        gini = (np.outer(x, x) * np.abs(q[:, None] - q[None, :])).sum() / 2
        theil = (s[s > 0] * np.log(q[s > 0])).sum()
        assert list(table.loc[str(i), INDICES]) == pytest.approx(
            [gini, theil, np.abs(s - x).sum() / 2], rel=1e-12
        )


def test_splitting_places_evenly_changes_nothing() -> None:
    whole = nation([30, 10, 5], [40, 40, 60])
    half = pd.concat([whole, whole.assign(place=whole["place"] + "'")])
    assert list(of(half)[INDICES]) == pytest.approx(list(of(whole)[INDICES]), rel=1e-12)


def test_sector_is_returned_alone() -> None:
    frame = nation([30, 10], [40, 40]).replace({"x": "2670"})
    table = tp.measures.concentration(frame, sector=tp.sector("optics", scheme="ISIC-4", codes=["267"])).table
    assert list(table["industry"]) == ["optics"]
    assert table["gini"].iloc[0] == pytest.approx(0.25, rel=1e-12)


def test_undefined_and_withheld() -> None:
    frame = nation([30, 10], [40, 40])
    frame.loc[len(frame)] = ["p0", "none", 0]
    table = tp.measures.concentration(frame).table
    assert table["undefined"].iloc[-1] == "the industry has no employment"
    assert table[INDICES].iloc[-1].isna().all()
    frame["employment"] = frame["employment"].astype("Float64")
    frame.loc[0, "employment"] = pd.NA
    assert of(frame)["undefined"] == "withheld values without an upper bound: 1"


def test_summary() -> None:
    said = tp.measures.concentration(nation([30, 10], [40, 40])).summary()
    assert "has a locational Gini of 0.25: 25% of it would have to move" in said
