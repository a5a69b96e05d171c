"""Oracles: loops over places, and every way of placing the plants, added up."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from technopole.kernels import coagglomeration
from technopole.kernels.coagglomeration import Array

X = np.array([0.5, 0.3, 0.2])
PLANTS = [np.array([0.5, 0.3, 0.2]), np.array([0.6, 0.4]), np.array([0.7, 0.3])]
SHARES = np.array([[0.5, 0.6, 0.0], [0.3, 0.4, 0.3], [0.2, 0.0, 0.7]])
HERFINDAHL = np.array([float((z**2).sum()) for z in PLANTS])


def random_shares(places: int, industries: int) -> Array:
    shares = np.random.default_rng(3).gamma(0.3, size=(places, industries))
    return shares / shares.sum(axis=0)


def smoothed(i: int) -> Array:
    return (SHARES[:, i] + HERFINDAHL[i] * X) / (1 + HERFINDAHL[i])


def placements(i: int) -> tuple[Array, Array]:
    """Every placement of an industry's plants: shares of places, and its probability."""
    ways = list(itertools.product(range(3), repeat=len(PLANTS[i])))
    shares = np.array([np.bincount(way, weights=PLANTS[i], minlength=3) for way in ways])
    return shares, np.array([np.prod(smoothed(i)[list(way)]) for way in ways])


def test_pairs_equal_the_loop_over_places() -> None:
    shares = random_shares(40, 7)
    x = shares.mean(axis=1)
    found = coagglomeration.pairwise(shares, x).index
    for i, j in itertools.product(range(7), repeat=2):
        loop = sum((shares[p, i] - x[p]) * (shares[p, j] - x[p]) for p in range(40)) / (1 - sum(x**2))
        assert found[i, j] == pytest.approx(loop, rel=1e-12, abs=1e-15)


def test_pair_error_equals_full_enumeration() -> None:
    found = coagglomeration.pairwise(SHARES, X, HERFINDAHL)
    assert found.std_error is not None
    for i, j in ((0, 1), (0, 2), (1, 2)):
        (a, pa), (b, pb) = placements(i), placements(j)
        values = (a - X) @ (b - X).T
        weight = np.outer(pa, pb)
        mean = (weight * values).sum()
        sd = float((weight * (values - mean) ** 2).sum()) ** 0.5
        assert found.std_error[i, j] == pytest.approx(sd / (1 - (X**2).sum()), rel=1e-12)
        assert found.std_error[j, i] == pytest.approx(found.std_error[i, j], rel=1e-12)


def test_group_equals_the_paper_and_full_enumeration() -> None:
    w = np.array([0.5, 0.3, 0.2])
    found = coagglomeration.group(SHARES, w, X, HERFINDAHL)
    scale = 1 - (X**2).sum()
    # As printed in Ellison and Glaeser (1997): from G, H, and each industry's own gamma.
    g = ((SHARES @ w - X) ** 2).sum()
    h = (w**2 * HERFINDAHL).sum()
    gamma = (((SHARES - X[:, None]) ** 2).sum(axis=0) / scale - HERFINDAHL) / (1 - HERFINDAHL)
    printed = (g / scale - h - (gamma * w**2 * (1 - HERFINDAHL)).sum()) / (1 - (w**2).sum())
    assert found.index == pytest.approx(printed, rel=1e-12)
    parts = [placements(i) for i in range(3)]
    values, weights = [], []
    for ways in itertools.product(*(range(len(p)) for _, p in parts)):
        d = [parts[i][0][way] - X for i, way in enumerate(ways)]
        pairs = ((0, 1), (0, 2), (1, 2))
        values.append(2 * sum(w[i] * w[j] * d[i] @ d[j] for i, j in pairs))
        weights.append(np.prod([parts[i][1][way] for i, way in enumerate(ways)]))
    v, p = np.array(values), np.array(weights)
    sd = float(p @ (v - p @ v) ** 2) ** 0.5
    assert found.std_error == pytest.approx(sd / (scale * (1 - (w**2).sum())), rel=1e-12)


def test_a_group_of_two_is_the_pair() -> None:
    w = np.array([0.25, 0.75])
    pair = coagglomeration.pairwise(SHARES[:, :2], X, HERFINDAHL[:2])
    group = coagglomeration.group(SHARES[:, :2], w, X, HERFINDAHL[:2])
    assert pair.std_error is not None
    assert group.index == pytest.approx(pair.index[0, 1], rel=1e-12)
    assert group.std_error == pytest.approx(pair.std_error[0, 1], rel=1e-12)


def test_threads_of_the_caller_change_no_byte() -> None:
    shares = random_shares(500, 120)
    h = np.full(120, 0.1)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            pairs = coagglomeration.pairwise(shares, shares.mean(axis=1), h)
        assert pairs.std_error is not None
        found.append((pairs.index.tobytes(), pairs.std_error.tobytes()))
    assert found[0] == found[1]
