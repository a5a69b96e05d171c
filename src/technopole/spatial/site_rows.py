"""Rows with coordinates: what establishments and activity tables have in common before they are put on locations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from technopole.engine import Expr, sql
from technopole.errors import EmptyTable, MissingColumn, WrongOption
from technopole.spatial import located_places, place_matching
from technopole.tables import Activity, Establishments, Places

COLUMNS = ("east", "north", "place", "industry", "count", "weight")


@dataclass(frozen=True, slots=True)
class SiteRows:
    """Establishments (count 1) or cells of establishments (count more) with coordinates.

    `kilometres` is the length of one unit of the coordinates; None = they are degrees. `system` names the plane they lie in.
    """

    rows: Expr
    kilometres: float | None
    system: str
    year: int
    warnings: tuple[str, ...]

    @property
    def industries(self) -> list[str]:
        """The industry codes there are, sorted."""
        found = self.rows.select("industry").distinct().to_pyarrow()["industry"].to_pylist()
        return sorted(code for code in found if code is not None)


def of_table(
    table: Establishments | Activity,
    *,
    places: Places | None,
    weight: str | None,
    year: int | None,
    like: int | None = None,
) -> SiteRows:
    """Return a table's rows of one year that have coordinates, a count and a weight.

    None named = the year `like` where the table has it, else its last.
    """
    rows, kilometres, said = (
        _establishments(table, places, weight)
        if isinstance(table, Establishments)
        else _activity(table, places, weight)
    )
    years = sorted(rows.select("year").distinct().to_pyarrow()["year"].to_pylist())
    if not years:
        raise EmptyTable(f"the {table.schema.name} table has no rows", where=table.source)
    if year is not None and year not in years:
        raise WrongOption("the table doesn't have this year", value=year, where=table.source, exists=years)
    latest = like if like is not None and like in years else years[-1]
    chosen: int = latest if year is None else year
    if len(years) > 1 and year is None and chosen != like:
        said.append(f"of {len(years)} years only the last, {chosen}, is used")
    rows = sql.memtable(rows.filter(rows.year == chosen).select(*COLUMNS).order_by(*COLUMNS).to_pyarrow())
    ready = rows.filter(rows.east.notnull() & rows.north.notnull() & (rows["count"] > 0) & (rows.weight > 0))
    counted = _counts(rows)
    if not counted["kept"]:
        raise EmptyTable(
            "no establishment has coordinates" if not counted["bare"] else f"no establishment has {weight}",
            where=table.source,
            fix="leave out weight=, or give sizes above 0"
            if counted["bare"]
            else "give longitude and latitude, x and y, or the points of the places in places=",
        )
    if counted["lost"]:
        said.append(
            f"{counted['lost']:,.0f} of {counted['all']:,.0f} establishments have no coordinates and were left out"
        )
    if counted["bare"]:
        said.append(f"{counted['bare']:,.0f} establishments have no {weight} and were left out")
    system = _system(table, places) if kilometres is not None else ""
    return SiteRows(ready, kilometres, system, chosen, (*table.warnings, *said))


def _system(table: Establishments | Activity, places: Places | None) -> str:
    own = isinstance(table, Establishments) and _pair(table) is not None
    return str((table if own or places is None else places).crs)


def everywhere(rows: Expr) -> pd.DataFrame:
    """Return one row per point, in order: count, weight, and the place's code where points are places."""
    found = rows.group_by(["east", "north"]).agg(
        count=rows["count"].sum(), weight=rows.weight.sum(), place=rows.place.min()
    )
    return found.order_by(["east", "north"]).to_pyarrow().to_pandas()


def by_industry(rows: Expr, industries: Sequence[str]) -> pd.DataFrame:
    """Return one row per industry and point, in order: count and weight; the industry is a category."""
    keys = ["industry", "east", "north"]
    mine = rows.filter(rows.industry.isin(sorted(industries)))
    found = mine.group_by(keys).agg(count=mine["count"].sum(), weight=mine.weight.sum())
    table = found.order_by(keys).to_pyarrow()
    return table.set_column(0, "industry", table["industry"].combine_chunks().dictionary_encode()).to_pandas()


def single(rows: Expr, industries: Sequence[str]) -> pd.DataFrame:
    """Return the rows of some industries one by one, in an order that hangs on values alone."""
    mine = rows.filter(rows.industry.isin(sorted(industries))).select("east", "north", "count", "weight")
    return mine.order_by(["east", "north", "count", "weight"]).to_pyarrow().to_pandas()


def same_system(one: SiteRows, other: SiteRows) -> None:
    """Refuse a reference whose coordinates are of another kind."""
    if (one.kilometres is None) != (other.kilometres is None):
        raise WrongOption(
            "the reference's coordinates are of another kind than the table's",
            value="degrees" if other.kilometres is None else "kilometres on a plane",
            fix="give both in longitude and latitude, or both in one projection",
        )
    if one.system != other.system:
        raise WrongOption(
            "the reference's coordinates lie in another projection than the table's",
            value=other.system,
            exists=[one.system],
            fix="give both in one projection, or both in longitude and latitude",
        )


