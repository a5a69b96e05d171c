"""Which sites form clusters: by a local statistic, by a scan, or by an index of single establishments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from technopole import measures
from technopole.clusters import _joining
from technopole.clusters._ground import Ground, activity_of, places_of
from technopole.clusters._outlines import outlined
from technopole.result import Result
from technopole.spatial import located_places, spatial_weights
from technopole.tables import Activity, Establishments, Places, Sector

if TYPE_CHECKING:
    from libpysal.graph import Graph

NEAREST = 8


@dataclass(frozen=True, slots=True)
class Found:
    """Clusters before they are described.

    Attributes
    ----------
    members : DataFrame
        cluster, site, p_value, q_value (null where the method tests no single site), significant.
    p_values : dict of int to float
        Cluster -> its p-value.
    said, p_meaning : str
        How clusters were found, and what their p-value is, in words.
    reach_km : float or None
        Distance by which sites were joined, where they were joined by distance.
    """

    members: pd.DataFrame
    p_values: dict[int, float]
    said: str
    p_meaning: str
    warnings: tuple[str, ...]
    reach_km: float | None = None


def local(
    table: Activity | Establishments,
    places: Places | None,
    ground: Ground,
    *,
    industry: str | None,
    sector: Sector | None,
    statistic: str,
    weights: str | Graph,
    inference: str,
    alpha: float,
    permutations: int,
    seed: int,
) -> Found:
    """Join places that a local statistic finds significantly high and that have more of the industry than all on average."""
    there = places_of(table, places, ground)
    if isinstance(weights, str) and weights == "auto":
        weights = "queen" if outlined(ground.sites) else f"knn{max(1, min(NEAREST, len(ground.sites) - 1))}"
    standardised = statistic == "local_moran" and ground.counted
    given: dict[str, Any] = {
        "industry": industry,
        "sector": sector,
        "value": ground.value,
        "weights": weights,
    }
    test: Any = getattr(measures, statistic)
    result: Result = test(
        activity_of(table, ground),
        places=there,
        of="eb_rate" if standardised else "location_quotient",
        alternative="greater",
        inference=inference,
        permutations=permutations,
        level=1 - alpha,
        seed=seed,
        **given,
    )
    located = located_places.of(there)
    links = spatial_weights.of_places(located, weights)
    rows = result.table.set_index("place").reindex(located.table["place"].to_numpy())
    above = (rows["value"] > (0 if standardised else 1)).to_numpy(bool)
    core = rows["significant"].eq(True).to_numpy(bool) & above & (rows["z"] > 0).to_numpy(bool)
    around = np.asarray((links.matrix()[core] > 0).sum(axis=0)).ravel() > 0
    chosen = core | (around & above)
    cluster = _joining.over_graph(links.indptr, links.indices, chosen)[chosen]
    members = _members(rows.index.to_numpy(object)[chosen], cluster, rows.loc[chosen])
    members["significant"] = core[chosen]
    name = {"getis_ord": "Getis-Ord G*", "local_moran": "local Moran"}[statistic]
    return Found(
        members,
        _smallest(members),
        f"places with a significantly high {name} (false discovery rate {alpha:.0%}) and their neighbours above the average, joined by {links.said}",
        "smallest p-value among its places, adjusted for the false discovery rate over all places",
        result.warnings,
    )


def scan(
    table: Activity | Establishments,
    places: Places | None,
    ground: Ground,
    *,
    industry: str | None,
    sector: Sector | None,
    max_share: float,
    max_km: float | None,
    alpha: float,
    permutations: int,
    seed: int,
) -> Found:
    """Take the significant circles of Kulldorff's scan that hold more of the industry than expected."""
    result = measures.scan(
        activity_of(table, ground),
        places=places_of(table, places, ground),
        industry=industry,
        sector=sector,
        value=ground.value,
        max_share=max_share,
        max_km=max_km,
        simulations=permutations,
        seed=seed,
    )
    rows = result.table
    kept = rows[(rows["p_value"] <= alpha) & (rows["relative_risk"] > 1)].set_index("cluster")
    inside = result.members[result.members["cluster"].isin(kept.index)]
    inside = inside[inside["place"].isin(ground.sites["site"])]
    return Found(
        _members(inside["place"].to_numpy(object), inside["cluster"].to_numpy(np.int64), None),
        {int(cluster): float(p) for cluster, p in zip(kept.index, kept["p_value"], strict=True)},
        f"circles of places of Kulldorff's scan with p at most {alpha:g}",
        f"Monte Carlo p-value of the scan ({permutations} simulations): the chance of so strong a circle anywhere on the map",
        result.warnings,
    )


def cluster_index(
    table: Activity | Establishments,
    places: Places | None,
    ground: Ground,
    *,
    industry: str | None,
    sector: Sector | None,
    radius_km: float,
    alpha: float,
    permutations: int,
    seed: int,
) -> Found:
    """Join significantly surrounded establishments that stand within the radius of each other."""
    given: dict[str, Any] = {"industry": industry} if sector is None else {"sector": sector}
    result = measures.cluster_index(
        _of_year(table, ground.year),
        places=places,
        level=1 - alpha,
        simulations=permutations,
        seed=seed,
        **given,
    )
    rows = result.table
    rows = rows[rows["significant"].eq(True) & (rows["q_value"] <= alpha)]
    key = "place" if "place" in rows and isinstance(table, Activity) else "establishment_id"
    rows = rows.drop_duplicates(key).set_index(key)
    sites = (
        ground.sites[ground.sites["site"].isin(rows.index)]
        .sort_values(["east", "north", "site"])
        .set_index("site")
    )
    rows = rows.loc[sites.index]
    cluster = _joining.by_distance(ground.locations(sites), radius_km)
    members = _members(rows.index.to_numpy(object), cluster, rows)
    return Found(
        members,
        _smallest(members),
        f"establishments with a significant cluster index (false discovery rate {alpha:.0%}), joined where they stand within {radius_km:g} km",
        "smallest p-value among its establishments, adjusted for the false discovery rate over all of the industry",
        result.warnings,
        reach_km=radius_km,
    )


def _smallest(members: pd.DataFrame) -> dict[int, float]:
    least = members.groupby("cluster")["q_value"].min()
    return {int(cluster): float(q) for cluster, q in zip(least.index, least, strict=True)}


def _of_year(table: Any, year: int) -> Any:
    kept = table.expr.filter(table.expr.year == year)
    rows = int(kept.count().to_pyarrow().as_py())
    return type(table)(
        kept, source=table.source, digest=table.digest, rows=rows, warnings=table.warnings, crs=table.crs
    )


def _members(sites: Any, cluster: Any, rows: pd.DataFrame | None) -> pd.DataFrame:
    tested = {name: np.nan if rows is None else rows[name].to_numpy(float) for name in ("p_value", "q_value")}
    return pd.DataFrame({"cluster": cluster, "site": sites, **tested, "significant": True}).astype(
        {"cluster": "int64"}
    )
