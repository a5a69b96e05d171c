"""Neighbours of an industry over neighbours of any kind, by distance: what M and m have in common.

Around each establishment the weight of an industry's establishments over the weight of all, by distance; the sum of these
over the establishments, relative to the same for the whole area. A `Scheme` says how a neighbour counts at each distance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from technopole import progress
from technopole.errors import WrongOption
from technopole.kernels.blocks import in_blocks
from technopole.kernels.neighbour_counts import Bins, Sources, extent, local_shares, neighbours, sources
from technopole.kernels.nested_permutation import draw, streams
from technopole.spatial.site_table import Members, Sites

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
GIB = 1 << 30


@dataclass(frozen=True, slots=True, eq=False)
class Scheme:
    """How neighbours count by distance; `own` is what a site at distance zero adds: itself, to be taken off again.

    `bandwidth` (km) is that of a kernel, where there is one.
    """

    bins: Bins
    own: Floats
    bandwidth: float | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """Establishments of one kind: where, how heavy, and how many alike."""

    location: Indices
    weight: Floats
    times: Floats

    @property
    def size(self) -> int:
        """Number of establishments."""
        return int(self.times.sum())

    @property
    def total(self) -> float:
        """Their weight."""
        return float(self.weight @ self.times)


@dataclass(frozen=True, slots=True)
class Pair:
    """Establishments (`focal`), and those whose nearness to them is measured (`around`; the same ones = one industry)."""

    focal: Marks
    around: Marks

    @property
    def same(self) -> bool:
        """Whether an industry is measured around itself."""
        return self.focal is self.around


@dataclass(frozen=True, slots=True)
class Curve:
    """The function, and how many establishments had no neighbour to divide by."""

    value: Floats
    isolated: Floats


@dataclass(frozen=True)
class Ground:
    """All sites of an analysis, weighted or not."""

    sites: Sites
    weighted: bool

    @cached_property
    def coordinates(self) -> Floats:
        """Coordinates of the locations."""
        return self.sites.locations.coordinates

    @cached_property
    def extent(self) -> float:
        """Diagonal of the box around the sites, straight-line km."""
        return extent(self.coordinates)

    @cached_property
    def universe(self) -> Sources:
        """Every site with its weight."""
        return sources(self.coordinates, self.sites.universe_weight if self.weighted else self.sites.universe)

    @cached_property
    def total(self) -> float:
        """Weight of all sites."""
        return float(self.universe.weight.sum())

    def marks(self, members: Members) -> Marks:
        """Return an industry's establishments: counted by location, or one by one where they have weights."""
        if not self.weighted:
            return Marks(members.location, np.ones(len(members.location)), members.count)
        location, weight = members.plants()
        return Marks(location, weight, np.ones(len(location)))

    def denominators(self, scheme: Scheme) -> Floats:
        """Return all neighbours of every location (L, R): the same for every industry and every simulation."""
        width = len(scheme.own)
        if (size := len(self.coordinates) * width * 8) > 4 * GIB:
            raise WrongOption(
                "so many distances at so many locations don't fit into memory",
                value=f"{size / GIB:.0f} GiB for {len(self.coordinates):,} locations",
                fix="give fewer distances=, or locations rounded to a coarser grid",
            )
        return neighbours(self.coordinates, self.universe, scheme.bins)

    def others(self, *kinds: Marks) -> Floats:
        """Return the weights of all establishments but these."""
        everyone = _tally(*self.sites.everyone())
        taken = _tally(
            np.concatenate([kind.location for kind in kinds]), np.concatenate([kind.weight for kind in kinds])
        )
        for key, count in taken.items():
            everyone[key] = everyone.get(key, 0) - count
        left = sum(everyone.values())
        expected = int(self.sites.universe.sum()) - sum(kind.size for kind in kinds)
        if left != expected or min(everyone.values()) < 0:
            raise WrongOption(
                "a weighted comparison needs a reference that has the industries' establishments with the same weights",
                fix="leave out weight=, or add the establishments to reference=",
            )
        keys = sorted(everyone)
        return np.repeat([weight for _, weight in keys], [everyone[key] for key in keys])


def observed(ground: Ground, scheme: Scheme, pair: Pair) -> Curve:
    """Return the curve of the establishments as they stand."""
    return _curve(ground, scheme, pair, ground.universe, None)


def simulated(
    ground: Ground,
    scheme: Scheme,
    pair: Pair,
    *,
    fixed: bool,
    relabelled: bool = False,
    table: Floats | None,
    simulations: int,
    seed: int,
) -> Floats:
    """Return curves (simulations, R) of the same establishments with their weights on random sites.

    `fixed` leaves the focal establishments where they are (of two industries); `relabelled` leaves all where they are, and
    draws which of them belong to which of the two. `table` holds the denominators of every location where nothing is
    weighted; with weights they change with every simulation.
    """
    place = labels(ground, pair) if relabelled else places(ground, pair, fixed)
    told = progress.counter("simulations", simulations)

    def one(stream: np.random.SeedSequence) -> Floats:
        moved, around = place(stream)
        curve = _curve(ground, scheme, moved, around, table, threads=1).value
        told(1)
        return curve

    return np.array(in_blocks(one, streams(seed, simulations)))


