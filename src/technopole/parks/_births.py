"""When clusters were born, and how surely: from a result of emergence, from one of delineate, or from activity place by place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from technopole import clusters as clusters_room
from technopole.engine import Expr, sql
from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.kernels import sustained as kernel
from technopole.parks import _cluster_list
from technopole.result import Result
from technopole.spatial import located_places, place_matching
from technopole.spatial.outlines import Sites
from technopole.tables import Activity, Places, Sector

PERSISTENCE = 0.9


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes a cluster: location quotient and size at least so high for so many years running; and how its date is bracketed."""

    threshold: float
    size: float
    sustained: int
    simulations: int
    level: float
    seed: int


@dataclass(frozen=True, slots=True)
class Births:
    """Clusters with a position and a date.

    Attributes
    ----------
    table : DataFrame
        cluster, name, born (Int64; none = not within the data), low, high (float; -inf = the first year or before, inf = after the last), in the
        order of `sites`.
    sites : Sites
    first, last : int or None
        Years the data span, where known.
    said : str
        What a birth is, in words.
    """

    table: pd.DataFrame
    sites: Sites
    first: int | None
    last: int | None
    said: str
    warnings: tuple[str, ...]


def of_clusters(
    clusters: Result,
    births: Result | None,
    activity: Activity | None,
    sector: Sector | None,
    industry: str | None,
    value: str,
    rule: Rule,
) -> Births:
    """Take clusters, dated by `births`, else by `activity`, else by their own column born.

    Raises
    ------
    MissingColumn
        Clusters without a position or without any date.
    UnknownName
        None of the births is one of the clusters.
    """
    found = _cluster_list.of(clusters)
    said = "first of three years running significantly above the threshold"
    if births is None and activity is not None and (sector is not None or industry is not None):
        births = clusters_room.emergence(
            clusters, activity=activity, sector=sector, industry=industry, value=value_of(activity, value), threshold=rule.threshold,
            sustained=rule.sustained, simulations=rule.simulations, level=rule.level, seed=rule.seed,
        )  # fmt: skip
    if births is not None:
        return _of_emergence(found, births)
    if not {"born", "born_note"} <= set(found.table):
        raise MissingColumn("nothing says when these clusters were born", value="births", fix="give births= (a result of clusters.emergence), or activity= with sector= or industry=")  # fmt: skip
    born = found.table["born"].astype("Int64")
    left = found.table["born_note"].fillna("").str.contains("or before")
    known = born.astype("float64")
    table = found.table[["cluster", "name"]].assign(
        born=born, low=known.where(~left, -np.inf).fillna(np.inf), high=known.fillna(np.inf)
    )
    bare = int((~left & born.notna()).sum())
    warnings = [f"{bare:,} births have no interval: give births= or activity="] if bare else []
    return Births(table, found.sites, None, None, said, (*found.warnings, *warnings))


def _of_emergence(found: _cluster_list.ClusterList, births: Result) -> Births:
    frame = births.frames["table"]
    needed = ["cluster", "born", "born_low", "born_high", "censored"]
    lost = [name for name in needed if name not in frame]
    if lost:
        raise MissingColumn(
            "births are read from a result of clusters.emergence", value=lost[0], exists=frame.columns
        )
    keys = found.table["cluster"].astype(str)
    own = frame.assign(cluster=frame["cluster"].astype(str)).drop_duplicates("cluster").set_index("cluster")
    if len(keys) and not set(keys) & set(own.index):
        raise UnknownName("none of the births is of one of these clusters", value=own.index[0] if len(own) else None, exists=keys, fix="date the same clusters that are given")  # fmt: skip
    rows = own.reindex(keys).reset_index(drop=True)
    yearly = births.frames.get("yearly", pd.DataFrame({"year": []}))
    first, last = (int(yearly["year"].min()), int(yearly["year"].max())) if len(yearly) else (None, None)
    born = rows["born"].astype("Int64")
    low = rows["born_low"].astype("Float64").fillna(-np.inf).astype("float64").where(born.notna(), np.nan)
    high = rows["born_high"].astype("Float64").fillna(np.inf).astype("float64").where(born.notna(), np.inf)
    table = found.table[["cluster", "name"]].assign(born=born, low=low, high=high)
    arguments = births.provenance.arguments if births.provenance else {}
    rule = f"significantly above {arguments.get('threshold', 1.25):g} times the country's share for {arguments.get('sustained', 3)} years running"
    return Births(table, found.sites, first, last, rule, (*found.warnings, *births.warnings))


