"""Oracles: averages over all orders of entry, weighted regressions pair by pair, orthogonal links by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from technopole.kernels import variance_shares as kernel
from technopole.kernels.pair_regression import Pairs


def drawn(units: int = 10, k: int = 3, seed: int = 4) -> Pairs:
    random = np.random.default_rng(seed)
    first, second = np.triu_indices(units, 1)
    x = random.normal(size=(len(first), k)) @ random.normal(size=(k, k))
    y = x @ np.arange(1.0, k + 1) + random.normal(size=len(first))
    return Pairs(first, second, units, y - y.mean(), x - x.mean(axis=0))


def explained(pairs: Pairs, chosen: list[int]) -> float:
    x = np.column_stack([np.ones(len(pairs.y)), pairs.x[:, chosen]])
    rest = pairs.y - x @ np.linalg.lstsq(x, pairs.y, rcond=None)[0]
    return 1 - float(rest @ rest) / float(((pairs.y - pairs.y.mean()) ** 2).sum())


def test_parts_are_the_averages_over_all_orders() -> None:
    pairs = drawn()
    parts = np.zeros(3)
    for order in itertools.permutations(range(3)):
        for place, j in enumerate(order):
            before = explained(pairs, list(order[:place])) if place else 0.0
            parts[j] += (explained(pairs, list(order[: place + 1])) - before) / 6
    found = kernel.shapley(kernel.covariance(pairs))
    np.testing.assert_allclose(found, parts, rtol=1e-10)
    assert found.sum() == pytest.approx(explained(pairs, [0, 1, 2]), rel=1e-12)


def test_worked_case() -> None:
    # Orthogonal links: each explains its own squared correlation, .36 and .04; twice the same link: half each.
    orthogonal = np.array([[1.0, 0.0, 0.6], [0.0, 1.0, 0.2], [0.6, 0.2, 1.0]])
    assert kernel.shapley(orthogonal) == pytest.approx([0.36, 0.04], rel=1e-12)
    same = np.array([[1.0, 1.0, 0.6], [1.0, 1.0, 0.6], [0.6, 0.6, 1.0]])
    assert kernel.shapley(same) == pytest.approx([0.18, 0.18], rel=1e-12)


def test_drawing_units_again_is_a_weighted_regression() -> None:
    pairs, k = drawn(), 3
    found = kernel.resampled(pairs, 40, seed=5)
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence(5)))
    times = [np.bincount(row, minlength=10) for row in random.integers(0, 10, (32, 10))]
    for draw in (0, 7, 31):
        rows = np.repeat(np.arange(len(pairs.y)), times[draw][pairs.first] * times[draw][pairs.second])
        z = np.column_stack([pairs.x, pairs.y])[rows]
        np.testing.assert_allclose(found[draw], np.cov(z.T, ddof=0), rtol=1e-10, atol=1e-12)
        x = np.column_stack([np.ones(len(rows)), pairs.x[rows]])
        slopes = np.linalg.lstsq(x, pairs.y[rows], rcond=None)[0][1:]
        np.testing.assert_allclose(kernel.slopes(found[draw]), slopes, rtol=1e-8)
    assert found.shape == (40, k + 1, k + 1)
    np.testing.assert_array_equal(found, kernel.resampled(pairs, 40, seed=5))
