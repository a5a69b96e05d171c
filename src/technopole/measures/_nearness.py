"""Nearness of an industry around each of its locations, and how often random sites are as near."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaincc, ndtr

from technopole import progress
from technopole.kernels.blocks import in_blocks, ranges
from technopole.kernels.nearness import nearness
from technopole.kernels.nested_permutation import streams
from technopole.spatial.site_table import Members, Sites

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
TIE = 1e-12
BATCH = 16  # simulations per block


@dataclass(frozen=True, slots=True)
class Around:
    """One industry's locations: nearness of its other establishments there, and sums over all other sites of it and its powers."""

    members: Members
    here: Floats
    own: Floats
    every: Floats
    nearest: float
    sites: float

    @property
    def others(self) -> int:
        """How many other establishments the industry has."""
        return self.members.size - 1

    @property
    def index(self) -> Floats:
        """Mean nearness of the industry's others over that of all other sites."""
        return (self.own / self.others) / (self.every[:, 0] / (self.sites - 1))


def around(sites: Sites, members: Members, nearest: float) -> Around:
    """Measure one industry; every location's own establishment is taken off (its nearness to itself is 1)."""
    at = sites.locations.coordinates
    here = at[members.location]
    own = nearness(here, here, members.count, nearest)[:, 0] - 1.0
    every = nearness(here, at, sites.universe, nearest, powers=3) - 1.0
    return Around(members, here, own, every, nearest, float(sites.universe.sum()))


def by_moments(found: Around) -> Floats:
    """Return upper tails by Pearson's type III with the exact mean, variance and skewness of drawing without replacement."""
    total, drawn = found.sites - 1, float(found.others)
    mean = found.every[:, 0] / total
    second = np.maximum(found.every[:, 1] / total - mean**2, 0.0)
    third = found.every[:, 2] / total - 3 * mean * second - mean**3
    if drawn >= total or total < 3:
        return np.ones(len(mean))
    variance = drawn * second * (total - drawn) / (total - 1)
    skewed = drawn * third * (total - drawn) * (total - 2 * drawn) / ((total - 1) * (total - 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (found.own * (1 - TIE) - drawn * mean) / np.sqrt(variance)
        skewness = skewed / variance**1.5
    flat = ~(second > TIE * mean**2)
    return np.where(flat, 1.0, _pearson(np.where(flat, 0.0, z), np.where(flat, 0.0, skewness)))


def _pearson(z: Floats, skewness: Floats) -> Floats:
    """Upper tail of a shifted gamma distribution with mean 0, variance 1 and this skewness."""
    size = np.maximum(np.abs(skewness), 1e-4)
    shape = 4 / size**2
    right = gammaincc(shape, np.maximum(shape + z * np.sqrt(shape), 0.0))
    left = gammainc(shape, np.maximum(shape - z * np.sqrt(shape), 0.0))
    tail = np.where(skewness >= 0, right, left)
    tail = np.where(np.abs(skewness) < 1e-4, ndtr(-z), tail)
    return np.clip(tail, np.finfo(np.float64).tiny, 1.0)


def by_simulation(sites: Sites, found: Around, simulations: int, seed: int) -> Floats:
    """Return (1 + random draws of the other establishments that are at least as near) / (simulations + 1).

    A draw of as many sites as the industry has serves every location: its own site is taken off where it was drawn, the
    last one drawn otherwise, which leaves a random draw from all other sites.
    """
    at = sites.locations.coordinates
    ends = np.cumsum(sites.universe).astype(np.int64)
    mine = ends[found.members.location] - 1
    wanted = found.own * (1 - TIE)
    seeds = streams(seed, simulations)
    told = progress.counter("simulations", simulations)

    def batch(part: tuple[int, int]) -> Indices:
        reached = np.zeros(len(wanted), dtype=np.int64)
        for stream in seeds[slice(*part)]:
            random = np.random.Generator(np.random.Philox(stream))
            drawn = random.choice(int(ends[-1]), size=found.members.size, replace=False, shuffle=True)
            spots, count = np.unique(np.searchsorted(ends, drawn, side="right"), return_counts=True)
            sums = nearness(found.here, at[spots], count.astype(np.float64), found.nearest, threads=1)[:, 0]
            last = at[np.searchsorted(ends, drawn[-1:], side="right")]
            off = nearness(found.here, last, np.ones(1), found.nearest, threads=1)[:, 0]
            reached += sums - np.where(np.isin(mine, drawn), 1.0, off) >= wanted
            told(1)
        return reached

    reached = sum(in_blocks(batch, ranges(simulations, BATCH)), np.zeros(len(wanted), dtype=np.int64))
    return (1 + reached) / (simulations + 1)
