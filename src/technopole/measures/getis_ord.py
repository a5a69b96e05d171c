"""Getis-Ord G and G*."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np

from technopole.errors import WrongOption
from technopole.kernels import local_moments
from technopole.measures import _local, _place_values
from technopole.measures._local import Alternative, Inference, LocalMap
from technopole.member import member
from technopole.result import Field, Result
from technopole.tables import Activity, Places, Sector

KINDS = ("hot spot", "cold spot")
Positive: TypeAlias = Literal["location_quotient", "share", "value"]


@member
def getis_ord(
    activity: Activity,
    *,
    places: Places,
    industry: str | None = None,
    sector: Sector | None = None,
    value: str = "employment",
    of: Positive = "location_quotient",
    year: int | None = None,
    weights: str | Any = "queen",
    star: bool = True,
    permutations: int = 9999,
    inference: Inference = "permutation",
    alternative: Alternative = "two-sided",
    fdr: bool = True,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Where high, or low, values come together more than chance would have it.

        G[i]  = sum_j w[i, j] x[j] / sum_j x[j]          j other than i
        G*[i] = sum_j w[i, j] x[j] / sum_j x[j]          j = i too

    With links that count 1 it is the part of the total that lies in a place's neighbourhood. `z` is the standardised form of Ord and
    Getis (1995). p compares the neighbours with what they would be if all values but the place's own were put down at
    random, without replacement; as the place's own value stays, G and G* have the same p.

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
    of : {"location_quotient", "share", "value"}
        What a place's number is: the quotient of its share and the nation's, its share (the same test), or the plain value. G needs
        numbers of 0 or more.
    year : int, optional
        None = the last.
    weights : str or libpysal Graph
        ``"queen"``, ``"rook"`` (outlines), ``"knn8"`` (so many nearest), ``"band50"`` (within so many km), ``"kernel50"`` (bisquare kernel
        of so many km), or a Graph whose index holds the codes of the places. They aren't row-standardised.
    star : bool
        G* (the place counts as its own neighbour, with weight 1, or what a Graph says), or G.
    permutations : int
        How often the neighbours are drawn.
    inference : {"permutation", "exact"}
        Draws, or the whole distribution of all draws (links that count alike, at most 64 neighbours).
    alternative : {"two-sided", "greater", "less", "directed"}
        Twice the smaller tail; hot spots; cold spots; the smaller tail itself (no level of its own: twice as many false alarms).
    fdr : bool
        Whether `significant` holds the false discovery rate over all places that have a p.
    level : float
        1 - level is the error that `significant` allows.
    seed : int
        Of the draws.

    Returns
    -------
    Result
        place, name (where known), year, value, location_quotient (where `of` is another), g, z, spot (``"hot spot"`` = neighbours
        above what chance gives, ``"cold spot"``), p_value, q_value, significant, undefined. `.map`: place, label, kind, and where it lies.

    Raises
    ------
    WrongOption
        No industry for a quotient or share, negative values, unknown weights, or contiguity of points.
    UnknownName
        No such industry, or a Graph that lacks places.
    MissingColumn
        The places have no coordinates.

    References
    ----------
    Getis, A. & Ord, J. K. (1992). The analysis of spatial association by use of distance statistics. Geographical Analysis 24(3),
    189-206. Ord, J. K. & Getis, A. (1995). Local spatial autocorrelation statistics: distributional issues and an application.
    Geographical Analysis 27(4), 286-306.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> row = pd.DataFrame({"place": list("ABCDEFGH"), "longitude": range(8, 16), "latitude": 50.0})
    >>> jobs = pd.DataFrame({"place": list("ABCDEFGH"), "industry": "lasers", "employment": [9, 8, 9, 1, 1, 2, 1, 1]})
    >>> found = tp.measures.getis_ord(jobs, places=row, industry="lasers", of="value", weights="knn2")
    >>> found.table["g"].tolist()[:2] == [26 / 32, 26 / 32]
    True
    """
    alpha = _local.significance(level)
    found = _place_values.of_activity(
        activity, places, industry=industry, sector=sector, value=value, of=of, year=year
    )
    if (found.values < 0).any():
        raise WrongOption(
            "G needs values of 0 or more", value=float(found.values.min()), where=activity.source
        )
    case = _local.of_values(found, weights)
    low, high = _local.tails(case, permutations=permutations, inference=inference, seed=seed)
    statistic, above = _statistics(case, star=star)
    kind = np.where(above, *KINDS)
    table = _local.table(
        case, statistic, _local.p_values(low, high, alternative), kind, "spot", fdr=fdr, alpha=alpha
    )
    mark = "*" if star else ""
    return _local.result(
        case,
        table,
        statistic={
            "g": Field(
                f"G{mark}: part of the total that lies in the neighbourhood", "share, where links count 1", 4
            ),
            "z": Field(f"G{mark} standardised as by Ord and Getis", "standard deviations", 2),
            "spot": Field("whether the neighbours are above or below what chance gives"),
        },
        kinds=KINDS,
        column="spot",
        text=_local.words(case, table, KINDS, "spot", alpha=alpha, fdr=fdr),
        alpha=alpha,
        fdr=fdr,
        floor=_local.floor(permutations, inference, alternative),
    )


def _statistics(case: LocalMap, *, star: bool) -> tuple[dict[str, _place_values.Floats], Any]:
    """Return g and z, and whether the neighbours are above what chance gives."""
    x, links = case.x, case.weights
    if not case.defined.any():
        none = np.zeros(len(x))
        return {"g": none, "z": none}, none > 0
    matrix = links.matrix()
    lag, weight, squared = matrix @ x, matrix.sum(axis=1), matrix.power(2).sum(axis=1)
    around = local_moments.conditional(x, weight, squared).z(lag)
    if not star:
        rest = x.sum() - x
        return {"g": np.divide(lag, rest, out=np.zeros(len(x)), where=rest > 0), "z": around}, around > 0
    lag, weight, squared = lag + links.own * x, weight + links.own, squared + links.own**2
    return {"g": lag / x.sum(), "z": local_moments.unconditional(x, weight, squared).z(lag)}, around > 0
