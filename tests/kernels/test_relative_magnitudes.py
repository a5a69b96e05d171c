"""Oracles: intervals published with the R package HonestDiD; linear programs of scipy; simulated coverage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from technopole.kernels import relative_magnitudes as kernel
from technopole.kernels.relative_magnitudes import relative_magnitudes

# Medicaid expansion and insurance coverage: feols(dins ~ i(year, D, ref = 2013) | stfips + year, cluster = ~stfips) on
# ehec_data.dta without years after 2015 and the states that expanded in 2015 (README of HonestDiD, MIT licence).
MEDICAID: Any = np.array(
    [
        -0.005285354533,
        -0.01129732465,
        -0.002675991812,
        -0.001419312252,
        0.000339663519,
        0.04644685416,
        0.06920617548,
    ]
)
COVARIANCE: Any = np.array(
    [
        [
            7.488483636e-05,
            6.039874096e-05,
            4.444619818e-05,
            3.385764706e-05,
            4.328011255e-05,
            4.765880479e-05,
            2.4251287e-05,
        ],
        [
            6.039874096e-05,
            7.266500617e-05,
            3.789330221e-05,
            2.866578025e-05,
            4.543320628e-05,
            4.428850119e-05,
            2.824655043e-05,
        ],
        [
            4.444619818e-05,
            3.789330221e-05,
            5.05205194e-05,
            2.673679432e-05,
            2.778193568e-05,
            3.060644109e-05,
            9.637533883e-06,
        ],
        [
            3.385764706e-05,
            2.866578025e-05,
            2.673679432e-05,
            4.003222026e-05,
            2.412859976e-05,
            2.380868209e-05,
            2.923878143e-06,
        ],
        [
            4.328011255e-05,
            4.543320628e-05,
            2.778193568e-05,
            2.412859976e-05,
            5.462662207e-05,
            3.682531052e-05,
            9.722947502e-06,
        ],
        [
            4.765880479e-05,
            4.428850119e-05,
            3.060644109e-05,
            2.380868209e-05,
            3.682531052e-05,
            8.375668825e-05,
            6.321397963e-05,
        ],
        [
            2.4251287e-05,
            2.824655043e-05,
            9.637533883e-06,
            2.923878143e-06,
            9.722947502e-06,
            6.321397963e-05,
            0.000107123523,
        ],
    ]
)
PUBLISHED = {0.5: (0.0241, 0.0673), 1.0: (0.0171, 0.0720), 1.5: (0.00859, 0.0796), 2.0: (-0.00107, 0.0883)}
STEP = 40 * np.sqrt(COVARIANCE[5, 5]) / 999  # of the grid that was searched there


@pytest.mark.parametrize("multiple", PUBLISHED)
def test_published_intervals(multiple: float) -> None:
    """Readme: createSensitivityResults_relativeMagnitudes, C-LF; a grid of points and 1,000 draws leave about two steps."""
    found = relative_magnitudes(
        MEDICAID, COVARIANCE, before=5, weights=np.array([1.0, 0.0]), multiple=multiple
    )
    assert (found.low, found.high) == pytest.approx(PUBLISHED[multiple], abs=2 * STEP)


def test_identified_set_by_hand() -> None:
    """Path -3, -1, 0 before: steps 2 and 1. With M = 0.5 the steps after are at most 1: year 0 by 1, year 1 by 2, average 1.5."""
    found = relative_magnitudes(
        np.array([-3.0, -1.0, 5.0, 7.0]), np.eye(4), before=2, weights=np.array([0.5, 0.5]), multiple=0.5
    )
    assert (found.set_low, found.set_high) == pytest.approx((4.5, 7.5), rel=1e-12)


def test_without_parting_trends_it_is_the_usual_interval() -> None:
    found = relative_magnitudes(
        MEDICAID, COVARIANCE, before=5, weights=np.array([1.0, 0.0]), multiple=0.0, draws=40_000
    )
    reach = 1.959963984540054 * np.sqrt(COVARIANCE[5, 5])
    assert (found.low, found.high) == pytest.approx(
        (MEDICAID[5] - reach, MEDICAID[5] + reach), abs=0.03 * reach
    )


def test_least_violation_equals_linear_programs() -> None:
    """The largest vertex is the optimum of: min eta, A b - B w <= eta s, over the steps w that leave the average as it is."""
    random = np.random.default_rng(5)
    for _ in range(8):
        before, after = int(random.integers(1, 4)), int(random.integers(1, 5))
        number = before + after
        root = random.normal(size=(number, number))
        covariance, estimates = root @ root.T / number, random.normal(size=number)
        weights = random.dirichlet(np.ones(after)) * random.choice([1, 0.7])
        multiple, theta = float(random.uniform(0.2, 2)), float(random.normal())
        cones = list(
            kernel._cones(
                estimates, covariance, kernel._steps(number, before), before, weights, multiple, 0.05, 50, 0
            )
        )
        for at, (s, sign) in enumerate((s, sign) for s in range(before) for sign in (1.0, -1.0)):
            value = (cones[at].at_zero - cones[at].slope * theta).max()
            assert value == pytest.approx(
                program(estimates, covariance, before, weights, multiple, theta, s, sign), rel=1e-7, abs=1e-9
            )


def program(
    b: Any, v: Any, before: int, weights: Any, multiple: float, theta: float, s: int, sign: float
) -> float:
    """min eta over (eta, effects after entry): sign * step after - M v[s] <= eta sd, with weights @ effects = theta."""
    path = np.zeros((len(b) + 1, len(b)))  # the year of reference between before and after
    path[:before, :before] = np.eye(before)
    path[before + 1 :, before:] = np.eye(len(b) - before)
    steps = np.diff(path, axis=0)
    largest = sign * steps[s]
    rows = [side * step - multiple * largest for step in steps[before:] for side in (1.0, -1.0)]
    sides = [side * step[before:] for step in steps[before:] for side in (1.0, -1.0)]
    deviation = [float(np.sqrt(row @ v @ row)) for row in rows]
    # row @ b - side @ effects <= eta deviation
    left = np.column_stack([-np.array(deviation), -np.array(sides)])
    solved = linprog(
        np.r_[1.0, np.zeros(len(weights))],
        A_ub=left,
        b_ub=-np.array(rows) @ b,
        A_eq=np.r_[0.0, weights][None, :],
        b_eq=[theta],
        bounds=[(None, None)] * (1 + len(weights)),
    )
    return float(solved.fun)


@pytest.mark.slow
def test_covers_the_effect_when_trends_part_as_far_as_allowed() -> None:
    """Truth at the edge of what M = 1 allows: the interval holds it at least 95 times in 100, up to simulation (400 draws)."""
    random = np.random.default_rng(11)
    truth = np.array([-0.4, -0.2, 0.2, 0.4])  # steps of 0.2 before and after; no effect
    covariance = 0.03 * (0.5 * np.eye(4) + 0.5)
    weights = np.array([0.5, 0.5])
    drawn = random.multivariate_normal(truth, covariance, size=400, method="cholesky")
    held = 0
    for estimates in drawn:
        found = relative_magnitudes(
            estimates, covariance, before=2, weights=weights, multiple=1.0, draws=2000, points=400
        )
        held += found.low <= 0 <= found.high
    assert held / 400 >= 0.925


def test_same_bytes_again() -> None:
    first, second = (
        relative_magnitudes(MEDICAID, COVARIANCE, before=5, weights=np.array([0.5, 0.5]), multiple=1.0)
        for _ in range(2)
    )
    assert first == second
