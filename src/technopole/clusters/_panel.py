"""What clusters of fixed places held in each year, beside the whole country."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from technopole.engine import Expr, sql
from technopole.errors import MissingColumn, UnknownName, WrongOption
from technopole.result import Result
from technopole.tables import Activity, Sector

KEY = ["cluster", "year"]


@dataclass(frozen=True, slots=True)
class Members:
    """`places`: cluster, number, place; `names`: what each cluster is called; clusters in the order of their keys."""

    places: pd.DataFrame
    clusters: list[object]
    names: dict[object, str]


def members_of(clusters: Result) -> Members:
    """Return the member places of the clusters.

    Raises
    ------
    MissingColumn
        The result has no further table `members` with the columns cluster and place.
    """
    fix = "give a result of clusters.delineate, or Result.of(table, members=...)"
    places = clusters.frames.get("members")
    if places is None or not {"cluster", "place"} <= set(places.columns):
        raise MissingColumn(
            "clusters are read from a further table with the columns cluster and place",
            value="members",
            fix=fix,
        )
    places = places[["cluster", "place"]].dropna().drop_duplicates()
    keys: list[object] = sorted(places["cluster"].unique().tolist(), key=lambda key: (str(type(key)), key))
    numbers = {key: number for number, key in enumerate(keys)}
    table = clusters.frames["table"]
    called: dict[object, str] = {key: str(key) for key in keys}
    if {"cluster", "name"} <= set(table.columns):
        known = table.dropna(subset=["cluster", "name"])
        called |= {key: str(name) for key, name in zip(known["cluster"], known["name"], strict=True) if name}
    places = places.assign(number=places["cluster"].map(numbers), place=places["place"].astype(str))
    return Members(places.sort_values(["number", "place"], ignore_index=True), keys, called)


def chosen(sector: Sector | None, industry: str | None) -> str:
    """Return what the sector or industry is called in the cells.

    Raises
    ------
    WrongOption
        Neither or both are given.
    """
    if (sector is None) == (industry is None):
        raise WrongOption(
            "name what the clusters are clusters of: either industry= or sector=",
            value=None if sector is None else f"{sector.name} and {industry}",
        )
    return sector.name if sector is not None else str(industry)


def panel(
    members: Members, activity: Activity, value: str, sector: Sector | None, industry: str | None
) -> pd.DataFrame:
    """Return one row per cluster and year: number, cluster, year, mine, here, nation, all.

    mine: the sector in the cluster; here: everything in the cluster; nation: the sector anywhere; all: everything anywhere.
    A withheld cell counts as the middle of its bounds, or its lower bound where that is all there is.

    Raises
    ------
    UnknownName
        No such industry, or no place of any cluster is in the table.
    """
    name = chosen(sector, industry)
    cells = activity.cells(value, sector=sector)
    amount = sql.coalesce(cells.value, (cells.low + sql.coalesce(cells.high, cells.low)) / 2)
    cells = cells.select("place", "year", all=amount, nation=sql.ifelse(cells.industry == name, amount, 0.0))
    _refuse_unknown(activity, members, sector, industry)
    country = cells.group_by("year").agg(nation=cells.nation.sum(), all=cells.all.sum())
    rows = sql.memtable(pa.table({"number": members.places["number"], "place": members.places["place"]}))
    joined = rows.inner_join(cells, "place")
    local = joined.group_by(["number", "year"]).agg(mine=joined.nation.sum(), here=joined.all.sum())
    nation = country.order_by("year").to_pyarrow().to_pandas()
    inside = local.order_by(["number", "year"]).to_pyarrow().to_pandas()
    grid = pd.DataFrame({"number": range(len(members.clusters))}).merge(nation, how="cross")
    grid = grid.merge(inside, on=["number", "year"], how="left").fillna({"mine": 0.0, "here": 0.0})
    grid["cluster"] = grid["number"].map(dict(enumerate(members.clusters)))
    return grid.sort_values(["number", "year"], ignore_index=True)


def _refuse_unknown(
    activity: Activity, members: Members, sector: Sector | None, industry: str | None
) -> None:
    if sector is None:
        codes = _distinct(activity.expr, "industry")
        if industry not in codes:
            raise UnknownName("no such industry in the table", value=industry, exists=codes)
    there = set(_distinct(activity.expr, "place"))
    if not there & set(members.places["place"]):
        raise UnknownName(
            "no place of the clusters is in the activity table",
            value=str(members.places["place"].iloc[0]),
            exists=sorted(there),
            fix="use the place codes that the clusters were found with",
        )


def _distinct(table: Expr, column: str) -> list[str]:
    return table.select(column).distinct().order_by(column).to_pyarrow()[column].to_pylist()


def lost_places(members: Members, activity: Activity) -> list[str]:
    """Say how many member places the activity table doesn't have; nothing where it has them all."""
    there = set(_distinct(activity.expr, "place"))
    lost = sorted(set(members.places["place"]) - there)
    if not lost:
        return []
    return [
        f"{len(lost)} member places aren't in the activity table and count as empty: {', '.join(lost[:5])}"
    ]
