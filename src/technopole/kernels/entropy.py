"""How spread out counts are over classes, along the last axis: entropy with its bias and variance, Herfindahl, likeness of profiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from technopole.kernels.threads import one_thread

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Entropy:
    """Entropy in nats and the variance that drawing this many counts gives it; nan where there are none."""

    value: Array
    variance: Array


def entropy(counts: Array, *, corrected: bool = True) -> Entropy:
    """Return -sum s ln s of the shares s, plus (classes present - 1) / 2n if `corrected` (Miller and Madow 1955).

    Variance: Basharin (1959), to the second order.
    """
    total = counts.sum(axis=-1)
    share = _shares(counts)
    plain = -xlogy(share, share).sum(axis=-1)
    squares = (share * np.log(np.where(share > 0, share, 1.0)) ** 2).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        more = (np.count_nonzero(counts, axis=-1) - 1) / (2 * total)
        variance = np.maximum(squares - plain**2, 0.0) / total + more / total
    there = total > 0
    value = np.abs(plain) + (more if corrected else 0.0)  # abs: one class has 0, not -0
    return Entropy(np.where(there, value, np.nan), np.where(there, variance, np.nan))


def heterogeneity(counts: Array, classes: int, *, corrected: bool = True) -> Entropy:
    """Return the entropy over ln K, K = number of classes there could be: 0 = all in one, 1 = even (the correction goes no further)."""
    found, scale = entropy(counts, corrected=corrected), float(np.log(max(classes, 2)))
    return Entropy(np.minimum(found.value / scale, 1.0), found.variance / scale**2)


def herfindahl(counts: Array) -> Array:
    """Return the sum of squared shares; nan where there are no counts."""
    return (_shares(counts) ** 2).sum(axis=-1)


def blau(counts: Array) -> Array:
    """Return n / (n - 1) times one less the Herfindahl index, unbiased for counts drawn by chance (Hall 2005); nan up to one count."""
    total = counts.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (1 - herfindahl(counts)) * total / (total - 1)
    return np.where(total > 1, found, np.nan)


def new_share(now: Array, before: Array) -> Array:
    """Return the share of `now` in classes of which `before` has nothing; nan where `now` has nothing."""
    total = now.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (now * (before == 0)).sum(axis=-1) / total
    return np.where(total > 0, found, np.nan)


def cosine(profiles: Array) -> Array:
    """Return the cosine of every two rows (Jaffe 1986); nan where a row has nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = profiles / np.sqrt((profiles**2).sum(axis=-1, keepdims=True))
    with one_thread():
        return np.clip(unit @ unit.T, -1.0, 1.0)


def _shares(counts: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return counts / counts.sum(axis=-1, keepdims=True)
