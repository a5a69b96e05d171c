"""Where parks and clusters lie, outlines or points, and how far other points are from them, along the surface of the Earth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import Transformer
from scipy.spatial import KDTree

from technopole.kernels.locations import RADIUS_KM, Locations, on_plane, on_sphere

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
BLOCK = 20_000
NEAR = 1e-9  # kilometres within which two distances are equal


@dataclass(frozen=True, slots=True)
class Sites:
    """Named outlines and points.

    Attributes
    ----------
    names : list of str
    shapes : ndarray of geometries
        Polygons or points, in degrees or (not `geographic`) in kilometres.
    geographic : bool
    """

    names: list[str]
    shapes: npt.NDArray[np.object_]
    geographic: bool

    def __len__(self) -> int:
        return len(self.names)

    @property
    def outlined(self) -> Flags:
        """Which sites have an outline."""
        return np.asarray(shapely.get_dimensions(self.shapes) == 2, dtype=np.bool_)

    @property
    def points(self) -> Floats:
        """A point of each site (n, 2): within its outline, or the point itself."""
        inside = np.where(self.outlined, shapely.point_on_surface(self.shapes), self.shapes)
        return shapely.get_coordinates(inside)

    def reach(self) -> Floats:
        """Return how far the outline goes from that point; 0 for points."""
        corners, owner = shapely.get_coordinates(self.shapes, return_index=True)
        to = located(corners, self.geographic).coordinates
        own = located(self.points, self.geographic)
        far = np.zeros(len(self))
        np.maximum.at(far, owner, own.to_km(np.linalg.norm(to - own.coordinates[owner], axis=1)))
        return np.where(self.outlined, far, 0.0)


def located(points: Floats, geographic: bool) -> Locations:
    """Return points (n, 2) as locations whose straight-line distances are known."""
    return (on_sphere if geographic else on_plane)(points[:, 0], points[:, 1])


def pairs(points: Floats, sites: Sites, *, within_km: float = 0.0) -> pd.DataFrame:
    """Return how far each point is from its nearest site, from all sites within `within_km`, and from those it lies in.

    Columns: point, site (positions), inside, distance_km (0 inside an outline), signed_km (minus the distance to the outline inside
    it; null for a site without outline). Sorted by point, distance and site. Distances are great circles on the sphere of mean radius;
    to an outline, to its nearest point in an azimuthal equidistant projection about the site.
    """
    anchors, reach = located(sites.points, sites.geographic), sites.reach()
    tree = KDTree(anchors.coordinates)
    found: list[pd.DataFrame] = []
    for start in range(0, len(points), BLOCK):
        own = points[start : start + BLOCK]
        at = located(own, sites.geographic)
        nearest = at.to_km(tree.query(at.coordinates)[0])
        radius = at.to_straight(np.maximum(nearest, within_km) + reach.max() + NEAR)
        listed = tree.query_ball_point(at.coordinates, radius * (1 + 1e-12))
        counts = np.fromiter((len(one) for one in listed), dtype=np.int64, count=len(own))
        site = np.concatenate([np.asarray(one, dtype=np.int64) for one in listed])
        point = np.repeat(np.arange(len(own)), counts)
        rows = _measured(own, point, site, sites, anchors)
        least = rows.groupby("point")["distance_km"].transform("min")
        kept = (rows["distance_km"] <= np.maximum(least, within_km) + NEAR) | rows["inside"]
        found.append(rows[kept].assign(point=rows.loc[kept, "point"] + start))
    columns = {"point": "int64", "site": "int64", "inside": bool, "distance_km": float, "signed_km": float}
    every = pd.concat(found) if found else pd.DataFrame(columns=list(columns))
    return every.astype(columns).sort_values(["point", "distance_km", "site"], ignore_index=True)


def _measured(
    points: Floats,
    point: npt.NDArray[np.int64],
    site: npt.NDArray[np.int64],
    sites: Sites,
    anchors: Locations,
) -> pd.DataFrame:
    own = located(points, sites.geographic).coordinates[point]
    distance = anchors.to_km(np.linalg.norm(own - anchors.coordinates[site], axis=1))
    signed, inside = np.full(len(point), np.nan), np.zeros(len(point), dtype=np.bool_)
    outlined = sites.outlined
    order = np.argsort(site, kind="stable")
    for one in np.unique(site[outlined[site]]):
        rows = order[slice(*np.searchsorted(site[order], (one, one + 1)))]
        signed[rows] = _from_outline(points[point[rows]], sites, int(one), distance[rows])
        inside[rows] = signed[rows] <= 0
        distance[rows] = np.maximum(signed[rows], 0.0)
    return pd.DataFrame(
        {"point": point, "site": site, "inside": inside, "distance_km": distance, "signed_km": signed}
    )


def _from_outline(points: Floats, sites: Sites, one: int, otherwise: Floats) -> Floats:
    """Return the distance of points to an outline, negative inside; `otherwise` where no plane shows both (antipodes)."""
    turn = _about(*map(float, sites.points[one])) if sites.geographic else None
    flat = points if turn is None else np.column_stack(turn.transform(points[:, 0], points[:, 1]))
    shape: Any = sites.shapes[one]
    if turn is not None:
        shape = shapely.transform(shape, lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1])))
    shapely.prepare(shape)
    seen: Flags = np.asarray(np.isfinite(flat).all(axis=1), dtype=np.bool_)
    flat = np.where(seen[:, None], flat, 0.0)
    spots: Any = shapely.points(flat)
    edge: Any = shapely.boundary(shape)
    shapely.prepare(edge)
    ends = shapely.get_coordinates(shapely.shortest_line(spots, edge))[1::2]
    if turn is None:
        km = np.linalg.norm(flat - ends, axis=1)
    else:
        back = np.column_stack(turn.transform(ends[:, 0], ends[:, 1], direction="INVERSE"))
        start, end = located(points, True), located(back, True)
        km = start.to_km(np.linalg.norm(start.coordinates - end.coordinates, axis=1))
    met: Any = shapely.intersects_xy(shape, flat[:, 0], flat[:, 1])
    within: Flags = met & seen
    return np.where(within, -km, np.where(seen, km, otherwise))


def _about(longitude: float, latitude: float) -> Transformer:
    """Azimuthal equidistant about a point, in kilometres, on the sphere that distances are measured on."""
    sphere = f"+R={RADIUS_KM * 1000:.4f}"
    return Transformer.from_crs(
        f"+proj=longlat {sphere} +type=crs",
        f"+proj=aeqd +lat_0={latitude!r} +lon_0={longitude!r} {sphere} +units=km +type=crs",
        always_xy=True,
    )
