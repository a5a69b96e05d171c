"""Neighbours within radii against plain double-precision NumPy, ties included."""

from __future__ import annotations

import numpy as np
import pytest

from technopole.kernels.locations import on_plane, on_sphere
from technopole.kernels.neighbour_counts import extent, neighbours, smoothed, sources, within


def plain(focal: np.ndarray, at: np.ndarray, weight: np.ndarray, radii: np.ndarray) -> np.ndarray:
    rows = [np.sqrt(((place - at) ** 2).sum(axis=1)) for place in focal]
    return np.array([[weight[distance <= radius].sum() for radius in radii] for distance in rows])


def scattered(kind: str, count: int = 1500) -> np.ndarray:
    random = np.random.default_rng(3)
    if kind == "sphere":
        return on_sphere(random.uniform(-180, 180, count), random.uniform(-80, 80, count)).coordinates
    if kind == "far":  # a town far from the origin of the coordinates
        return on_plane(random.uniform(5000, 5001, count), random.uniform(7000, 7001, count)).coordinates
    if kind == "lattice":  # every distance is tied with many others, and with the radii
        return random.integers(0, 40, (count, 2)).astype(float)
    return on_plane(random.uniform(0, 500, count), random.uniform(0, 300, count)).coordinates


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plane", "sphere", "far", "lattice"])
def test_counts_equal_double_precision(kind: str) -> None:
    at = scattered(kind)
    weight = np.random.default_rng(4).integers(1, 9, len(at)).astype(float)
    radii = {
        "plane": np.geomspace(0.5, 400, 60),
        "sphere": np.linspace(0, 12_000, 50),
        "far": np.linspace(0, 0.7, 80),
        "lattice": np.sqrt(np.arange(0, 800.0)),
    }[kind]
    found = neighbours(at[:200], sources(at, weight), within(radii, extent(at)))
    assert np.array_equal(found, plain(at[:200], at, weight, radii))


def test_a_single_site_and_radius_zero() -> None:
    at = np.array([[2.0, 3.0]])
    one = sources(at, np.array([5.0]))
    assert neighbours(at, one, within(np.array([0.0]), 0.0)).tolist() == [[5.0]]
    assert neighbours(at[:0], one, within(np.array([0.0]), 0.0)).shape == (0, 1)


def test_threads_change_no_bit() -> None:
    at = scattered("plane")
    weight = np.random.default_rng(5).lognormal(size=len(at))
    given = sources(at, weight)
    bins = within(np.linspace(0, 200, 30), extent(at))
    one = neighbours(at, given, bins, threads=1)
    assert np.array_equal(one, neighbours(at, given, bins, threads=2))
    np.testing.assert_allclose(one, plain(at, at, weight, bins.edges), rtol=1e-13)


def test_smoothed_weights_every_neighbour_by_its_bin() -> None:
    at, reach, count = scattered("plane", 400), 250.0, 500
    middles = (np.arange(count) + 0.5) * reach / count
    wanted = np.linspace(0, 200, 11)
    smooth = np.exp(-0.5 * ((wanted - middles[:, None]) / 10) ** 2)
    smooth[np.abs(wanted - middles[:, None]) > 40] = 0
    found = neighbours(at, sources(at, np.ones(len(at))), smoothed(reach, smooth))
    distance = np.sqrt(((at[:, None] - at) ** 2).sum(axis=2))
    direct = np.exp(-0.5 * ((wanted[:, None, None] - distance) / 10) ** 2)
    direct[np.abs(wanted[:, None, None] - distance) > 40] = 0
    np.testing.assert_allclose(found, direct.sum(axis=2).T, rtol=0.03)
