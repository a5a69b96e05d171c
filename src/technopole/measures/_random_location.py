"""Null curves under random location: an industry's establishments on sites of the reference, drawn without replacement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from threadpoolctl import threadpool_limits

from technopole import progress
from technopole.errors import WrongOption
from technopole.kernels import bands, k_density, nested_permutation, null_moments, null_skewness
from technopole.kernels.bands import Null
from technopole.kernels.blocks import in_blocks, ranges
from technopole.kernels.k_density import Scale, Smoother
from technopole.kernels.pair_histogram import Bins, Floats, Indices
from technopole.measures._pair_distances import Distances, Observed

FEW = 100  # establishments below which a simulation is cheap, and skewness too large for moments
WIDE_BINS = 320
BANDWIDTHS = 6
TOGETHER = 16  # simulations
MEMORY = 4e9
SWEPT, SIMULATED, WEIGHTED = 0.6e-9, 0.6e-9, 0.9e-9  # CPU seconds per pair


@dataclass(frozen=True, slots=True)
class Case:
    """One industry to be compared with chance."""

    own: Observed
    bandwidth: float
    smooth: Smoother


Refit = Callable[[Scale, Floats, Case], float]


def by_moments(
    distances: Distances, cases: Sequence[Case], null: Literal["auto", "exact", "simulated"], simulations: int
) -> list[bool]:
    """Say for each industry whether its null comes from moments; `auto` takes what costs less, and simulates few."""
    if null != "auto":
        return [null == "exact" for _ in cases]
    many = [case.own for case in cases if case.own.n >= FEW]
    squares = [own.n**2 / 2 for own in many]
    weighted = any(own.weights is not None for own in many)
    simulating = simulations * (WEIGHTED * sum(squares) if weighted else SIMULATED * max(squares, default=0))
    sweeping = SWEPT * float((distances.sites.universe > 0).sum()) ** 2 + 1
    return [case.own.n >= FEW and sweeping < simulating for case in cases]


def exact(
    distances: Distances, cases: Sequence[Case], grid: Floats, seed: np.random.SeedSequence
) -> list[Null]:
    """Return null curves from exact means and covariances, and estimated skewness."""
    if not cases:
        return []
    normals, sampled = seed.spawn(2)
    widths = np.array([case.bandwidth for case in cases])
    reach = grid[-1] + (k_density.REACH + 1) * widths.max()
    inside = min(int(np.searchsorted(distances.scale.middle, reach)) + 1, distances.bins.count)
    factor = -(-inside // WIDE_BINS)
    bins = Bins(-(-inside // factor) * factor, distances.bins.width)
    wide = k_density.Scale.of(bins, distances.sites.locations.to_km).widened(factor)
    held = distances.sites.universe
    locations = progress.counter("locations", int((held > 0).sum()))
    swept = null_moments.sweep(distances.at, held, bins, factor, progress=locations)
    drawn = null_skewness.sample(distances.at, held, bins, factor, sampled)
    third = _skewness_by_bandwidth(drawn, wide, grid, widths)
    normal = np.random.Generator(np.random.Philox(normals)).standard_normal((bands.DRAWS, len(grid)))
    average = null_moments.mean(swept)

    told = progress.counter("bands", len(cases))

    def one(k: int) -> Null:
        case = cases[k]
        n, weights = case.own.n, case.own.weights
        sums = null_moments.Sums.of_count(n) if weights is None else null_moments.Sums.of(weights)
        covariance = null_moments.covariance(swept, sums, _padded(wide, grid, case.bandwidth))
        cube = null_skewness.third(third.at(case.bandwidth), np.ones(n) if weights is None else weights)
        variance = np.maximum(np.diag(covariance), 0.0)
        skewness = np.divide(cube, variance**1.5, out=np.zeros_like(cube), where=variance > 0)
        null = bands.of_moments(case.smooth(average), covariance, skewness, normal)
        told(1)
        return null

    with threadpool_limits(1):
        return in_blocks(one, range(len(cases)))


@dataclass(frozen=True, slots=True)
class _Skewness:
    """Expectations for a few bandwidths; in between, linear in the logarithm."""

    widths: Floats
    terms: list[null_skewness.Terms]

    def at(self, bandwidth: float) -> null_skewness.Terms:
        place = float(np.interp(np.log(bandwidth), np.log(self.widths), np.arange(len(self.widths))))
        low = min(int(place), len(self.terms) - 1)
        high = min(low + 1, len(self.terms) - 1)
        return null_skewness.between(
            self.terms[low],
            self.terms[high],
            place - low,
            self.widths[low] / bandwidth,
            self.widths[high] / bandwidth,
        )


def _skewness_by_bandwidth(
    drawn: null_skewness.Sample, wide: k_density.Scale, grid: Floats, widths: Floats
) -> _Skewness:
    chosen = np.unique(widths)
    if len(chosen) > BANDWIDTHS:
        chosen = np.geomspace(chosen[0], chosen[-1], BANDWIDTHS)
    terms = in_blocks(lambda h: null_skewness.terms(drawn, _padded(wide, grid, float(h))), chosen)
    return _Skewness(chosen, terms)


def _padded(scale: k_density.Scale, grid: Floats, bandwidth: float) -> Floats:
    found = k_density.matrix(scale, grid, bandwidth)
    return np.pad(found, ((0, 0), (0, len(scale.middle) + 1 - found.shape[1])))


def simulated(
    distances: Distances,
    cases: Sequence[Case],
    grid: Floats,
    simulations: int,
    seed: np.random.SeedSequence,
    refitted: Refit | None = None,
) -> list[Null]:
    """Return null curves from simulations; one order of the sites serves all industries.

    `refitted` gives each curve a bandwidth of its own; none = that of the industry.
    """
    if not cases:
        return []
    _refuse_beyond_memory(simulations * len(cases) * len(grid) * 8.0)
    streams = seed.spawn(simulations)
    sizes = np.unique([case.own.n for case in cases])
    row = {int(n): k for k, n in enumerate(sizes)}
    wide = min(case.smooth.factor for case in cases)
    bins = Bins(distances.bins.count // wide, distances.bins.width * wide)
    scale = distances.scale.widened(wide)
    # The industry's own curve and those of chance are smoothed by the same matrix: equal distances give equal curves.
    smooth = [Smoother(case.smooth.factor // wide, case.smooth.matrix) for case in cases]
    held = distances.sites.universe
    told = progress.counter("simulations", simulations)

    def anew(case: Case, share: Floats, order: Indices, refitted: Refit) -> Floats:
        counted = share
        if case.own.weights is not None:
            pairs = nested_permutation.nested(distances.at, order, np.array([case.own.n]), bins)[0]
            counted = pairs / pairs.sum()
        return k_density.smoother(scale, grid, refitted(scale, counted[:-1], case))(share)

    def block(part: tuple[int, int]) -> Floats:
        orders = [nested_permutation.draw(held, int(sizes[-1]), stream) for stream in streams[slice(*part)]]
        out = np.empty((len(orders), len(cases), len(grid)))
        shared = _counted(distances, orders, sizes, bins) if cases[0].own.weights is None else None
        for c, case in enumerate(cases):
            found = _weighted(distances, orders, case, bins) if shared is None else shared[:, row[case.own.n]]
            share = found / found.sum(axis=1, keepdims=True)
            out[:, c] = (
                smooth[c](share)
                if refitted is None
                else [anew(case, one, order, refitted) for one, order in zip(share, orders, strict=True)]
            )
        told(len(orders))
        return out

    with threadpool_limits(1):
        curves = np.concatenate(in_blocks(block, ranges(simulations, TOGETHER)))
    return [bands.of_curves(curves[:, c]) for c in range(len(cases))]


def _counted(distances: Distances, orders: list[Indices], sizes: Indices, bins: Bins) -> Floats:
    return np.stack([nested_permutation.nested(distances.at, order, sizes, bins) for order in orders])


def _weighted(distances: Distances, orders: list[Indices], case: Case, bins: Bins) -> Floats:
    assert case.own.weights is not None
    return np.stack(
        [nested_permutation.weighted(distances.at, order, case.own.weights, bins) for order in orders]
    )


def _refuse_beyond_memory(wanted: float) -> None:
    if wanted > MEMORY:
        raise WrongOption(
            f"these simulations would take {wanted / 1e9:.0f} GB of memory",
            fix='take null="exact", fewer simulations, fewer industries or fewer distances',
        )
