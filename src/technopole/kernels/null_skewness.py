"""Third central moment of a smoothed pair-distance histogram under random location, by Hoeffding's decomposition.

f(x, y) = the kernel of the distance between x and y = m + g1(x) + g1(y) + g2(x, y). With a_i = w_i (W - w_i) and pair weights
p = w_i w_j the curve is m P + sum a_i g1(X_i) + sum p_ij g2(X_i, X_j), and its third central moment

    sum a^3 E[g1^3] + 6 sum a_i a_j p_ij E[g1 g1' g2] + 3 sum (a_i + a_j) p_ij^2 E[g1 g2^2]
    + sum p_ij^3 E[g2^3] + 6 sum p_ij p_jk p_ik E[g2 g2' g2'']

with each term thinned for drawing without replacement. g1 is exact (each site against all others); the expectations are taken
over a seeded sample of sites where there are more than `SITES`, the triangles over `CORNERS` of them. The sample is
stratified: one site from each of `SITES` equal stretches of a curve through all sites, which leaves a quarter of the noise of a simple
random sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from technopole.kernels.compiling import compiled
from technopole.kernels.pair_histogram import MATHS, Bins, Floats, Indices, Points, curve_order, degrees

SITES = 1500
CORNERS = 300
Found = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of sites: `degree` = share of all others by coarse bin, `bin` = coarse bin of each pair (sample x sample)."""

    sites: float
    degree: Floats
    bin: Found


@dataclass(frozen=True, slots=True)
class Terms:
    """The five expectations at each distance, and the mean of the kernel."""

    sites: float
    single: Floats
    joined: Floats
    squared: Floats
    cubed: Floats
    triangle: Floats


def sample(at: Points, universe: Floats, bins: Bins, factor: int, stream: np.random.SeedSequence) -> Sample:
    """Draw the sites, and take their distances to all others and to one another, in bins `factor` times as wide."""
    drawn = stratified(at, universe, SITES, stream)
    total, size = float(universe.sum()), len(drawn)
    held, back = np.unique(drawn, return_inverse=True)
    found = degrees(at, held, bins, universe).reshape(len(held), -1, factor).sum(axis=2)
    degree = np.column_stack([universe[held] - 1, found])[back] / max(total - 1, 1)
    apart = np.empty((size, size), dtype=np.int32)
    places = np.ascontiguousarray(at[:, drawn])
    _coarse_bins(places, drawn, np.float32(1 / bins.width / factor), bins.count // factor, apart)
    return Sample(total, degree, apart)


def stratified(at: Points, universe: Floats, size: int, stream: np.random.SeedSequence) -> Indices:
    """Return the locations of `size` sites (of all, where there are fewer): one from each equal stretch of a curve, in its order."""
    order = curve_order(at)
    ends = np.cumsum(universe[order]).astype(np.int64)
    size = min(size, int(ends[-1]))
    edges = np.arange(size + 1) * ends[-1] // size
    inside = np.random.Generator(np.random.Philox(stream)).random(size) * np.diff(edges)
    return order[np.searchsorted(ends, edges[:-1] + inside.astype(np.int64), side="right")].astype(np.int64)


def terms(drawn: Sample, matrix: Floats) -> Terms:
    """Take the expectations for one smoothing matrix, distances x (1 + coarse bins)."""
    with threadpool_limits(1):
        first = drawn.degree @ matrix.T
    mean = first.mean(axis=0)
    first = np.ascontiguousarray(first - mean)
    kernel = np.vstack([matrix.T, np.zeros(len(mean))])
    sums = np.zeros((3, len(mean)))
    _pairs(drawn.bin, first, kernel, mean, sums)
    pairs = max(len(first) * (len(first) - 1) / 2, 1)
    joined, squared, cubed = sums / pairs
    return Terms(
        drawn.sites, (first**3).mean(axis=0), joined, squared, cubed, _triangles(drawn, first, kernel, mean)
    )


def between(low: Terms, high: Terms, share: float, narrower: float, wider: float) -> Terms:
    """Interpolate the expectations between two bandwidths, h `narrower` and h `wider`.

    Of a kernel twice as wide, E[g1 g2^2] is about half and E[g2^3] a quarter; that is taken out before interpolating.
    """

    def mixed(a: Floats, b: Floats, power: int) -> Floats:
        return (1 - share) * a * narrower**power + share * b * wider**power

    return Terms(
        low.sites,
        mixed(low.single, high.single, 0),
        mixed(low.joined, high.joined, 0),
        mixed(low.squared, high.squared, 1),
        mixed(low.cubed, high.cubed, 2),
        mixed(low.triangle, high.triangle, 0),
    )


def third(found: Terms, weights: Floats) -> Floats:
    """Return the third central moment at each distance of the share of the pairs' weight, for an industry's weights."""
    w = weights / weights.mean()
    p1, p2, p3, p4, p6 = (float((w**k).sum()) for k in (1, 2, 3, 4, 6))
    a = w * (p1 - w)
    joined = float((a * w).sum() ** 2 - ((a * w) ** 2).sum())
    squared = float((a * w**2 * (p2 - w**2)).sum())
    triangle = p2**3 - 3 * p2 * p4 + 2 * p6
    drawn = len(w) / found.sites
    two, three = 1 - drawn, (1 - drawn) * (1 - 2 * drawn)
    out = (
        float((a**3).sum()) * three * found.single
        + 3 * joined * two**2 * found.joined
        + 3 * squared * two * three * found.squared
        + (p3**2 - p6) / 2 * three**2 * found.cubed
        + triangle * two**3 * found.triangle
    )
    return out / ((p1**2 - p2) / 2) ** 3


def _triangles(drawn: Sample, first: Floats, kernel: Floats, mean: Floats) -> Floats:
    """Take the mean of g2(x, y) g2(y, z) g2(x, z) over triples of an even choice of the sample."""
    step = -(-len(first) // CORNERS)
    own, bins = first[::step], drawn.bin[::step, ::step]
    size = len(own)
    out = np.zeros(len(mean))
    if size < 3:
        return out
    with threadpool_limits(1):
        for d, middle in enumerate(mean):
            second = kernel[bins, d] - middle - own[:, d] - own[:, d, None]
            np.fill_diagonal(second, 0.0)
            out[d] = ((second @ second) * second).sum()
    return out / (size * (size - 1) * (size - 2))


@compiled(fastmath=MATHS, error_model="numpy")
def _coarse_bins(at: Points, location: Indices, scale: np.float32, count: int, out: Found) -> None:
    for i in range(location.size):
        for j in range(i + 1):
            p, q, r = at[0, i] - at[0, j], at[1, i] - at[1, j], at[2, i] - at[2, j]
            found = 1 + int(min(np.sqrt(p * p + q * q + r * r) * scale, np.float32(count)))
            if location[i] == location[j]:
                found = 0
            out[i, j] = found
            out[j, i] = found


@compiled(fastmath=MATHS, error_model="numpy")
def _pairs(bins: Found, first: Floats, kernel: Floats, mean: Floats, out: Floats) -> None:
    for i in range(first.shape[0]):
        for j in range(i):
            row = kernel[bins[i, j]]
            for d in range(mean.size):
                a, b, f = first[i, d], first[j, d], row[d]
                second = f - mean[d] - a - b
                square = second * second
                out[0, d] += a * b * second
                out[1, d] += (a + b) * square / 2
                out[2, d] += square * second
