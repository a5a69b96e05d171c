"""Third central moment under random location against all draws; the stratified sample against its definition."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.distance import pdist, squareform

from technopole.kernels import null_skewness, pair_histogram
from technopole.kernels.pair_histogram import Bins

Floats = NDArray[np.float64]
XY = np.array([[0.0, 0.0], [1.0, 0.3], [2.2, 0.1], [0.4, 2.7], [3.1, 3.3]])
COUNT = np.array([400.0, 200.0, 300.0, 250.0, 250.0])
BINS = Bins(20, 0.25)
AT = pair_histogram.points(XY)


def kernel() -> Floats:
    """Two distances by distance 0, bins and the rest: a smooth kernel that is far from symmetric."""
    middle = np.concatenate([[0.0], (np.arange(20) + 0.5) * 0.25])
    return np.exp(-(((np.array([0.5, 3.0])[:, None] - middle) / 0.8) ** 2) / 2)


def third_of_all_draws(weights: Floats) -> Floats:
    """Of the share of the pairs' weight, over all draws with replacement: 1,400 sites are many for a few establishments."""
    apart = squareform(pdist(XY))
    bins = np.where(apart == 0, 0, 1 + (apart / BINS.width).astype(int))
    pair = np.triu(np.outer(weights, weights), 1)
    draws = np.array(list(product(range(len(XY)), repeat=len(weights))))
    chance = (COUNT / COUNT.sum())[draws].prod(axis=1)
    curves = (
        np.einsum("ij,dnij->nd", pair, kernel()[:, bins[draws[:, :, None], draws[:, None, :]]]) / pair.sum()
    )
    return chance @ (curves - chance @ curves) ** 3


@pytest.mark.parametrize("weights", [np.ones(2), np.ones(4), np.array([1.0, 4.0, 2.5])])
def test_third_moment_is_that_of_all_draws(weights: Floats) -> None:
    drawn = null_skewness.sample(AT, COUNT, BINS, 1, np.random.SeedSequence(0))
    found = null_skewness.third(null_skewness.terms(drawn, kernel()), weights)
    np.testing.assert_allclose(found, third_of_all_draws(weights), rtol=0.03)


def test_sample_has_one_site_from_each_stretch_and_all_sites_where_they_are_few() -> None:
    random = np.random.default_rng(1)
    at = pair_histogram.points(random.uniform(0, 100, (80, 2)))
    universe = random.integers(0, 40, 80).astype(float)
    drawn = null_skewness.stratified(at, universe, 100, np.random.SeedSequence(3))
    order = pair_histogram.curve_order(at)
    ends = np.cumsum(universe[order])
    rank = np.argsort(order)[drawn]
    edges = np.arange(101) * int(ends[-1]) // 100
    assert len(drawn) == 100 and (universe[drawn] > 0).all()
    assert (ends[rank] > edges[:-1]).all() and ((ends - universe[order])[rank] < edges[1:]).all()
    everyone = null_skewness.stratified(at, universe, 10**6, np.random.SeedSequence(3))
    assert np.bincount(everyone, minlength=80).tolist() == universe.tolist()


@pytest.mark.slow
def test_stratified_samples_vary_less_than_random_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Towns: between samples, the largest term's sd is less than half of that of simple random samples of as many sites."""
    random = np.random.default_rng(2)
    xy = random.uniform(0, 300, (30, 2))[random.integers(0, 30, 4000)] + random.normal(0, 4, (4000, 2))
    at, bins, held = pair_histogram.points(xy), Bins(64, 6.0), np.ones(4000)
    matrix = np.exp(-(((np.array([20.0, 80.0])[:, None] - np.arange(65) * 6.0) / 20) ** 2) / 2)

    def joined(seed: int) -> Floats:
        drawn = null_skewness.sample(at, held, bins, 1, np.random.SeedSequence(seed))
        return null_skewness.terms(drawn, matrix).joined

    stratified = np.std([joined(seed) for seed in range(12)], axis=0)
    simple = lambda at, universe, size, stream: random.choice(4000, size, replace=False)  # noqa: E731
    monkeypatch.setattr(null_skewness, "stratified", simple)
    assert (stratified < np.std([joined(seed) for seed in range(12)], axis=0) / 2).all()
