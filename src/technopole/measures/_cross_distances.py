"""Distances between the establishments of two industries: as they stand, and as chance would have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from technopole import progress
from technopole.kernels import k_density, pair_histogram
from technopole.kernels.blocks import in_blocks, ranges
from technopole.kernels.k_density import Smoother
from technopole.kernels.neighbour_counts import Sources
from technopole.kernels.nested_permutation import streams
from technopole.kernels.pair_histogram import Floats
from technopole.measures._pair_distances import Distances
from technopole.measures._relative import Marks, Pair

Place = Callable[[np.random.SeedSequence], tuple[Pair, Sources]]
BLOCK = 8  # simulations


@dataclass(frozen=True, slots=True)
class Cross:
    """The share of pairs (or of their weight) at distance 0 and by bin."""

    share: Floats
    pairs: float


def measure(space: Distances, pair: Pair, *, threads: int | None = None) -> Cross:
    """Take the distances between the establishments of the two industries."""
    a, b = pair.focal, pair.around
    heavy_a, heavy_b = a.weight * a.times, b.weight * b.times
    single = bool((heavy_a == 1).all() and (heavy_b == 1).all())
    found = pair_histogram.between(
        space.at[:, a.location],
        space.at[:, b.location],
        space.bins,
        None if single else heavy_a,
        None if single else heavy_b,
        threads=threads,
    )
    same = float(_by_location(a, space) @ _by_location(b, space))
    inner = found[:-1]
    inner[0] = max(inner[0] - same, 0.0)
    total = a.total * b.total
    return Cross(np.concatenate([[same], inner]) / (total or 1.0), float(a.size * b.size))


def bandwidth(space: Distances, cross: Cross, reference: Floats) -> float:
    """Return Silverman's bandwidth over all pairs, in kilometres; where they are all equally far apart, the reference's."""
    found = k_density.silverman(space.scale, cross.share, cross.pairs)
    narrow = float(space.scale.width.max()) / 2
    return found if found > narrow else k_density.silverman(space.scale, reference, cross.pairs)


def simulated(space: Distances, place: Place, smooth: Smoother, simulations: int, seed: int) -> Floats:
    """Return curves (simulations, distances) of establishments put anew by `place`."""
    drawn = streams(seed, simulations)
    told = progress.counter("simulations", simulations)

    def block(part: tuple[int, int]) -> Floats:
        shares = [measure(space, place(stream)[0], threads=1).share for stream in drawn[slice(*part)]]
        told(len(shares))
        return smooth(np.array(shares))

    with threadpool_limits(1):
        return np.concatenate(in_blocks(block, ranges(simulations, BLOCK)))


def _by_location(marks: Marks, space: Distances) -> Floats:
    found = np.bincount(
        marks.location, weights=marks.weight * marks.times, minlength=len(space.sites.locations)
    )
    return found.astype(np.float64)