def of_places(
    activity: Activity, places: Places, sector: Sector | None, industry: str | None, value: str, rule: Rule
) -> Births:
    """Take every place as a cluster in which the quotient and the size are at least so high, so many years running.

    Raises
    ------
    WrongOption
        Neither or both of sector and industry, or fewer years than are asked for running.
    UnknownName
        No such industry.
    EmptyTable
        None of the places is on the map.
    """
    if (sector is None) == (industry is None):
        raise WrongOption("name what the clusters are clusters of: either industry= or sector=", value=None if sector is None else f"{sector.name} and {industry}")  # fmt: skip
    what = value_of(activity, value)
    rows, years, nation = panel_of(activity, sector, industry, what)
    if len(years) < rule.sustained:
        raise WrongOption(f"the table has {len(years)} years, fewer than are asked for running", value=rule.sustained, where=activity.source, fix="sustained= fewer, or more years")  # fmt: skip
    place_matching.stray(sorted(rows), places, activity.source)
    located = located_places.of(places)
    table = located.table if "name" in located.table else located.table.assign(name=located.table["place"])
    shapes: Any = (
        located.shapes
        if located.shapes is not None
        else shapely.points(table[["east", "north"]].to_numpy("float64"))
    )
    dated: list[dict[str, Any]] = []
    kept = PERSISTENCE ** np.diff(years, prepend=years[:1]).astype("float64")
    for at, (place, name) in enumerate(zip(table["place"], table["name"], strict=True)):
        mine, here, worth = rows.get(place, (np.zeros(len(years)),) * 3)
        start = kernel.first_sustained(mine, here, *nation, rule.threshold, rule.size, rule.sustained)
        if place not in rows or int(start) == len(years):
            continue
        random = np.random.Generator(np.random.Philox(np.random.SeedSequence([rule.seed, at])))
        found = kernel.start(
            mine, here, *nation, worth, threshold=rule.threshold, least=rule.size, length=rule.sustained, kept=kept,
            draws=rule.simulations, level=rule.level, random=random,
        )  # fmt: skip
        ends = [
            -np.inf if t < 0 else np.inf if t == len(years) else float(years[t])
            for t in (found.low, found.high)
        ]
        if found.high < 0:
            ends[1] = float(years[0])
        born = int(years[max(found.born, 0)])
        dated.append(
            {"cluster": place, "name": name or place, "born": born, "low": ends[0], "high": ends[1], "at": at}
        )
    births = pd.DataFrame(dated, columns=["cluster", "name", "born", "low", "high", "at"])
    births["born"] = births["born"].astype("Int64")
    sites = Sites(births["name"].tolist(), shapes[births.pop("at").to_numpy("int64")], located.geographic)
    said = f"first year of {rule.sustained} running with a location quotient of at least {rule.threshold:g} and at least {rule.size:g} {what}"
    return Births(births, sites, int(years[0]), int(years[-1]), said, activity.warnings)


def value_of(activity: Activity, value: str) -> str:
    if value != "auto":
        return value
    there = [name for name in ("establishments", "employment") if name in activity.values]
    return there[0] if there else activity.values[0] if activity.values else "establishments"


def panel_of(
    activity: Activity, sector: Sector | None, industry: str | None, value: str
) -> tuple[dict[str, tuple[Any, Any, Any]], Any, tuple[Any, Any]]:
    """Return by place (mine, here, worth of one establishment) by year; the years; the nation's (sector, all).

    A withheld cell counts as the middle of its bounds, or its lower bound.
    """
    name = sector.name if sector is not None else str(industry)
    cells = _cells(activity, sector, value, name)
    codes = set(
        cells.filter(cells.mine > 0).select("industry").distinct().to_pyarrow()["industry"].to_pylist()
    )
    if name not in codes:
        every = (
            activity.expr.select("industry")
            .distinct()
            .order_by("industry")
            .to_pyarrow()["industry"]
            .to_pylist()
        )
        if sector is None and name not in every:
            raise UnknownName("no such industry in the table", value=name, exists=every)
        raise EmptyTable(f"nothing of {name} is anywhere in the table", value=value, where=activity.source)
    by_place = cells.group_by(["place", "year"]).agg(mine=cells.mine.sum(), here=cells.amount.sum())
    frame = by_place.order_by(["place", "year"]).to_pyarrow().to_pandas()
    years = np.sort(frame["year"].unique())
    mine, here = (
        frame.pivot(index="place", columns="year", values=one).fillna(0.0) for one in ("mine", "here")
    )
    nation = (mine.sum().to_numpy("float64"), here.sum().to_numpy("float64"))
    worth = np.ones(len(years))
    if value != "establishments" and "establishments" in activity.values:
        plants = _cells(activity, sector, "establishments", name)
        count = plants.group_by("year").agg(n=plants.mine.sum()).order_by("year").to_pyarrow().to_pandas()
        worth = np.divide(nation[0], count["n"], out=np.ones(len(years)), where=(count["n"] > 0).to_numpy())
    rows = {
        str(p): (a, b, worth)
        for p, a, b in zip(mine.index, mine.to_numpy("float64"), here.to_numpy("float64"), strict=True)
    }
    return rows, years, nation


def _cells(activity: Activity, sector: Sector | None, value: str, name: str) -> Expr:
    cells = activity.cells(value, sector=sector)
    amount = sql.coalesce(cells.value, (cells.low + sql.coalesce(cells.high, cells.low)) / 2)
    return cells.select(
        "place", "year", "industry", amount=amount, mine=sql.ifelse(cells.industry == name, amount, 0.0)
    )
