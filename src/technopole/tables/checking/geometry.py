"""Geometry: outlines and points as they come (WKB, WKT), checked one by one, points turned into coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from technopole.errors import Problem, WrongOption
from technopole.tables.checking.coordinates import DEGREES, NEEDS_CRS, PLANAR, is_geographic, system
from technopole.tables.checking.names import plain
from technopole.tables.checking.raw import Raw, positional
from technopole.tables.schema import Schema

HEADERS = ("geometry", "geom", "thegeom", "wkbgeometry", "wkt", "wkb", "shape")
POINT = 0


def prepare(raw: Raw, schema: Schema, columns: Mapping[str, str], crs: str | None) -> tuple[Raw, str | None]:
    """Return the table with its geometry checked (as WKB, or as coordinates where it is points), and its system."""
    at = _find(raw, schema, columns)
    if at is None:
        return raw, crs
    data: Any = raw.data if isinstance(raw.data, pa.Table) else positional(pq.read_table(raw.data))
    raw = replace(raw, data=data, warnings=[*raw.warnings], problems=[*raw.problems])
    name = columns.get("geometry", raw.names[at])
    shapes = _parse(raw, name, data.column(at))
    known = _system(raw, shapes, crs)
    _in_bounds(raw, name, shapes, known)
    points = (shapely.get_type_id(shapes) == POINT) | shapely.is_missing(shapes)
    if points.all() and "longitude" in schema:
        return _as_points(raw, schema, columns, at, shapes, known)
    if "geometry" not in schema:
        if "longitude" in schema:
            _refuse(
                raw,
                name,
                ~points,
                shapes,
                "isn't a point",
                "points",
                "use one point per row, such as the centroid",
            )
        return _without(raw, at), known
    shapes = _mended(raw, name, shapes)
    wkb = pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary())
    names = [*raw.names]
    names[at] = "geometry" if "geometry" not in columns else name
    return replace(raw, data=data.set_column(at, data.column_names[at], wkb), names=names), known


def _find(raw: Raw, schema: Schema, columns: Mapping[str, str]) -> int | None:
    if "geometry" in columns:
        return next((i for i, header in enumerate(raw.names) if header == columns["geometry"]), None)
    if "geometry" not in schema and "longitude" not in schema:
        return None
    held_in: Any = raw.data
    kinds: Any = held_in.schema if isinstance(held_in, pa.Table) else pq.read_schema(held_in)
    for i, header in enumerate(raw.names):
        kind: Any = kinds.field(i).type
        if isinstance(kind, pa.ExtensionType):
            kind = kind.storage_type
        held = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
        written = (pa.types.is_string(kind) or pa.types.is_large_string(kind)) and "geometry" in schema
        if plain(header) in HEADERS and (held or written):
            return i
    return None


def _parse(raw: Raw, name: str, column: pa.ChunkedArray) -> Any:
    cells = np.array([cell or None for cell in column.to_pylist()], dtype=object)
    text = any(isinstance(cell, str) for cell in cells)
    read: Any = shapely.from_wkt if text else shapely.from_wkb
    shapes = shapely.force_2d(read(cells, on_invalid="ignore"))
    for i in np.flatnonzero(
        shapely.is_missing(shapes) & np.array([cell is not None for cell in cells], dtype=bool)
    )[:20]:
        try:
            read(cells[i])
            why = "can't be read"
        except (shapely.errors.ShapelyError, TypeError) as error:
            why = str(error).strip().splitlines()[0]
        unclosed = "closed" in why.lower()
        _note(
            raw, name, int(i), str(cells[i])[:60] if text else "",
            "is an outline that isn't closed" if unclosed else f"isn't a geometry ({why})",
            "WKT or WKB", "repeat the first corner as the last" if unclosed else "export the outlines again",
        )  # fmt: skip
    shapes[shapely.is_empty(shapes)] = None
    return shapes


def _note(raw: Raw, name: str, position: int, value: str, problem: str, allowed: str, fix: str, count: int = 1) -> None:  # fmt: skip
    raw.problems.append(
        Problem(raw.file, raw.sheet, raw.row(position), name, value, problem, allowed, fix, count)
    )


def _refuse(raw: Raw, name: str, bad: Any, shapes: Any, problem: str, allowed: str, fix: str) -> None:
    found = np.flatnonzero(bad)
    if found.size:
        first = int(found[0])
        value = shapely.to_wkt(shapes[first], rounding_precision=3)[:60]
        _note(raw, name, first, value, problem, allowed, fix, int(found.size))


def _system(raw: Raw, shapes: Any, crs: str | None) -> str | None:
    said = system(raw.crs)
    if said and crs and said != crs:
        raise WrongOption(
            f"the file says its coordinates are {said}; crs= says otherwise",
            value=crs,
            where=raw.file,
            fix="leave crs= out, or correct the file",
        )
    if said or crs:
        return said or crs
    bounds = shapely.total_bounds(shapes)
    if (
        np.isfinite(bounds).all()
        and np.abs(bounds[[0, 2]]).max() <= 180
        and np.abs(bounds[[1, 3]]).max() <= 90
    ):
        raw.warnings.append(f"geometry: no coordinate reference system is named; read as degrees ({DEGREES})")
        return DEGREES
    if not shapely.is_missing(shapes).all():
        raw.problems.append(
            Problem(raw.file, raw.sheet, None, "geometry", "", "no coordinate reference system is named",
                    "an EPSG code or 'planar-km'", f"give {NEEDS_CRS}")
        )  # fmt: skip
    return None


def _in_bounds(raw: Raw, name: str, shapes: Any, crs: str | None) -> None:
    if crs is None or crs == PLANAR or not is_geographic(crs):
        return
    west, south, east, north = shapely.bounds(shapes).T
    with np.errstate(invalid="ignore"):
        bad = (
            (np.abs(west) > 180.000001)
            | (np.abs(east) > 180.000001)
            | (np.abs(south) > 90.000001)
            | (np.abs(north) > 90.000001)
        )
        turned = (
            bad
            & (np.abs(west) <= 90)
            & (np.abs(east) <= 90)
            & (np.abs(north) <= 180)
            & (np.abs(south) <= 180)
        )
    why = f"doesn't fit the coordinate reference system {crs}, whose unit is degrees"
    fix = "name the system the coordinates are in, or transform them to degrees"
    if turned.any():
        why, fix = f"{why}: longitude and latitude look swapped", "write longitude first, then latitude"
    _refuse(raw, name, bad, shapes, why, "longitude -180 to 180, latitude -90 to 90", fix)


def _mended(raw: Raw, name: str, shapes: Any) -> Any:
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    if broken.any():
        first = int(np.flatnonzero(broken)[0])
        why = shapely.is_valid_reason(shapes[first])
        raw.warnings.append(
            f"{name}: {int(broken.sum())} outlines cross themselves (first in row {raw.row(first)}: {why}) and were mended"
        )
        shapes = np.where(broken, shapely.make_valid(shapes), shapes)
    return shapes


def _as_points(
    raw: Raw, schema: Schema, columns: Mapping[str, str], at: int, shapes: Any, crs: str | None
) -> tuple[Raw, str | None]:
    """Points become longitude and latitude (of any system that can be turned into degrees), else x and y."""
    raw = _without(raw, at)
    across, up = shapely.get_x(shapes), shapely.get_y(shapes)
    planar = crs == PLANAR or crs is None
    names = ("x", "y") if planar and "x" in schema else ("longitude", "latitude")
    if any(name in columns or name in raw.names for name in names):
        return raw, crs
    if not planar and crs != DEGREES:
        from pyproj import Transformer

        across, up = Transformer.from_crs(crs, DEGREES, always_xy=True).transform(across, up)
        raw.warnings.append(f"points were transformed from {crs} to {DEGREES}")
        crs = DEGREES
    data: Any = raw.data
    for name, numbers in zip(names, (across, up), strict=True):
        data = data.append_column(f"c{data.num_columns}", pa.array(numbers, from_pandas=True))
        raw.names = [*raw.names, name]
    return replace(raw, data=data), crs


def _without(raw: Raw, at: int) -> Raw:
    data: Any = raw.data
    kept = [i for i in range(data.num_columns) if i != at]
    return replace(raw, data=positional(data.select(kept)), names=[raw.names[i] for i in kept])
