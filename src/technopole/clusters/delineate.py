"""Clusters delineated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import geopandas as gpd
import pandas as pd

from technopole.clusters import _finding, _ground
from technopole.clusters._description import Description, describe
from technopole.clusters._finding import Found
from technopole.clusters._ground import Ground
from technopole.clusters._profile import SUSTAINED, THRESHOLD
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Establishments, Places, Sector

if TYPE_CHECKING:
    from libpysal.graph import Graph
else:
    Graph: TypeAlias = Any


@member
def delineate(
    table: Activity | Establishments,
    *,
    places: Places | None = None,
    industry: str | None = None,
    sector: Sector | None = None,
    method: Literal["scan", "local", "cluster_index"] = "scan",
    statistic: Literal["local_moran", "getis_ord"] = "local_moran",
    value: str = "auto",
    weights: str | Graph = "auto",
    inference: Literal["exact", "permutation"] = "exact",
    radius_km: float | None = None,
    buffer_km: float | None = None,
    max_share: float = 0.5,
    max_km: float | None = 100.0,
    minimum: int = 3,
    year: int | None = None,
    alpha: float = 0.05,
    permutations: int = 999,
    base: str = "land",
    seed: int = 0,
) -> Result:
    """Find an industry's clusters on the map, outline and name them, and say what they hold.

        cluster = significant circle of places with relative risk > 1                                        (scan)
                = connected part of {places significantly high at alpha, and their neighbours with LQ > 1}   (local)
                = single-linkage group of significantly surrounded establishments                            (cluster_index)
        LQ      = (E[cluster, industry] / E[cluster]) / (E[industry] / E)

    ``"scan"`` takes the significant circles of Kulldorff's scan. ``"local"`` joins places with a significantly high local statistic (one-sided;
    false discovery rate over all places) and those of their neighbours that are above the average. ``"cluster_index"`` joins single establishments
    that are significantly surrounded by others of their industry and stand near each other. Finding no cluster is a finding: the tables
    are empty then.

    Parameters
    ----------
    table : Activity or Establishments
        All industries, since concentration is measured against all activity. Establishments need a place (local, scan) or coordinates
        (cluster_index).
    places : Places, optional
        Outlines or points of the places. Left out = points made of the establishments' own.
    industry : str, optional
        The code of one industry.
    sector : Sector, optional
        Codes counted as one industry. One of `industry` and `sector` is needed.
    method : {"scan", "local", "cluster_index"}
        How clusters are found. The scan is the default as it finds most of planted clusters of a few places, and lone places, where the local
        statistics, which test the neighbours only, find next to none.
    statistic : {"local_moran", "getis_ord"}
        local only: local Moran of the place's share of the industry, standardised by empirical Bayes so that small places don't look special by
        chance (values that aren't counts: of the location quotient), or Getis and Ord's G* of the location quotient.
    value : str
        What is counted; ``"auto"`` = establishments, as jobs come in plants; with ``"local"`` the employment of an activity table, where it
        has it.
    weights : str or Graph
        local only: who is whose neighbour; ``"auto"`` = ``"queen"`` where all places have outlines, else the 8 nearest (``"knn8"``).
    inference : {"exact", "permutation"}
        local only: p from all ways to draw the neighbours (links that count alike, at most 64 neighbours), or from `permutations` draws, which
        are seldom fine enough for many places.
    radius_km : float, optional
        cluster_index only: establishments within this distance belong together; left out = 10 km (ours): for a
        single city take less.
    buffer_km : float, optional
        Drawn around the hull of points; left out = half the median distance from a place to the nearest other one, or half `radius_km`.
    max_share : float
        scan only: a circle holds at most this share of all activity.
    max_km : float, optional
        scan only: largest radius of a circle; the default is ours, about the reach of commuting.
    minimum : int
        Clusters with fewer establishments are left out and counted in a warning.
    year : int, optional
        The year to look at; left out = the last.
    alpha : float
        Significance level, in (0, 1); intervals have the level 1 - alpha.
    permutations : int
        Permutations or simulations behind the p-values.
    base : str
        The ground of the map: ``"land"``, ``"us_states"``, or the path of a GeoJSON.
    seed : int
        Seed of the random streams.

    Returns
    -------
    Result
        cluster, name, sector, places, members (establishments), employment, location_quotient, low, high, p_value, born, born_note, area_km2,
        undefined, geometry (longitude and latitude; kilometres for places on a plane), the largest first. `born` is that of
        `emergence` with its defaults at the level 1 - alpha: the first of three years running significantly above 1.25. `.members`: cluster, place, name,
        value, employment, establishments, location_quotient, p_value, q_value, significant, one row per place. Single establishments are summed
        by place (those without a place by cluster), with the smallest p and q among them. `.industries`: cluster, industry, in_sector, employment, establishments, value, location_quotient,
        low, high, all industries at the cluster's places, the largest first.

    Raises
    ------
    WrongOption
        Neither or both of `industry` and `sector`; no places; a level outside (0, 1).
    UnknownName
        The industry doesn't occur, or no code of the sector.
    MissingColumn
        The table lacks the value, a place or coordinates.
    EmptyTable
        No rows, or no place with coordinates.

    References
    ----------
    Getis, A. & Ord, J. K. (1992). The analysis of spatial association by use of distance statistics. Geographical Analysis 24(3), 189-206.
    Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics: Theory and Methods 26(6), 1481-1496.
    Scholl, T. & Brenner, T. (2016). Detecting spatial clustering using a firm-level cluster index. Regional Studies 50(6), 1054-1068.
    Assuncao, R. M. & Reis, E. A. (1999). A new proposal to adjust Moran's I for population density. Statistics in Medicine 18(16),
    2147-2162.
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society B 57(1), 289-300.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> places = pd.DataFrame({"place": [f"{i:02d}" for i in range(36)], "x": [10.0 * (i % 6) for i in range(36)],
    ...                        "y": [10.0 * (i // 6) for i in range(36)]})
    >>> plants = pd.DataFrame({"place": places["place"].tolist() * 2, "industry": ["lasers"] * 36 + ["other"] * 36,
    ...                        "establishments": [30 if i in (7, 8, 13) else 1 for i in range(36)] + [100] * 36})
    >>> found = tp.clusters.delineate(plants, places=tp.read_places(places, crs="planar-km"), industry="lasers")
    >>> found.table[["name", "places", "members"]].to_numpy().tolist()
    [['07', 5, 92.0]]
    """
    if not 0 < alpha < 1:
        raise WrongOption("alpha is a level of significance between 0 and 1", value=alpha)
    for name, km in (("radius_km", radius_km), ("buffer_km", buffer_km)):
        if km is not None and not km > 0:
            raise WrongOption(f"{name} is a distance of more than 0 km", value=km)
    single = method == "cluster_index" and isinstance(table, Establishments)
    ground = _ground.of_table(
        table,
        places,
        industry=industry,
        sector=sector,
        value=value,
        year=year,
        plants=method != "local",
        single=single,
    )
    shared: dict[str, Any] = {
        "industry": industry,
        "sector": sector,
        "alpha": alpha,
        "permutations": permutations,
        "seed": seed,
    }
    if method == "local":
        found = _finding.local(
            table, places, ground, statistic=statistic, weights=weights, inference=inference, **shared
        )
    elif method == "scan":
        found = _finding.scan(table, places, ground, max_share=max_share, max_km=max_km, **shared)
    else:
        found = _finding.cluster_index(
            table, places, ground, radius_km=10.0 if radius_km is None else radius_km, **shared
        )
    described = describe(ground, found, single=single, buffer_km=buffer_km, minimum=minimum, level=1 - alpha)
    return Result.of(
        described.table,
        text=_text(described.table, ground, found),
        fields=_fields(ground, found, described, alpha),
        chart=None if ground.planar else Chart("cluster_map", {"alpha": alpha, "base": base}),
        warnings=_warnings(ground, found, described, minimum),
        members=described.members,
        industries=described.industries,
    )


def _text(table: gpd.GeoDataFrame, ground: Ground, found: Found) -> str:
    what, when = ground.title.replace("_", " "), f" in {ground.year}" if ground.year else ""
    if table.empty:
        return f"No cluster of {what} is found{when}: none of the {found.said.split(',')[0]} remains."
    named = [_said(row) for row in table.head(3).itertuples()]
    count = "1 cluster" if len(table) == 1 else f"{len(table):,} clusters"
    first = "it is" if len(table) == 1 else "the largest are"
    return f"{count} of {what}{when}; {first} {'; '.join(named)}. Found as {found.said}."


def _said(row: Any) -> str:
    parts = [f"{row.members:,.0f} establishments"] if row.members == row.members else []
    parts += [f"{row.employment:,.0f} jobs"] if row.employment == row.employment else []
    if row.location_quotient == row.location_quotient:
        ends = f", {row.low:.1f} to {row.high:.1f}" if row.low == row.low else ""
        parts.append(f"location quotient {row.location_quotient:.1f}{ends}")
    born = "" if pd.isna(row.born) else f", born {row.born}{' or before' if row.born_note else ''}"
    return f"{row.name} ({', '.join(parts)}{born})"


def _warnings(ground: Ground, found: Found, described: Description, minimum: int) -> list[str]:
    said = [*found.warnings]
    if described.small:
        several = "1 cluster has" if described.small == 1 else f"{described.small} clusters have"
        said.append(f"{several} fewer than {minimum} establishments: left out")
    if described.buffer_km is not None and len(described.table):
        said.append(
            f"outlines are concave hulls of points with a buffer of {described.buffer_km:.3g} km, not borders"
        )
    if not ground.counted:
        said.append(f"{ground.value} isn't a count, so quotients have no interval and clusters no first year")
    if (
        ground.value == "employment"
        and len(described.table)
        and not any("jobs come in plants" in one for one in said)
    ):
        said.append("jobs come in plants, so the intervals of quotients of jobs are too narrow")
    return list(dict.fromkeys(said))


def _fields(ground: Ground, found: Found, described: Description, alpha: float) -> dict[str, Field]:
    hull = (
        ""
        if described.buffer_km is None
        else f": concave hull of its points with a buffer of {described.buffer_km:.3g} km"
    )
    level = f"{1 - alpha:.0%}"
    return {
        "cluster": Field("number of the cluster, the largest first"),
        "name": Field("name, by its largest place (in .members: the place's)"),
        "sector": Field("industry or sector"),
        "places": Field("number of places in it; of points where establishments have no place"),
        "members": Field("establishments of the industry or sector in it", "establishments", 0),
        "employment": Field("jobs of the industry or sector", "persons", 0),
        "establishments": Field("establishments of the industry or sector", "establishments", 0),
        "value": Field(f"what was counted: {ground.value}", "", 0),
        "location_quotient": Field(
            f"the industry's share here over its share of all {ground.value}; chosen for being high, so rather too high",
            "1 = as everywhere",
            2,
        ),
        "low": Field(f"lower end of the {level} interval of the location quotient", "as above", 2),
        "high": Field(f"upper end of the {level} interval of the location quotient", "as above", 2),
        "p_value": Field(
            f"{found.p_meaning} (in .members: the place's own, or the smallest of its establishments')"
        ),
        "q_value": Field("p-value adjusted for the false discovery rate"),
        "significant": Field(
            "whether the place itself, or an establishment there, is significant; others lie within the outline"
        ),
        "born": Field(
            f"first year of the first {SUSTAINED} running in which its places of {ground.year}, taken together, are significantly above "
            f"{THRESHOLD:g} times the average: that of clusters.emergence, which adds an interval",
            "year",
        ),
        "born_note": Field("what limits the first year"),
        "area_km2": Field("area of the outline", "km2", 0),
        "undefined": Field("what isn't known, and why"),
        "geometry": Field(f"outline{hull}", "kilometres" if ground.planar else "degrees"),
        "place": Field("code of the place"),
        "industry": Field(
            "industry code; its figures are those of all its establishments at the cluster's places"
        ),
        "in_sector": Field("share of the code that belongs to the sector", "0 to 1", 2),
    }
