"""Which averages of effects are compatible with trends that part, after entry, no faster than a multiple of before.

Rambachan & Roth (2023), Delta^RM with the conditional / least favourable hybrid of Andrews, Roth & Pakes (2023). `delta` is the
difference in trends, 0 in the period of reference; its steps are v = delta[t] - delta[t - 1]. Delta^RM(M) is the union, over the
step s before entry and a sign, of the cones {|v[t]| <= v[s] before, |v[t]| <= M v[s] after}. In a cone the effects of single
years are nuisance; the dual feasible set of "the least violation" has few vertices, written down here: each inequality before
entry, both sums of the inequalities after entry in which only the average is left, and each pair that says v[s] >= 0. So no linear
program is solved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import truncnorm

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RobustInterval:
    """The identified set at the estimates, and the confidence interval (nan where nothing is compatible)."""

    low: float
    high: float
    set_low: float
    set_high: float


@dataclass(frozen=True, slots=True)
class _Cone:
    """Vertices x moments: at average `theta` the moments are `at_zero - slope * theta`; `sigma` is their covariance."""

    at_zero: Vector
    slope: Vector
    sigma: Vector
    least_favourable: float


def relative_magnitudes(
    estimates: Vector,
    covariance: Vector,
    *,
    before: int,
    weights: Vector,
    multiple: float,
    alpha: float = 0.05,
    draws: int = 10_000,
    points: int = 1000,
    seed: int = 0,
) -> RobustInterval:
    """Return the confidence interval of `weights` @ effects after entry.

    `estimates` are those of the `before` years before the reference (in time order), then of the years after it.
    """
    steps = _steps(len(estimates), before)
    reach = multiple * np.abs(np.cumsum(weights[::-1])).sum()
    average, observed = weights @ estimates[before:], steps[:before] @ estimates
    half = reach * np.abs(observed).max()
    error = np.sqrt(weights @ covariance[before:, before:] @ weights)
    slack = np.sqrt(np.diag(steps[:before] @ covariance @ steps[:before].T)).max()
    cones = list(_cones(estimates, covariance, steps, before, weights, multiple, alpha, draws, seed))
    width = half + 6 * error + 6 * reach * slack
    grid = average + np.linspace(-width, width, points + 1)
    accepted = _accepted(cones, grid, alpha)
    if not accepted.any():
        return RobustInterval(float("nan"), float("nan"), float(average - half), float(average + half))
    first, last = np.flatnonzero(accepted)[[0, -1]]
    low = _edge(cones, grid[first], grid[max(first - 1, 0)], alpha)
    high = _edge(cones, grid[last], grid[min(last + 1, points)], alpha)
    return RobustInterval(low, high, float(average - half), float(average + half))


def _steps(number: int, before: int) -> Vector:
    """The matrix that makes steps of estimates: those before entry (up to the reference, which is 0), then those after."""
    after = number - before
    up, down = np.zeros((before, number)), np.zeros((after, number))
    for i in range(before):
        up[i, i] = -1.0
        if i + 1 < before:
            up[i, i + 1] = 1.0
    for i in range(after):
        down[i, before + i] = 1.0
        if i > 0:
            down[i, before + i - 1] = -1.0
    return np.vstack([up, down])


def _cones(
    estimates: Vector,
    covariance: Vector,
    steps: Vector,
    before: int,
    weights: Vector,
    multiple: float,
    alpha: float,
    draws: int,
    seed: int,
) -> Iterator[_Cone]:
    random = np.random.default_rng(np.random.SeedSequence(seed))
    noise = random.multivariate_normal(np.zeros(len(estimates)), covariance, size=draws, method="cholesky")
    coefficient = np.cumsum(weights[::-1])[::-1]  # of each step after entry in the average
    for s in range(before):
        for sign in (1.0, -1.0):
            rows, slope = _vertices(sign * steps[s], steps, coefficient, covariance, before, multiple)
            worst = (noise @ rows.T).max(axis=1)
            critical = float(np.quantile(worst, 1 - alpha / 10))
            yield _Cone(rows @ estimates, slope, rows @ covariance @ rows.T, critical)


def _vertices(
    largest: Vector,
    steps: Vector,
    coefficient: Vector,
    covariance: Vector,
    before: int,
    multiple: float,
) -> tuple[Vector, Vector]:
    """Combinations of inequalities free of single years' effects, scaled to unit sums of the inequalities' deviations."""

    def deviation(row: Vector) -> float:
        return float(np.sqrt(row @ covariance @ row))

    found: list[tuple[Vector, float]] = []
    after = steps[before:]
    for sign in (1.0, -1.0):
        parts = [
            sign * np.sign(c) * step - multiple * largest for c, step in zip(coefficient, after, strict=True)
        ]
        scale = sum(abs(c) * deviation(part) for c, part in zip(coefficient, parts, strict=True))
        row = sum((abs(c) * part for c, part in zip(coefficient, parts, strict=True)), np.zeros_like(largest))
        found.append((row / scale, sign / scale))
    if multiple > 0:
        for step in after:
            scale = deviation(step - multiple * largest) + deviation(-step - multiple * largest)
            found.append((-2 * multiple * largest / scale, 0.0))
    return np.array([row for row, _ in found]), np.array([slope for _, slope in found])


def _accepts(cone: _Cone, thetas: Vector, alpha: float) -> NDArray[np.bool_]:
    """Whether each average stands the hybrid test in one cone."""
    moments = cone.at_zero[:, None] - cone.slope[:, None] * thetas[None, :]
    best = moments.argmax(axis=0)
    worst = moments[best, np.arange(len(thetas))]
    variance = np.diag(cone.sigma)[best]
    ratio = cone.sigma[:, best] / variance  # how each moment moves with the largest one
    rest = moments - ratio * worst
    gap = 1 - ratio
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = rest / gap
    lower = np.where(gap > 1e-10, bound, -np.inf).max(axis=0)
    upper = np.where(gap < -1e-10, bound, np.inf).min(axis=0)
    upper = np.minimum(upper, cone.least_favourable)
    size = (alpha - alpha / 10) / (1 - alpha / 10)
    scale = np.sqrt(variance)
    stands = worst <= cone.least_favourable
    asked = np.flatnonzero(stands & (worst > 0) & (lower < upper))
    quantile = (
        truncnorm.ppf(1 - size, lower[asked] / scale[asked], upper[asked] / scale[asked]) * scale[asked]
    )
    stands[asked] = worst[asked] <= np.maximum(quantile, 0)
    return stands


def _accepted(cones: list[_Cone], thetas: Vector, alpha: float) -> NDArray[np.bool_]:
    return np.any([_accepts(cone, thetas, alpha) for cone in cones], axis=0)


def _edge(cones: list[_Cone], inside: float, outside: float, alpha: float) -> float:
    """Look closer between an average that stands and one that doesn't: the outermost that stands."""
    between = np.linspace(outside, inside, 1001)
    return float(between[_accepted(cones, between, alpha).argmax()])
