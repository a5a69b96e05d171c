"""Perpetual inventory: stocks of what is added year by year and loses its worth at a constant rate; years along the first axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from technopole.kernels.proportion import Interval

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stock:
    """Stocks at the end of each year.

    Attributes
    ----------
    level : array
        The stock.
    initial : array
        What is left in it of the stock before the first year.
    variance : array
        Its variance where what is added are Poisson counts: the sum of squared weights times counts.
    heaviest : array
        The largest weight that one unit of any year has, one number per year.
    """

    level: Array
    initial: Array
    variance: Array
    heaviest: Array


def perpetual_inventory(added: Array, depreciation: float, growth: float | None = None) -> Stock:
    """Return `stock[t] = (1 - depreciation) stock[t - 1] + added[t]`; before the first year nothing, or, as additions had always
    grown by `growth` a year, `added[0] / (growth + depreciation)` (Hall and Mairesse 1995).
    """
    keep = 1 - depreciation
    start = 0.0 if growth is None else 1 / (growth + depreciation)
    level, initial = np.empty_like(added), np.empty_like(added)
    variance, heaviest = np.empty_like(added), np.empty(len(added))
    for t, now in enumerate(added):
        if t == 0:
            initial[0] = keep * start * now
            level[0] = initial[0] + now
            heaviest[0] = 1 + keep * start
            variance[0] = heaviest[0] ** 2 * now
        else:
            initial[t] = keep * initial[t - 1]
            level[t] = keep * level[t - 1] + now
            variance[t] = keep**2 * variance[t - 1] + now
            heaviest[t] = max(1.0, keep * heaviest[t - 1])
    return Stock(level, initial, variance, heaviest)


def gamma_interval(total: Array, variance: Array, heaviest: Array | float, level: float) -> Interval:
    """Interval of a weighted sum of Poisson counts (Fay and Feuer 1997); with equal weights the exact one of a count (Garwood 1936)."""
    tail = (1 - level) / 2
    wide, spread = total + heaviest, variance + np.square(heaviest)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = variance / total * gammaincinv(total**2 / variance, tail)
    high = spread / wide * gammaincinv(wide**2 / spread, 1 - tail)
    return Interval(np.where(total > 0, low, 0.0), high)
