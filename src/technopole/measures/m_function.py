"""The M function of Marcon and Puech."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from technopole.kernels.neighbour_counts import within
from technopole.measures import _relative_result
from technopole.measures._relative import Ground, Scheme
from technopole.member import member
from technopole.result import Result
from technopole.tables import Activity, Establishments, Places, Sector


@member
def m_function(
    table: Establishments | Activity,
    *,
    industry: str | Sequence[str] = "all",
    neighbours: str | None = None,
    sector: Sector | None = None,
    places: Places | None = None,
    reference: Establishments | Activity | None = None,
    weight: Literal["employment"] | None = None,
    distances: Sequence[float] | None = None,
    null: Literal["random_location", "population_independence"] = "random_location",
    simulations: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """How much more often neighbours within a distance are of the same industry than in the whole area.

        M(r) = sum_i (sum_{j in c, j != i} w[j] 1(d[i,j] <= r) / sum_{j != i} w[j] 1(d[i,j] <= r))
               / sum_i ((W[c] - w[i]) / (W - w[i]))

    i runs over the industry's establishments with a neighbour within r; c = the industry (or that of `neighbours`, whose
    whole weight stands in the last line then), w = 1 or employment, W = the sum over all sites. 1 = as everywhere; 2 =
    twice as often. M is cumulative: it speaks of everything up to r. Establishments without any neighbour within r are left
    out of both sums, and counted in `isolated`. The bands hold when the industry's establishments are put on random sites,
    each with its weight: the local band at each distance apart, the global band over all distances at once.

    Parameters
    ----------
    table : Establishments or Activity
        Establishments with longitude and latitude, x and y, or a place with a point in `places`; or an activity table with
        `establishments` counted at `places`.
    industry : str or sequence of str
        One industry, several, or ``"all"``.
    neighbours : str, optional
        Count neighbours of this industry instead of the same one.
    sector : Sector, optional
        Take these codes as one industry.
    places : Places, optional
        Points of the places.
    reference : Establishments or Activity, optional
        All sites, where they aren't those of `table`.
    weight : {"employment"}, optional
        Weigh neighbours by employment instead of counting them.
    distances : sequence of float, optional
        Kilometres; none = 56 steps that widen with distance, up to a third of the extent of the sites.
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
        `.summary_table`: industry, (neighbours,) n, peak_distance_km, peak_m, verdict, p_value, q_value, undefined.

    Raises
    ------
    MissingColumn
        No coordinates, industry or weight.
    EmptyTable
        No establishment has coordinates.
    UnknownName
        An industry that doesn't occur.
    WrongOption
        Negative distances, too few simulations, or more than memory holds.

    References
    ----------
    Marcon, E. & Puech, F. (2010). Measures of the geographic concentration of industries: improving distance-based
    methods. Journal of Economic Geography 10(5), 745-762. https://doi.org/10.1093/jeg/lbp056

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> sites = pd.DataFrame({"x": [0.0, 1, 10, 11, 20], "y": 0.0, "industry": list("aabba")})
    >>> sites = tp.read_establishments(sites, crs="planar-km")
    >>> found = tp.measures.m_function(sites, industry="a", distances=[1, 10], simulations=99).table
    >>> found[["m", "isolated"]].to_numpy().round(6).tolist()
    [[2.0, 1.0], [0.555556, 0.0]]
    """
    request = _relative_result.Request(
        table, industry, neighbours, sector, places, reference, weight, null, simulations, level, seed
    )
    ground = Ground(request.checked(), weight is not None)
    km = _relative_result.distances_km(distances, ground, _relative_result.STEPS / 800)
    scheme = Scheme(within(ground.sites.locations.to_straight(km), ground.extent), np.ones(len(km)))
    found = _relative_result.curves(request, ground, lambda _: scheme)
    return _relative_result.result(
        request,
        ground,
        found,
        km,
        value="m",
        name="M",
        meaning="M: share of the industry among neighbours within the distance, relative to the whole area",
    )
