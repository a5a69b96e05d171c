"""Exact mean and covariance of a pair-distance histogram when sites are drawn at random without replacement.

A = sum over pairs i < j of w_i w_j [d(X_i, X_j) in bin], X = n of the N sites, drawn without replacement, w the industry's
weights (all 1 where establishments are counted). Two pairs have both sites in common, one, or none:

    E[A_b A_c] = W2 e2 + W3 e3 + W4 e4        e2 = 2 [b = c] T_b / (N)_2
    e3 = S_bc / (N)_3                         e4 = 4 (T_b T_c - S_bc - [b = c] T_b) / (N)_4

T_b is the number of pairs of sites in bin b, g(b) a site's number of others at that distance, S = sum over sites of
g g' - diag(g), (N)_k = N (N - 1) ... (N - k + 1); W2, W3, W4 are sums over the weights. So one sweep over all pairs of
locations gives every n and every weighting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from technopole.kernels.blocks import in_blocks, ranges
from technopole.kernels.pair_histogram import Bins, Floats, Points, curve_order, degrees

ROWS = 256


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over an industry's weights: `pairs` of w_i w_j, `same`, `sharing` and `apart` of (w_i w_j)(w_k w_l)."""

    n: int
    pairs: float
    same: float
    sharing: float
    apart: float

    @classmethod
    def of(cls, weights: Floats) -> Sums:
        """Take the sums from the weights themselves."""
        w = weights / weights.mean()
        p1, p2, p3, p4 = (float((w**k).sum()) for k in (1, 2, 3, 4))
        pairs, same = (p1**2 - p2) / 2, (p2**2 - p4) / 2
        sharing = p2 * p1**2 - p2**2 - 2 * p3 * p1 + 2 * p4
        return cls(len(w), pairs, same, sharing, pairs**2 - same - sharing)

    @classmethod
    def of_count(cls, n: int) -> Sums:
        """Take the sums of n equal weights, without the rounding of large powers."""
        pairs = n * (n - 1) / 2
        return cls(n, pairs, pairs, pairs * 2 * (n - 2), pairs * (n - 2) * (n - 3) / 2)


@dataclass(frozen=True, slots=True)
class Universe:
    """What the sweep over all pairs of locations leaves.

    `fine` is T by bin (first entry: distance 0), `coarse` the same in bins `factor` times as wide; `sharing` is
    the sum of g g' - diag(g) in the coarse bins.
    """

    sites: float
    factor: int
    fine: Floats
    coarse: Floats
    sharing: Floats


def sweep(
    at: Points,
    universe: Floats,
    bins: Bins,
    factor: int,
    *,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Universe:
    """Sweep all pairs of locations once; `universe` is the number of sites at each, `bins.count` a multiple of `factor`.

    `progress` is called with the number of rows done, from any thread.
    """
    there = np.flatnonzero(universe)
    there = there[curve_order(at[:, there])]
    points, held = np.ascontiguousarray(at[:, there]), universe[there]

    def block(rows: tuple[int, int]) -> tuple[Floats, Floats]:
        own = held[slice(*rows)]
        found = degrees(points, np.arange(*rows), bins, held)
        wide = np.column_stack([own - 1, found.reshape(len(own), -1, factor).sum(axis=2)])
        if progress is not None:
            progress(len(own))
        return np.concatenate([[own @ (own - 1)], own @ found]), wide.T @ (wide * own[:, None])

    fine, sharing = np.zeros(bins.count + 1), np.zeros((bins.count // factor + 1,) * 2)
    with threadpool_limits(1):
        for group in ranges(len(there), 64 * ROWS):
            rows = [(group[0] + a, group[0] + b) for a, b in ranges(group[1] - group[0], ROWS)]
            for pairs, gram in in_blocks(block, rows, threads=threads):
                fine += pairs / 2
                sharing += gram
    coarse = widen(fine, factor)
    sharing[np.diag_indices_from(sharing)] -= 2 * coarse
    return Universe(float(held.sum()), factor, fine, coarse, sharing)


def widen(histogram: Floats, factor: int) -> Floats:
    """Return a histogram (distance 0, then bins) in bins `factor` times as wide."""
    return np.concatenate([histogram[:1], histogram[1:].reshape(-1, factor).sum(axis=1)])


def mean(universe: Universe, fine: bool = True) -> Floats:
    """Return the expected share of an industry's pairs in each bin: the universe's."""
    pairs = universe.sites * (universe.sites - 1) / 2
    return (universe.fine if fine else universe.coarse) / pairs


def covariance(universe: Universe, sums: Sums, matrix: Floats) -> Floats:
    """Return the covariance of matrix @ (shares of the industry's pairs by coarse bin)."""
    n = universe.sites
    two, rest = n * (n - 1), max((n - 2) * (n - 3), 1.0)
    same, shared = sums.same / sums.pairs**2, sums.sharing / sums.pairs**2
    apart = 1 - same - shared
    total = matrix @ universe.coarse
    with threadpool_limits(1):
        diagonal = (matrix * universe.coarse) @ matrix.T
        sharing = matrix @ universe.sharing @ matrix.T
    # 4 apart / (N)_4 - 4 / (N)_2^2, without the difference of two nearly equal numbers
    beyond = (4 * n - 6) / rest - (same + shared) * two / rest
    out = 4 * beyond / two**2 * np.outer(total, total)
    out += (2 * same / two - 4 * apart / (two * rest)) * diagonal
    out += (shared / (two * max(n - 2, 1.0)) - 4 * apart / (two * rest)) * sharing
    return np.asarray((out + out.T) / 2, dtype=np.float64)
