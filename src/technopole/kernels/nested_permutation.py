"""Simulated nulls: sites drawn at random without replacement; one random order of the sites serves every number of them.

The first n sites of a random order are a random sample of n, for every n: the histogram of pair distances, taken down each
time the order reaches a wanted n, costs as much for all sizes as for the largest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technopole.kernels.compiling import compiled
from technopole.kernels.pair_histogram import MATHS, TILE, Bins, Floats, Indices, Points, find_bins, sum_pairs

FLUSH = 1024


def streams(seed: int, count: int) -> list[np.random.SeedSequence]:
    """Return one random stream per simulation; the number of threads doesn't matter."""
    return np.random.SeedSequence(seed).spawn(count)


def draw(universe: Floats, size: int, stream: np.random.SeedSequence) -> Indices:
    """Return the locations of `size` establishments drawn without replacement, in random order.

    `universe` is the number of establishments at each location.
    """
    ends = np.cumsum(universe).astype(np.int64)
    random = np.random.Generator(np.random.Philox(stream))
    drawn = random.choice(int(ends[-1]), size=size, replace=False, shuffle=True)
    return np.searchsorted(ends, drawn, side="right").astype(np.int64)


def nested(at: Points, order: Indices, sizes: Indices, bins: Bins) -> Floats:
    """Return sizes x (2 + bins): pairs among the first n of `order`: at distance 0, by bin, and beyond.

    `sizes` ascend. Pairs at one location are those at distance 0.
    """
    out = np.zeros((len(sizes), bins.count + 2), dtype=np.int64)
    _nested(
        np.ascontiguousarray(at[:, order]),
        order,
        at.shape[1],
        sizes,
        np.float32(1 / bins.width),
        bins.count,
        out,
    )
    return out.astype(np.float64)


def weighted(at: Points, order: Indices, weights: Floats, bins: Bins) -> Floats:
    """Return 2 + bins sums of w_i w_j for weights at the first sites of `order`: at distance 0, by bin, and beyond."""
    here = order[: len(weights)]
    there = np.ascontiguousarray(at[:, here])
    out = np.zeros(bins.count + 1)
    sum_pairs(
        there, there, weights, weights, 0, len(weights), True, np.float32(1 / bins.width), bins.count, out
    )
    _, spot = np.unique(here, return_inverse=True)
    same = float((np.bincount(spot, weights) ** 2).sum() - (weights**2).sum()) / 2
    out[0] = max(out[0] - same, 0.0)
    return np.concatenate([[same], out])


@compiled(fastmath=MATHS, error_model="numpy")
def _nested(
    at: Points,
    order: Indices,
    locations: int,
    sizes: Indices,
    scale: np.float32,
    count: int,
    out: NDArray[np.int64],
) -> None:
    found = np.empty(TILE, np.int32)
    index = found.view(np.uint32)
    one, two = np.zeros(count + 1, np.int32), np.zeros(count + 1, np.int32)
    three, four = np.zeros(count + 1, np.int32), np.zeros(count + 1, np.int32)
    total = np.zeros(count + 2, np.int64)
    there = np.zeros(locations, np.int32)
    top, row = np.float32(count), 0
    for i in range(order.size):
        for j in range(0, i, TILE):
            m = min(TILE, i - j)
            x, y, z = at[0, j : j + m], at[1, j : j + m], at[2, j : j + m]
            find_bins(x, y, z, at[0, i], at[1, i], at[2, i], scale, top, found)
            whole = m // 4 * 4
            for k in range(0, whole, 4):
                one[index[k]] += np.int32(1)
                two[index[k + 1]] += np.int32(1)
                three[index[k + 2]] += np.int32(1)
                four[index[k + 3]] += np.int32(1)
            for k in range(whole, m):
                one[index[k]] += np.int32(1)
        same = there[order[i]]
        there[order[i]] += np.int32(1)
        total[0] += same
        total[1] -= same
        reached = row < sizes.size and i + 1 == sizes[row]
        if reached or (i + 1) % FLUSH == 0:
            for k in range(count + 1):
                total[k + 1] += np.int64(one[k]) + two[k] + three[k] + four[k]
            one[:] = 0
            two[:] = 0
            three[:] = 0
            four[:] = 0
        if reached:
            out[row] = total
            row += 1
