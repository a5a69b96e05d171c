"""Oracles: numpy lstsq, the double sum over pairs of pairs, refits without each unit and each pair."""

from __future__ import annotations

import numpy as np
import pytest

from technopole.kernels import pair_regression as kernel
from technopole.kernels.pair_regression import Array, Pairs


def drawn(units: int = 9, k: int = 2, seed: int = 1) -> Pairs:
    """All pairs of units with effects of their own in x and y."""
    random = np.random.default_rng(seed)
    first, second = np.triu_indices(units, 1)
    effect = random.normal(size=(units, k + 1))
    z = effect[first] + effect[second] + random.normal(size=(len(first), k + 1))
    z -= z.mean(axis=0)
    return Pairs(first, second, units, z[:, 0] + 0.5 * z[:, 1], z[:, 1:])


def with_constant(pairs: Pairs) -> Array:
    return np.column_stack([np.ones(len(pairs.y)), pairs.x])


def refit(pairs: Pairs, keep: Array) -> Array:
    return np.linalg.lstsq(with_constant(pairs)[keep], pairs.y[keep], rcond=None)[0][1:]


def test_worked_case() -> None:
    # Three units, x = (-1, 0, 1), y = (-1, 0.5, 0.5): b = 1.5 / 2, residuals (-.25, .5, -.25), SSR .375 of 1.5.
    pairs = Pairs(
        np.array([0, 0, 1]),
        np.array([1, 2, 2]),
        3,
        np.array([-1.0, 0.5, 0.5]),
        np.array([[-1.0], [0.0], [1.0]]),
    )
    found = kernel.fit(pairs)
    assert found.coefficient[0] == pytest.approx(0.75, rel=1e-12)
    assert found.residual == pytest.approx([-0.25, 0.5, -0.25], rel=1e-12)
    assert found.r_squared == pytest.approx(0.75, rel=1e-12)
    # One degree of freedom: 0.375 / 1 / 2.
    assert kernel.classical(pairs, found)[0] == pytest.approx(np.sqrt(0.375 / 2), rel=1e-12)
    # Scores (.25, 0, -.25): HC1 = 3 / 1 x .125 / 4; with every pair sharing a unit the meat is (.25 - .25)^2 = 0.
    assert kernel.robust(pairs, found)[0] == pytest.approx(np.sqrt(3 * 0.125 / 4), rel=1e-12)
    assert np.isnan(kernel.dyadic(pairs, found)[0])


@pytest.mark.parametrize("k", [1, 2, 4])
def test_coefficients_are_those_of_lstsq(k: int) -> None:
    pairs = drawn(k=k)
    found = kernel.fit(pairs)
    np.testing.assert_allclose(found.coefficient, refit(pairs, np.ones(len(pairs.y), dtype=bool)), rtol=1e-11)
    np.testing.assert_allclose(found.residual.sum(), 0, atol=1e-11)


def test_dyadic_is_the_double_sum_over_pairs_that_share_a_unit() -> None:
    pairs = drawn(units=12)
    found = kernel.fit(pairs)
    x = with_constant(pairs)
    bread = np.linalg.inv(x.T @ x)
    meat = np.zeros((3, 3))
    for d in range(len(x)):
        for e in range(len(x)):
            if {pairs.first[d], pairs.second[d]} & {pairs.first[e], pairs.second[e]}:
                meat += found.residual[d] * found.residual[e] * np.outer(x[d], x[e])
    expected = np.sqrt(np.diag(bread @ meat @ bread)[1:])
    np.testing.assert_allclose(kernel.dyadic(pairs, found), expected, rtol=1e-10)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_jackknife_is_refitting_without_each_unit_and_each_pair(seed: int) -> None:
    pairs = drawn(units=8, seed=seed)
    found = kernel.fit(pairs)
    everything = np.arange(len(pairs.y))
    whole = refit(pairs, everything >= 0)
    units = sum(
        (refit(pairs, (pairs.first != u) & (pairs.second != u)) - whole) ** 2 for u in range(pairs.units)
    )
    single = sum((refit(pairs, everything != d) - whole) ** 2 for d in everything)
    expected = np.sqrt(np.maximum(units * 7 / 8 - single, single))
    np.testing.assert_allclose(kernel.dyadic_jackknife(pairs, found), expected, rtol=1e-9)


def test_collinear_columns_are_seen() -> None:
    pairs = drawn(k=2)
    assert not kernel.rank_deficient(pairs.x)
    assert kernel.rank_deficient(np.column_stack([pairs.x, pairs.x.sum(axis=1)]))


@pytest.mark.slow
@pytest.mark.parametrize(("units", "together"), [(30, 0.0), (30, 1.0), (80, 0.4)])
def test_intervals_cover(units: int, together: float) -> None:
    """1,000 data sets of known slopes (0.4 and 0) whose pairs are related through their units to different degrees."""
    from scipy.stats import t

    random = np.random.default_rng(int(units + 10 * together))
    first, second = np.triu_indices(units, 1)
    wide = t.ppf(0.975, units - 1)
    covered = np.zeros(2)
    naive = np.zeros(2)
    for _ in range(1000):
        effect = together * random.normal(size=(units, 3))
        z = effect[first] + effect[second] + random.normal(size=(len(first), 3))
        y = 0.4 * z[:, 0] + z[:, 2]
        pairs = Pairs(first, second, units, y - y.mean(), z[:, :2] - z[:, :2].mean(axis=0))
        found = kernel.fit(pairs)
        off = np.abs(found.coefficient - [0.4, 0.0])
        covered += off <= wide * kernel.dyadic_jackknife(pairs, found)
        naive += off <= wide * kernel.classical(pairs, found)
    assert (covered / 1000 >= 0.925).all() and (covered / 1000 <= 0.985).all(), covered
    if together == 1.0:
        assert (naive / 1000 < 0.75).all(), "as if pairs were independent: far too narrow"
