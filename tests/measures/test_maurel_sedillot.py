"""Oracle: pairs of plants counted one by one; gamma is their excess of shared places."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from technopole.errors import MissingColumn, WrongOption
from technopole.measures import ellison_glaeser, maurel_sedillot
from technopole.tables import Establishments

exempt = {"scale": "plants have a size in jobs; more jobs in as many plants is another economy"}


def economy(seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "establishment_id": [f"e{i}" for i in range(90)],
            "industry": random.choice(list("ijk"), 90),
            "place": random.choice(list("ABCD"), 90, p=[0.4, 0.3, 0.2, 0.1]),
            "employment": random.integers(1, 100, 90),
        }
    )


@pytest.mark.parametrize("industry", list("ijk"))
def test_equals_pairs_of_plants_counted_one_by_one(industry: str) -> None:
    frame = economy()
    x2 = sum((frame.groupby("place")["employment"].sum() / frame["employment"].sum()) ** 2)
    mine = frame[frame["industry"] == industry][["place", "employment"]].to_numpy().tolist()
    pairs = [(a[1] * b[1], a[0] == b[0]) for a, b in itertools.combinations(mine, 2)]
    together = sum(w for w, same in pairs if same) / sum(w for w, _ in pairs)
    row = maurel_sedillot(frame).table.set_index("industry").loc[industry]
    assert row["gamma"] == pytest.approx((together - x2) / (1 - x2), rel=1e-11)
    assert row["low"] < row["gamma"] < row["high"]
    assert 0 < row["p_value"] <= 1


def test_worked_cases() -> None:
    # x = (.5, .5), s = (.8, .2), ten plants of 10: G = .68 - .5 = .18, H = .1, as for Ellison-Glaeser.
    frame = pd.DataFrame(
        {
            "establishment_id": [str(i) for i in range(20)],
            "employment": 10,
            "industry": ["i"] * 10 + ["j"] * 10,
            "place": list("AAAAAAAABB" + "AABBBBBBBB"),
        }
    )
    row = maurel_sedillot(frame).table.iloc[0]
    assert row["raw_concentration"] == pytest.approx(0.18, rel=1e-12)
    assert row["gamma"] == pytest.approx(0.13 / 0.45, rel=1e-12)
    # Two plants in one of two equal places: certain to be together, half expected.
    two = frame.iloc[[0, 1, 18, 19]]
    assert maurel_sedillot(two).table["gamma"].tolist() == pytest.approx([1.0, 1.0], rel=1e-12)
    # One in each: never together.
    apart = frame.iloc[[0, 9, 10, 19]]
    assert maurel_sedillot(apart).table["gamma"].tolist() == pytest.approx([-1.0, -1.0], rel=1e-12)


def test_an_industry_like_the_nation_counts_as_neither() -> None:
    # s = x, twelve and four equal plants: Ellison-Glaeser has G = 0; here too, and both are -H / (1 - H).
    frame = pd.DataFrame(
        {
            "establishment_id": [str(i) for i in range(8)],
            "employment": 10,
            "industry": list("iiiijjjj"),
            "place": list("AAABAAAB"),
        }
    )
    for measure in (ellison_glaeser, maurel_sedillot):
        assert measure(frame).table["gamma"].tolist() == pytest.approx([-1 / 3, -1 / 3], rel=1e-12)


def test_large_places_count_here_but_not_in_ellison_glaeser() -> None:
    frame = pd.DataFrame(
        {
            "establishment_id": [str(i) for i in range(20)],
            "employment": 10,
            "industry": ["i"] * 5 + ["j"] * 15,
            "place": list("AAAAA" + "AAAAABBBBBCCCCC"),
        }
    )
    kept = {m.__name__: m(frame).table["gamma"].iloc[0] for m in (ellison_glaeser, maurel_sedillot)}
    # x = (.5, .25, .25), s = (1, 0, 0), H = .2: (.375 - .125) / .5 and (.625 - .125) / .5.
    assert kept["ellison_glaeser"] == pytest.approx((0.375 - 0.125) / 0.5, rel=1e-12)
    assert kept["maurel_sedillot"] == pytest.approx(1.0, rel=1e-12)


def test_bad_input() -> None:
    with pytest.raises(MissingColumn):
        maurel_sedillot(Establishments.of(economy().drop(columns="employment")))
    with pytest.raises(WrongOption):
        maurel_sedillot(economy(), level=0)
