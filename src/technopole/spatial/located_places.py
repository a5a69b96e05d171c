"""Where places lie: a point each, on the sphere or on a plane in kilometres, and their outlines where they have such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from technopole.errors import MissingColumn
from technopole.kernels.locations import Locations, on_plane, on_sphere
from technopole.tables import Places

DEGREES = "EPSG:4326"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Located:
    """Places with a point each.

    Attributes
    ----------
    table : DataFrame
        place, name (where known), east, north (degrees, or kilometres on a plane); ordered by east, north and code.
    shapes : ndarray of geometries, or None
        Outlines in the coordinates of east and north; None where the places are points.
    geographic : bool
        Whether east and north are degrees.
    nowhere : DataFrame
        place, name of the places without coordinates.
    """

    table: pd.DataFrame
    shapes: npt.NDArray[np.object_] | None
    geographic: bool
    nowhere: pd.DataFrame

    @property
    def locations(self) -> Locations:
        """The points, for distances in kilometres."""
        east, north = (self.table[name].to_numpy(float) for name in ("east", "north"))
        return on_sphere(east, north) if self.geographic else on_plane(east, north)

    def take(self, rows: npt.NDArray[np.int64]) -> Located:
        """Return some of the places, in this order."""
        shapes = None if self.shapes is None else self.shapes[rows]
        return Located(
            self.table.iloc[rows].reset_index(drop=True), shapes, self.geographic, self.nowhere.iloc[:0]
        )

    def on_map(self) -> pd.DataFrame:
        """Return what a map needs: outlines, else longitude and latitude, else x and y."""
        if self.shapes is not None:
            crs = DEGREES if self.geographic else None
            return gpd.GeoDataFrame(self.table[["place"]], geometry=list(self.shapes), crs=crs)
        names = ("longitude", "latitude") if self.geographic else ("x", "y")
        return self.table[["place", "east", "north"]].rename(
            columns=dict(zip(("east", "north"), names, strict=True))
        )


def of(places: Places) -> Located:
    """Put each place at its point; where only an outline is known, at the centroid of its largest part.

    Raises
    ------
    MissingColumn
        The places have neither an outline nor coordinates.
    """
    there = [
        name
        for name in ("place", "name", "geometry", "longitude", "latitude", "x", "y")
        if name in places.columns
    ]
    frame = places.expr.select(*there).order_by("place").to_pyarrow().to_pandas()
    east, north, shapes, geographic = _coordinates(frame, places)
    known = np.isfinite(east) & np.isfinite(north)
    order = np.flatnonzero(known)
    order = order[np.lexsort((order, north[order], east[order]))]
    names = [name for name in ("place", "name") if name in frame]
    table = frame.loc[order, names].assign(east=east[order], north=north[order]).reset_index(drop=True)
    nowhere = frame.loc[~known, names].reset_index(drop=True)
    return Located(table, None if shapes is None else shapes[order], geographic, nowhere)


def _coordinates(
    frame: pd.DataFrame, places: Places
) -> tuple[Floats, Floats, npt.NDArray[np.object_] | None, bool]:
    if "geometry" in frame:
        shapes = shapely.from_wkb(frame["geometry"].to_numpy(object))
        if _is_known(places.crs) and not _is_geographic(places.crs):
            turn: Any = _to_degrees(str(places.crs))
            shapes = shapely.transform(shapes, turn, interleaved=False)
        points = shapely.centroid(_largest(shapes))
        east, north = shapely.get_x(points), shapely.get_y(points)
        if _is_known(places.crs) and {"longitude", "latitude"} <= set(frame):
            given = [frame[name].to_numpy("float64", na_value=np.nan) for name in ("longitude", "latitude")]
            both = np.isfinite(given[0]) & np.isfinite(given[1]) & np.isfinite(east)
            east, north = np.where(both, given[0], east), np.where(both, given[1], north)
        return east, north, shapes, _is_known(places.crs)
    for pair in (("longitude", "latitude"), ("x", "y")):
        if set(pair) <= set(frame):
            east, north = (frame[name].to_numpy("float64", na_value=np.nan) for name in pair)
            if pair[0] == "x" and _is_known(places.crs):
                east, north = _to_degrees(str(places.crs))(east, north)
            return east, north, None, pair[0] == "longitude" or _is_known(places.crs)
    raise MissingColumn(
        "these places have no coordinates",
        value="geometry",
        where=places.source,
        exists=places.columns,
        fix="give geometry, longitude and latitude, or x and y with crs=",
    )


def _is_known(crs: str | None) -> bool:
    return crs is not None and crs != "planar-km"


def _is_geographic(crs: str | None) -> bool:
    return _is_known(crs) and (crs == DEGREES or bool(CRS.from_user_input(crs).is_geographic))


def _to_degrees(crs: str):
    return Transformer.from_crs(crs, DEGREES, always_xy=True).transform


def _largest(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return each outline's largest part: its centroid lies near the middle, wherever small islands are."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    first = np.unique(owner[order], return_index=True)
    found = np.full(len(shapes), None, dtype=object)
    found[first[0]] = parts[order][first[1]]
    return found
