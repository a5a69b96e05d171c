"""Histograms of pair distances: within one set of points, between two, and per point.

Distances are binned linearly: bin b counts b w <= d < (b + 1) w, one more bin takes whatever lies beyond. The distance is
the straight line between the coordinates: Euclidean in the plane, the chord through the earth on the sphere (turn the
edges into great-circle kilometres afterwards; that is one-to-one). Coordinates are centred and held as float32: the error
is about 1e-7 of the extent. Counts add up exactly in any order; weighted sums are taken in fixed blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from technopole.kernels.blocks import in_blocks
from technopole.kernels.compiling import compiled

Floats = NDArray[np.float64]
Points = NDArray[np.float32]
Indices = NDArray[np.int64]
Found = NDArray[np.int32]

PAIRS_IN_BLOCK = 1 << 26
TILE = 1024
MATHS = {"contract", "reassoc", "nnan", "ninf", "nsz"}


@dataclass(frozen=True, slots=True)
class Bins:
    """`count` bins of equal `width` (km, as the coordinates) from 0."""

    count: int
    width: float

    @property
    def limit(self) -> float:
        """Where the last bin ends."""
        return self.count * self.width

    @property
    def centres(self) -> Floats:
        """Middles of the bins."""
        return (np.arange(self.count, dtype=np.float64) + 0.5) * self.width


def points(coordinates: Floats, centre: Floats | None = None) -> Points:
    """Return (L, 2) or (L, 3) coordinates as the (3, L) float32 array the kernels take; take parts with ``[:, index]``.

    Two sets that are compared need the same `centre` (none = the middle of the coordinates' range).
    """
    middle = (coordinates.min(axis=0) + coordinates.max(axis=0)) / 2 if centre is None else centre
    out = np.zeros((3, len(coordinates)), dtype=np.float32)
    out[: coordinates.shape[1]] = (coordinates - middle).T
    return out


def diameter(at: Points) -> float:
    """Return an upper bound of the distances between the points: the diagonal of their box."""
    return float(np.sqrt(((at.max(axis=1) - at.min(axis=1)).astype(np.float64) ** 2).sum()))


def within(at: Points, bins: Bins, weights: Floats | None = None, *, threads: int | None = None) -> Floats:
    """Return the histogram over pairs i < j of one set, `bins.count` + 1 long: the number, or the sum of w_i w_j.

    A pair of distinct points is counted once. Establishments that share a point are collapsed beforehand: give their
    number (or summed weight) as `weights` and add their own pairs, `colocated`, at distance 0.
    """
    return _histogram(at, at, bins, weights, weights, same=True, threads=threads)


def between(
    a: Points,
    b: Points,
    bins: Bins,
    weights_a: Floats | None = None,
    weights_b: Floats | None = None,
    *,
    threads: int | None = None,
) -> Floats:
    """Return the histogram over all pairs of one point of `a` and one of `b`; weights for both or neither."""
    return _histogram(a, b, bins, weights_a, weights_b, same=False, threads=threads)


def colocated(weight: Floats, square: Floats) -> float:
    """Return the sum of w_i w_j over pairs at the same point, from the points' sums of w and of w^2 (counts: w^2 = w)."""
    return float((weight**2 - square).sum() / 2)


def degrees(at: Points, rows: Indices, bins: Bins, held: Floats) -> Floats:
    """Return rows x bins: the number of others by their distance from each of `rows`, `held` being how many each point holds.

    What lies beyond the last bin is left out, and skipped fast where the points are in `curve_order`.
    """
    found = np.zeros((len(rows), bins.count))
    _degrees(at, held.astype(np.int32), rows, _boxes(at), *_scale(bins), found)
    return found


def curve_order(at: Points) -> Indices:
    """Return the order of the points along a Morton curve: neighbours in space become neighbours in memory."""
    extent = np.ptp(at, axis=1).max() or 1.0
    cell = ((at - at.min(axis=1, keepdims=True)) / extent * 1023).astype(np.int64)
    key = np.zeros(at.shape[1], dtype=np.int64)
    for bit in range(10):
        for axis in range(3):
            key |= ((cell[axis] >> bit) & 1) << (3 * bit + axis)
    return np.argsort(key, kind="stable")


def _histogram(
    a: Points,
    b: Points,
    bins: Bins,
    weights_a: Floats | None,
    weights_b: Floats | None,
    *,
    same: bool,
    threads: int | None,
) -> Floats:
    a, b = (np.ascontiguousarray(one) for one in (a, b))  # parts taken with [:, index] lie point by point

    def block(rows: tuple[int, int]) -> Floats:
        out = np.zeros(bins.count + 1)
        if weights_a is None or weights_b is None:
            count_pairs(a, b, *rows, same, *_scale(bins), out)
        else:
            sum_pairs(a, b, weights_a, weights_b, *rows, same, *_scale(bins), out)
        return out

    parts = in_blocks(block, row_blocks(a.shape[1], b.shape[1], same=same), threads=threads)
    total = np.zeros(bins.count + 1)
    for part in parts:
        total += part
    return total


def row_blocks(a: int, b: int, *, same: bool) -> list[tuple[int, int]]:
    """Cut the rows into blocks of about equally many pairs; depends on the numbers of points only."""
    pairs = a * (a - 1) // 2 if same else a * b
    parts = max(1, -(-pairs // PAIRS_IN_BLOCK))
    share = np.arange(parts + 1) / parts
    edges = a * (1 - np.sqrt(1 - share)) if same else a * share
    cuts = np.unique(np.round(edges).astype(int))
    return [(int(i), int(j)) for i, j in pairwise(cuts)]


def _scale(bins: Bins) -> tuple[np.float32, int]:
    return np.float32(1 / bins.width), bins.count


def _boxes(at: Points) -> Points:
    """Return tiles x 2 x 3: the lowest and highest coordinates of every `TILE` points."""
    starts = np.arange(0, at.shape[1], TILE)
    return np.stack([np.minimum.reduceat(at, starts, axis=1).T, np.maximum.reduceat(at, starts, axis=1).T], 1)


@compiled(fastmath=MATHS, error_model="numpy")
def find_bins(
    x: Points,
    y: Points,
    z: Points,
    a: float,
    b: float,
    c: float,
    scale: np.float32,
    top: np.float32,
    out: Found,
) -> None:
    """Write the bin of every point's distance from (a, b, c)."""
    for k in range(x.size):
        p, q, r = x[k] - a, y[k] - b, z[k] - c
        out[k] = np.int32(min(np.sqrt(p * p + q * q + r * r) * scale, top))


@compiled(fastmath=MATHS, error_model="numpy")
def count_pairs(
    a: Points, b: Points, start: int, stop: int, same: bool, scale: np.float32, count: int, out: Floats
) -> None:
    """Add to `out` the number of pairs by bin; four private histograms, so that no increment waits for the last."""
    found = np.empty(TILE, np.int32)
    at = found.view(np.uint32)
    one, two = np.zeros(count + 1, np.int32), np.zeros(count + 1, np.int32)
    three, four = np.zeros(count + 1, np.int32), np.zeros(count + 1, np.int32)
    top, n = np.float32(count), b.shape[1]
    for i in range(start, stop):
        for j in range(i + 1 if same else 0, n, TILE):
            m = min(TILE, n - j)
            x, y, z = b[0, j : j + m], b[1, j : j + m], b[2, j : j + m]
            find_bins(x, y, z, a[0, i], a[1, i], a[2, i], scale, top, found)
            whole = m // 4 * 4
            for k in range(0, whole, 4):
                one[at[k]] += np.int32(1)
                two[at[k + 1]] += np.int32(1)
                three[at[k + 2]] += np.int32(1)
                four[at[k + 3]] += np.int32(1)
            for k in range(whole, m):
                one[at[k]] += np.int32(1)
    for k in range(count + 1):
        out[k] += np.int64(one[k]) + two[k] + three[k] + four[k]


@compiled(fastmath=MATHS, error_model="numpy")
def sum_pairs(
    a: Points,
    b: Points,
    weights_a: Floats,
    weights_b: Floats,
    start: int,
    stop: int,
    same: bool,
    scale: np.float32,
    count: int,
    out: Floats,
) -> None:
    """Add to `out` the summed products of weights by bin."""
    found, value = np.empty(TILE, np.int32), np.empty(TILE, np.float64)
    at = found.view(np.uint32)
    one, two = np.zeros(count + 1), np.zeros(count + 1)
    top, n = np.float32(count), b.shape[1]
    for i in range(start, stop):
        own = weights_a[i]
        for j in range(i + 1 if same else 0, n, TILE):
            m = min(TILE, n - j)
            x, y, z = b[0, j : j + m], b[1, j : j + m], b[2, j : j + m]
            find_bins(x, y, z, a[0, i], a[1, i], a[2, i], scale, top, found)
            for k in range(m):
                value[k] = own * weights_b[j + k]
            whole = m // 2 * 2
            for k in range(0, whole, 2):
                one[at[k]] += value[k]
                two[at[k + 1]] += value[k + 1]
            if whole < m:
                one[at[whole]] += value[whole]
    for k in range(count + 1):
        out[k] += one[k] + two[k]


@compiled(fastmath=MATHS, error_model="numpy")
def _degrees(
    at: Points, held: Found, rows: Indices, boxes: Points, scale: np.float32, count: int, out: Floats
) -> None:
    found = np.empty(TILE, np.int32)
    index = found.view(np.uint32)
    one, two = np.zeros(count + 1, np.int32), np.zeros(count + 1, np.int32)
    three, four = np.zeros(count + 1, np.int32), np.zeros(count + 1, np.int32)
    top, n = np.float32(count), at.shape[1]
    limit = (top / scale * np.float32(1.000001)) ** 2
    for row in range(rows.size):
        i = rows[row]
        a, b, c = at[0, i], at[1, i], at[2, i]
        one[:] = 0
        two[:] = 0
        three[:] = 0
        four[:] = 0
        for tile in range(boxes.shape[0]):
            gap = np.float32(0)
            for axis in range(3):
                short = max(
                    boxes[tile, 0, axis] - at[axis, i], at[axis, i] - boxes[tile, 1, axis], np.float32(0)
                )
                gap += short * short
            if gap > limit:
                continue
            j = tile * TILE
            m = min(TILE, n - j)
            find_bins(at[0, j : j + m], at[1, j : j + m], at[2, j : j + m], a, b, c, scale, top, found)
            own = held[j : j + m]
            whole = m // 4 * 4
            for k in range(0, whole, 4):
                one[index[k]] += own[k]
                two[index[k + 1]] += own[k + 1]
                three[index[k + 2]] += own[k + 2]
                four[index[k + 3]] += own[k + 3]
            for k in range(whole, m):
                one[index[k]] += own[k]
        one[0] -= held[i]
        for k in range(count):
            out[row, k] = np.int64(one[k]) + two[k] + three[k] + four[k]
