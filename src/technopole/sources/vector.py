"""GeoPackage, GeoJSON and zipped Shapefile (in the child process)."""

from __future__ import annotations

import warnings
import zipfile
from typing import Any

import pyarrow as pa

from technopole.sources.refused import Refused

REDO = "export it again, for example as GeoPackage"


def prepare() -> None:
    """Load the library before memory is capped."""
    import pyogrio  # noqa: F401


def read(order: dict[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
    """Read one layer, its geometry as WKB."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError

    path = _within(order)
    warnings.simplefilter("ignore")
    try:
        layers = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        layer = _layer(layers, order.get("inside"))
        meta, table = pyogrio.read_arrow(path, layer=layer, encoding=order.get("encoding"))
    except (
        DataSourceError,
        DataLayerError,
        FieldError,
        pa.ArrowException,
        ValueError,
        UnicodeError,
    ) as error:
        why = (str(error).splitlines() or [type(error).__name__])[0][:160]
        raise Refused(error="the file is damaged or isn't what its name says", where=why, fix=REDO) from error
    names = [
        "geometry" if name in (meta["geometry_name"], "wkb_geometry") else name for name in table.column_names
    ]
    answer: dict[str, Any] = {
        "names": names,
        "sheet": layer if len(layers) > 1 else "",
        "crs": meta["crs"],
        "warnings": _also(layers, layer, order),
    }
    columns = [_plain(column) for column in table.columns]
    return pa.Table.from_arrays(columns, names=[f"c{i}" for i in range(len(columns))]), answer


def _also(layers: list[str], layer: str, order: dict[str, Any]) -> list[str]:
    others = [name for name in layers if name != layer]
    if order.get("inside") or not others:
        return []
    return [f"the layer {layer!r} was read; there are also {', '.join(map(repr, others[:8]))}"]


def _layer(layers: list[str], asked: str | None) -> str:
    if not layers:
        raise Refused(error="the file has no layer", fix=REDO)
    if asked is None:
        return layers[0]
    if asked not in layers:
        raise Refused(
            unknown="the file has no such layer",
            value=asked,
            exists=layers,
            fix="name one of these with layer=",
        )
    return asked


def _within(order: dict[str, Any]) -> str:
    """Return the path GDAL reads, inside a zip without unpacking it."""
    path = order["path"]
    if not zipfile.is_zipfile(path):
        return path
    with zipfile.ZipFile(path) as archive:
        held = [name for name in archive.namelist() if not name.startswith("__MACOSX")]
    shapes = [name for name in held if name.lower().endswith((".shp", ".gpkg", ".geojson"))]
    asked = order.get("inside")
    mine = [name for name in shapes if asked in (None, name, name.rsplit("/", 1)[-1].rsplit(".", 1)[0])]
    if not mine:
        raise Refused(
            unknown="the zip has no such layer",
            value=asked,
            exists=shapes,
            fix="name one of these with layer=",
        )
    if len(mine) > 1:
        raise Refused(
            unknown="the zip holds several layers", exists=mine, fix="name one of these with layer="
        )
    order["inside"] = None
    _complete(mine[0], held)
    return f"/vsizip/{{{path}}}/{mine[0]}"


def _complete(shape: str, held: list[str]) -> None:
    if not shape.lower().endswith(".shp"):
        return
    stem = shape[:-4].lower()
    missing = [end for end in (".shx", ".dbf") if stem + end not in {name.lower() for name in held}]
    if missing:
        raise Refused(
            error=f"the Shapefile is incomplete: {' and '.join(missing)} missing from the zip",
            exists=held,
            fix="zip all parts of the Shapefile together",
        )


def _plain(column: Any) -> Any:
    kind = column.type
    return column.cast(kind.storage_type) if isinstance(kind, pa.ExtensionType) else column
