"""Conditional permutation of local statistics, without replacement.

Each place keeps its value; its k neighbours take k of the other n - 1 values at random, none twice. A statistic that is a
weighted sum over the neighbours (local Moran, G, G*) needs the distribution of that sum alone.

One ordered draw of kmax + 1 of all n places serves a whole block of places: for a place with k neighbours the draw without
the place itself is an ordered sample of the others, so its first k are what is wanted. Where links count alike the sum is a
prefix sum of the draw; sorted once, it answers every place of the block by bisection, and only the few draws that hold the place
itself are corrected one by one. The memory depends on neither the number of permutations nor that of places.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from technopole.kernels.blocks import in_blocks, ranges
from technopole.kernels.compiling import compiled

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
BLOCK = 128  # places that share draws
DRAWS = 1024  # draws at a time
TIE = 1e-12  # sums closer than this, relative to the largest sum there can be, are equal


@dataclass(frozen=True, slots=True)
class Tails:
    """How many of the permuted sums of each place are at most, and at least, the observed one (ties count in both)."""

    at_most: Indices
    at_least: Indices
    permutations: int

    def p_low(self) -> Floats:
        """Return (1 + at most) / (1 + permutations)."""
        return (1 + self.at_most) / (1 + self.permutations)

    def p_high(self) -> Floats:
        """Return (1 + at least) / (1 + permutations)."""
        return (1 + self.at_least) / (1 + self.permutations)


def tails(
    values: Floats,
    indptr: Indices,
    indices: Indices,
    data: Floats,
    *,
    permutations: int,
    seed: int,
    threads: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Tails:
    """Compare the weighted sum over each place's neighbours with its conditional permutation distribution.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In an order that hangs on neither names nor rows, as the random numbers do on this order.
    indptr, indices, data : ndarray
        Links of the places, compressed by rows; no place is linked to itself.
    permutations, seed : int
    threads : int, optional
        Changes nothing but the time.
    progress : callable
        Is called with the number of places done, from any thread.
    """
    n, most = len(values), int(np.diff(indptr).max(initial=0))
    z = values - values.mean()
    tolerance = TIE * max(float(np.abs(values).max(initial=0.0)), float(np.abs(z).max(initial=0.0)))
    alike = equal_in_rows(indptr, data)

    def block(limits: tuple[int, int]) -> tuple[Indices, Indices]:
        first, last = limits
        low, high = np.zeros(last - first, np.int64), np.zeros(last - first, np.int64)
        for part, (start, stop) in enumerate(ranges(permutations, DRAWS)):
            stream = np.random.Generator(
                np.random.Philox(np.random.SeedSequence([seed, first // BLOCK, part]))
            )
            drawn = np.empty((stop - start, most + 1), np.int64)
            _draw(stream, n, drawn)
            if alike:
                _by_bisection(z, indptr, indices, first, drawn, tolerance, low, high)
            else:
                _one_by_one(z, indptr, indices, data, first, drawn, tolerance, low, high)
        progress(last - first)
        return low, high

    found = in_blocks(block, ranges(n, BLOCK), threads=threads)
    at_most, at_least = (np.concatenate([part[side] for part in found]) for side in (0, 1))
    return Tails(at_most, at_least, permutations)


def equal_in_rows(indptr: Indices, data: Floats) -> bool:
    """Tell whether the links of each place count alike."""
    full = np.diff(indptr) > 0
    if not full.any():
        return True
    starts = indptr[:-1][full]
    low, high = np.minimum.reduceat(data, starts), np.maximum.reduceat(data, starts)
    return bool((high - low <= 1e-12 * high).all())


@compiled
def _draw(stream: np.random.Generator, n: int, drawn: Indices) -> None:
    """Fill each row with distinct indices below n."""
    seen = np.zeros(n, np.uint8)
    for r in range(drawn.shape[0]):
        for m in range(drawn.shape[1]):
            chosen = int(stream.random() * n)
            while seen[chosen]:
                chosen = int(stream.random() * n)
            seen[chosen] = 1
            drawn[r, m] = chosen
        for m in range(drawn.shape[1]):
            seen[drawn[r, m]] = 0


@compiled
def _by_bisection(
    z: Floats,
    indptr: Indices,
    indices: Indices,
    first: int,
    drawn: Indices,
    tolerance: float,
    low: Indices,
    high: Indices,
) -> None:
    """Links that count alike: the weighted sum is the weight times a prefix sum of the draw."""
    rounds, width = drawn.shape
    sums = np.empty((width, rounds))
    for r in range(rounds):
        total = 0.0
        for m in range(width):
            total += z[drawn[r, m]]
            sums[m, r] = total
    observed = np.zeros(len(low))
    slot = np.full(width, -1, np.int64)
    slots = 0
    for i in range(len(low)):
        k = indptr[first + i + 1] - indptr[first + i]
        for link in range(indptr[first + i], indptr[first + i + 1]):
            observed[i] += z[indices[link]]
        if k > 0 and slot[k - 1] < 0:
            slot[k - 1] = slots
            slots += 1
    ordered = np.empty((slots, rounds))
    for m in range(width):
        if slot[m] >= 0:
            ordered[slot[m]] = np.sort(sums[m])
    for i in range(len(low)):
        k = indptr[first + i + 1] - indptr[first + i]
        if k > 0:
            near = tolerance * k
            low[i] += np.searchsorted(ordered[slot[k - 1]], observed[i] + near, side="right")
            high[i] += rounds - np.searchsorted(ordered[slot[k - 1]], observed[i] - near, side="left")
    for r in range(rounds):
        for m in range(width):
            i = drawn[r, m] - first
            if 0 <= i < len(low):
                k = indptr[first + i + 1] - indptr[first + i]
                if m < k:  # the place itself is in its sample: the next of the draw stands in
                    near = tolerance * k
                    wrong, right = sums[k - 1, r], sums[k, r] - z[first + i]
                    low[i] += (right <= observed[i] + near) - (wrong <= observed[i] + near)
                    high[i] += (right >= observed[i] - near) - (wrong >= observed[i] - near)


@compiled
def _one_by_one(
    z: Floats,
    indptr: Indices,
    indices: Indices,
    data: Floats,
    first: int,
    drawn: Indices,
    tolerance: float,
    low: Indices,
    high: Indices,
) -> None:
    rounds = drawn.shape[0]
    lags = np.empty(rounds)
    shuffled = np.empty((drawn.shape[1], rounds))
    for r in range(rounds):
        for m in range(drawn.shape[1]):
            shuffled[m, r] = z[drawn[r, m]]
    for i in range(len(low)):
        start = indptr[first + i]
        k = indptr[first + i + 1] - start
        if k == 0:
            continue
        observed, whole = 0.0, 0.0
        for m in range(k):
            observed += data[start + m] * z[indices[start + m]]
            whole += data[start + m]
        lags[:] = 0.0
        for m in range(k):
            weight = data[start + m]
            for r in range(rounds):
                lags[r] += weight * shuffled[m, r]
        near = tolerance * whole
        for r in range(rounds):
            low[i] += lags[r] <= observed + near
            high[i] += lags[r] >= observed - near
    for r in range(rounds):
        for position in range(drawn.shape[1]):
            i = drawn[r, position] - first
            if 0 <= i < len(low):
                start = indptr[first + i]
                k = indptr[first + i + 1] - start
                if position < k:
                    observed, whole, wrong = 0.0, 0.0, 0.0
                    for m in range(k):
                        observed += data[start + m] * z[indices[start + m]]
                        whole += data[start + m]
                        wrong += data[start + m] * shuffled[m, r]
                    right = wrong + data[start + position] * (shuffled[k, r] - z[first + i])
                    near = tolerance * whole
                    low[i] += (right <= observed + near) - (wrong <= observed + near)
                    high[i] += (right >= observed - near) - (wrong >= observed - near)
