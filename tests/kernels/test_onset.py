"""Oracles: scipy's binomial, written-out likelihoods, moments of the theory, coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from technopole.kernels import onset as kernel

SHARE = np.full(15, 0.01)


def test_p_values_and_intervals_against_scipy() -> None:
    x, n, share = np.array([0.0, 3, 7, 20]), np.array([50.0, 50, 9, 20]), np.array([0.1, 0.02, 0.4, 0.3])
    found = kernel.yearly(x, n, share, 1.5, 0.9)
    for i in range(4):
        test = [binomtest(int(x[i]), int(n[i]), 1.5 * share[i], side).pvalue for side in ("less", "greater")]
        assert found.p_value[i] == pytest.approx(min(1, 2 * min(test)), rel=1e-9)
        ends = binomtest(int(x[i]), int(n[i]), 0.5).proportion_ci(0.9, "exact")
        assert found.low[i] == pytest.approx(ends.low / share[i], rel=1e-9, abs=1e-12)
        assert found.high[i] == pytest.approx(ends.high / share[i], rel=1e-9)
    assert list(found.above) == [False, False, False, True]


def test_first_run_by_hand() -> None:
    flags = np.array([[1, 0, 1, 1, 1], [1, 1, 0, 1, 1], [0, 0, 0, 0, 1], [1, 1, 1, 0, 0]], dtype=bool)
    assert kernel.first_run(flags, 3).tolist() == [2, -1, -1, 0]
    assert kernel.first_run(flags, 1).tolist() == [0, 0, 4, 0]
    assert kernel.first_run(flags[:, :2], 3).tolist() == [-1] * 4


def test_losses_against_likelihoods_of_scipy() -> None:
    """Before the onset each year has the best share up to the border, from it on the best share from the border."""
    x, n, border = np.array([2.0, 0, 9, 12]), np.array([40.0, 30, 40, 12]), np.array([0.1, 0.1, 0.15, 0.2])
    free = binom.logpmf(x, n, x / n)
    expected = []
    for t in range(4):
        early = np.arange(4) < t
        share = np.where(early, np.minimum(x / n, border), np.maximum(x / n, border))
        expected.append(2 * (free - binom.logpmf(x, n, share)).sum())
    np.testing.assert_allclose(kernel.losses(x, n, border), expected, rtol=1e-10, atol=1e-12)


def test_simulated_series_have_the_moments_of_the_theory() -> None:
    """Poisson margins whatever the dependence; correlation of neighbours kept sqrt(mean before / mean after)."""
    mean = np.array([20.0, 20.0, 30.0, 10.0])
    drawn = kernel.simulate(mean, np.full(4, 0.8), 40_000, np.random.default_rng(3))
    np.testing.assert_allclose(drawn.mean(axis=0), mean, rtol=0.01)
    np.testing.assert_allclose(drawn.var(axis=0), mean, rtol=0.03)
    kept = np.array([0.8, 0.8, 1 / 3])
    theory = kept * np.sqrt(mean[:-1] / mean[1:])
    found = [np.corrcoef(drawn[:, t], drawn[:, t + 1])[0, 1] for t in range(3)]
    np.testing.assert_allclose(found, theory, atol=0.01)


def test_false_births_of_one_year_are_the_exact_tail() -> None:
    n, share = np.array([400.0]), np.array([0.05])
    least = next(x for x in range(400) if 2 * binom.sf(x - 1, 400, 0.05) <= 0.05)
    args = (n, share, 1.0, 0.95, 1, np.ones(1), 40_000, np.random.default_rng(0))
    from scipy.stats import poisson

    assert kernel.false_births(*args) == pytest.approx(poisson.sf(least - 1, 20), abs=0.003)


@pytest.mark.slow
@pytest.mark.parametrize("before", [0.5, 1.25])
def test_coverage_of_the_true_year(before: float) -> None:
    """Birth in year 7 of 15 at a quotient of 2.5, before it clearly below, or exactly on, the threshold of 1.25."""
    random, years = np.random.default_rng(5), np.arange(15)
    n, kept, border = np.full(15, 3000.0), np.full(15, 0.9), 1.25 * SHARE
    truth = np.where(years < 7, before, 2.5)
    covered, born = 0, 0
    for x in kernel.simulate(n * SHARE * truth, kept, 150, random):
        above = kernel.yearly(x, n, SHARE, 1.25, 0.95).above
        start = int(kernel.first_run(above, 3))
        if start < 0:
            continue
        fits = np.flatnonzero(kernel.onset(x, n, border, above, kept, 199, random).p_value > 0.05)
        born += 1
        covered += min([start, *fits]) <= 7 <= max([start, *fits])
    assert born >= 140
    assert covered / born >= 0.93
