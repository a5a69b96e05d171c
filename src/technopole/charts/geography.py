"""From longitude and latitude to the pixels of a map: an equal-area projection, a frame around the places, the land in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from shapely.geometry import MultiPolygon, box, mapping

MAPS = Path(__file__).resolve().parents[1] / "data" / "map"
WORLD = 100.0  # degrees of longitude beyond which a map is a world map
LEAST = 300_000.0  # metres: no map shows less than this, across
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A map's frame: pixels = (metres - origin) * scale, y downwards."""

    transformer: Transformer
    left: float
    top: float
    scale: float
    width: float
    height: float

    def pixels(self, longitude: Numbers, latitude: Numbers) -> tuple[Numbers, Numbers]:
        """Project places into the frame."""
        x, y = self.transformer.transform(longitude, latitude)
        return (np.asarray(x) - self.left) * self.scale, (self.top - np.asarray(y)) * self.scale

    def outline(self, base: str) -> dict[str, Any]:
        """Return the land within the frame as a GeoJSON feature in pixels, simplified to what can be seen."""
        west, south, east, north = self._window()
        parts = shapely.intersection(_polygons(base), box(west, south, east, north))
        shapes = shapely.transform(parts, lambda xy: np.column_stack(self.pixels(xy[:, 0], xy[:, 1])))
        shapes = shapely.simplify(shapely.make_valid(shapes), 0.4)
        shapes = shapely.intersection(shapes, box(0, 0, self.width, self.height))
        areas = [
            part for part in shapely.get_parts(shapes) if part.geom_type == "Polygon" and part.area > 0.5
        ]
        return {"type": "Feature", "geometry": rounded(mapping(MultiPolygon(areas)))}

    def shape(self, geometry: Any) -> Any:
        """Return a geometry in pixels, simplified to what can be seen."""
        found = shapely.transform(geometry, lambda xy: np.column_stack(self.pixels(xy[:, 0], xy[:, 1])))
        return shapely.make_valid(shapely.simplify(found, 0.3))

    @staticmethod
    def feature(shape: Any) -> dict[str, Any]:
        """Return a geometry in pixels as a GeoJSON feature, rounded to a tenth of a pixel."""
        return {"type": "Feature", "geometry": rounded(mapping(shape))}

    def _window(self) -> tuple[float, float, float, float]:
        across, down = np.meshgrid(np.linspace(0, self.width, 40), np.linspace(0, self.height, 40))
        x = across.ravel() / self.scale + self.left
        y = self.top - down.ravel() / self.scale
        longitude, latitude = self.transformer.transform(x, y, direction="INVERSE")
        seen = np.isfinite(longitude) & np.isfinite(latitude)
        if not seen.all():  # a corner lies off the globe
            return -180.0, -90.0, 180.0, 90.0
        return (
            float(longitude.min()) - 1,
            float(latitude.min()) - 1,
            float(longitude.max()) + 1,
            float(latitude.max()) + 1,
        )


def canvas(longitude: Numbers, latitude: Numbers, width: float, *, least: float = LEAST) -> Canvas:
    """Frame the places with a margin: Equal Earth for the world, Lambert azimuthal equal-area for a region.

    The map shows at least `least` metres across.
    """
    west, east, south, north = longitude.min(), longitude.max(), latitude.min(), latitude.max()
    world = east - west > WORLD
    if world:
        projection = "+proj=eqearth"
    else:
        projection = f"+proj=laea +lat_0={(south + north) / 2:.2f} +lon_0={(west + east) / 2:.2f}"
    transformer = Transformer.from_crs("EPSG:4326", f"{projection} +type=crs", always_xy=True)
    x, y = (np.asarray(part) for part in transformer.transform(longitude, latitude))
    across, down = max(np.ptp(x), least), max(np.ptp(y), least / 2)
    margin = 0.09 * across
    across, down = across + 2 * margin, down + 2 * margin
    down = min(max(down, (0.34 if world else 0.6) * across), 0.9 * across)
    scale = width / across
    return Canvas(
        transformer,
        left=float((x.min() + x.max() - across) / 2),
        top=float((y.min() + y.max() + down) / 2),
        scale=float(scale),
        width=width,
        height=float(round(down * scale)),
    )


@cache
def _polygons(base: str) -> Any:
    path = MAPS / f"{base}.geojson"
    shape = json.loads((path if path.exists() else Path(base)).read_text(encoding="utf-8"))
    features = shape["features"] if shape["type"] == "FeatureCollection" else [shape]
    shapes = [shapely.from_geojson(json.dumps(item.get("geometry", item))) for item in features]
    return np.array([part for part in shapely.get_parts(shapes) if part.geom_type == "Polygon"])


def rounded(value: Any) -> Any:
    """Round the coordinates of a GeoJSON in pixels to what can be seen."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return round(value, 1) if isinstance(value, float) else value
