"""The clusters of a scanned map: most likely windows that share no place, and their significance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from technopole import progress
from technopole.kernels import scan as kernel
from technopole.measures._scan_map import Floats, ScanMap


@dataclass(frozen=True, slots=True)
class Search:
    """How to scan."""

    bernoulli: bool
    high: bool
    low: bool
    max_share: float
    max_km: float | None
    simulations: int
    gumbel: bool
    sequential: bool
    alpha: float
    seed: int


@dataclass(frozen=True, slots=True)
class Found:
    """One cluster: indices of its locations, its centre first, in the map it was found in."""

    scanned: ScanMap
    locations: npt.NDArray[np.int64]
    ratio: float
    rank: int
    p_value: float

    @property
    def radius_km(self) -> float:
        """Distance from the centre to the farthest location."""
        points = self.scanned.locations.coordinates[self.locations]
        return float(self.scanned.locations.to_km(np.sqrt(((points - points[0]) ** 2).sum(axis=1))).max())


def clusters(scanned: ScanMap, how: Search) -> list[Found]:
    """Return the most likely cluster and all further ones that are significant."""
    stream = np.random.SeedSequence(how.seed)
    if not how.sequential:
        return _significant(_of_map(scanned, how, stream), how.alpha)
    found: list[Found] = []
    while True:
        one = next(_of_map(scanned, how, stream), None)
        if one is None or (found and one.p_value > how.alpha):
            return found
        found.append(one)
        taken = np.zeros(len(scanned.cases), dtype=bool)
        taken[one.locations] = True
        scanned = scanned.without(taken)
        if one.p_value > how.alpha or scanned.cases.sum() <= 0:
            return found


def _significant(found: Iterator[Found], alpha: float) -> list[Found]:
    kept: list[Found] = []
    for one in found:
        if kept and one.p_value > alpha:
            break
        kept.append(one)
    return kept


def _of_map(scanned: ScanMap, how: Search, stream: np.random.SeedSequence) -> Iterator[Found]:
    """Yield clusters by likelihood, each free of the places of the ones before."""
    reach = np.inf if how.max_km is None else float(scanned.locations.to_straight(np.array([how.max_km]))[0])
    options = {"bernoulli": how.bernoulli, "high": how.high, "low": how.low}
    points = scanned.locations.coordinates
    most = how.max_share * float(scanned.population.sum())
    windows = kernel.windows(points, scanned.population, most=most, reach=reach)
    best = kernel.scan(windows, scanned.cases, scanned.population, **options)
    if not (best.ratio > 0).any():
        return
    maxima = kernel.simulated_maxima(
        windows,
        scanned.population,
        max(1, round(scanned.cases.sum())),
        simulations=how.simulations,
        seed=stream,
        progress=progress.counter("simulations", how.simulations),
        **options,
    )
    taken = np.zeros(len(points), dtype=bool)
    for centre in _by_likelihood(windows, best, points):
        inside = windows.neighbours[windows.start[centre] :][: best.length[centre]].astype(np.int64)
        inside = np.where(inside >= 0, inside, -1 - inside)
        if taken[inside].any():
            continue
        taken[inside] = True
        ratio = float(best.ratio[centre])
        rank = 1 + int((maxima >= ratio * (1 - kernel.SAME)).sum())
        p_value = rank / (how.simulations + 1)
        if how.gumbel:
            p_value = float(kernel.gumbel_tail(np.array([ratio]), maxima)[0])
        yield Found(scanned, np.array([centre, *inside[inside != centre]]), ratio, rank, p_value)


def _by_likelihood(windows: kernel.Windows, best: kernel.Best, points: Floats) -> list[int]:
    """Order centres by ratio (to eight decimals), then by radius; ties as the locations are ordered."""
    centres = np.flatnonzero(best.ratio > 0)
    last = windows.neighbours[windows.start[centres] + best.length[centres] - 1]
    radius = [sqrt(((points[i] - points[j]) ** 2).sum()) for i, j in zip(centres, last, strict=True)]
    order = np.lexsort((centres, np.round(radius, 6), -np.round(best.ratio[centres], 8)))
    return [int(centre) for centre in centres[order]]
