"""Inequality of positive values, along the last axis (Cowell 2011; the variance of logarithms isn't Lorenz-consistent)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Inequality:
    """Theil's T in nats, Gini over n (not n - 1), variance of logarithms over n - 1."""

    theil: Array
    gini: Array
    variance_of_logs: Array


def inequality(values: Array) -> Inequality:
    """Return the indices of every row of values above 0."""
    count = values.shape[-1]
    share = values / values.mean(axis=-1, keepdims=True)
    theil = (share * np.log(share)).mean(axis=-1)
    ranks = 2 * np.arange(1, count + 1) - count - 1
    gini = (np.sort(share, axis=-1) * ranks).sum(axis=-1) / count**2
    return Inequality(theil, gini, np.log(values).var(axis=-1, ddof=1))
