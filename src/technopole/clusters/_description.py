"""Clusters described: shapes, figures, names, in the order of their size."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from technopole.clusters import _outlines
from technopole.clusters._finding import Found
from technopole.clusters._ground import COUNTS, DEGREES, Ground
from technopole.clusters._profile import Profile, profile

COLUMNS = ("cluster", "name", "sector", "places", "members", "employment", "location_quotient", "low", "high",
           "p_value", "born", "born_note", "area_km2", "undefined", "geometry")  # fmt: skip
MEMBERS = ("cluster", "place", "name", "value", "employment", "establishments", "location_quotient", "p_value", "q_value", "significant")  # fmt: skip
INDUSTRIES = ("cluster", "industry", "in_sector", "employment", "establishments", "value", "location_quotient", "low", "high")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Description:
    """The three tables of a delineation; `small` = clusters left out for having too few establishments."""

    table: gpd.GeoDataFrame
    members: pd.DataFrame
    industries: pd.DataFrame
    small: int
    buffer_km: float | None


def describe(
    ground: Ground, found: Found, *, single: bool, buffer_km: float | None, minimum: int, level: float
) -> Description:
    """Give clusters their shapes and figures, leave out those with fewer than `minimum` establishments, and number the rest."""
    sites = found.members.merge(ground.sites, on="site")
    hulls = not _outlines.outlined(ground.sites) if len(sites) else False
    if buffer_km is None and hulls:
        spread = found.reach_km or _outlines.spacing_km(ground.locations(ground.sites))
        buffer_km = spread / 2
    shapes = {
        int(cluster): _outlines.shape(
            sites[sites["cluster"] == cluster], planar=ground.planar, buffer_km=buffer_km or 0.0
        )
        for cluster in sites["cluster"].unique()
    }
    members = found.members if found.reach_km is None or not hulls else _inside(ground, found.members, shapes)
    figures = profile(ground, members, level=level)
    kept = _ordered(figures.clusters, sites, minimum)
    number = {cluster: rank for rank, cluster in enumerate(kept, start=1)}
    rows = _members(ground, members, figures, number, single=single)
    table = _table(ground, found, figures.clusters, rows, shapes, number)
    industries = figures.industries[figures.industries["cluster"].isin(number)].copy()
    industries["cluster"] = industries["cluster"].map(number).astype("int64")
    industries = industries.sort_values(["cluster", "value", "industry"], ascending=[True, False, True])
    small = len(shapes) - len(number)
    return Description(
        table,
        _by_place(rows) if single else rows.drop(columns=["site", "east", "north"]),
        industries[list(INDUSTRIES)],
        small,
        buffer_km if hulls else None,
    )


def _inside(ground: Ground, core: pd.DataFrame, shapes: dict[int, Any]) -> pd.DataFrame:
    """Add the sites that lie within a cluster's shape; a site within two belongs to the one with more significant sites."""
    owner = dict(zip(core["site"], core["cluster"], strict=True))
    east, north = ground.sites["east"].to_numpy(float), ground.sites["north"].to_numpy(float)
    order = core["cluster"].value_counts(sort=False).sort_index()
    for cluster in order.sort_values(ascending=False, kind="stable").index:
        shape = shapes[int(cluster)]
        shapely.prepare(shape)
        for site in ground.sites["site"].to_numpy(object)[shapely.contains_xy(shape, east, north)]:
            owner.setdefault(site, cluster)
    rows = pd.DataFrame({"site": list(owner), "cluster": list(owner.values())})
    rows = rows.merge(core.drop(columns="cluster"), on="site", how="left")
    return rows.assign(significant=rows["significant"].fillna(False), cluster=rows["cluster"].astype("int64"))


def _ordered(clusters: pd.DataFrame, sites: pd.DataFrame, minimum: int) -> list[int]:
    """Largest first; among equals the western and southern first."""
    corner = sites.sort_values(["east", "north"]).groupby("cluster")[["east", "north"]].first()
    rows = clusters.join(corner)
    if rows["establishments"].notna().any():
        rows = rows[rows["establishments"] >= minimum]
    rows = rows.sort_values(["value", "east", "north"], ascending=[False, True, True], kind="stable")
    return [int(cluster) for cluster in rows.index]


