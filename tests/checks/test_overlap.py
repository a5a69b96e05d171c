"""Oracles: chances by hand, Kish's size by hand, simulated lack of overlap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from worlds import drawn, estimate

import technopole as tp
from technopole.errors import WrongOption

compare: Any = tp.effects.matched_comparison
overlap: Any = tp.checks.overlap


def survey(shift: float = 0.5) -> pd.DataFrame:
    random = np.random.default_rng(6)
    inside = np.arange(300) < 100
    size = random.normal(shift * inside, 1)
    return pd.DataFrame(
        {
            "firm": [f"f{i:03d}" for i in range(300)],
            "year": 2020,
            "entered": np.where(inside, 2018, 0),
            "size": size,
            "y": size + random.normal(size=300),
        }
    )


def contract_case() -> dict[str, Any]:
    return {"effect": compare(survey(), outcome="y", on=["size"], method="doubly_robust")}


@pytest.mark.slow
def test_by_hand() -> None:
    """Small: 2 of 6 inside, big: 3 of 5. Odds 1/2 for four, 3/2 for two: size (4/2 + 2 * 3/2)^2 / (4/4 + 2 * 9/4) = 25 / 5.5."""
    table = pd.DataFrame(
        {
            "firm": list("abcdefghijk"),
            "year": 2020,
            "entered": [2019] * 2 + [0] * 4 + [2019] * 3 + [0] * 2,
            "big": [0] * 6 + [1] * 5,
            "y": [3.0, 5, 1, 2, 3, 2, 7, 8, 9, 4, 8],
        }
    )
    found = overlap(compare(table, outcome="y", on=["big"], method="inverse_probability"))
    by = found.table.set_index("side")
    assert by.loc["outside", "effective_size"] == pytest.approx(25 / 5.5, rel=1e-9)
    assert by.loc["inside", ["chance_low", "chance_high"]].tolist() == pytest.approx([1 / 3, 3 / 5], rel=1e-9)
    assert by["beyond_others"].tolist() == [0, 0] and by["near_certain"].tolist() == [0, 0]
    assert found.passed is None and "worth 5 firms" in found.finding["undefined"].iloc[0]
    assert (
        overlap(compare(table, outcome="y", on=["big"], method="inverse_probability"), fewest=4).passed
        is True
    )


@pytest.mark.slow
def test_answers() -> None:
    assert overlap(contract_case()["effect"]).passed is True
    apart = compare(survey(4.0), outcome="y", on=["size"], method="doubly_robust")
    found = overlap(apart)
    assert found.passed is False and found.statistic > 0.3 and "extrapolated" in found.summary()
    near = compare(survey(2.0), outcome="y", on=["size"], caliper=0.02)
    left = overlap(near)
    assert left.table["left_out"].iloc[0] > 0.1 and "left out" in left.summary()


def test_told_apart_without_error() -> None:
    table = survey().assign(size=lambda d: (d["entered"] > 0) * 10 + d["size"])
    found = overlap(compare(table, outcome="y", on=["size"]))
    assert found.passed is False and "nobody is comparable" in found.summary()


@pytest.mark.slow
def test_staggered_and_refusals() -> None:
    firms = drawn("effect", count=300)
    found = overlap(estimate(firms, outcome="log_sales", covariates=["log_size"]), firms)
    assert found.passed is True and (found.table["left_out"] == 0).all()
    with pytest.raises(WrongOption):
        overlap(contract_case()["effect"], most=1.0)
