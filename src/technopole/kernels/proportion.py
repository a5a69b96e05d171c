"""Intervals of a binomial share x / n."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """Lower and upper ends, two arrays of one shape; NaN = none."""

    low: Floats
    high: Floats


def wilson(x: Floats, n: Floats, level: float) -> Interval:
    """Score interval (Wilson 1927)."""
    z = float(ndtri(0.5 + level / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = x / n
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        spread = np.sqrt(np.maximum(share * (1 - share), 0) / n + (z / (2 * n)) ** 2)
        half = z * spread / (1 + z * z / n)
    low = np.where(x <= 0, 0.0, np.maximum(middle - half, 0.0))
    return Interval(low, np.where(x >= n, 1.0, np.minimum(middle + half, 1.0)))


def exact(x: Floats, n: Floats, level: float) -> Interval:
    """Exact interval (Clopper and Pearson 1934)."""
    tail = (1 - level) / 2
    rest = np.maximum(n - x, 0.0)
    low = np.where(x <= 0, 0.0, betaincinv(np.maximum(x, 1e-9), rest + 1, tail))
    high = np.where(rest <= 0, 1.0, betaincinv(x + 1, np.maximum(rest, 1e-9), 1 - tail))
    return Interval(low, high)
