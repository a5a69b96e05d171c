"""Bands around a null curve: at each distance, and over all distances at once.

Each distance's null distribution is taken as Pearson's type III with its mean, sd and skewness, by Wilson and Hilferty's cube:
the same first order as Cornish and Fisher's expansion, but rising for every skewness. A curve's score at a distance is the
normal value of its probability there; its largest score decides whether it leaves the upper band, its smallest the lower.
The global bands lie at one score at all distances, that which a share 1 - level of the null curves passes anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
DRAWS = 10_000
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Null:
    """A null curve's distribution: by distance, and the sorted largest and smallest scores of null curves."""

    mean: Floats
    sd: Floats
    skewness: Floats
    largest: Floats
    smallest: Floats

    @property
    def varies(self) -> NDArray[np.bool_]:
        """Where null curves differ by more than rounding."""
        return self.sd > TINY * max(float(np.abs(self.mean).max()), np.finfo(float).tiny)

    def curve(self, score: float) -> Floats:
        """Return the values at a score, at each distance."""
        varies = self.varies
        return self.mean + np.where(varies, self.sd * quantile(score, np.where(varies, self.skewness, 0)), 0)

    def scores(self, curve: Floats) -> Floats:
        """Return a curve's score at each distance; 0 where nothing can vary."""
        varies = self.varies
        away = np.where(varies, curve - self.mean, 0.0) / np.where(varies, self.sd, 1.0)
        return np.where(varies, score(away, np.where(varies, self.skewness, 0.0)), 0.0)


@dataclass(frozen=True, slots=True)
class Bands:
    """Lower and upper bands, local and global, each side at 1 - level; and where the curve stands against them.

    `p_above` and `p_below` are the shares of null curves with as large a largest (as small a smallest) score; the curve
    leaves the upper global band exactly where `p_above` is at most 1 - level.
    """

    local_low: Floats
    local_high: Floats
    global_low: Floats
    global_high: Floats
    p_above: float
    p_below: float


def of_moments(mean: Floats, covariance: Floats, skewness: Floats, normal: Floats) -> Null:
    """Take the null from its moments; `normal` is draws x distances of standard normal numbers."""
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    values, vectors = np.linalg.eigh(covariance)
    kept = values > TINY * values[-1]
    scale = np.where(sd > 0, sd, 1.0)
    draws = normal[:, : int(kept.sum())] @ (vectors[:, kept] * np.sqrt(values[kept]) / scale[:, None]).T
    return Null(mean, sd, skewness, np.sort(draws.max(axis=1)), np.sort(draws.min(axis=1)))


def of_curves(curves: Floats) -> Null:
    """Take the null from simulated curves, simulations x distances."""
    mean, sd = curves.mean(axis=0), curves.std(axis=0, ddof=1)
    safe = np.where(sd > 0, sd, 1.0)
    skewness = (((curves - mean) / safe) ** 3).mean(axis=0)
    null = Null(mean, sd, skewness, mean, mean)
    scores = null.scores(curves)
    return Null(mean, sd, skewness, np.sort(scores.max(axis=1)), np.sort(scores.min(axis=1)))


def bands(null: Null, curve: Floats, level: float) -> Bands:
    """Draw the bands and place the curve."""
    draws = len(null.largest)
    allowed = int((1 - level) * (draws + 1) + TINY) - 1
    upper, lower = null.largest[draws - 1 - allowed], null.smallest[allowed]
    z = float(ndtri(level))
    at = null.scores(curve)
    above = draws - int(np.searchsorted(null.largest, at.max() - TINY))
    below = int(np.searchsorted(null.smallest, at.min() + TINY, side="right"))
    return Bands(
        local_low=np.maximum(null.curve(-z), 0.0),
        local_high=null.curve(z),
        global_low=np.maximum(null.curve(float(lower)), 0.0),
        global_high=null.curve(float(upper)),
        p_above=(1 + above) / (draws + 1),
        p_below=(1 + below) / (draws + 1),
    )


def quantile(z: float | Floats, skewness: Floats) -> Floats:
    """Return the standardised value whose probability is that of the normal score z (Wilson and Hilferty 1931)."""
    g = np.where(np.abs(skewness) < TINY, TINY, skewness)
    return np.where(np.abs(skewness) < 1e-6, z + 0 * g, (2 / g) * ((g * z / 6 - g**2 / 36 + 1) ** 3 - 1))


def score(x: Floats, skewness: Floats) -> Floats:
    """Return the normal score of a standardised value: the inverse of `quantile`."""
    g = np.where(np.abs(skewness) < TINY, TINY, skewness)
    return np.where(np.abs(skewness) < 1e-6, x, (6 / g) * (np.cbrt(g * x / 2 + 1) - 1) + g / 6)
