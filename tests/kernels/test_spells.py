"""Spells against a loop over each cell, and their curves against statsmodels and a known hazard."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.api import SurvfuncRight

from technopole.kernels import spells as kernel


def plain(there: np.ndarray, seen: np.ndarray) -> list[tuple[int, int, int, bool, bool]]:
    found = []
    for cell in range(there.shape[1]):
        t = 0
        while t < len(there):
            if not there[t, cell]:
                t += 1
                continue
            stop = t
            while stop + 1 < len(there) and there[stop + 1, cell]:
                stop += 1
            ended = stop + 1 < len(there) and bool(seen[stop + 1, cell])
            found.append((cell, t, stop, ended, t > 0 and bool(seen[t - 1, cell])))
            t = stop + 1
    return found


@pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
def test_against_a_loop(share: float) -> None:
    random = np.random.default_rng(8)
    there = random.uniform(size=(9, 50)) < share
    seen = there | (random.uniform(size=(9, 50)) < 0.8)
    found = kernel.spells(there, seen)
    rows = zip(found.cell, found.start, found.stop, found.ended, found.begun, strict=True)
    assert list(rows) == plain(there, seen)
    numbers = [list(found.number[found.cell == cell]) for cell in np.unique(found.cell)]
    assert all(each == list(range(1, len(each) + 1)) for each in numbers)


def test_nothing_at_all() -> None:
    assert len(kernel.spells(np.zeros((3, 4), bool), np.ones((3, 4), bool)).cell) == 0


@pytest.mark.parametrize(
    ("gap", "after"), [(0, "101001000111"), (1, "111001000111"), (2, "111111000111"), (3, "111111111111")]
)
def test_gaps_between_two_spells_are_merged(gap: int, after: str) -> None:
    there = np.array([digit == "1" for digit in "101001000111"])[:, None]
    have, known = kernel.merged(there, there.copy(), gap)
    assert "".join("01"[int(one)] for one in have[:, 0]) == after
    assert (known >= have).all() and there.sum() == 6


def test_leading_and_trailing_years_are_no_gap() -> None:
    there = np.array([False, True, False, True, False])[:, None]
    assert kernel.merged(there, ~there, 4)[0][:, 0].tolist() == [False, True, True, True, False]


def test_counts_are_the_product_limit_of_statsmodels() -> None:
    random = np.random.default_rng(9)
    years, ended = random.integers(1, 9, 300), random.uniform(size=300) < 0.6
    closed, at_risk = kernel.counts(years, ended, random.integers(0, 7, 300), 7, longest=8)
    estimate = SurvfuncRight(np.where(ended, years, years - 0.5), ended.astype(int))
    with np.errstate(invalid="ignore"):
        ours = np.cumprod(1 - closed.sum(axis=0) / at_risk.sum(axis=0))
    at = [int(time) - 1 for time in estimate.surv_times]
    np.testing.assert_allclose(ours[at], estimate.surv_prob, rtol=1e-12)
    np.testing.assert_array_equal(at_risk.sum(axis=0)[at], estimate.n_risk)


def test_a_constant_hazard_is_found() -> None:
    """Spells that end with chance 1/3 each year, seen over ten years: S(t) = (2/3)^t; counting the unseen year as survived gives more."""
    random = np.random.default_rng(10)
    there = np.zeros((10, 200_000), bool)
    for t in range(1, 10):
        chance = random.uniform(size=there.shape[1])
        there[t] = np.where(there[t - 1], chance > 1 / 3, chance < 0.1)
    found = kernel.spells(there, np.ones_like(there))
    closed, at_risk = kernel.counts(found.years, found.ended, np.zeros_like(found.cell), 1, longest=8)
    np.testing.assert_allclose(np.cumprod(1 - closed[0] / at_risk[0]), (2 / 3) ** np.arange(1, 9), rtol=0.05)
    as_survived = 1 - (found.ended & (found.years == 1)).sum() / len(found.years)
    assert as_survived > 2 / 3 + 0.03


def test_resampled_groups() -> None:
    """Two groups, one that ends at once and one that never does: curves of 0, 1/2 and 1 with chances 1/4, 1/2, 1/4."""
    drawn = kernel.resampled(
        np.array([[2.0], [0.0]]), np.array([[2.0], [2.0]]), 4000, np.random.default_rng(0)
    )
    shares = [(drawn[:, 0] == value).mean() for value in (0, 0.5, 1)]
    np.testing.assert_allclose(shares, [0.25, 0.5, 0.25], atol=0.03)
