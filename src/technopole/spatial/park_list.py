"""Parks as all rooms read them: their year, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from technopole.errors import EmptyTable, MissingColumn, UnknownName
from technopole.spatial.outlines import Sites
from technopole.tables import Parks

DateOf = Literal["first", "opened", "designated"]
DEGREES = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class ParkList:
    """Parks with a position, sorted by name.

    Attributes
    ----------
    table : DataFrame
        park, year (Int64: the date that counts), designated, opened (Int64).
    sites : Sites
        In the order of `table`.
    nowhere : DataFrame
        The same columns, of parks without a position.
    warnings : list of str
    """

    table: pd.DataFrame
    sites: Sites
    nowhere: pd.DataFrame
    warnings: list[str]


def of(parks: Parks, *, date: DateOf, country: str | None = None) -> ParkList:
    """Read the parks (of one country, where named).

    Raises
    ------
    EmptyTable
        There is no park, or none with a position.
    MissingColumn
        They have neither outlines nor coordinates, or not the date that is asked for.
    UnknownName
        No park is of this country.
    """
    frame = _rows(parks, country)
    dates = [name for name in ("designated", "opened") if name in frame]
    if date != "first":
        parks.require(date)
    for name in ("designated", "opened"):
        frame[name] = (
            frame[name].astype("Int64") if name in frame else pd.array([pd.NA] * len(frame), "Int64")
        )
    frame["year"] = (
        frame[["designated", "opened"]].min(axis=1).astype("Int64") if date == "first" else frame[date]
    )
    shapes, geographic = _shapes(frame, parks)
    known: Any = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    table = frame[["park", "year", "designated", "opened"]]
    if not known.any():
        raise EmptyTable(
            "no park has a position", where=parks.source, fix="fill in longitude and latitude, or geometry"
        )
    said = list(parks.warnings)
    if not known.all():
        said.append(
            f"{_named(table.loc[~known, 'park'])} without a position: left out of all that hangs on distance"
        )
    undated = table.loc[known & table["year"].isna(), "park"]
    if len(undated):
        what = "date" if date == "first" else f"year in the column {date}"
        said.append(
            f"{_named(undated)} without a {what}{'' if dates else ' (no column designated or opened)'}"
        )
    placed = table[known].reset_index(drop=True)
    return ParkList(
        placed,
        Sites(placed["park"].tolist(), shapes[known], geographic),
        table[~known].reset_index(drop=True),
        said,
    )


def _rows(parks: Parks, country: str | None) -> pd.DataFrame:
    names = [
        n
        for n in ("park", "country", "longitude", "latitude", "geometry", "designated", "opened")
        if n in parks.columns
    ]
    frame: pd.DataFrame = parks.expr.select(*names).order_by("park").to_pyarrow().to_pandas()
    if frame.empty:
        raise EmptyTable("the parks table has no rows", where=parks.source)
    if country is None:
        return frame
    parks.require("country")
    mine = frame[frame["country"] == country].reset_index(drop=True)
    if mine.empty:
        exists = sorted(frame["country"].dropna().unique())
        raise UnknownName("no park of this country", value=country, where=parks.source, exists=exists)
    return mine


def _shapes(frame: pd.DataFrame, parks: Parks) -> tuple[Any, bool]:
    """Return each park's outline, else its point, and whether they are in degrees."""
    planar = "geometry" in frame and parks.crs == "planar-km"
    shapes: Any = np.full(len(frame), None, dtype=object)
    if "geometry" in frame:
        shapes = shapely.from_wkb(frame["geometry"].to_numpy(object))
        if parks.crs not in (None, DEGREES, "planar-km"):
            shapes = _in_degrees(shapes, str(parks.crs))
        flat: Any = (shapely.get_dimensions(shapes) != 2) & ~shapely.is_missing(shapes)
        shapes = np.where(flat, shapely.centroid(shapes), shapes)
    if {"longitude", "latitude"} <= set(frame) and not planar:
        given = frame[["longitude", "latitude"]].to_numpy("float64", na_value=np.nan)
        use: Any = (shapely.get_dimensions(shapes) != 2) & np.isfinite(given).all(axis=1)
        shapes[use] = shapely.points(given[use])
    elif "geometry" not in frame:
        raise MissingColumn(
            "these parks have no position",
            value="longitude, latitude",
            where=parks.source,
            exists=parks.columns,
            fix="give longitude and latitude, or geometry",
        )
    return shapes, not planar


def _in_degrees(shapes: Any, crs: str) -> Any:
    turn: Any = Transformer.from_crs(CRS.from_user_input(crs), DEGREES, always_xy=True).transform
    return shapely.transform(shapes, turn, interleaved=False)


def _named(parks: pd.Series) -> str:
    more = f" and {len(parks) - 3:,} more" if len(parks) > 3 else ""
    return f"{len(parks):,} {'park' if len(parks) == 1 else 'parks'} ({', '.join(parks.head(3))}{more})"
