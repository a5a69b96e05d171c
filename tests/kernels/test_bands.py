"""Bands: their share of exceedances is what they promise; quantiles against SciPy's Pearson type III."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from technopole.kernels import bands

RNG = np.random.default_rng(8)


@pytest.mark.parametrize("skewness", [-1.0, -0.3, 0.0, 1e-8, 0.4, 1.2])
def test_quantiles_are_pearsons(skewness: float) -> None:
    z = stats.norm.ppf([0.01, 0.05, 0.5, 0.95, 0.99])
    found = bands.quantile(z, np.full(5, skewness))
    np.testing.assert_allclose(found, stats.pearson3.ppf(stats.norm.cdf(z), skewness), atol=0.03)
    np.testing.assert_allclose(bands.score(found, np.full(5, skewness)), z, rtol=1e-6, atol=1e-6)


def test_without_skewness_quantiles_are_normal() -> None:
    z = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(bands.quantile(z, np.zeros(7)), z, rtol=1e-12)


def curves(count: int) -> np.ndarray:
    """Skewed, correlated curves: smoothed squares of normal numbers."""
    noise = RNG.normal(size=(count, 60)) ** 2
    kernel = np.exp(-(((np.arange(40)[:, None] - np.arange(60) + 10) / 6) ** 2) / 2)
    return noise @ kernel.T / kernel.sum(axis=1)


@pytest.mark.slow
def test_global_bands_are_left_by_the_share_they_promise() -> None:
    null, fresh = bands.of_curves(curves(2000)), curves(4000)
    drawn = [bands.bands(null, curve, 0.95) for curve in fresh]
    above = np.mean([(c > b.global_high).any() for b, c in zip(drawn, fresh, strict=True)])
    below = np.mean([(c < b.global_low).any() for b, c in zip(drawn, fresh, strict=True)])
    assert above == pytest.approx(0.05, abs=0.015) and below == pytest.approx(0.05, abs=0.015)
    local = np.mean([c > b.local_high for b, c in zip(drawn, fresh, strict=True)], axis=0)
    assert np.abs(local - 0.05).max() < 0.02
    for b, c in zip(drawn, fresh, strict=True):
        assert (b.p_above <= 0.05) == bool((c > b.global_high).any())
        assert (b.p_below <= 0.05) == bool((c < b.global_low).any())
        assert 0 < b.p_above <= 1 and 0 < b.p_below <= 1


@pytest.mark.slow
def test_moments_give_the_bands_of_the_curves_they_describe() -> None:
    sample = curves(40_000)
    skewness = stats.skew(sample, axis=0)
    normal = RNG.normal(size=(10_000, 40))
    null = bands.of_moments(sample.mean(axis=0), np.cov(sample.T), np.asarray(skewness), normal)
    drawn = bands.bands(null, sample[0], 0.95)
    assert (sample > drawn.global_high).any(axis=1).mean() == pytest.approx(0.05, abs=0.012)
    assert (sample < drawn.global_low).any(axis=1).mean() == pytest.approx(0.05, abs=0.012)


def test_what_cannot_vary_is_never_outside() -> None:
    still = np.tile(np.linspace(1, 2, 5), (99, 1))
    found = bands.bands(bands.of_curves(still), still[0], 0.95)
    assert found.p_above == found.p_below == 1.0
