"""Location quotients of arrays: the quotient, its sampling intervals, and its limits where counts are only bounded.

A cell's count x stands in a table of two by two: a is the rest of its place, b the rest of its industry, c all else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from technopole.kernels.proportion import Floats, Interval, exact, wilson

HUGE = 1e300  # stands for "no upper bound" where infinity would make 0 * inf


@dataclass(frozen=True, slots=True)
class Counts:
    """The two-by-two table of each cell."""

    x: Floats
    a: Floats
    b: Floats
    c: Floats

    @classmethod
    def of_totals(cls, x: Floats, place: Floats, industry: Floats, everything: Floats) -> Counts:
        """Take the table from a cell's count and the totals of its place, its industry and all."""
        a, b = np.maximum(place - x, 0.0), np.maximum(industry - x, 0.0)
        return cls(x, a, b, np.maximum(everything - place - b, 0.0))

    @property
    def nation(self) -> Floats:
        """The industry's share in the nation."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return (self.x + self.b) / (self.x + self.a + self.b + self.c)


def quotient(x: Floats, place: Floats, industry: Floats, everything: Floats) -> Floats:
    """Return (x / n) / (X / N); NaN where a total is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (x / place) / (industry / everything)
    return np.where((place > 0) & (industry > 0), found, np.nan)


def sampling(method: Literal["wilson", "exact"], low: Counts, high: Counts, level: float) -> Interval:
    """Interval of the share over the nation's share, at the least favourable of the counts between `low` and `high`."""
    share = wilson if method == "wilson" else exact
    most = Counts(high.x, low.a, high.b, low.c).nation
    least = Counts(low.x, high.a, low.b, high.c).nation
    with np.errstate(divide="ignore", invalid="ignore"):
        return Interval(
            share(low.x, low.x + high.a, level).low / most, share(high.x, high.x + low.a, level).high / least
        )


def delta(table: Counts, spread: Floats, level: float) -> Interval:
    """Normal interval by the delta method, the place being part of the nation.

    `spread` is the binomial variance of the industry's count: the sum over places of n p (1 - p).
    """
    z = float(ndtri(0.5 + level / 2))
    n = table.x + table.a
    total = n + table.b + table.c
    nation = table.nation
    with np.errstate(divide="ignore", invalid="ignore"):
        share = table.x / n
        own = share * (1 - share)
        variance = (
            own / (n * nation**2)
            + share**2 * spread / (total**2 * nation**4)
            - 2 * share * own / (total * nation**3)
        )
        centre = share / nation
    half = z * np.sqrt(np.maximum(variance, 0.0))
    return Interval(np.maximum(centre - half, 0.0), centre + half)


def limits(low: Counts, high: Counts) -> Interval:
    """Least and greatest quotient over all counts between `low` and `high`; sharp, as the four counts vary freely.

    The quotient 1 + (c x - a b) / ((x + a)(x + b)) falls in a and b and rises in c; in x it rises to a peak, then falls.
    """
    least = np.minimum(_quotient(low.x, high.a, high.b, low.c), _quotient(high.x, high.a, high.b, low.c))
    product = low.a * low.b
    with np.errstate(divide="ignore", invalid="ignore"):
        k = product / high.c
        peak = k + np.sqrt(k * k + k * (low.a + low.b + high.c))
    peak = np.where(product == 0, 0.0, np.where(high.c == 0, HUGE, peak))
    most = _quotient(np.clip(peak, low.x, high.x), low.a, low.b, high.c)
    return Interval(least, most)


def _quotient(x: Floats, a: Floats, b: Floats, c: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = (x / (x + a)) * ((x + a + b + c) / (x + b))
    return np.where(x > 0, found, 0.0)
