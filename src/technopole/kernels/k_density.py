"""K-density: the kernel density of pair distances, from their histogram (Duranton and Overman 2005).

A histogram here begins with the pairs at distance 0, then come the bins. Each bin is smoothed at its centre with the variance
h^2 - w^2 / 12, w its width, so that with the spread within the bin the kernel's variance is h^2; the mass below 0 is
reflected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from technopole.kernels.pair_histogram import Bins, Floats

REACH = 5.0  # bandwidths beyond which a Gaussian kernel adds nothing (6e-7 of its mass)
NOTHING = 1e-14  # of a kernel's height: exactly 0 from there on, about 8 bandwidths away
FINE = 32  # bins per bandwidth, at least


@dataclass(frozen=True, slots=True)
class Scale:
    """Middles and widths of the bins in kilometres along the surface."""

    middle: Floats
    width: Floats

    @classmethod
    def of(cls, bins: Bins, to_km: Callable[[Floats], Floats]) -> Scale:
        """Turn straight-line bins into kilometres with `to_km`."""
        edges = to_km(np.arange(bins.count + 1, dtype=np.float64) * bins.width)
        return cls((edges[:-1] + edges[1:]) / 2, np.diff(edges))

    def widened(self, factor: int) -> Scale:
        """Return the scale of bins `factor` times as wide (a last, narrower rest is left out)."""
        whole = len(self.middle) // factor * factor
        width = self.width[:whole].reshape(-1, factor).sum(axis=1)
        return Scale(np.cumsum(width) - width / 2, width)


@dataclass(frozen=True, slots=True)
class Smoother:
    """`matrix` @ (a histogram in bins `factor` times as wide) = density per kilometre at the distances."""

    factor: int
    matrix: Floats

    @property
    def reach(self) -> int:
        """How many of the narrow bins count, without distance 0."""
        return self.factor * (self.matrix.shape[1] - 1)

    def __call__(self, histogram: Floats) -> Floats:
        """Smooth histograms (the last axis: distance 0, then at least `reach` bins) of shares of pairs."""
        inner = histogram[..., 1 : self.reach + 1]
        wide = inner.reshape(*inner.shape[:-1], -1, self.factor).sum(axis=-1)
        return np.concatenate([histogram[..., :1], wide], axis=-1) @ self.matrix.T


def smoother(scale: Scale, distances: Floats, bandwidth: float) -> Smoother:
    """Return the Gaussian smoother, on bins that are at most a `FINE`-th of the bandwidth wide, where there are such.

    They are a power of 2 as wide as the narrow bins, so that histograms taken in such bins can be smoothed by the same matrix.
    """
    width = float(scale.width.max())
    factor = 2 ** int(np.log2(max(bandwidth / FINE / width, 1)))
    return Smoother(factor, matrix(scale.widened(factor), distances, bandwidth))


def matrix(scale: Scale, distances: Floats, bandwidth: float) -> Floats:
    """Return distances x (1 + bins within reach): the kernel of each bin at each distance, reflected at 0."""
    wanted = int(np.searchsorted(scale.middle, distances.max() + REACH * bandwidth))
    middle = np.concatenate([[0.0], scale.middle[:wanted]])
    width = np.concatenate([[0.0], scale.width[:wanted]])
    spread = np.sqrt(np.maximum(bandwidth**2 - width**2 / 12, (bandwidth / 4) ** 2))
    out = np.exp(-(((distances[:, None] - middle) / spread) ** 2) / 2)
    near = slice(0, int(np.searchsorted(middle, REACH * bandwidth)))
    out[:, near] += np.exp(-(((distances[:, None] + middle[near]) / spread[near]) ** 2) / 2)
    return np.where(out < NOTHING, 0.0, out) / (spread * np.sqrt(2 * np.pi))


def silverman(scale: Scale, histogram: Floats, pairs: float) -> float:
    """Return 0.9 min(sd, IQR / 1.34) pairs^(-1/5): Silverman (1986), section 3.4.2, eq. 3.31; 0 without spread."""
    spread = _spread(scale, histogram)
    return 0.9 * spread * max(pairs, 1.0) ** -0.2


def _spread(scale: Scale, histogram: Floats) -> float:
    share = histogram / histogram.sum()
    middle = np.concatenate([[0.0], scale.middle])
    centre = float(share @ middle)
    deviation = float(np.sqrt(share @ (middle - centre) ** 2))
    quartiles = [quantile(scale, histogram, at) for at in (0.25, 0.75)]
    between = (quartiles[1] - quartiles[0]) / 1.34
    return min(deviation, between) if between > 0 else deviation


def quantile(scale: Scale, histogram: Floats, share: float) -> float:
    """Return a quantile of the distances, linear within a bin."""
    reached = np.cumsum(histogram) / histogram.sum()
    edges = np.concatenate([[0.0], np.cumsum(scale.width)])
    if reached[0] >= share:
        return 0.0
    after = int(np.searchsorted(reached, share))
    inside = (share - reached[after - 1]) / (reached[after] - reached[after - 1])
    return float(edges[after - 1] + inside * (edges[after] - edges[after - 1]))
