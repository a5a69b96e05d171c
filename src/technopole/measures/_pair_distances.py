"""Pair distances of industries and of their reference, on common bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from technopole import progress
from technopole.errors import EmptyTable, WrongOption
from technopole.kernels import k_density, pair_histogram
from technopole.kernels.blocks import in_blocks
from technopole.kernels.k_density import Scale
from technopole.kernels.pair_histogram import Bins, Floats, Points
from technopole.spatial.site_table import Members, Sites

USUAL, MOST = 4096, 65_536  # bins
PER_BANDWIDTH = 4  # at least, where a bandwidth is given
ROWS = 2000
POINTS = 100


@dataclass(frozen=True, slots=True)
class Distances:
    """The locations, the bins of their distances (straight lines), and those in kilometres along the surface."""

    sites: Sites
    at: Points
    bins: Bins
    scale: Scale

    def of_reference(self) -> Floats:
        """Return the reference's pairs at distance 0 and by bin; of many locations, an even choice against all."""
        there = np.flatnonzero(self.sites.universe)
        rows = there[np.unique(np.linspace(0, len(there) - 1, min(len(there), ROWS)).astype(np.int64))]
        held = self.sites.universe[rows]
        found = pair_histogram.degrees(self.at, rows, self.bins, self.sites.universe)
        return np.concatenate([[held @ (held - 1)], held @ found])


@dataclass(frozen=True, slots=True)
class Observed:
    """One industry's pairs at distance 0 and by bin: `share` of them (or of their weight), `counted` = each pair once.

    `weights` = of each establishment; None = they are counted.
    """

    name: str
    n: int
    locations: int
    share: Floats
    counted: Floats
    weights: Floats | None

    @property
    def pairs(self) -> float:
        """Number of pairs of establishments."""
        return self.n * (self.n - 1) / 2


def measured(sites: Sites, bandwidth: float | None) -> Distances:
    """Set up bins: as many as usual, or more where a given bandwidth needs them."""
    at = pair_histogram.points(sites.locations.coordinates)
    extent = pair_histogram.diameter(at)
    if sites.universe.sum() < 2 or extent == 0:
        raise EmptyTable(
            "fewer than two locations have establishments, so there are no distances",
            fix="give establishments at their own coordinates, or places at finer detail",
        )
    wanted = PER_BANDWIDTH * extent / (bandwidth or extent)
    if wanted > MOST:
        raise WrongOption(
            "the bandwidth is too small for the extent of the map",
            value=bandwidth,
            fix=f"give at least {PER_BANDWIDTH * extent / MOST:.3g} km, or a smaller area",
        )
    count = max(USUAL, 2 ** int(np.ceil(np.log2(wanted))))
    bins = Bins(count, extent * (1 + 1e-5) / count)
    return Distances(sites, at, bins, Scale.of(bins, sites.locations.to_km))


def observe(distances: Distances, members: Sequence[Members], weighted: bool) -> list[Observed]:
    """Take the pair distances of each industry."""
    threads = 1 if len(members) > 1 else None
    told = progress.counter("industries", len(members))

    def one(own: Members, weights: Floats | None) -> Observed:
        counted = _share(distances, own, own.count, None, threads)
        heavy = counted if weights is None else _share(distances, own, own.weight, weights, threads)
        told(1)
        return Observed(own.name, own.size, len(own.location), heavy, counted, weights)

    largest_first = sorted(range(len(members)), key=lambda k: (-len(members[k].location), k))
    # The engine serves one thread at a time: what comes from it is fetched before the threads start.
    plants = [own.plants()[1] if weighted else None for own in members]
    found = in_blocks(lambda k: one(members[k], plants[k]), largest_first)
    by_place = dict(zip(largest_first, found, strict=True))
    return [by_place[k] for k in range(len(members))]


def _share(
    distances: Distances, own: Members, held: Floats, weights: Floats | None, threads: int | None
) -> Floats:
    found = pair_histogram.within(
        distances.at[:, own.location], distances.bins, None if (held == 1).all() else held, threads=threads
    )
    total = float(held.sum())
    square = total if weights is None else float((weights**2).sum())
    pairs = (total**2 - square) / 2
    inner = found[:-1]
    same = max(pairs - float(inner.sum()), 0.0) if len(held) < own.size else 0.0
    return np.concatenate([[same], inner]) / (pairs or 1.0)


def grid(distances: Sequence[float] | None, median: float) -> Floats:
    """Return the distances asked for, or `POINTS` from 0 to the median distance of the reference's pairs.

    Raises
    ------
    WrongOption
        Fewer than two, negative, or not ascending.
    """
    found = np.linspace(0, median, POINTS) if distances is None else np.asarray(distances, dtype=np.float64)
    if (
        found.ndim != 1
        or len(found) < 2
        or not np.isfinite(found).all()
        or found[0] < 0
        or (np.diff(found) <= 0).any()
    ):
        raise WrongOption(
            "distances are at least two kilometres, ascending from 0 or more",
            value=None if distances is None else list(distances)[:5],
            fix="for example distances=range(0, 181, 5)",
        )
    return found


def bandwidth(
    distances: Distances, own: Observed, rule: str | float, farthest: float, reference: Floats
) -> float:
    """Return the bandwidth of one industry, in kilometres.

    ``"silverman"`` takes the spread of all its pair distances, ``"dbmss"`` of those up to twice the largest distance shown.
    An industry whose pairs are all equally far apart takes the reference's spread.
    """
    if not isinstance(rule, str):
        return float(rule)
    found = fitted(distances.scale, own.counted, own.pairs, rule, farthest)
    return found or k_density.silverman(distances.scale, reference, own.pairs)


def fitted(scale: Scale, share: Floats, pairs: float, rule: str, farthest: float) -> float:
    """Return the bandwidth that a rule takes from shares of pairs by distance; 0 where they are all equally far apart."""
    if rule == "dbmss":
        share = np.where(np.concatenate([[0.0], scale.middle]) <= 2 * farthest, share, 0.0)
    found = k_density.silverman(scale, share, pairs * float(share.sum())) if share.any() else 0.0
    return found if found > float(scale.width.max()) / 2 else 0.0
