"""What clusters stand on: sites with their points and outlines, and cells of activity at these sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pyproj import Transformer

from technopole.engine import Expr, sql
from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.kernels.locations import Locations, on_plane, on_sphere
from technopole.spatial import located_places
from technopole.tables import Activity, Establishments, Places, Sector

DEGREES, PLANAR = "EPSG:4326", "planar-km"
COUNTS = ("employment", "establishments")


@dataclass(frozen=True, slots=True)
class Ground:
    """Sites (places, or single establishments) and what is counted there.

    Attributes
    ----------
    sites : DataFrame
        site, name (None where nobody named it), east, north (degrees, or kilometres where `planar`), outline (a shape or None),
        in the order of `site`.
    cells : ibis Table
        site, industry, year, value, employment, establishments; what the table hasn't is null.
    shares : dict of str to float
        Industry code -> share of it that belongs to what is looked for.
    title : str
        The sector's or industry's name.
    counted : bool
        Whether the value counts something, so that its shares can have an interval.
    years : tuple of int
        Years of the table up to the one looked at, which is the last.
    """

    sites: pd.DataFrame
    cells: Expr
    value: str
    shares: dict[str, float]
    title: str
    counted: bool
    years: tuple[int, ...]
    planar: bool

    @property
    def year(self) -> int:
        """The year looked at."""
        return self.years[-1]

    def locations(self, sites: pd.DataFrame) -> Locations:
        """Where sites lie, in kilometres."""
        east, north = sites["east"].to_numpy(float), sites["north"].to_numpy(float)
        return on_plane(east, north) if self.planar else on_sphere(east, north)


def of_table(
    table: Activity | Establishments,
    places: Places | None,
    *,
    industry: str | None,
    sector: Sector | None,
    value: str,
    year: int | None,
    plants: bool,
    single: bool,
) -> Ground:
    """Read the sites and cells of a table; `plants`: count establishments rather than jobs; `single`: each is a site.

    Raises
    ------
    MissingColumn, EmptyTable, UnknownName, WrongOption
        What the table or the call lacks.
    """
    if table.rows == 0:
        raise EmptyTable("the table has no rows", where=table.source)
    if isinstance(table, Establishments):
        cells, value = _of_establishments(table, value, single=single)
    else:
        cells, value = _of_activity(table, value, plants=plants)
    shares = _shares(cells, industry, sector)
    years = _years(cells, year)
    if isinstance(table, Establishments) and (single or places is None):
        sites, planar = _of_points(table, "establishment_id" if single else "place", places)
    elif places is not None:
        sites, planar = _of_places(places)
    else:
        raise WrongOption(
            "clusters need to know where the places lie",
            where=table.source,
            fix="places=tp.read_places(...), with outlines or with one point per place",
        )
    if sites.empty:
        raise EmptyTable("no place has coordinates", where=(places or table).source)
    title = sector.name if sector is not None else str(industry)
    counted = isinstance(table, Establishments) or table.counts(value)
    return Ground(sites, cells, value, shares, title, counted, years, planar)


def activity_of(table: Activity | Establishments, ground: Ground) -> Activity:
    """Return the table of the ground's year as an activity table: place x industry."""
    if isinstance(table, Activity):
        kept = table.expr.filter(table.expr.year == ground.year)
    else:
        known = ground.cells.filter((ground.cells.year == ground.year) & ground.cells.site.notnull())
        kept = known.group_by(place=known.site, industry=known.industry, year=known.year).agg(
            **{
                name: known[name].sum()
                for name in COUNTS
                if name != "employment" or "employment" in table.columns
            }
        )
    rows = int(kept.count().to_pyarrow().as_py())
    return Activity(
        kept, source=table.source, digest=table.digest, rows=rows, warnings=table.warnings, crs=table.crs
    )


def places_of(table: Activity | Establishments, places: Places | None, ground: Ground) -> Places:
    """Return the places, or those that the establishments' own points make."""
    if places is not None:
        return places
    names = {"east": "x", "north": "y"} if ground.planar else {"east": "longitude", "north": "latitude"}
    frame = ground.sites.rename(columns={"site": "place", **names})[["place", *names.values()]]
    return Places.of(frame, crs=PLANAR if ground.planar else None, source=table.source)


def _of_activity(table: Activity, value: str, *, plants: bool) -> tuple[Expr, str]:
    if value == "auto":
        wanted = COUNTS[::-1] if plants else COUNTS
        value = next((name for name in (*wanted, *table.values) if name in table.values), "employment")
    if value not in table.values:
        raise MissingColumn(
            "this activity table has no value", value=value, where=table.source, exists=table.values, fix="name one of these with value="
        )  # fmt: skip
    rows = table.expr

    def amount(name: str) -> Expr:
        if name not in table.values:
            return sql.null("float64")
        ends = [rows[f"{name}_{end}"].cast("float64") if f"{name}_{end}" in rows.columns else sql.null("float64") for end in ("low", "high")]  # fmt: skip
        return sql.coalesce(rows[name].cast("float64"), (ends[0] + ends[1]) / 2, ends[0])

    found = {name: amount(name) for name in COUNTS}
    return rows.select(
        site=rows.place, industry=rows.industry, year=rows.year, value=amount(value), **found
    ), value