def _members(
    ground: Ground, members: pd.DataFrame, figures: Profile, number: dict[int, int], *, single: bool
) -> pd.DataFrame:
    rows = members[members["cluster"].isin(number)].merge(figures.sites, on=["cluster", "site"], how="left")
    rows = rows.merge(ground.sites[["site", "name", "group", "east", "north"]], on="site")
    rows["cluster"] = rows["cluster"].map(number).astype("int64")
    known = [name for name in COUNTS if figures.clusters[name].notna().any()]
    filled = ["value", "all", *known]
    rows[filled] = rows[filled].fillna(0.0)
    if single:
        rows = rows[rows["establishments"] > 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        rows["location_quotient"] = (rows["value"] / rows["all"]).where(rows["all"] > 0) / figures.average
    rows["place"] = rows["group"].astype(object).where(rows["group"].notna(), None)
    rows = rows.sort_values(
        ["cluster", "value", "east", "north", "site"],
        ascending=[True, False, True, True, True],
        ignore_index=True,
    )
    return rows[[*MEMBERS, "site", "east", "north"]]


def _by_place(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum single establishments by cluster and place (those without a place by cluster), so that none shows."""
    whole = rows.groupby(["cluster", "place", "name"], dropna=False, sort=False)
    sums = whole[["value", "employment", "establishments"]].sum(min_count=1)
    found = sums.join(whole[["p_value", "q_value"]].min()).join(whole["significant"].any()).reset_index()
    for name in ("place", "name"):
        found[name] = found[name].astype(object).where(found[name].notna(), None)
    found = found.assign(location_quotient=np.nan)[list(MEMBERS)]
    return found.sort_values(
        ["cluster", "value", "place"], ascending=[True, False, True], kind="stable", ignore_index=True
    )


def _table(
    ground: Ground,
    found: Found,
    figures: pd.DataFrame,
    members: pd.DataFrame,
    shapes: dict[int, Any],
    number: dict[int, int],
) -> gpd.GeoDataFrame:
    rows = figures.loc[list(number)].reset_index(names="old")
    rows["cluster"] = rows["old"].map(number).astype("int64")
    outlines = [shapes[int(old)] for old in rows["old"]]
    rows["name"] = _names(rows["cluster"], members, ground)
    points = members["east"].astype(str) + " " + members["north"].astype(str)
    spots = members["place"].where(members["place"].notna(), points)
    counted = spots.groupby(members["cluster"]).nunique()
    rows["places"] = counted.reindex(rows["cluster"]).to_numpy("int64")
    rows["members"], rows["sector"] = rows["establishments"], ground.title
    rows["p_value"] = [float(found.p_values[int(old)]) for old in rows["old"]]
    rows["area_km2"] = [_outlines.area_km2(shape, planar=ground.planar) for shape in outlines]
    for name, column in (("employment", "employment"), ("establishments", "members")):
        lacking = rows[column].isna()
        rows.loc[lacking, "undefined"] = [
            "; ".join(filter(None, (said, f"the table counts no {name}")))
            for said in rows.loc[lacking, "undefined"]
        ]
    rows = rows.astype({"members": "float64", "employment": "float64", "name": "object", "sector": "object"})
    rows = rows[list(COLUMNS[:-1])]
    order = rows["undefined"].ne("").to_numpy().argsort(kind="stable")
    placed = gpd.GeoDataFrame(
        rows, geometry=np.array(outlines, dtype=object), crs=None if ground.planar else DEGREES
    )
    return placed.iloc[order].reset_index(drop=True)


def _names(clusters: pd.Series, members: pd.DataFrame, ground: Ground) -> list[str]:
    """Name each cluster by its largest place; by its two largest where that name is taken; then with a number."""
    places = (
        members.assign(name=members["name"].fillna(""))
        .groupby(["cluster", "name"], sort=False)["value"]
        .sum()
    )
    first, second = [], []
    for cluster in clusters:
        mine = places[cluster].sort_values(ascending=False, kind="stable")
        named = [name for name in mine.index if name]
        at = members.loc[members["cluster"] == cluster, ["east", "north"]].mean()
        first.append(named[0] if named else _position(at["east"], at["north"], planar=ground.planar))
        second.append(f"{named[0]} - {named[1]}" if len(named) > 1 else first[-1])
    taken = Counter(first)
    names = [long if taken[short] > 1 else short for short, long in zip(first, second, strict=True)]
    seen: Counter[str] = Counter()
    again = Counter(names)
    for at, name in enumerate(names):
        seen[name] += 1
        names[at] = f"{name} ({seen[name]})" if again[name] > 1 else name
    return names


def _position(east: float, north: float, *, planar: bool) -> str:
    if planar:
        return f"x {east:.1f} km, y {north:.1f} km"
    return f"{abs(north):.2f}° {'N' if north >= 0 else 'S'}, {abs(east):.2f}° {'E' if east >= 0 else 'W'}"
