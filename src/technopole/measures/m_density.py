"""The m function of Lang, Marcon and Puech: M's density."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from technopole.errors import WrongOption
from technopole.kernels import k_density, pair_histogram
from technopole.kernels.k_density import REACH, Scale
from technopole.kernels.neighbour_counts import CELLS, smoothed
from technopole.measures import _relative_result
from technopole.measures._relative import Floats, Ground, Indices, Marks, Pair, Scheme
from technopole.member import member
from technopole.result import Result
from technopole.tables import Activity, Establishments, Places, Sector

FINE = 32  # bins of distance per bandwidth
COARSE = 4  # as few as the memory near the processor may force
STEPS = 60


@member
def m_density(
    table: Establishments | Activity,
    *,
    industry: str | Sequence[str] = "all",
    neighbours: str | None = None,
    sector: Sector | None = None,
    places: Places | None = None,
    reference: Establishments | Activity | None = None,
    weight: Literal["employment"] | None = None,
    distances: Sequence[float] | None = None,
    bandwidth: float | None = None,
    null: Literal["random_location", "population_independence"] = "random_location",
    simulations: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """How much more often neighbours at a distance are of the same industry than in the whole area.

        m(r) = sum_i (sum_{j in c, j != i} w[j] K((d[i,j] - r) / h) / sum_{j != i} w[j] K((d[i,j] - r) / h))
               / sum_i ((W[c] - w[i]) / (W - w[i]))

    i runs over the industry's establishments; c = the industry (or that of `neighbours`, whose whole weight stands in the last
    line then), K = a Gaussian kernel cut off at five bandwidths h, w = 1 or employment, W = the sum over all sites.
    1 = as everywhere; 2 = twice as often. Where M speaks of everything up to r, m speaks of what lies at r. The bands hold
    when the industry's establishments are put on random sites, each with its weight.

    Parameters
    ----------
    table : Establishments or Activity
        Establishments with longitude and latitude, x and y, or a place with a point in `places`; or an activity table with
        `establishments` counted at `places`.
    industry : str or sequence of str
        One industry, several, or ``"all"``.
    neighbours : str, optional
        Take neighbours of this industry instead of the same one.
    sector : Sector, optional
        Take these codes as one industry.
    places : Places, optional
        Points of the places.
    reference : Establishments or Activity, optional
        All sites, where they aren't those of `table`.
    weight : {"employment"}, optional
        Weigh neighbours by employment instead of counting them.
    distances : sequence of float, optional
        Kilometres; none = 61 equal steps from 0 to a third of the extent of the sites.
    bandwidth : float, optional
        h in kilometres; none = Silverman's 0.9 min(sd, IQR / 1.34) p^(-1/5) over the p distances between the industry's
        establishments (and those of `neighbours`) up to twice the largest in `distances`.
    null : {"random_location", "population_independence"}
        With `neighbours`: whether both industries are put on random sites, or only the neighbours, the others staying.
    simulations : int
        Random locations for the bands.
    level : float
        Share of random locations within the bands, in (0, 1).
    seed : int
        Of the simulations.

    Returns
    -------
    Result
        industry, (neighbours,) distance_km, m, local_low, local_high, global_low, global_high, isolated, undefined;
        `.summary_table`: industry, (neighbours,) n, bandwidth_km, peak_distance_km, peak_m, verdict, p_value, q_value,
        undefined.

    Raises
    ------
    MissingColumn
        No coordinates, industry or weight.
    EmptyTable
        No establishment has coordinates.
    UnknownName
        An industry that doesn't occur.
    WrongOption
        Negative distances, too few simulations, or a bandwidth too small for the distances.

    References
    ----------
    Lang, G., Marcon, E. & Puech, F. (2020). Distance-based measures of spatial concentration: introducing a relative
    density function. Annals of Regional Science 64(2), 243-265. https://doi.org/10.1007/s00168-019-00946-7

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> line = pd.DataFrame({"x": [0.0, 1, 10, 11, 20], "y": 0.0, "industry": list("aabba")})
    >>> sites = tp.read_establishments(line, crs="planar-km")
    >>> result = tp.measures.m_density(sites, industry="a", distances=[1, 10, 20], bandwidth=1, simulations=99)
    >>> result.table["m"].round(2).tolist()
    [2.0, 0.0, 2.0]
    """
    request = _relative_result.Request(
        table, industry, neighbours, sector, places, reference, weight, null, simulations, level, seed
    )
    ground = Ground(request.checked(), weight is not None)
    km = _relative_result.distances_km(distances, ground, np.linspace(0, 1 / 3, STEPS + 1))
    schemes: dict[float, Scheme] = {}

    def scheme_of(pair: Pair) -> Scheme | None:
        width = _silverman(ground, pair, 2 * float(km[-1])) if bandwidth is None else float(bandwidth)
        if width <= 0 and bandwidth is None:
            return None
        if width not in schemes:
            schemes[width] = _scheme(ground, km, width)
        return schemes[width]

    found = _relative_result.curves(request, ground, scheme_of)
    return _relative_result.result(
        request,
        ground,
        found,
        km,
        value="m",
        name="m",
        meaning="m: share of the industry among neighbours at the distance, relative to the whole area",
    )


def _scheme(ground: Ground, km: Floats, width: float) -> Scheme:
    """Weigh bins of straight-line distance by the kernel around each distance along the surface."""
    locations = ground.sites.locations
    farthest = float(km[-1]) + REACH * width
    reach = float(locations.to_straight(np.array([farthest]))[0])
    count = min(int(np.ceil(FINE * farthest / width)) if width > 0 else CELLS, CELLS - 2)
    if not width > 0 or count * width < COARSE * farthest:
        raise WrongOption(
            "the bandwidth is too small for the distances",
            value=width,
            fix=f"give at least {COARSE * float(km[-1]) / CELLS:.2g} km, or shorter distances=",
        )
    middle = locations.to_km((np.arange(count) + 0.5) * reach / count)
    apart = np.abs(middle[:, None] - km) / width
    smooth = np.where(apart <= REACH, np.exp(-0.5 * apart**2), 0.0)
    return Scheme(smoothed(reach, smooth), smooth[0].copy(), width)


def _silverman(ground: Ground, pair: Pair, farthest: float) -> float:
    """Return the bandwidth for the distances between the establishments up to `farthest` km."""
    locations = ground.sites.locations
    reach = min(float(locations.to_straight(np.array([farthest]))[0]), ground.extent)
    if reach <= 0:
        return 0.0
    bins = pair_histogram.Bins(CELLS, reach * (1 + 1e-6) / CELLS)
    at = pair_histogram.points(ground.coordinates)
    (a, held), (b, others) = (_counted(marks) for marks in (pair.focal, pair.around))
    if pair.same:
        found = pair_histogram.within(at[:, a], bins, held)[:-1]
        together = pair_histogram.colocated(held, held)
    else:
        found = pair_histogram.between(at[:, a], at[:, b], bins, held, others)[:-1]
        together = 0.0
    pairs = float(found.sum()) + together
    if not pairs:
        return 0.0
    return k_density.silverman(Scale.of(bins, locations.to_km), np.concatenate([[together], found]), pairs)


def _counted(marks: Marks) -> tuple[Indices, Floats]:
    count = np.bincount(marks.location, weights=marks.times).astype(np.float64)
    spots = np.flatnonzero(count)
    return spots, count[spots]
