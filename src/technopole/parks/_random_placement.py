"""Where parks would lie if placed at random: the places of a country by weight, or anywhere around clusters and parks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from technopole.errors import EmptyTable, MissingColumn, WrongOption
from technopole.spatial import located_places, place_matching
from technopole.spatial.outlines import Sites, pairs
from technopole.tables import Activity, Places

Weight = Literal["auto", "activity", "population", "area", "equal"]
Floats = npt.NDArray[np.float64]
ANYWHERE = 10_000
STRAY_KM = 100.0


@dataclass(frozen=True, slots=True)
class Ground:
    """Points that a park may be placed at, the chance of each, and in words what they are."""

    points: Floats
    chance: Floats
    said: str
    warnings: tuple[str, ...] = ()

    def strays(self, parks: Sites) -> npt.NDArray[np.bool_]:
        """Return which parks lie more than `STRAY_KM` from all points."""
        kept: Any = shapely.points(self.points[self.chance > 0])
        near = pairs(parks.points, Sites([""] * len(kept), kept, parks.geographic)).drop_duplicates("point")
        return (near["distance_km"] > STRAY_KM).to_numpy(bool)


def of_places(places: Places, activity: Activity | None, value: str, weight: Weight) -> Ground:
    """Take the points of places, weighted by all activity there, their inhabitants, their area, or equally.

    Raises
    ------
    WrongOption, MissingColumn
        A weight that isn't there.
    EmptyTable
        No place has a weight and a position.
    """
    chosen = _chosen(places, activity, weight)
    located = located_places.of(places)
    if chosen == "activity":
        sizes, what = _totals(activity, value, places)
    elif chosen == "equal":
        sizes, what = pd.Series(1.0, index=located.table["place"]), "equally likely"
    else:
        column = {"population": "population", "area": "area_km2"}[chosen]
        rows = (
            places.expr.select("place", size=places.expr[column].cast("float64"))
            .order_by("place")
            .to_pyarrow()
            .to_pandas()
        )
        sizes, what = rows.set_index("place")["size"], f"weighted by {chosen}"
    size = sizes.reindex(located.table["place"]).fillna(0.0).to_numpy("float64")
    if not size.sum() > 0:
        raise EmptyTable(f"no place has a position and {chosen}", where=places.source)
    points = located.table[["east", "north"]].to_numpy("float64")
    said = f"at random over {int((size > 0).sum()):,} places, {what}"
    return Ground(points, size / size.sum(), said)


def anywhere(clusters: Sites, parks: Sites, seed: np.random.SeedSequence) -> Ground:
    """Take points uniformly over the convex hull of clusters and parks."""
    every = np.concatenate([clusters.shapes, parks.shapes])
    hull: Any = shapely.convex_hull(shapely.union_all(shapely.points(shapely.get_coordinates(every))))
    shapely.prepare(hull)
    random = np.random.default_rng(seed)
    west, south, east, north = shapely.bounds(hull)
    if not (east > west and north > south):
        raise EmptyTable(
            "clusters and parks lie on a line or a point, around which nothing can be placed",
            fix="give places=",
        )
    found: list[Floats] = []
    while sum(map(len, found)) < ANYWHERE:
        across, up = random.random(ANYWHERE), random.random(ANYWHERE)
        low, high = (np.sin(np.radians(s)) for s in (south, north))
        y = (
            np.degrees(np.arcsin(low + up * (high - low)))
            if clusters.geographic
            else south + up * (north - south)
        )
        drawn = np.column_stack([west + across * (east - west), y])
        found.append(drawn[shapely.intersects_xy(hull, drawn[:, 0], drawn[:, 1])])
    points = np.concatenate(found)[:ANYWHERE]
    said = "at random over the convex hull of clusters and parks, land or water"
    weak = "parks are placed anywhere between clusters and parks, also where nobody lives: give places= (and activity=) for a null that means more"
    return Ground(points, np.full(ANYWHERE, 1 / ANYWHERE), said, (weak,))


def _chosen(places: Places, activity: Activity | None, weight: Weight) -> str:
    there = {"activity": activity is not None, "population": "population" in places.columns, "area": "area_km2" in places.columns, "equal": True}  # fmt: skip
    if weight == "auto":
        return next(name for name, known in there.items() if known)
    if not there[weight]:
        if weight == "activity":
            raise WrongOption(
                "weight='activity' needs activity=", value=weight, exists=[n for n in there if there[n]]
            )
        places.require({"population": "population", "area": "area_km2"}[weight])
    return weight


def _totals(activity: Activity | None, value: str, places: Places) -> tuple[pd.Series, str]:
    assert activity is not None
    if value == "auto":
        value = next((name for name in ("employment", "establishments") if name in activity.values), activity.values[0] if activity.values else value)  # fmt: skip
    cells = activity.cells(value)
    place_matching.stray(place_matching.codes(cells), places, activity.source)
    year = cells.year.max().to_pyarrow().as_py()
    mine = cells.filter(cells.year == year)
    total = mine.group_by("place").agg(size=mine.value.fill_null(mine.low).sum())
    rows = total.order_by("place").to_pyarrow().to_pandas()
    if rows.empty:
        raise MissingColumn(
            "the activity table says nothing of any place", value=value, where=activity.source
        )
    return rows.set_index("place")["size"], f"weighted by their {value}{f' of {year}' if year else ''}"
