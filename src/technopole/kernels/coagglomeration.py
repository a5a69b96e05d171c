"""Coagglomeration of industries: all pairs by matrix products, groups by their sums. BLAS on one thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Industry x industry: the index, and the standard error of drawing the plants again (None without plants)."""

    index: Array
    std_error: Array | None


@dataclass(frozen=True, slots=True)
class Group:
    """One group of industries: its index and standard error (None without plants)."""

    index: float
    std_error: float | None


def pairwise(shares: Array, x: Array, herfindahl: Array | None = None) -> Pairs:
    """Ellison, Glaeser and Kerr (2010), American Economic Review 100(3), eq. 1.

    `shares` is places x industries with columns that add up to one, `x` the places' shares of all activity,
    `herfindahl` the industries' sum of squared plant shares.
    """
    scale = 1 - float((x**2).sum())
    apart = shares - x[:, None]
    with threadpool_limits(1):
        index = _product(apart, apart) / scale
        error = (
            None
            if herfindahl is None
            else np.sqrt(_variance(_smoothed(shares, x, herfindahl), x, herfindahl)) / scale
        )
    return Pairs(index, error)


def group(shares: Array, weights: Array, x: Array, herfindahl: Array | None = None) -> Group:
    """Ellison and Glaeser (1997), section VI: gamma^c of a group whose industries have the weights w.

    The plant Herfindahls cancel: what is left is the sum over pairs of w_i w_j (s_i - x)(s_j - x).
    """
    scale = (1 - float((x**2).sum())) * (1 - float((weights**2).sum()))
    weighted = (shares - x[:, None]) * weights
    total = weighted.sum(axis=1)
    index = float((total**2).sum() - (weighted**2).sum()) / scale
    if herfindahl is None:
        return Group(index, None)
    p = _smoothed(shares, x, herfindahl)
    weighted = (p - x[:, None]) * weights
    others = weighted.sum(axis=1)[:, None] - weighted
    linear = ((p * others**2).sum(axis=0) - (p * others).sum(axis=0) ** 2) * weights**2 * herfindahl
    with threadpool_limits(1):
        both = _both(p, weights**2 * herfindahl)
    np.fill_diagonal(both, 0.0)
    variance = 4 * float(linear.sum()) + 2 * float(both.sum())
    return Group(index, float(np.sqrt(max(variance, 0.0))) / scale)


def _smoothed(s: Array, x: Array, h: Array) -> Array:
    """Add one plant of average size placed at random, as in `plant_location`: few plants in one place aren't certain."""
    return (s + h * x[:, None]) / (1 + h)


def _variance(s: Array, x: Array, h: Array) -> Array:
    """Variance of sum (s_i - x)(s_j - x) when the plants of both are drawn again by their shares."""
    square = s**2
    ss, sss = _product(s, s), _product(square, s)
    xs, xxs = x @ s, (x**2) @ s
    xss = _product(s * x[:, None], s)
    # one[i, j]: plants of i drawn, j at rest: H_i (sum s_i (s_j - x)^2 - (sum s_i (s_j - x))^2)
    one = sss.T - 2 * xss + xxs[:, None] - (ss - xs[:, None]) ** 2
    linear = h[:, None] * one
    return np.maximum(linear + linear.T + _both(s, h, ss, sss), 0.0)


def _both(s: Array, h: Array, ss: Array | None = None, sss: Array | None = None) -> Array:
    """H_i H_j trace(C_i C_j), C = diag(s) - s s': the part where the plants of both move."""
    ss = _product(s, s) if ss is None else ss
    sss = _product(s**2, s) if sss is None else sss
    return np.outer(h, h) * (ss - sss - sss.T + ss**2)


def _product(a: Array, b: Array) -> Array:
    return np.asarray(a.T @ b, dtype=np.float64)
