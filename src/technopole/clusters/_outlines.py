"""The shape of a cluster: the union of its places, or a concave hull of its points with a buffer."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import Transformer
from scipy.spatial import KDTree

from technopole.kernels.locations import Locations

CONCAVITY = 0.3  # 0 = as concave as it gets, 1 = convex
STEP = 1e-6  # degrees (or kilometres on a plane) that corners are rounded to
LEAST_KM = 1.0
Floats = npt.NDArray[np.float64]


def outlined(sites: pd.DataFrame) -> bool:
    """Whether each of these sites has an outline of its own."""
    kinds = shapely.get_dimensions(sites["outline"].to_numpy(object))
    return bool(len(sites)) and bool((kinds == 2).all())


def spacing_km(places: Locations) -> float:
    """Return the median distance from a location to the nearest other one (1 km where there is only one)."""
    points = np.unique(places.coordinates, axis=0)
    if len(points) < 2:
        return LEAST_KM
    nearest = KDTree(points).query(points, k=2)[0][:, 1]
    return float(places.to_km(np.array([np.median(nearest)]))[0])


def shape(sites: pd.DataFrame, *, planar: bool, buffer_km: float) -> Any:
    """Return the shape of a cluster's sites, in degrees (kilometres where `planar`)."""
    if outlined(sites):
        found = shapely.union_all(sites["outline"].to_numpy(object))
    else:
        found = hull(
            sites["east"].to_numpy(float), sites["north"].to_numpy(float), planar=planar, buffer_km=buffer_km
        )
    return shapely.normalize(shapely.set_precision(found, STEP))


def hull(east: Floats, north: Floats, *, planar: bool, buffer_km: float) -> Any:
    """Return the concave hull of points with a buffer, drawn in an equal-area projection about their middle."""
    if planar:
        return _hull(np.column_stack([east, north]), buffer_km)
    turn = _projection(east, north)
    found = _hull(np.column_stack(turn.transform(east, north)), buffer_km)
    return shapely.transform(
        found, lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))
    )


def area_km2(shape_in_degrees: Any, *, planar: bool) -> float:
    """Return the area of a shape, in an equal-area projection about its middle."""
    if planar:
        return float(shapely.area(shape_in_degrees))
    west, south, east, north = shapely.bounds(shape_in_degrees)
    turn = _projection(np.array([west, east]), np.array([south, north]))
    return float(
        shapely.area(
            shapely.transform(
                shape_in_degrees, lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1]))
            )
        )
    )


def _hull(points: Floats, buffer_km: float) -> Any:
    distinct = np.unique(np.round(points, 6), axis=0)
    return shapely.buffer(
        shapely.concave_hull(shapely.multipoints(distinct), ratio=CONCAVITY), buffer_km, quad_segs=8
    )


def _projection(east: Floats, north: Floats) -> Transformer:
    """Lambert azimuthal equal-area in kilometres, about the middle of the points."""
    middle = f"+lat_0={(north.min() + north.max()) / 2:.4f} +lon_0={(east.min() + east.max()) / 2:.4f}"
    return Transformer.from_crs("EPSG:4326", f"+proj=laea {middle} +units=km +type=crs", always_xy=True)