def _of_establishments(table: Establishments, value: str, *, single: bool) -> tuple[Expr, str]:
    site = "establishment_id" if single else "place"
    table.require(site, "industry")
    value = "establishments" if value == "auto" else value
    if value not in COUNTS:
        raise WrongOption("of establishments, jobs or the establishments themselves are counted", value=value, exists=COUNTS)  # fmt: skip
    rows = table.expr
    if value == "employment":
        table.require("employment")
    jobs = rows.employment.cast("float64") if "employment" in rows.columns else sql.null("float64")
    found = {"employment": jobs, "establishments": sql.literal(1.0)}
    cells = rows.select(site=rows[site], industry=rows.industry, year=rows.year, value=found[value], **found)
    return cells, value


def _shares(cells: Expr, industry: str | None, sector: Sector | None) -> dict[str, float]:
    if (industry is None) == (sector is None):
        raise WrongOption(
            "clusters are those of one industry or of one sector", fix="give industry= or sector=, not both"
        )
    codes = cells.select("industry").distinct().order_by("industry").to_pyarrow()["industry"].to_pylist()
    codes = [code for code in codes if code is not None]
    shares = (
        sector.weights(codes) if sector is not None else {code: 1.0 for code in codes if code == industry}
    )
    if not shares:
        what = "no code of this sector is in the table" if sector is not None else "the table has no industry"
        raise UnknownName(what, value=sector.name if sector is not None else industry, exists=codes)
    return shares


def _years(cells: Expr, year: int | None) -> tuple[int, ...]:
    there = [
        int(one) for one in cells.select("year").distinct().order_by("year").to_pyarrow()["year"].to_pylist()
    ]
    last = there[-1] if year is None else year
    if last not in there:
        raise WrongOption("the table has no such year", value=year, exists=there)
    return tuple(one for one in there if one <= last)


def _of_places(places: Places) -> tuple[pd.DataFrame, bool]:
    found = located_places.of(places)
    names = (
        found.table["name"].fillna(found.table["place"]) if "name" in found.table else found.table["place"]
    )
    outlines: Any = np.full(len(found.table), None, dtype=object) if found.shapes is None else found.shapes
    sites = found.table[["east", "north"]].assign(site=found.table["place"], name=names, outline=outlines)
    return sites.assign(group=sites["site"]).sort_values("site", ignore_index=True), not found.geographic


def columns_of(table: Establishments) -> tuple[str, str] | None:
    """Return the columns that hold the coordinates, if there are any."""
    pairs = (("longitude", "latitude"), ("x", "y"))
    return next((pair for pair in pairs if set(pair) <= set(table.expr.columns)), None)


def drawn(table: Establishments, east: pd.Series, north: pd.Series) -> tuple[Any, Any]:
    """Return coordinates of the table as clusters are drawn: in degrees, or in kilometres on a plane."""
    pair = columns_of(table)
    points = (east.to_numpy(float), north.to_numpy(float))
    if pair is None or pair[0] == "longitude" or table.crs == PLANAR:
        return points
    return Transformer.from_crs(table.crs, DEGREES, always_xy=True).transform(*points)


def _of_points(table: Establishments, key: str, places: Places | None) -> tuple[pd.DataFrame, bool]:
    """Return one row per establishment, or per place of establishments, at the mean of its points."""
    rows = table.expr
    pair = columns_of(table)
    if pair is None:
        raise MissingColumn("clusters need coordinates", value="longitude, latitude", where=table.source, exists=table.columns)  # fmt: skip
    known = rows.filter(rows[pair[0]].notnull() & rows[key].notnull())
    group = known.place.min() if "place" in rows.columns else sql.null("string")
    points = known.group_by(site=known[key]).agg(
        east=known[pair[0]].mean(), north=known[pair[1]].mean(), group=group
    )
    sites = points.order_by("site").to_pyarrow().to_pandas()
    planar = pair[0] == "x" and table.crs == PLANAR
    sites["east"], sites["north"] = drawn(table, sites["east"], sites["north"])
    sites["name"] = sites["group"]
    if places is not None and "name" in places.columns:
        named = places.expr.select("place", "name").to_pyarrow().to_pandas().set_index("place")["name"]
        sites["name"] = sites["group"].map(named).fillna(sites["group"])
    return sites.assign(outline=np.full(len(sites), None, dtype=object)), planar
