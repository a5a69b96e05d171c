"""Weight of the neighbours of each focal site by distance: within radii, decided exactly, or smoothed by a kernel.

Distances are taken in single precision, site by site against chunks of sites that lie together, and sorted into fine cells.
A cell that holds a radius decides nothing: its pairs are measured again in double precision. So d <= r is decided as by the
double-precision distance, ties included, at the speed of the single-precision one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from technopole.kernels.blocks import in_blocks, ranges
from technopole.kernels.compiling import compiled

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
CHUNK = 256  # sites that lie together
CELLS = 8192  # fine cells of distance; their table stays in the processor's nearest cache
ROWS = 128  # focal sites per block
SINGLE = 16 * 6e-8  # single-precision error of a distance, relative, with room


@dataclass(frozen=True, slots=True)
class Sources:
    """Weighted sites in chunks that lie together: coordinates (3, N), and in single precision about each chunk's middle.

    `order` leads from here to the rows given: other weights of the same sites are ``replace(given, weight=other[given.order])``.
    """

    order: Indices
    at: Floats
    weight: Floats
    starts: Indices
    middle: Floats
    near: npt.NDArray[np.float32]
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Bins:
    """How distances are counted.

    `lookup` leads from a fine cell (`scale` per km) to a bin; one past the overflow bin = measure again against `edges`.
    `smooth` (bins, R) is what a neighbour in a bin adds to each output, non-zero in `window`; empty = cumulative.
    """

    reach: float
    scale: np.float32
    lookup: npt.NDArray[np.uint16]
    edges: Floats
    smooth: Floats
    window: Indices


def sources(coordinates: Floats, weight: Floats) -> Sources:
    """Sort weighted sites (L, 2) or (L, 3) into chunks: strips along the first coordinate, cut along the second."""
    order, starts = _chunks(coordinates)
    at = _columns(coordinates[order])
    low = np.minimum.reduceat(at, starts[:-1], axis=1).T.copy()
    high = np.maximum.reduceat(at, starts[:-1], axis=1).T.copy()
    middle = (low + high) / 2
    near = at - np.repeat(middle, np.diff(starts), axis=0).T
    return Sources(
        order, at, weight[order].astype(np.float64), starts, middle, near.astype(np.float32), low, high
    )


def within(radii: Floats, extent: float) -> Bins:
    """Count neighbours within each radius (ascending, straight-line km): cumulative, exact.

    `extent` is at least the largest distance between sources.
    """
    edges = np.asarray(radii, dtype=np.float64)
    reach = max(float(edges[-1]), 1e-9)
    error = SINGLE * (reach + extent)
    scale = (CELLS - 2) / (reach + error)
    room = 0.01 + scale * error
    cell = np.arange(CELLS)
    first = np.searchsorted(edges, (cell - room) / scale)
    last = np.searchsorted(edges, (cell + 1 + room) / scale)
    lookup = np.where(first == last, first, len(edges) + 1)
    lookup[-1] = len(edges)
    return Bins(
        reach,
        np.float32(scale),
        lookup.astype(np.uint16),
        edges,
        np.empty((0, 0)),
        np.empty((0, 2), np.int64),
    )


def smoothed(reach: float, smooth: Floats) -> Bins:
    """Weigh neighbours in equal bins of straight-line distance up to `reach` by the rows of `smooth` (bins, R)."""
    count = len(smooth)
    used = smooth != 0
    first = used.argmax(axis=1)
    last = np.where(used.any(axis=1), smooth.shape[1] - used[:, ::-1].argmax(axis=1), first)
    lookup = np.arange(count + 1, dtype=np.uint16)
    window = np.column_stack([first, last]).astype(np.int64)
    return Bins(reach, np.float32(count / reach), lookup, np.empty(0), np.ascontiguousarray(smooth), window)


def neighbours(focal: Floats, given: Sources, bins: Bins, *, threads: int | None = None) -> Floats:
    """Return (focal sites, R): the weight of all sources by distance from each focal site (itself included, if it is one)."""
    at = _columns(focal)

    def block(rows: tuple[int, int]) -> Floats:
        part = np.ascontiguousarray(at[:, slice(*rows)])
        return _sweep(
            part,
            given.at,
            given.weight,
            given.starts,
            given.middle,
            given.near,
            given.low,
            given.high,
            bins.reach,
            bins.scale,
            bins.lookup,
            bins.edges,
            bins.smooth,
            bins.window,
        )

    width = bins.smooth.shape[1] or len(bins.edges)
    found = in_blocks(block, ranges(len(focal), ROWS), threads=threads)
    return np.concatenate(found) if found else np.empty((0, width))


def local_shares(
    mine: Floats,
    mine_row: Indices,
    every: Floats,
    every_row: Indices,
    weight: Floats,
    times: Floats,
    own: Floats,
    whole: Floats,
    *,
    itself: bool,
) -> Floats:
    """Return (3, R): sums over sites of the share of some neighbours among all, of `whole`, and of the sites left out.

    Site i stands for `times` sites alike and takes itself (its weight, `own` times) off its row of `every`, and with
    `itself` off its row of `mine`. Sites without neighbours are left out of both sums and make up the third.
    """
    return _local_shares(mine, mine_row, every, every_row, weight, times, own, whole, 1.0 if itself else 0.0)


@compiled
def _local_shares(
    mine: Floats,
    mine_row: Indices,
    every: Floats,
    every_row: Indices,
    weight: Floats,
    times: Floats,
    own: Floats,
    whole: Floats,
    itself: float,
) -> Floats:
    out = np.zeros((3, own.size))
    for i in range(weight.size):
        for r in range(own.size):
            self_weight = weight[i] * own[r]
            around = every[every_row[i], r] - self_weight
            if around > 1e-12 * self_weight:
                out[0, r] += times[i] * (mine[mine_row[i], r] - itself * self_weight) / around
                out[1, r] += times[i] * whole[i]
            else:
                out[2, r] += times[i]
    return out


def extent(coordinates: Floats) -> float:
    """Return the diagonal of the box around some places: at least the largest straight-line distance between them."""
    return float(np.linalg.norm(np.ptp(coordinates, axis=0))) if len(coordinates) else 0.0


def _columns(coordinates: Floats) -> Floats:
    columns = np.zeros((3, len(coordinates)))
    columns[: coordinates.shape[1]] = coordinates.T
    return columns


def _chunks(coordinates: Floats) -> tuple[Indices, Indices]:
    count = len(coordinates)
    strips = max(1, round(math.sqrt(count / CHUNK)))
    tall = -(-count // strips)
    order = np.lexsort((*coordinates.T[2:], coordinates[:, 1], coordinates[:, 0]))
    parts = [order[slice(*strip)] for strip in ranges(count, tall)]
    parts = [part[np.argsort(coordinates[part, 1], kind="stable")] for part in parts]
    starts = [a + s for a, b in ranges(count, tall) for s, _ in ranges(b - a, CHUNK)]
    return np.concatenate(parts), np.array([*starts, count], dtype=np.int64)


@compiled
def _sweep(
    focal: Floats,
    at: Floats,
    weight: Floats,
    starts: Indices,
    middle: Floats,
    near: npt.NDArray[np.float32],
    low: Floats,
    high: Floats,
    reach: float,
    scale: np.float32,
    lookup: npt.NDArray[np.uint16],
    edges: Floats,
    smooth: Floats,
    window: Indices,
) -> Floats:
    bins = len(smooth) or len(edges)
    out = np.zeros((focal.shape[1], smooth.shape[1] or len(edges)))
    cell = np.empty(CHUNK, np.uint32)
    again = np.empty(CHUNK, np.int64)
    farthest = np.float32(lookup.size - 1)
    beyond = (reach * (1 + 1e-6)) ** 2
    unsure = np.uint64(bins + 1)
    stride = np.uint64(bins + 2)
    found = np.zeros(4 * (bins + 2))  # four counters in turn: one waits less for its own last sum
    for i in range(focal.shape[1]):
        found[:] = 0.0
        for c in range(starts.size - 1):
            gap = 0.0
            for k in range(3):
                apart = max(low[c, k] - focal[k, i], 0.0, focal[k, i] - high[c, k])
                gap += apart * apart
            if gap > beyond:
                continue
            start, size = starts[c], starts[c + 1] - starts[c]
            x = np.float32(focal[0, i] - middle[c, 0])
            y = np.float32(focal[1, i] - middle[c, 1])
            z = np.float32(focal[2, i] - middle[c, 2])
            xs = near[0, start : start + size]
            ys = near[1, start : start + size]
            zs = near[2, start : start + size]
            for j in range(size):
                dx, dy, dz = x - xs[j], y - ys[j], z - zs[j]
                place = math.sqrt(dx * dx + dy * dy + dz * dz) * scale
                place = place if place < farthest else farthest
                cell[j] = np.uint32(np.int32(place))
            weights = weight[start : start + size]
            pending = np.uint64(0)
            for j in range(size):
                at_j = np.uint64(j)
                k = np.uint64(lookup[cell[at_j]])
                found[k + stride * (at_j & np.uint64(3))] += weights[at_j]
                again[pending] = start + j
                pending += np.uint64(k == unsure)
            for p in range(pending):
                j = again[p]
                dx = focal[0, i] - at[0, j]
                dy = focal[1, i] - at[1, j]
                dz = focal[2, i] - at[2, j]
                found[np.searchsorted(edges, math.sqrt(dx * dx + dy * dy + dz * dz))] += weight[j]
        total = 0.0
        for b in range(bins):
            k = np.uint64(b)
            here = (
                found[k]
                + found[k + stride]
                + found[k + np.uint64(2) * stride]
                + found[k + np.uint64(3) * stride]
            )
            if smooth.size == 0:
                total += here
                out[i, b] = total
            elif here != 0.0:
                for r in range(window[b, 0], window[b, 1]):
                    out[i, r] += here * smooth[b, r]
    return out
