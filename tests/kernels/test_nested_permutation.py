"""Nested orders against a histogram of each sample by itself; draws against the hypergeometric distribution."""

from __future__ import annotations

import numpy as np

from technopole.kernels import nested_permutation, pair_histogram
from technopole.kernels.pair_histogram import Bins

RNG = np.random.default_rng(3)
XY = RNG.uniform(0, 100, (400, 2))
HELD = RNG.integers(0, 5, 400).astype(float)
BINS = Bins(128, 1.13)


def test_first_sites_of_an_order_are_every_sample() -> None:
    at = pair_histogram.points(XY)
    order = nested_permutation.draw(HELD, 350, nested_permutation.streams(1, 1)[0])
    sizes = np.array([2, 3, 90, 349, 350])
    found = nested_permutation.nested(at, order, sizes, BINS)
    for n, row in zip(sizes, found, strict=True):
        here, count = np.unique(order[:n], return_counts=True)
        held = count.astype(float)
        assert row[0] == pair_histogram.colocated(held, held)
        assert row[1:].tolist() == pair_histogram.within(at[:, here], BINS, held).tolist()
        assert row.sum() == n * (n - 1) / 2


def test_weights_at_the_first_sites() -> None:
    at = pair_histogram.points(XY)
    order = nested_permutation.draw(HELD, 200, nested_permutation.streams(1, 1)[0])
    weights = RNG.integers(1, 40, 150).astype(float)
    found = nested_permutation.weighted(at, order, weights, BINS)
    here = order[:150]
    product = np.triu(np.outer(weights, weights), 1)
    same = here[:, None] == here[None]
    assert found[0] == product[same].sum()
    assert found.sum() == product.sum()
    ones = nested_permutation.weighted(at, order, np.ones(150), BINS)
    assert ones.tolist() == nested_permutation.nested(at, order[:150], np.array([150]), BINS)[0].tolist()


def test_draws_are_without_replacement_and_by_number() -> None:
    held = np.array([3.0, 0.0, 1.0, 6.0])
    drawn = [nested_permutation.draw(held, 4, stream) for stream in nested_permutation.streams(5, 4000)]
    counts = np.array([np.bincount(one, minlength=4) for one in drawn])
    assert (counts <= held).all()
    # multivariate hypergeometric: mean n p, variance n p (1 - p) (N - n) / (N - 1)
    share = held / held.sum()
    np.testing.assert_allclose(counts.mean(axis=0), 4 * share, atol=0.05)
    np.testing.assert_allclose(counts.var(axis=0), 4 * share * (1 - share) * 6 / 9, atol=0.05)
    first = np.bincount([one[0] for one in drawn], minlength=4) / 4000
    np.testing.assert_allclose(first, share, atol=0.03)
