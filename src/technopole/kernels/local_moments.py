"""Exact moments of a weighted sum over neighbours where values are placed at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and variance of each place's sum."""

    mean: Floats
    variance: Floats

    def z(self, observed: Floats) -> Floats:
        """Return standard deviates; 0 where the sum can't be but what it is."""
        off = observed - self.mean
        return np.divide(off, np.sqrt(self.variance), out=np.zeros_like(off), where=self.variance > 0)


def conditional(values: Floats, weight: Floats, squared: Floats) -> Moments:
    """Each place keeps its value, the others are placed at random: Sokal, Oden and Thomson (1998), Geographical Analysis 30(4).

    `weight` and `squared` are the sums of a place's weights and of their squares, without itself. For local Moran this is their
    conditional randomisation (times the place's own deviation); for G the moments of Ord and Getis (1995).
    """
    n = len(values)
    z = values - values.mean()
    power = float((z**2).sum())
    mean = -z / (n - 1)
    variance = (power - z**2) / (n - 1) - mean**2
    variance[variance < ROUNDING * power / n] = 0.0
    return Moments(
        weight * (mean + values.mean()), variance * ((n - 1) * squared - weight**2).clip(min=0) / (n - 2)
    )


def unconditional(values: Floats, weight: Floats, squared: Floats) -> Moments:
    """All values are placed at random, the place's own too: G* of Ord and Getis (1995), Geographical Analysis 27(4), eq. 12.

    `weight` and `squared` count the place's weight for itself.
    """
    n = len(values)
    variance = values.var() * (n * squared - weight**2).clip(min=0) / (n - 1)
    return Moments(weight * values.mean(), variance)
