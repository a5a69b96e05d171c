"""Spatial scan statistic: circular windows, their likelihood ratios, and the distribution of the largest one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from technopole.errors import WrongOption
from technopole.kernels.blocks import in_blocks, ranges
from technopole.kernels.compiling import compiled

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
MOST_ENTRIES = 200_000_000  # of the lists of neighbours; 4 bytes each
SAME = 1e-9  # distances and likelihood ratios that differ by less, relatively, are the same
LANES = 32  # simulations that are scanned together
BINS = 20  # per unit of the square root of the expected number


@dataclass(frozen=True, slots=True)
class Windows:
    """Nested windows around every location.

    `neighbours[start[i]:start[i + 1]]` are the locations around i, nearest first, i itself among them; a location that
    doesn't complete its ring (others are just as far) stands as -1 - index.
    """

    start: Indices
    neighbours: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Best:
    """The most likely window around every location: its likelihood ratio (0 = none) and how many locations it has."""

    ratio: Floats
    length: Indices


def windows(coordinates: Floats, population: Floats, *, most: float, reach: float = np.inf) -> Windows:
    """Return all windows of at most `most` population within `reach` (straight-line distance).

    Raises
    ------
    WrongOption
        The lists wouldn't fit in memory.
    """
    tree = KDTree(coordinates) if np.isfinite(reach) else None

    def around(centre: int) -> npt.NDArray[np.int32]:
        return _around(coordinates, population, tree, centre, most, reach)

    count = len(coordinates)
    sample = np.linspace(0, count - 1, min(count, 64)).astype(int)
    expected = count * float(np.mean([len(around(int(centre))) for centre in sample]))
    if expected > MOST_ENTRIES:
        raise WrongOption(
            f"the windows around {count:,} locations would take about {expected * 4 / 2**30:,.1f} GiB",
            value=f"about {expected:,.0f} neighbours",
            fix="limit the radius with max_km=, or the share of the population with max_share=",
        )
    lists = in_blocks(lambda r: [around(i) for i in range(*r)], ranges(count, 256))
    found = [one for block in lists for one in block]
    return Windows(np.cumsum([0, *map(len, found)]), np.concatenate(found))


def log_likelihood_ratio(
    cases: float, population: float, all_cases: float, all_population: float, *, bernoulli: bool
) -> float:
    """Kulldorff (1997), Communications in Statistics 26(6): of a window against one rate everywhere; high or low."""
    return float(_ratio(cases, population, all_cases, all_population, bernoulli))


def scan(
    found: Windows, cases: Floats, population: Floats, *, bernoulli: bool, high: bool, low: bool
) -> Best:
    """Return the most likely window around every location."""
    totals = float(cases.sum()), float(population.sum())
    return Best(*_best(found.start, found.neighbours, cases, population, *totals, bernoulli, high, low))


def simulated_maxima(
    found: Windows,
    population: Floats,
    all_cases: int,
    *,
    bernoulli: bool,
    high: bool,
    low: bool,
    simulations: int,
    seed: np.random.SeedSequence,
    threads: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Floats:
    """Return the largest likelihood ratio of each simulated map: the cases thrown on the population again.

    Poisson: multinomial with the population's shares; Bernoulli: without replacement from the population, whole numbers.
    `progress` is called with the number of maps done, from any thread.
    """
    total = float(population.sum())
    draw = _without_replacement(population) if bernoulli else _with_replacement(population / total)
    blocks = list(zip(ranges(simulations, LANES), seed.spawn(-(-simulations // LANES)), strict=True))

    def maxima(block: tuple[tuple[int, int], np.random.SeedSequence]) -> Floats:
        (start, stop), stream = block
        maps = draw(np.random.Generator(np.random.Philox(stream)), all_cases, LANES)
        counts = np.ascontiguousarray(maps.T, dtype=np.int32)
        said = (found.start, found.neighbours, counts, population, float(all_cases), total)
        largest = _maxima(*said, bernoulli, high, low)[: stop - start]
        progress(stop - start)
        return largest

    return np.concatenate(in_blocks(maxima, blocks, threads=threads))


def gumbel_tail(ratio: Floats, maxima: Floats) -> Floats:
    """Abrams, Kulldorff & Kleinman (2010): P(maximum >= ratio) by a Gumbel law with the simulated mean and variance."""
    scale = float(np.std(maxima, ddof=1)) * sqrt(6) / np.pi
    if scale == 0:
        return np.where(ratio > maxima[0], np.finfo(float).tiny, 1.0)
    centre = float(np.mean(maxima)) - np.euler_gamma * scale
    with np.errstate(over="ignore"):
        return np.maximum(-np.expm1(-np.exp(-(ratio - centre) / scale)), np.finfo(float).tiny)


Draw = Callable[[np.random.Generator, int, int], Any]


def _with_replacement(shares: Floats) -> Draw:
    return lambda random, cases, lanes: random.multinomial(cases, shares, size=lanes)


def _without_replacement(population: Floats) -> Draw:
    colours = population.astype(np.int64)
    return lambda random, cases, lanes: random.multivariate_hypergeometric(
        colours, cases, size=lanes, method="marginals"
    )


def _around(
    coordinates: Floats, population: Floats, tree: Any, centre: int, most: float, reach: float
) -> npt.NDArray[np.int32]:
    near = np.arange(len(coordinates))
    if tree is not None:
        near = np.sort(tree.query_ball_point(coordinates[centre], reach * (1 + SAME)))
    distance = np.sqrt(((coordinates[near] - coordinates[centre]) ** 2).sum(axis=1))
    order = np.argsort(distance, kind="stable")
    near, distance = near[order].astype(np.int32), distance[order]
    # A ring ends where the next location is farther.
    ends = np.append(np.diff(distance) > SAME * distance[1:], True)
    inside = np.flatnonzero(ends & (np.cumsum(population[near]) <= most * (1 + 1e-12)))
    length = int(inside[-1]) + 1 if inside.size else 0
    return np.where(ends, near, -1 - near)[:length]


@compiled(error_model="numpy")
def _ratio(c, n, total, population, bernoulli):  # type: ignore[no-untyped-def]
    """Log-likelihood ratio of c cases among n against the rest; c and n within what is possible."""
    rest, others = total - c, population - n
    if bernoulli:
        well, rest_well = n - c, others - rest
        ratio = -total * log(total / population)
        if population > total:
            ratio -= (population - total) * log((population - total) / population)
        if c > 0:
            ratio += c * log(c / n)
        if well > 0:
            ratio += well * log(well / n)
        if rest > 0:
            ratio += rest * log(rest / others)
        if rest_well > 0:
            ratio += rest_well * log(rest_well / others)
        return max(ratio, 0.0)
    ratio = 0.0
    if c > 0:
        ratio += c * log(c * population / (n * total))
    if rest > 0:
        ratio += rest * log(rest * population / (others * total))
    return max(ratio, 0.0)


@compiled(error_model="numpy")
def _best(start, neighbours, cases, population, total, everyone, bernoulli, high, low):  # type: ignore[no-untyped-def]
    count = len(start) - 1
    ratios, lengths = np.zeros(count), np.zeros(count, dtype=np.int64)
    for centre in range(count):
        c = n = 0.0
        for k in range(start[centre], start[centre + 1]):
            i = neighbours[k]
            closed = i >= 0
            if not closed:
                i = -1 - i
            c += cases[i]
            n += population[i]
            if closed and n < everyone:
                expected = total * (n / everyone)
                if (high and c > expected) or (low and c < expected):
                    ratio = _ratio(c, n, total, everyone, bernoulli)
                    if ratio > ratios[centre] * (1 + SAME):
                        ratios[centre], lengths[centre] = ratio, k + 1 - start[centre]
    return ratios, lengths


@compiled(error_model="numpy")
def _needed(least, total, everyone, bernoulli, high, low):  # type: ignore[no-untyped-def]
    """For bins of the square root of the expected number: the fewest cases (high) and the most (low) a window can have
    whose ratio reaches `least`. In a bin the edge is taken at which least is needed, so no window is missed."""
    bins = int(sqrt(total) * BINS) + 2
    above = np.full(bins, np.int32(2**31 - 1))
    below = np.full(bins, np.int32(-1))
    for b in range(bins):
        edge = min((b / BINS) ** 2, total) * (everyone / total)
        upper = min(((b + 1) / BINS) ** 2, total) * (everyone / total)
        if high:
            first, last = int(total * (edge / everyone)), int(total) + 1  # needed is in (first, last]
            while last - first > 1:
                middle = (first + last) // 2
                n = max(edge, float(middle)) if bernoulli else edge
                enough = (
                    n <= 0 or n >= everyone or _ratio(float(middle), n, total, everyone, bernoulli) >= least
                )
                if enough:
                    last = middle
                else:
                    first = middle
            above[b] = last
        if low:
            first, last = -1, int(total * (upper / everyone)) + 1  # most is in [first, last)
            while last - first > 1:
                middle = (first + last) // 2
                n = min(upper, everyone - (total - middle)) if bernoulli else upper
                enough = n >= everyone or _ratio(float(middle), n, total, everyone, bernoulli) >= least
                if enough:
                    first = middle
                else:
                    last = middle
            below[b] = first
    return above, below


@compiled(error_model="numpy")
def _maxima(start, neighbours, counts, population, total, everyone, bernoulli, high, low):  # type: ignore[no-untyped-def]
    """Scan `LANES` simulated maps at once. A window is looked at closely only where some map's count can beat the
    smallest maximum so far, which a table of needed counts tells without a logarithm."""
    best = np.zeros(LANES)
    running = np.zeros(LANES, dtype=np.int32)
    above, below = _needed(0.0, total, everyone, bernoulli, high, low)
    refresh = 1
    for centre in range(len(start) - 1):
        if centre == refresh:
            above, below = _needed(best.min() * (1 - SAME), total, everyone, bernoulli, high, low)
            refresh *= 2
        running[:] = 0
        n = 0.0
        for k in range(start[centre], start[centre + 1]):
            i = neighbours[k]
            closed = i >= 0
            if not closed:
                i = -1 - i
            n += population[i]
            most, least = np.int32(-1), np.int32(2**31 - 1)
            for lane in range(LANES):
                count = np.int32(running[lane] + counts[i, lane])
                running[lane] = count
                most = max(most, count)
                least = min(least, count)
            if not closed or n >= everyone:
                continue
            b = int(sqrt(total * (n / everyone)) * BINS)
            if most < above[b] and least > below[b]:
                continue
            expected = total * (n / everyone)
            for lane in range(LANES):
                c = running[lane]
                if (c >= above[b] and c > expected) or (c <= below[b] and c < expected):
                    best[lane] = max(best[lane], _ratio(float(c), n, total, everyone, bernoulli))
    return best