def _counts(rows: Expr) -> dict[str, float]:
    outside: Expr = rows.east.isnull() | rows.north.isnull()
    bare = ~outside & (rows.weight.isnull() | (rows.weight <= 0))
    found = (
        rows.agg(
            all=rows["count"].sum(),
            lost=sql.ifelse(outside, rows["count"], 0.0).sum(),
            bare=sql.ifelse(bare, rows["count"], 0.0).sum(),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    found = {name: value or 0.0 for name, value in found.items()}
    return {**found, "kept": found["all"] - found["lost"] - found["bare"]}


def _establishments(
    table: Establishments, places: Places | None, weight: str | None
) -> tuple[Expr, float | None, list[str]]:
    table.require("industry", *([weight] if weight else []))
    if "establishments" in table.columns and "establishment_id" not in table.columns:
        raise WrongOption(
            "each row of an establishments table is one establishment, but this one has a column of counts",
            value="establishments",
            where=table.source,
            fix="read it as activity (tp.read_activity, --as activity) and give places=; or rename the column",
        )
    pair = _pair(table)
    rows = table.expr
    size = rows[weight].cast("float64") if weight else sql.literal(1.0)
    counted = {"count": sql.literal(1.0), "weight": size}
    if pair is not None:
        east, north = pair
        rows = rows.select(
            "industry",
            "year",
            place=sql.null("string"),
            east=rows[east].cast("float64"),
            north=rows[north].cast("float64"),
            **counted,
        )
        return rows, _kilometres(table.crs) if east == "x" else None, []
    if places is None or "place" not in table.columns:
        raise MissingColumn(
            "these establishments have no coordinates",
            value="longitude, latitude",
            where=table.source,
            exists=table.columns,
            fix="map longitude and latitude (or x and y with crs=), or give places= with the points of their places",
        )
    rows = rows.select("industry", "year", "place", **counted)
    return _joined(rows, places, table.source)


def _activity(
    table: Activity, places: Places | None, weight: str | None
) -> tuple[Expr, float | None, list[str]]:
    if places is None:
        raise MissingColumn(
            "an activity table has no coordinates",
            value="places",
            where=table.source,
            fix="give places=: a table of the places with longitude and latitude",
        )
    cells = table.cells("establishments")
    whole = sql.coalesce(cells.value, cells.low)
    rows = cells.select("place", "industry", "year", count=whole, withheld=cells.suppressed)
    if weight:
        sized = table.cells(weight).select("place", "industry", "year", weight="value")
        rows = rows.left_join(sized, ["place", "industry", "year"]).select(
            "place", "industry", "year", "count", "withheld", "weight"
        )
    else:
        rows = rows.mutate(weight=rows["count"])
    broken = rows.filter(rows["count"] != rows["count"].floor()).limit(1).to_pyarrow().to_pylist()
    if broken:
        raise WrongOption(
            "establishments are counted in whole numbers",
            value=broken[0]["count"],
            where=f"{table.source}, place {broken[0]['place']}, industry {broken[0]['industry']}",
        )
    withheld = int(rows.withheld.sum().to_pyarrow().as_py() or 0)
    said = (
        [f"{withheld:,} cells whose establishments are withheld count with their lower bound"]
        if withheld
        else []
    )
    rows, kilometres, lost = _joined(rows.drop("withheld"), places, table.source)
    return rows, kilometres, [*said, *lost]


def _joined(rows: Expr, places: Places, source: str) -> tuple[Expr, float | None, list[str]]:
    points, kilometres, how = _points(places)
    lost = place_matching.stray(place_matching.codes(rows), places, source)
    said = (
        [f"{len(lost):,} places of the table aren't among the places{place_matching.said(lost)}"]
        if lost
        else []
    )
    joined = rows.left_join(points, "place").drop("place_right")
    return joined, kilometres, [*places.warnings, *how, *said]


def _points(places: Places) -> tuple[Expr, float | None, list[str]]:
    """Return place, east, north; where the places have outlines only, the centre of their largest part."""
    pair = _pair(places)
    if pair is None:
        located = located_places.of(places)
        points = pa.Table.from_pandas(located.table[["place", "east", "north"]], preserve_index=False)
        said = ["each place is the centre of its outline"]
        return sql.memtable(points), None if located.geographic else 1.0, said
    east, north = pair
    points = places.expr.select(
        "place", east=places.expr[east].cast("float64"), north=places.expr[north].cast("float64")
    )
    return points, _kilometres(places.crs) if east == "x" else None, []


def _pair(table: Establishments | Places) -> tuple[str, str] | None:
    pairs = (("x", "y"), ("longitude", "latitude"))
    return next((pair for pair in pairs if set(pair) <= set(table.columns)), None)


def _kilometres(crs: str | None) -> float | None:
    """Return the length of one unit of a system in kilometres; None = it counts in degrees."""
    if crs is None or crs == "planar-km":
        return 1.0
    from pyproj import CRS

    system = CRS.from_user_input(crs)
    if system.is_geographic:
        return None
    return float(system.axis_info[0].unit_conversion_factor) / 1000
