"""Concentration of plants over places: Ellison-Glaeser and Maurel-Sedillot, their null moments and standard errors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc, stdtrit

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over places and plants; one entry per industry.

    x is a place's share of all activity, s its share of the industry, z a plant's share of the industry:
    `ssx` is the sum of s^2 x over places, `zzz` the sum of z^3 over plants. `dd` is the sum of (s - x)^2.
    """

    xx: Array
    xxx: Array
    ss: Array
    sss: Array
    sx: Array
    ssx: Array
    sxx: Array
    dd: Array
    zz: Array
    zzz: Array
    zzzz: Array


@dataclass(frozen=True, slots=True)
class Concentration:
    """An index per industry. `z` and `p_value` test random location; `std_error` is that of drawing the plants again."""

    gamma: Array
    raw: Array
    herfindahl: Array
    z: Array
    p_value: Array
    std_error: Array


def ellison_glaeser(m: Moments) -> Concentration:
    """Ellison and Glaeser (1997), J. Political Economy 105(5), eq. 5, with the null variance of G given there."""
    variance = 2 * (m.zz**2 * (m.xx - 2 * m.xxx + m.xx**2) - m.zzzz * (m.xx - 4 * m.xxx + 3 * m.xx**2))
    p = _smoothed(m)
    drawn = (
        _pair_variance(m, p.ss, p.sss)
        + 4 * m.zz * (p.sxx - p.sx**2)
        - 8 * (m.zz - m.zzz) * (p.ssx - p.ss * p.sx)
    )
    return _index(m, m.dd, variance, drawn)


def maurel_sedillot(m: Moments) -> Concentration:
    """Maurel and Sedillot (1999), Regional Science and Urban Economics 29(5): sum of s^2 in place of sum of (s - x)^2."""
    p = _smoothed(m)
    return _index(m, m.ss - m.xx, _pair_variance(m, m.xx, m.xxx), _pair_variance(m, p.ss, p.sss))


def two_sided(z: Array) -> Array:
    """Return the two-sided normal p-value, never 0."""
    return np.maximum(erfc(np.abs(z) / np.sqrt(2)), np.finfo(np.float64).tiny)


def quantile(level: float, herfindahl: Array) -> Array:
    """Return Student's t for an interval; degrees of freedom: the number of equal plants, 1 / H, less one."""
    with np.errstate(divide="ignore"):
        freedom = np.maximum(1 / herfindahl - 1, 1.0)
    return np.asarray(stdtrit(freedom, (1 + level) / 2), dtype=np.float64)


def _index(m: Moments, raw: Array, variance: Array, drawn: Array) -> Concentration:
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = (1 - m.xx) * (1 - m.zz)
        excess = raw - m.zz * (1 - m.xx)
        z = excess / np.sqrt(variance)
        error = np.sqrt(np.maximum(drawn, 0)) / scale
        return Concentration(excess / scale, raw, m.zz, z, two_sided(z), error)


def _pair_variance(m: Moments, pp: Array, ppp: Array) -> Array:
    """Variance of the sum of s^2 where each plant is in a place with probability p, given the sums of p^2 and p^3."""
    triples = m.zz - 2 * m.zzz + 2 * m.zzzz - m.zz**2
    return 4 * triples * (ppp - pp**2) + 2 * (m.zz**2 - m.zzzz) * (pp - pp**2)


def _smoothed(m: Moments) -> Moments:
    """Replace the shares s by those with one more plant of average size (H) placed at random, (s + H x) / (1 + H).

    Plants that all stand in one place would otherwise be drawn there again for certain, however few they are.
    """
    h, total = m.zz, 1 + m.zz
    return replace(
        m,
        ss=(m.ss + 2 * h * m.sx + h**2 * m.xx) / total**2,
        sss=(m.sss + 3 * h * m.ssx + 3 * h**2 * m.sxx + h**3 * m.xxx) / total**3,
        sx=(m.sx + h * m.xx) / total,
        ssx=(m.ssx + 2 * h * m.sxx + h**2 * m.xxx) / total**2,
        sxx=(m.sxx + h * m.xxx) / total,
    )
