"""K-density from a histogram against the float64 direct sum over all pairs."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from technopole.kernels import k_density, pair_histogram
from technopole.kernels.k_density import Scale
from technopole.kernels.pair_histogram import Bins

Floats = NDArray[np.float64]


def clustered(n: int, seed: int) -> Floats:
    """Towns of different sizes in a square of 1,000 km, some points in the same spot."""
    random = np.random.default_rng(seed)
    towns = random.uniform(0, 1000, (25, 2))
    xy = towns[random.integers(0, 25, n)] + random.normal(0, 25, (n, 2))
    xy[: n // 50] = xy[n // 50 : 2 * (n // 50)]
    return xy


@njit
def summed(x: Floats, y: Floats, grid: Floats, h: float, out: Floats) -> None:
    step = grid[1] - grid[0]
    for i in range(x.size):
        for j in range(i):
            distance = np.sqrt((x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2)
            first = max(0, int((distance - 9 * h - grid[0]) / step))
            last = min(grid.size, int((distance + 9 * h - grid[0]) / step) + 2)
            for k in range(first, last):
                away, back = (grid[k] - distance) / h, (grid[k] + distance) / h
                out[k] += np.exp(-away * away / 2) + np.exp(-back * back / 2)


def direct(xy: Floats, grid: Floats, h: float) -> Floats:
    """Sum the reflected Gaussian kernel over all pairs in float64."""
    total, pairs = np.zeros(len(grid)), len(xy) * (len(xy) - 1) / 2
    summed(xy[:, 0].copy(), xy[:, 1].copy(), grid, h, total)
    return total / (pairs * h * np.sqrt(2 * np.pi))


def histogram(xy: Floats, bins: Bins) -> Floats:
    at = pair_histogram.points(np.unique(xy, axis=0))
    held = np.unique(xy, axis=0, return_counts=True)[1].astype(float)
    found = pair_histogram.within(at, bins, held)
    return np.concatenate([[pair_histogram.colocated(held, held)], found[:-1]])


def error(n: int, points: int) -> float:
    xy = clustered(n, n)
    extent = pair_histogram.diameter(pair_histogram.points(xy))
    bins = Bins(2048, extent * 1.0001 / 2048)
    scale = Scale.of(bins, lambda straight: straight)
    pairs = histogram(xy, bins)
    h = k_density.silverman(scale, pairs, n * (n - 1) / 2)
    grid = np.linspace(0, k_density.quantile(scale, pairs, 0.5), points)
    found = k_density.smoother(scale, grid, h)(pairs / pairs.sum())
    wanted = direct(xy, grid, h)
    return float(np.abs(found - wanted).max() / wanted.max())


@pytest.mark.slow
def test_within_3e_4_of_the_direct_sum_at_1000() -> None:
    assert error(1000, 60) < 3e-4


@pytest.mark.slow
def test_within_3e_4_of_the_direct_sum_at_20000() -> None:
    assert error(20_000, 15) < 3e-4


def test_bandwidth_is_silvermans() -> None:
    xy = clustered(600, 1)
    distance = pdist(xy)
    bins = Bins(4096, 1500 / 4096)
    scale = Scale.of(bins, lambda straight: straight)
    pairs = histogram(xy, bins)
    between = np.subtract(*np.quantile(distance, [0.75, 0.25])) / 1.34
    wanted = 0.9 * min(distance.std(), between) * len(distance) ** -0.2
    assert k_density.silverman(scale, pairs, len(distance)) == pytest.approx(wanted, rel=1e-3)
    assert k_density.quantile(scale, pairs, 0.5) == pytest.approx(np.median(distance), rel=1e-3)


def test_density_integrates_to_one() -> None:
    bins = Bins(512, 1.0)
    scale = Scale.of(bins, lambda straight: straight)
    share = np.zeros(513)
    share[[0, 1, 30, 200]] = 0.25
    grid = np.linspace(0, 400, 8001)
    curve = k_density.smoother(scale, grid, 12.0)(share)
    assert np.trapezoid(curve, grid) == pytest.approx(1.0, rel=1e-6)
    # an atom at distance 0 is twice the kernel: half its mass was reflected
    alone = k_density.smoother(scale, grid, 12.0)(np.eye(513)[0])
    np.testing.assert_allclose(
        alone, 2 * np.exp(-((grid / 12) ** 2) / 2) / 12 / np.sqrt(2 * np.pi), rtol=1e-12, atol=1e-15
    )
    assert alone[grid > 100].max() == 0


def test_one_pair_by_hand() -> None:
    """Two points 10 km apart in bins of 2 km centred on 10: at 10 km the kernel of variance 4 - 1/3 and its reflection."""
    bins = Bins(50, 20 / 9.5 / 1.0)
    scale = Scale.of(bins, lambda straight: straight)
    width = 20 / 9.5
    share = np.zeros(51)
    share[1 + 4] = 1.0
    middle = 4.5 * width
    spread = np.sqrt(2.0**2 - width**2 / 12)
    wanted = (1 + np.exp(-((2 * middle / spread) ** 2) / 2)) / (spread * np.sqrt(2 * np.pi))
    assert k_density.matrix(scale, np.array([middle]), 2.0)[0, 5] == pytest.approx(wanted, rel=1e-12)