def labels(ground: Ground, pair: Pair) -> Callable[[np.random.SeedSequence], tuple[Pair, Sources]]:
    """Return what deals the establishments of two industries out anew, each with its site and weight."""
    kinds = (pair.focal, pair.around)
    location, weight = (
        np.concatenate([np.repeat(getattr(kind, name), kind.times.astype(np.int64)) for kind in kinds])
        for name in ("location", "weight")
    )

    def dealt(rows: Indices) -> Marks:
        if not ground.weighted:
            return _counted(location[rows])
        return Marks(location[rows], weight[rows], np.ones(len(rows)))

    def place(stream: np.random.SeedSequence) -> tuple[Pair, Sources]:
        order = np.random.Generator(np.random.Philox(stream)).permutation(len(location))
        first, second = order[: pair.focal.size], order[pair.focal.size :]
        return Pair(dealt(first), dealt(second)), ground.universe

    return place


def places(
    ground: Ground, pair: Pair, fixed: bool
) -> Callable[[np.random.SeedSequence], tuple[Pair, Sources]]:
    """Return what puts the establishments on random sites, and the weights of all sites with them."""
    kinds = [pair.focal] if pair.same else [pair.focal, pair.around]
    moving = kinds[1:] if fixed else kinds
    free = ground.sites.universe.copy()
    if fixed:
        np.subtract.at(free, pair.focal.location, pair.focal.times)
    weights = [kind.weight for kind in moving] if ground.weighted else []
    rest = ground.others(*kinds) if ground.weighted else np.empty(0)
    standing = _by_location(pair.focal, len(free)) if fixed else np.zeros(len(free))
    cuts = np.cumsum([kind.size for kind in moving])
    wanted = int(free.sum()) if ground.weighted else int(cuts[-1])

    def place(stream: np.random.SeedSequence) -> tuple[Pair, Sources]:
        location = draw(free, wanted, stream)
        parts = np.split(location, cuts)[: len(moving)]
        if ground.weighted:
            marks = [Marks(at, weight, np.ones(len(at))) for at, weight in zip(parts, weights, strict=True)]
            everyone = np.concatenate([*weights, rest])
            heavy: Floats = standing + np.bincount(location, weights=everyone, minlength=len(free))
            around = replace(ground.universe, weight=heavy[ground.universe.order])
        else:
            marks, around = [_counted(at) for at in parts], ground.universe
        marks = [pair.focal, *marks] if fixed else marks
        return Pair(marks[0], marks[-1]), around

    return place


def _curve(
    ground: Ground,
    scheme: Scheme,
    pair: Pair,
    everyone: Sources,
    table: Floats | None,
    *,
    threads: int | None = None,
) -> Curve:
    spots, row = np.unique(pair.focal.location, return_inverse=True)
    here = ground.coordinates[spots]
    mine = neighbours(here, _sources(ground, pair.around), scheme.bins, threads=threads)
    if table is None:
        every, at = neighbours(here, everyone, scheme.bins, threads=threads), row
    else:
        every, at = table, pair.focal.location
    weight, itself = pair.focal.weight, pair.same
    whole = (pair.around.total - (weight if itself else 0.0)) / (ground.total - weight)
    local, base, isolated = local_shares(
        mine, row, every, at, weight, pair.focal.times, scheme.own, whole, itself=itself
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return Curve(local / base, isolated)


def _sources(ground: Ground, marks: Marks) -> Sources:
    spots = np.unique(marks.location)
    return sources(ground.coordinates[spots], _by_location(marks, len(ground.coordinates))[spots])


def _by_location(marks: Marks, length: int) -> Floats:
    found = np.bincount(marks.location, weights=marks.weight * marks.times, minlength=length)
    return found.astype(np.float64)


def _counted(location: Indices) -> Marks:
    spots, count = np.unique(location, return_counts=True)
    return Marks(spots, np.ones(len(spots)), count.astype(np.float64))


def _tally(location: Indices, weight: Floats) -> dict[tuple[int, float], int]:
    pairs, count = np.unique(np.column_stack([location, weight]), axis=0, return_counts=True)
    return {(int(at), float(heavy)): int(times) for (at, heavy), times in zip(pairs, count, strict=True)}


def chosen(sites: Sites, names: Sequence[str]) -> list[Members]:
    """Return the industries of these names, in this order."""
    by_name = {members.name: members for members in sites.industries}
    return [by_name[name] for name in names]
