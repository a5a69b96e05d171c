"""Local Moran."""

from __future__ import annotations

from typing import Any

import numpy as np

from technopole.kernels import local_moments
from technopole.measures import _local, _place_values
from technopole.measures._local import Alternative, Inference, LocalMap
from technopole.measures._place_values import Of
from technopole.member import member
from technopole.result import Field, Result
from technopole.tables import Activity, Places, Sector

KINDS = ("high-high", "low-low", "high-low", "low-high")


@member
def local_moran(
    activity: Activity,
    *,
    places: Places,
    industry: str | None = None,
    sector: Sector | None = None,
    value: str = "employment",
    of: Of = "eb_rate",
    year: int | None = None,
    weights: str | Any = "queen",
    permutations: int = 9999,
    inference: Inference = "permutation",
    alternative: Alternative = "two-sided",
    fdr: bool = True,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Which places are like their neighbours, or unlike them, more than chance would have it.

        I[i] = z[i] / m2 * sum_j w[i, j] z[j]          m2 = sum_j z[j]^2 / n

    z = a place's value less the mean, w = weights that add up to 1 over the neighbours. p compares the neighbours with what they
    would be if all values but the place's own were put down at random, without replacement; equal sums count on both
    sides, so that maps of mostly zeros aren't called significant. `z` is the deviate from the exact conditional mean and variance.

    Parameters
    ----------
    activity : Activity
        Place x industry x year.
    places : Places
        Where the places lie: outlines (geometry), longitude and latitude, or x and y.
    industry : str, optional
        The industry that is mapped.
    sector : Sector, optional
        Or these codes, counted as one industry.
    value : str
        What is counted.
    of : {"eb_rate", "location_quotient", "share", "value"}
        What a place's number is: the industry's share in the place, standardised for small places by empirical Bayes (Assuncao and
        Reis 1999); the quotient of its share and the nation's; its share (the same test); or the plain value.
    year : int, optional
        None = the last.
    weights : str or libpysal Graph
        ``"queen"``, ``"rook"`` (outlines), ``"knn8"`` (so many nearest), ``"band50"`` (within so many km), ``"kernel50"`` (bisquare kernel
        of so many km), or a Graph whose index holds the codes of the places.
    permutations : int
        How often the neighbours are drawn.
    inference : {"permutation", "exact"}
        Draws, or the whole distribution of all draws (links that count alike, at most 64 neighbours).
    alternative : {"two-sided", "greater", "less", "directed"}
        Twice the smaller tail; likeness; unlikeness; the smaller tail itself (no level of its own: twice as many false alarms).
    fdr : bool
        Whether `significant` holds the false discovery rate over all places that have a p.
    level : float
        1 - level is the error that `significant` allows.
    seed : int
        Of the draws.

    Returns
    -------
    Result
        place, name (where known), year, value, location_quotient, local_moran, z, quadrant (the place's value, then its neighbours': ``"high-high"``,
        ``"low-low"``, ``"high-low"``, ``"low-high"``; above the mean is high), p_value, q_value, significant, undefined.
        `.map`: place, label, kind, and where it lies.

    Raises
    ------
    WrongOption
        No industry for a quotient or share, unknown weights, or contiguity of points.
    UnknownName
        No such industry, or a Graph that lacks places.
    MissingColumn
        The places have no coordinates.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association: LISA. Geographical Analysis 27(2), 93-115.
    Sokal, R. R., Oden, N. L. & Thomson, B. A. (1998). Local spatial autocorrelation in a biological model. Geographical Analysis
    30(4), 331-354. Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical
    Society B 57(1), 289-300. Assuncao, R. M. & Reis, E. A. (1999). A new proposal to adjust Moran's I for population density.
    Statistics in Medicine 18(16), 2147-2162.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> row = pd.DataFrame({"place": list("ABCDEFGH"), "longitude": range(8, 16), "latitude": 50.0})
    >>> jobs = pd.DataFrame({"place": list("ABCDEFGH"), "industry": "lasers", "employment": [9, 8, 9, 1, 1, 2, 1, 1]})
    >>> found = tp.measures.local_moran(jobs, places=row, industry="lasers", of="value", weights="knn2", fdr=False)
    >>> found.table.loc[:2, ["place", "quadrant", "significant"]].to_numpy().tolist()
    [['A', 'high-high', False], ['B', 'high-high', False], ['C', 'high-high', False]]
    """
    alpha = _local.significance(level)
    found = _place_values.of_activity(
        activity, places, industry=industry, sector=sector, value=value, of=of, year=year
    )
    case = _local.of_values(found, weights)
    links = case.weights.row_standardised()
    z = case.x - (case.x.mean() if len(case.x) else 0.0)
    lag = links.matrix() @ z
    power = float((z**2).mean()) if case.defined.any() else 1.0
    low, high = _local.tails(case, permutations=permutations, inference=inference, seed=seed)
    near = np.abs(z) <= _local.CONSTANT * np.abs(case.x).max(initial=0.0)
    low, high = np.where(z < 0, high, low), np.where(z < 0, low, high)
    low, high = np.where(near, 1.0, low), np.where(near, 1.0, high)
    kind = np.char.add(np.where(z > 0, "high-", "low-"), np.where(lag > 0, "high", "low"))
    statistic = {"local_moran": z * lag / power, "z": _deviate(case, z, lag)}
    p = _local.p_values(low, high, alternative)
    table = _local.table(case, statistic, p, kind, "quadrant", fdr=fdr, alpha=alpha)
    return _local.result(
        case,
        table,
        statistic={
            "local_moran": Field("likeness of the place and its neighbours", "0 = none; positive = alike", 3),
            "z": Field("deviation from chance, in standard deviations", "", 2),
            "quadrant": Field("the place's value, then its neighbours'"),
        },
        kinds=KINDS,
        column="quadrant",
        text=_local.words(case, table, KINDS, "quadrant", alpha=alpha, fdr=fdr),
        alpha=alpha,
        fdr=fdr,
        floor=_local.floor(permutations, inference, alternative),
    )


def _deviate(case: LocalMap, z: _place_values.Floats, lag: _place_values.Floats) -> _place_values.Floats:
    if not case.defined.any():
        return np.zeros(len(z))
    matrix = case.weights.row_standardised().matrix()
    moments = local_moments.conditional(z, matrix.sum(axis=1), matrix.power(2).sum(axis=1))
    return np.sign(z) * moments.z(lag)
