"""The layout: distances by hand, stress against plain majorisation and against scipy's minimiser, the same bytes again."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import minimize

from technopole.kernels import layout as kernel


def links(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(pairs, dtype=np.intp)
    return both[:, 0], both[:, 1]


PATH = links([(i, i + 1) for i in range(9)])
GRID = links(
    [(6 * i + j, 6 * i + j + 1) for i in range(6) for j in range(5)]
    + [(6 * i + j, 6 * i + 6 + j) for i in range(5) for j in range(6)]
)


def scaled_stress(points: np.ndarray, away: np.ndarray) -> float:
    """The stress at the scale at which it is least."""
    one, other = np.triu_indices(len(points), 1)
    gone, wanted = np.hypot(*(points[one] - points[other]).T), away[one, other]
    best = (gone / wanted).sum() / ((gone / wanted) ** 2).sum()
    return kernel.stress(points * best, away)


def test_lengths_by_hand() -> None:
    """A triangle 0-1-2 with a tail 2-3: ends of 0-1 share node 2 and differ in 2 nodes, of 0-2 in 3, of 2-3 in 4."""
    away = kernel.distances(*links([(0, 1), (0, 2), (1, 2), (2, 3)]), 4)
    np.testing.assert_allclose(away[0, 1:3], [np.sqrt(2), np.sqrt(3)], rtol=1e-12)
    np.testing.assert_allclose(away[2, 3], 2.0, rtol=1e-12)
    np.testing.assert_allclose(away[0, 3], 2 + np.sqrt(3), rtol=1e-12)


def test_nodes_without_a_way_are_as_far_as_the_farthest() -> None:
    away = kernel.distances(*links([(0, 1), (1, 2)]), 4)
    assert away[3, 0] == away.max() == away[0, 2] and np.isfinite(away).all()


def test_stress_by_hand() -> None:
    points, away = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 4.0], [4.0, 0.0]])
    assert kernel.stress(points, away) == pytest.approx((1 / 4) ** 2, rel=1e-12)


def test_a_path_is_drawn_as_a_line() -> None:
    points = kernel.layout(*PATH, 10)
    assert np.ptp(points[:, 0]) == 1.0 and np.ptp(points[:, 1]) < 0.03
    order = np.argsort(points[:, 0]).tolist()
    assert order == list(range(10))


@pytest.mark.parametrize(("network", "size"), [(GRID, 36), (PATH, 10)])
def test_stress_is_that_of_scipy_s_minimiser(network: tuple[np.ndarray, np.ndarray], size: int) -> None:
    """Scipy's L-BFGS, started from the layout itself, hardly finds a better one."""
    away = kernel.distances(*network, size)
    points = kernel.layout(*network, size)
    found = scaled_stress(points, away)
    one, other = np.triu_indices(size, 1)
    gone = np.hypot(*(points[one] - points[other]).T)
    start = points * (gone / away[one, other]).sum() / ((gone / away[one, other]) ** 2).sum()
    best = minimize(lambda flat: kernel.stress(flat.reshape(-1, 2), away), start.ravel(), method="L-BFGS-B")
    assert found <= best.fun * 1.02 + 1e-4 * size


def test_nodes_are_apart() -> None:
    """A star with sixty points: all leaves are as far from one another, and none lies on another."""
    points = kernel.layout(*links([(0, i) for i in range(1, 61)]), 61)
    away = np.hypot(*(points[:, None] - points).transpose(2, 0, 1))[np.triu_indices(61, 1)]
    even = np.sqrt(np.prod(np.ptp(points, axis=0)) / 61)
    assert away.min() > 0.9 * kernel.ROOM * even


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_few_nodes(size: int) -> None:
    nothing = np.empty(0, dtype=np.intp)
    points = kernel.layout(nothing, nothing, size)
    assert points.shape == (size, 2) and np.isfinite(points).all()


def test_seed_and_frame() -> None:
    points = kernel.layout(*GRID, 36, seed=1)
    assert points.min() == 0.0 and points[:, 0].max() == 1.0
    assert (points == kernel.layout(*GRID, 36, seed=1)).all()
    assert (points != kernel.layout(*GRID, 36, seed=2)).any()


@pytest.mark.slow
def test_same_bytes_on_any_number_of_processors() -> None:
    code = (
        "import numpy as np; from technopole.kernels.layout import layout;"
        "r = np.random.default_rng(0); a = r.integers(0, 400, 900); b = r.integers(0, 400, 900); k = a < b;"
        "import hashlib; print(hashlib.sha256(layout(a[k], b[k], 400).tobytes()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={
                **os.environ,
                "OMP_NUM_THREADS": threads,
                "OPENBLAS_NUM_THREADS": threads,
                "NUMBA_NUM_THREADS": threads,
            },
        ).stdout
        for threads in ("1", "2")
    }
    assert len(found) == 1
