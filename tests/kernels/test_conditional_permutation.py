"""Conditional permutation: against all permutations of small maps, plain NumPy, and exact moments; any number of threads."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest

from technopole.kernels import conditional_distribution, conditional_permutation, local_moments

Floats = npt.NDArray[np.float64]


def links(neighbours: list[list[int]], weights: list[list[float]] | None = None):
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in neighbours])]).astype(np.int64)
    indices = np.array([j for row in neighbours for j in row], np.int64)
    data = np.ones(len(indices)) if weights is None else np.array([w for row in weights for w in row])
    return indptr, indices, data


RING = [[6, 1], [0, 2, 5], [1], [2, 4], [3, 5], [4, 6, 1], [5, 0]]
UNEQUAL = [[0.2, 0.8], [0.5, 0.3, 0.2], [1.0], [0.9, 0.1], [0.4, 0.6], [0.1, 0.1, 0.8], [0.3, 0.7]]
VALUES = [np.array([0.0, 0, 0, 2, 2, 5, 9]), np.array([0.1, 0.7, 2.2, 3.1, 0.3, 5.9, 4.4])]


def every_sum(values: Floats, weights: list[float], i: int) -> Floats:
    """The weighted sums of all ordered draws of the others, without replacement."""
    others = np.delete(values, i)
    return np.array([np.dot(weights, draw) for draw in permutations(others, len(weights))])


def enumerated(
    values: Floats, neighbours: list[list[int]], weights: list[list[float]]
) -> tuple[Floats, Floats]:
    low, high = [], []
    for i, (row, weight) in enumerate(zip(neighbours, weights, strict=True)):
        sums, observed = every_sum(values, weight, i), np.dot(weight, values[row])
        low.append((sums <= observed + 1e-9).mean())
        high.append((sums >= observed - 1e-9).mean())
    return np.array(low), np.array(high)


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("unequal", [False, True])
def test_probabilities_are_those_of_all_permutations(values: Floats, unequal: bool) -> None:
    weights = UNEQUAL if unequal else [[1.0] * len(row) for row in RING]
    low, high = enumerated(values, RING, weights)
    count = 40_000
    found = conditional_permutation.tails(values, *links(RING, weights), permutations=count, seed=1)
    for p, exact in ((found.at_most / count, low), (found.at_least / count, high)):
        np.testing.assert_array_less(np.abs(p - exact), 4.5 * np.sqrt(exact * (1 - exact) / count) + 1e-12)


@pytest.mark.parametrize("values", VALUES)
def test_moments_are_those_of_all_permutations(values: Floats) -> None:
    for weights in (UNEQUAL, [[1.0] * len(row) for row in RING]):
        whole = np.array([sum(row) for row in weights])
        squared = np.array([sum(w * w for w in row) for row in weights])
        found = local_moments.conditional(values, whole, squared)
        sums = [every_sum(values, row, i) for i, row in enumerate(weights)]
        np.testing.assert_allclose(found.mean, [s.mean() for s in sums], rtol=1e-12)
        np.testing.assert_allclose(found.variance, [s.var() for s in sums], rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("values", VALUES)
def test_exact_distribution_is_that_of_all_permutations(values: Floats) -> None:
    """The grid holds tenths and whole numbers without changing which sums are equal."""
    indptr, indices, _ = links(RING)
    found = conditional_distribution.tails(np.round(values * 10), indptr, indices)
    np.testing.assert_allclose(found, enumerated(values, RING, [[1.0] * len(row) for row in RING]), rtol=1e-9)


@pytest.mark.slow
def test_exact_distribution_and_draws_agree() -> None:
    random = np.random.default_rng(2)
    n = 500
    values = random.gamma(0.3, size=n) * (random.random(n) < 0.4)
    rows = [
        sorted(random.choice(np.delete(np.arange(n), i), random.integers(1, 12), replace=False))
        for i in range(n)
    ]
    indptr, indices, data = links([list(map(int, row)) for row in rows])
    low, high = conditional_distribution.tails(values, indptr, indices)
    count = 20_000
    found = conditional_permutation.tails(values, indptr, indices, data, permutations=count, seed=3)
    for counts, exact in ((found.at_most, low), (found.at_least, high)):
        deviates = (counts / count - exact) / np.sqrt(np.maximum(exact * (1 - exact), 1e-6) / count)
        assert np.abs(deviates).max() < 5.5


@pytest.mark.slow
def test_plain_reference_with_the_same_draws() -> None:
    """Sorting and correcting draws counts what comparing every permuted sum counts."""
    random = np.random.default_rng(7)
    n, count = 300, 300
    values = random.poisson(1.0, n).astype(float)
    rows = [
        [int(j) for j in random.choice(np.delete(np.arange(n), i), 1 + i % 6, replace=False)]
        for i in range(n)
    ]
    indptr, indices, data = links(rows)
    found = conditional_permutation.tails(values, indptr, indices, data, permutations=count, seed=9)
    low, high = np.zeros(n, int), np.zeros(n, int)
    for first in range(0, n, conditional_permutation.BLOCK):
        seeds = np.random.SeedSequence([9, first // conditional_permutation.BLOCK, 0])
        drawn = np.empty((count, 7), np.int64)
        conditional_permutation._draw(np.random.Generator(np.random.Philox(seeds)), n, drawn)
        assert all(len(set(row)) == 7 for row in drawn.tolist())
        for i in range(first, min(first + conditional_permutation.BLOCK, n)):
            for row in drawn.tolist():
                total = sum(values[j] for j in [j for j in row if j != i][: len(rows[i])])
                low[i] += total <= values[rows[i]].sum()
                high[i] += total >= values[rows[i]].sum()
    np.testing.assert_array_equal(found.at_most, low)
    np.testing.assert_array_equal(found.at_least, high)


@pytest.mark.parametrize("unequal", [False, True])
def test_threads_and_rows_of_weights_change_nothing(unequal: bool) -> None:
    random = np.random.default_rng(1)
    n = 1000
    values = random.normal(size=n)
    rows = [[(i + step) % n for step in (1, 2, 5)] for i in range(n)]
    weights = [[0.5, 0.3, 0.2] if unequal else [1 / 3] * 3 for _ in range(n)]
    given = links(rows, weights)
    one, two = (
        conditional_permutation.tails(values, *given, permutations=1500, seed=5, threads=threads)
        for threads in (1, 2)
    )
    np.testing.assert_array_equal(one.at_most, two.at_most)
    np.testing.assert_array_equal(one.at_least, two.at_least)


def test_equal_up_to_rounding_is_equal() -> None:
    """0.1 + 0.2 and 0.3 are one value: every draw ties."""
    values = np.array([0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2, 0.3])
    given = links([[1], [2], [3], [4], [0]])
    found = conditional_permutation.tails(values, *given, permutations=50, seed=0)
    assert (found.at_most == 50).all() and (found.at_least == 50).all()
