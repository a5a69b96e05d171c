"""How much of the variance of y each column of x explains, and what drawing the units again does to it. BLAS on one thread."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from threadpoolctl import threadpool_limits

from technopole.kernels.pair_regression import Array, Pairs

BLOCK = 32  # resamples at a time


def resampled(pairs: Pairs, replications: int, seed: int) -> Array:
    """Draw the units again with replacement; return (replications, k + 1, k + 1) covariances of the columns of x and y.

    A pair counts as often as its units were drawn, m_i m_j; a unit paired with its own copy isn't a pair.
    """
    z = np.column_stack([pairs.x, pairs.y])
    k = z.shape[1]
    first, second = np.triu_indices(k)
    products = np.column_stack([z, z[:, first] * z[:, second]])
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
    found = np.empty((replications, k, k))
    with threadpool_limits(1):
        for start in range(0, replications, BLOCK):
            size = min(BLOCK, replications - start)
            drawn = random.integers(0, pairs.units, (size, pairs.units))
            times = np.stack([np.bincount(row, minlength=pairs.units) for row in drawn]).astype(np.float64)
            weight = times[:, pairs.first] * times[:, pairs.second]
            total = np.maximum(weight.sum(axis=1), 1.0)[:, None]
            moments = (weight @ products) / total
            mean, cross = moments[:, :k], moments[:, k:]
            block = found[start : start + size]
            block[:, first, second] = cross - mean[:, first] * mean[:, second]
            block[:, second, first] = block[:, first, second]
    return found


def covariance(pairs: Pairs) -> Array:
    """The (k + 1, k + 1) covariance of the columns of x and y."""
    z = np.column_stack([pairs.x, pairs.y])
    with threadpool_limits(1):
        return z.T @ z / len(z)


def slopes(covariances: Array) -> Array:
    """Coefficients from stacked covariances of the columns of x and y (last)."""
    with threadpool_limits(1):
        inverse = np.linalg.pinv(covariances[..., :-1, :-1], hermitian=True)
        return np.einsum("...ij,...j->...i", inverse, covariances[..., :-1, -1])


def shapley(covariances: Array) -> Array:
    """Each column's part of R squared, averaged over the orders of entry (Lindeman, Merenda and Gold 1980, p. 119 ff.)."""
    k = covariances.shape[-1] - 1
    explained = {
        chosen: _r_squared(covariances, chosen) for m in range(k + 1) for chosen in combinations(range(k), m)
    }
    parts = np.zeros((*covariances.shape[:-2], k))
    for chosen, before in explained.items():
        for j in set(range(k)) - set(chosen):
            after = explained[tuple(sorted((*chosen, j)))]
            parts[..., j] += (after - before) / (k * comb(k - 1, len(chosen)))
    return parts


def _r_squared(covariances: Array, chosen: tuple[int, ...]) -> Array:
    if not chosen:
        return np.zeros(covariances.shape[:-2])
    keep = [*chosen, covariances.shape[-1] - 1]
    some = covariances[..., keep, :][..., keep]
    total = some[..., -1, -1]
    explained = np.einsum("...i,...i->...", slopes(some), some[..., :-1, -1])
    return np.divide(explained, total, out=np.zeros_like(explained), where=total > 0)
