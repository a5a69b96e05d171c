"""Perpetual inventory and the gamma interval: sums written out, limits in closed form, other implementations, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, gamma

from technopole.kernels import perpetual_inventory as kernel
from technopole.kernels.perpetual_inventory import perpetual_inventory as stock


def test_by_hand() -> None:
    found = stock(np.array([[100.0], [50.0], [0.0]]), 0.15)
    assert found.level[:, 0].tolist() == pytest.approx([100, 135, 114.75], rel=1e-12)
    assert found.initial.tolist() == [[0.0]] * 3
    found = stock(np.array([[100.0], [50.0], [0.0]]), 0.15, 0.05)  # 500 before the first year
    assert found.level[:, 0].tolist() == pytest.approx([525, 496.25, 421.8125], rel=1e-12)
    assert found.initial[:, 0].tolist() == pytest.approx([425, 361.25, 307.0625], rel=1e-12)


def test_equals_the_sum_of_its_parts() -> None:
    flow = np.random.default_rng(1).poisson(20, (12, 3)).astype(float)
    found = stock(flow, 0.15, 0.08)
    for t in range(12):
        weight = 0.85 ** np.arange(t, -1, -1.0)
        weight[0] += 0.85 ** (t + 1) / 0.23
        assert found.level[t] == pytest.approx(weight @ flow[: t + 1], rel=1e-12)
        assert found.variance[t] == pytest.approx(weight**2 @ flow[: t + 1], rel=1e-12)
        assert found.heaviest[t] == pytest.approx(weight.max(), rel=1e-12)


def test_steady_growth_has_its_stock_from_the_first_year() -> None:
    """Patents that grow by g forever: K[t] = P[t] (1 + g) / (g + d)."""
    flow = 100 * 1.08 ** np.arange(6.0)[:, None]
    assert stock(flow, 0.15, 0.08).level == pytest.approx(flow * 1.08 / 0.23, rel=1e-12)


def test_without_depreciation_the_interval_is_the_exact_one_of_a_count() -> None:
    """Garwood (1936), in the form of chi-squared quantiles; and as statsmodels has it."""
    from statsmodels.stats.rates import confint_poisson

    for count in (0.0, 1.0, 7.0, 120.0):
        found = kernel.gamma_interval(np.array(count), np.array(count), 1.0, 0.95)
        low = chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
        assert found.low == pytest.approx(low, rel=1e-10)
        assert found.high == pytest.approx(chi2.ppf(0.975, 2 * count + 2) / 2, rel=1e-10)
        if count:
            assert (found.low, found.high) == pytest.approx(confint_poisson(count, 1, "exact-c"), rel=1e-9)


def test_gamma_interval_of_mothers_of_five_and_more() -> None:
    """Data of Fleiss (1981) that Fay and Feuer (1997) use: Down's syndrome by age of mothers with five children or more."""
    count = np.array([0.0, 8, 63, 112, 262, 295])
    births = np.array([327.0, 30666, 123419, 149919, 104088, 34392])
    every = np.array([319933.0, 931318, 786511, 488235, 237863, 61313])
    weight = every / every.sum() / births
    rate, variance, most = weight @ count, weight**2 @ count, weight.max()
    found = kernel.gamma_interval(rate, variance, most, 0.95)
    wide, spread = rate + most, variance + most**2
    assert found.low == pytest.approx(gamma.ppf(0.025, rate**2 / variance, scale=variance / rate), rel=1e-10)
    assert found.high == pytest.approx(gamma.ppf(0.975, wide**2 / spread, scale=spread / wide), rel=1e-10)
    assert found.low < rate < found.high


def test_interval_of_a_stock_covers_the_truth() -> None:
    """6,000 drawn histories of a place with two patents a year: 95 % or a little more, as Fay and Feuer find."""
    random, mean = np.random.default_rng(6), np.full(10, 2.0)
    drawn = random.poisson(mean[:, None], (10, 6000)).astype(float)
    found = stock(drawn, 0.15)
    ends = kernel.gamma_interval(found.level, found.variance, found.heaviest[:, None], 0.95)
    truth = stock(mean[:, None], 0.15).level
    covered = ((ends.low <= truth) & (truth <= ends.high)).mean(axis=1)
    assert (covered >= 0.945).all() and covered[-1] <= 0.985
