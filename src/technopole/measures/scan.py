"""Kulldorff's spatial scan statistic."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from technopole.errors import WrongOption
from technopole.measures import _scan_map as maps
from technopole.measures._scan_clusters import Found, Search, clusters
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Places, Sector

MOST_SIMULATIONS = 1_000_000


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
    rows = [_row(i, one) for i, one in enumerate(found, start=1)]
    table = pd.DataFrame(rows) if rows else _nothing(scanned, value)
    table = table.astype({"rank": "Int64", "places": "Int64"})
    table = table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)
    members = pd.concat([_members(i, one) for i, one in enumerate(found, start=1)] or [_no_members()])
    jobs = activity.unit(value) == "persons"
    warnings = [
        *scanned.warnings,
        *(["jobs come in plants: one large plant can make a cluster; p is too small"] if jobs else []),
    ]
    return Result.of(
        table,
        text=_text(table, scanned, value, 1 - level),
        fields=_fields(value),
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


def _row(number: int, one: Found) -> dict[str, object]:
    c, n = (float(amount[one.locations].sum()) for amount in (one.scanned.cases, one.scanned.population))
    total, everyone = float(one.scanned.cases.sum()), float(one.scanned.population.sum())
    outside = total - c
    places = one.scanned.places
    at_centre = places[places["location"] == one.locations[0]]
    centre = at_centre.sort_values(["population", "place"], ascending=[False, True]).iloc[0]
    return {
        "cluster": number,
        "name": centre["name"],
        "rank": one.rank,
        "centre": centre["place"],
        "radius_km": one.radius_km,
        "places": int(places["location"].isin(one.locations).sum()),
        "observed": c,
        "expected": total * n / everyone,
        "relative_risk": (c / n) / (outside / (everyone - n)) if outside > 0 else np.nan,
        "log_likelihood_ratio": one.ratio,
        "p_value": one.p_value,
        "secondary": number > 1,
        "undefined": ""
        if outside > 0
        else "there is nothing outside to compare with: the relative risk has no limit",
    }


def _members(number: int, one: Found) -> pd.DataFrame:
    rate = float(one.scanned.cases.sum()) / float(one.scanned.population.sum())
    places = one.scanned.places
    rows = places[places["location"].isin(one.locations)].sort_values("place")
    columns = {"cluster": number, "place": rows["place"], "name": rows["name"]}
    return pd.DataFrame({**columns, "observed": rows["cases"], "expected": rows["population"] * rate})


def _no_members() -> pd.DataFrame:
    kinds = {"cluster": "int64", "place": "str", "name": "str", "observed": "float64", "expected": "float64"}
    return pd.DataFrame(columns=list(kinds)).astype(kinds)


def _nothing(scanned: maps.ScanMap, value: str) -> pd.DataFrame:
    why = "no circle has a rate that differs in the direction asked for"
    if scanned.cases.sum() <= 0:
        why = f"no place has {value} of {scanned.name}"
    elif len(scanned.cases) < 2:
        why = "there is one location only"
    numbers = ("radius_km", "observed", "expected", "relative_risk", "log_likelihood_ratio", "p_value")
    row = {"cluster": 1, "name": "", "rank": None, "centre": "", "radius_km": np.nan, "places": None}
    return pd.DataFrame([{**row, **dict.fromkeys(numbers, np.nan), "secondary": False, "undefined": why}])


def _text(table: pd.DataFrame, scanned: maps.ScanMap, value: str, alpha: float) -> str:
    what = scanned.name.replace("_", " ")
    what = what[:1].upper() + what[1:]
    found = table[table["p_value"].notna()].sort_values("cluster")
    if found.empty:
        return f"{what}: no cluster can be looked for ({table['undefined'].iloc[0]})."
    first = found.iloc[0]
    where = f"the {first['places']} places within {first['radius_km']:,.0f} km of {first['name']}"
    where = f"{first['name']} alone" if first["places"] == 1 else where
    chance = f"p = {first['p_value']:.3g}"
    significant = int((found["p_value"] <= alpha).sum())
    if not significant:
        return f"{what}: the most likely cluster, {where}, could be chance ({chance})."
    said = f"{what}: the most likely cluster is {where}, with {_instead(first)} {value} ({chance})."
    others = [f"{row['name']} ({_instead(row)})" for _, row in found.iloc[1:4].iterrows()]
    if not others:
        return f"{said} No other cluster is significant."
    return f"{said} {significant} clusters are significant in all; the next are around {', '.join(others)}."


def _instead(row: pd.Series) -> str:
    digits = 0 if row["expected"] >= 10 else 1
    return f"{row['observed']:,.{0 if row['observed'] % 1 == 0 else 1}f} instead of {row['expected']:,.{digits}f}"


def _fields(value: str) -> dict[str, Field]:
    return {
        "cluster": Field("number of the cluster, by likelihood; 1 = most likely"),
        "name": Field("name of the place"),
        "rank": Field("rank of its likelihood ratio among the largest of the simulated maps; 1 = above all"),
        "centre": Field("place in the centre of the circle"),
        "place": Field("place"),
        "radius_km": Field("radius: distance from the centre to the farthest place of the cluster", "km", 1),
        "places": Field("number of places"),
        "observed": Field(f"{value} of the industry", value),
        "expected": Field(f"{value} of the industry if it were spread as the population", value, 1),
        "relative_risk": Field(
            "rate inside over rate outside; overstated, as the circle was chosen for it", "1 = as outside", 2
        ),
        "log_likelihood_ratio": Field(
            "log-likelihood ratio of the circle against one rate everywhere", "", 2
        ),
        "p_value": Field(
            "chance that the most likely cluster of a random map is as likely as this one", "", 4
        ),
        "secondary": Field("whether it is further to the most likely cluster"),
        "undefined": Field("why a number isn't there"),
    }
