"""Exact null moments against the enumeration of every possible draw."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from technopole.kernels import null_moments, pair_histogram
from technopole.kernels.null_moments import Sums
from technopole.kernels.pair_histogram import Bins

Floats = NDArray[np.float64]
XY = np.array([[0.0, 0.0], [1.0, 0.3], [2.2, 0.1], [0.4, 2.7], [3.1, 3.3]])
COUNT = np.array([2.0, 1.0, 1.0, 2.0, 1.0])
BINS = Bins(8, 0.6)


def every_draw(weights: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance of the histogram over all ordered draws of sites."""
    site = np.repeat(np.arange(len(XY)), COUNT.astype(int))
    seen = []
    for order in permutations(range(len(site)), len(weights)):
        at = site[list(order)]
        one = np.zeros(BINS.count + 1)
        for i in range(len(at)):
            for j in range(i):
                distance = np.hypot(*(XY[at[i]] - XY[at[j]]))
                where = 0 if at[i] == at[j] else 1 + int(distance / BINS.width)
                one[where] += weights[i] * weights[j]
        seen.append(one)
    found = np.array(seen)
    return found.mean(axis=0), np.cov(found.T, bias=True)


@pytest.mark.parametrize("weights", [np.ones(2), np.ones(4), np.array([1.0, 4.0, 2.5])])
def test_mean_and_covariance_of_all_draws(weights: Floats) -> None:
    swept = null_moments.sweep(pair_histogram.points(XY), COUNT, BINS, 1)
    sums = Sums.of(weights)
    pairs = (weights.sum() ** 2 - (weights**2).sum()) / 2
    wanted, covariance = every_draw(weights)
    np.testing.assert_allclose(null_moments.mean(swept) * pairs, wanted, rtol=1e-12, atol=1e-12)
    found = null_moments.covariance(swept, sums, np.eye(BINS.count + 1)) * pairs**2
    np.testing.assert_allclose(found, covariance, rtol=1e-11, atol=1e-12 * pairs**2)


def test_sums_of_equal_weights_are_those_of_the_count() -> None:
    one, other = Sums.of(np.full(7, 3.0)), Sums.of_count(7)
    np.testing.assert_allclose(
        [one.pairs, one.same, one.sharing, one.apart], [other.pairs, other.same, other.sharing, other.apart]
    )


def test_sweep_counts_all_pairs_in_wide_bins_and_on_any_number_of_threads() -> None:
    random = np.random.default_rng(2)
    xy, held = random.uniform(0, 100, (700, 2)), random.integers(0, 4, 700).astype(float)
    at, bins = pair_histogram.points(xy), Bins(300, 0.5)
    swept = null_moments.sweep(at, held, bins, 10, threads=3)
    again = null_moments.sweep(at, held, bins, 10, threads=1)
    assert swept.fine.tolist() == again.fine.tolist() and (swept.sharing == again.sharing).all()
    kept = held > 0
    counted = pair_histogram.within(at[:, kept], bins, held[kept])
    assert swept.fine[1:].tolist() == counted[:-1].tolist()
    assert swept.fine[0] == pair_histogram.colocated(held, held)
    np.testing.assert_array_equal(swept.coarse, null_moments.widen(swept.fine, 10))
