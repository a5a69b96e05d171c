"""Kulldorff's spatial scan statistic."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from technopole.errors import WrongOption
from technopole.measures import _scan_map as maps
from technopole.measures import _scan_result as words
from technopole.measures._scan_clusters import Search, clusters
from technopole.member import member
from technopole.result import Chart, Result
from technopole.tables import Activity, Places, Sector

MOST_SIMULATIONS = 1_000_000
MOST_CASES = 2**31 - 1


@member
def scan(
    activity: Activity,
    *,
    places: Places,
    industry: str | None = None,
    sector: Sector | None = None,
    model: Literal["poisson", "bernoulli"] = "poisson",
    value: str = "establishments",
    population: str | None = None,
    alternative: Literal["high", "low", "both"] = "high",
    max_share: float = 0.5,
    max_km: float | None = None,
    simulations: int = 999,
    inference: Literal["maximum", "sequential"] = "maximum",
    tail: Literal["rank", "gumbel"] = "rank",
    level: float = 0.95,
    year: int | None = None,
    seed: int = 0,
) -> Result:
    """In which circles on the map is there more of an industry than everywhere else, beyond chance?

        Poisson:   LLR(Z) = c ln(c / e) + (C - c) ln((C - c) / (C - e))            e = C n / N
        Bernoulli: LLR(Z) = c ln(c / n) + (n - c) ln((n - c) / n) + the same outside Z - the same for the whole map
        p          = (1 + number of simulated maps with max LLR >= LLR(Z)) / (simulations + 1)

    Z = a circle around a place, growing over its neighbours; c, n = cases (establishments of the industry) and population
    (all establishments) in Z; C, N = on the whole map. The most likely cluster has the largest LLR. Every cluster is judged
    against the largest LLR of each simulated map, so that looking at all circles at once is paid for. Places that are
    equally far enter together; places at one point are one.

    Parameters
    ----------
    activity : Activity
        Place x industry.
    places : Places
        Where the places lie: outlines, longitude and latitude (great-circle distances), or x and y with `crs`.
    industry : str, optional
        The industry to scan for; or give a sector.
    sector : Sector, optional
        Count these codes with their weights as one industry. A sum of weights counts as that many establishments in the simulations, which
        is on the careful side (many small shares vary less than few whole ones); the Bernoulli model rounds.
    model : {"poisson", "bernoulli"}
        Poisson: cases fall on the population; the population may be of another kind. Bernoulli: each unit of the population is a case or not.
    value : str
        What is counted: establishments. Jobs come in plants, so that of jobs one large plant is a cluster.
    population : str, optional
        A column of `places` to compare with, such as ``"population"``; none = the `value` of all industries.
    alternative : {"high", "low", "both"}
        Circles with more, with less, or either.
    max_share : float
        Largest share of the population in a circle, in (0, 1).
    max_km : float, optional
        Largest radius.
    simulations : int
        Simulated maps with the same total: multinomial (Poisson), without replacement (Bernoulli).
    inference : {"maximum", "sequential"}
        maximum: all clusters of the map against one distribution (for the second and later ones on the careful side). sequential: the
        places of each cluster are taken off the map before the next is searched and tested.
    tail : {"rank", "gumbel"}
        p from the rank among the simulated maps, or from a Gumbel law with their mean and variance (for p below 1 / simulations).
    level : float
        Further clusters are listed where p <= 1 - level; the most likely one always is.
    year : int, optional
        None = the last.
    seed : int
        Seed of the simulations.

    Returns
    -------
    Result
        cluster (1 = most likely), name (of the centre), rank (of its LLR among the simulated maps), centre (the place), radius_km, places, observed,
        expected, relative_risk (inside over outside), log_likelihood_ratio, p_value, secondary, undefined. `.members`: cluster, place,
        name, observed, expected. No interval of the relative risk: the circle was chosen because the risk is high, so it is overstated.

    Raises
    ------
    WrongOption
        Something that isn't counted, no industry or more than one, shares outside (0, 1), or more windows than memory holds.
    UnknownName
        An industry that doesn't occur.
    MissingColumn
        No such value or population, or places without coordinates.
    EmptyTable
        No rows, or no place with coordinates and population.

    References
    ----------
    Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics: Theory and Methods 26(6), 1481-1496.
    https://doi.org/10.1080/03610929708831995
    Abrams, A. M., Kleinman, K. & Kulldorff, M. (2010). Gumbel based p-value approximations for spatial scan statistics. International
    Journal of Health Geographics 9, 61.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> counts = [(9, 11), (8, 12), (1, 39), (2, 38), (0, 40)]
    >>> rows = [(p, i, n) for p, pair in zip("ABCDE", counts) for i, n in zip(("lasers", "other"), pair)]
    >>> activity = pd.DataFrame(rows, columns=["place", "industry", "establishments"])
    >>> places = pd.DataFrame({"place": list("ABCDE"), "longitude": [8.0, 8.1, 8.5, 9.2, 9.9], "latitude": 50.0})
    >>> found = tp.measures.scan(activity, places=places, industry="lasers").table
    >>> found[["centre", "places", "observed", "expected"]].values.tolist()
    [['A', 2, 17.0, 5.0]]
    """
    _check(max_share, max_km, simulations, level)
    scanned = maps.of_tables(
        activity,
        places,
        industry=industry,
        sector=sector,
        value=value,
        population=population,
        year=year,
        whole=model == "bernoulli",
    )
    if (total := float(scanned.cases.sum())) > MOST_CASES:
        raise WrongOption(
            f"more {value} than a scan can throw on the map",
            value=f"{total:,.0f}",
            fix="scan things that are counted",
        )
    how = Search(
        bernoulli=model == "bernoulli",
        high=alternative != "low",
        low=alternative != "high",
        max_share=max_share,
        max_km=max_km,
        simulations=simulations,
        gumbel=tail == "gumbel",
        sequential=inference == "sequential",
        alpha=1 - level,
        seed=seed,
    )
    found = clusters(scanned, how) if scanned.cases.sum() > 0 else []
    rows = [words.row(i, one) for i, one in enumerate(found, start=1)]
    table = pd.DataFrame(rows) if rows else words.nothing(scanned, value)
    table = table.astype({"rank": "Int64", "places": "Int64"})
    table = table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)
    members = pd.concat(
        [words.members(i, one) for i, one in enumerate(found, start=1)] or [words.no_members()]
    )
    jobs = activity.unit(value) == "persons"
    warnings = [
        *scanned.warnings,
        *(["jobs come in plants: one large plant can make a cluster; p is too small"] if jobs else []),
    ]
    return Result.of(
        table,
        text=words.text(table, scanned, value, 1 - level),
        fields=words.fields(value),
        chart=Chart(
            "ranking", {"label": "name", "value": "relative_risk", "reference": 1.0, "axis": "relative risk"}
        ),
        warnings=warnings,
        members=members,
    )


def _check(max_share: float, max_km: float | None, simulations: int, level: float) -> None:
    for name, share in (("max_share", max_share), ("level", level)):
        if not 0 < share < 1:
            raise WrongOption(f"{name} is a share between 0 and 1", value=share)
    if max_km is not None and max_km <= 0:
        raise WrongOption("max_km is a radius above 0 km", value=max_km)
    if not 1 <= simulations <= MOST_SIMULATIONS:
        raise WrongOption(
            f"simulations is between 1 and {MOST_SIMULATIONS:,}", value=simulations, fix="999 is usual"
        )
