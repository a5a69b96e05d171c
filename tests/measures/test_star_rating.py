"""Stars of the European Cluster Observatory: each star by hand, the rule by brute force, thresholds and ties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import WrongOption

STARS = ["size_star", "specialisation_star", "focus_star"]

exempt = {"scale": "a minimum number of jobs is part of the definition"}


def nation() -> pd.DataFrame:
    """Ten regions. p0: 9,000 of its 10,000 jobs in x, the others 100 of 10,000."""
    x = [9000] + [100] * 9
    return pd.DataFrame(
        {
            "place": [f"p{i}" for i in range(10)] * 2,
            "industry": ["x"] * 10 + ["-"] * 10,
            "employment": [*x, *(10000 - v for v in x)],
        }
    )


def of(frame: pd.DataFrame, place: str, industry: str = "x", **options: object) -> pd.Series:
    return (
        tp.measures.star_rating(frame, **options)
        .table.set_index(["place", "industry"])
        .loc[(place, industry)]
    )


def test_each_star_by_hand() -> None:
    """p0's x is first of ten in size, has a quotient of 0.9 / 0.099, and is 10th of 20 in share of region: no focus star."""
    found = of(nation(), "p0")
    assert list(found[STARS]) == [1, 1, 0]
    assert found["location_quotient"] == pytest.approx(0.9 / 0.099, rel=1e-12)
    assert found["share"] == pytest.approx(0.9, rel=1e-12)
    assert list(of(nation(), "p0", focus="industry")[STARS]) == [1, 1, 1]
    assert of(nation(), "p1")["stars"] == 0


def test_minimum_size() -> None:
    small = nation().assign(employment=lambda t: t["employment"] // 10)
    assert of(small, "p0", focus="industry")["stars"] == 0
    assert of(small, "p0", focus="industry", minimum=900)["stars"] == 3


def test_brute_force() -> None:
    """The rule written out in NumPy on a random nation of 60 regions and 8 categories."""
    random = np.random.default_rng(2)
    dense = np.round(random.lognormal(6, 1.5, (60, 8)) * (random.random((60, 8)) < 0.8))
    frame = (
        pd.DataFrame(dense, [f"p{i:02d}" for i in range(60)])
        .rename_axis("place")
        .rename_axis("industry", axis=1)
    )
    long = frame.stack().rename("employment").reset_index().astype({"industry": str})
    table = tp.measures.star_rating(long).table.set_index(["place", "industry"])
    share = dense / dense.sum(1, keepdims=True)
    quotient = share / (dense.sum(0) / dense.sum())
    clusters = share[dense > 0]
    for p in range(60):
        for i in range(8):
            own = dense[:, i][dense[:, i] > 0]
            size = (own >= dense[p, i]).sum() <= 0.1 * len(own)
            focus = (clusters >= share[p, i]).sum() <= 0.1 * len(clusters)
            enough = dense[p, i] >= 1000
            expected = [int(enough and star) for star in (size, quotient[p, i] >= 2, focus)]
            assert list(table.loc[(f"p{p:02d}", str(i)), STARS]) == expected


def test_thirtieth_is_a_tenth() -> None:
    """Three of thirty regions are exactly a tenth; with the fourth equal to the third, both are outside it."""
    frame = pd.DataFrame(
        {
            "place": [f"p{i:02d}" for i in range(30)],
            "industry": "x",
            "employment": [5000, 4000, 3000] + [2000] * 27,
        }
    )
    assert tp.measures.star_rating(frame).table["size_star"].sum() == 3
    tied = frame.assign(employment=[5000, 4000, 3000, 3000] + [2000] * 26)
    assert tp.measures.star_rating(tied).table["size_star"].sum() == 2


def test_strict_and_lax_thresholds() -> None:
    found = of(nation(), "p0", focus="industry", quotient=9.0)
    assert (found["stars"], found["stars_strict"], found["stars_lax"]) == (3, 0, 3)


def test_thresholds_say_what_is_published() -> None:
    said = tp.measures.star_rating(nation()).thresholds.set_index("threshold")["basis"]
    assert said["size: top share of places"].startswith("published")
    assert said["minimum size"].startswith("general knowledge")
    chosen = tp.measures.star_rating(nation(), minimum=500).thresholds.set_index("threshold")["basis"]
    assert chosen["minimum size"] == "chosen by the caller"


def test_sector_is_rated_alone() -> None:
    frame = nation().replace({"x": "2670"})
    found = tp.measures.star_rating(
        frame, sector=tp.sector("optics", scheme="ISIC-4", codes=["267"]), focus="industry"
    )
    assert set(found.table["industry"]) == {"optics"}
    assert found.summary().startswith("1 of 10 clusters has three stars, led by optics in p0.")


def test_suppressed_has_no_rating_and_sorts_last() -> None:
    frame = nation().astype({"employment": "Float64"})
    frame.loc[1, "employment"] = pd.NA
    last = tp.measures.star_rating(frame).table.iloc[-1]
    assert last["undefined"] == "suppressed" and pd.isna(last["stars"])


def test_wrong_thresholds() -> None:
    for wrong in ({"top": 0.0}, {"top": 10}, {"quotient": -1}, {"minimum": -5}):
        with pytest.raises(WrongOption, match="top is a share"):
            tp.measures.star_rating(nation(), **wrong)
