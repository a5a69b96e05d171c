"""Which units that never enter lie near one that does, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import KDTree

from technopole.checks._retry import entry
from technopole.engine import Expr
from technopole.errors import MissingColumn
from technopole.kernels.locations import RADIUS_KM, great_circle
from technopole.tables import Table

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NearUnits:
    """One row per unit that never enters: firm, distance_km, and `since` by outer edge (year of the first entry within it; 0 = unknown)."""

    distance: pd.DataFrame
    since: dict[float, pd.Series]
    measured: str

    def ring(self, low: float, high: float) -> pd.DataFrame:
        """Units of a ring (low <= distance < high) with the year in which the first unit within its outer edge enters."""
        there = self.distance["distance_km"].ge(low) & self.distance["distance_km"].lt(high)
        return self.distance.loc[there, ["firm"]].assign(since=self.since[high][there])

    def beyond(self, edge: float) -> pd.DataFrame:
        """Units farther away than an edge."""
        return self.distance.loc[self.distance["distance_km"] >= edge, ["firm"]].assign(since=0)


def near_units(table: Table, edges: Sequence[float]) -> NearUnits:
    """Find them by `distance_km` to the nearest park where the table has it (`parks.on_park`), else by longitude and latitude."""
    there = set(table.columns)
    if "distance_km" in there:
        return _by_distance(table, edges)
    if {"longitude", "latitude"} <= there:
        return _by_position(table, edges)
    raise MissingColumn(
        "whether units lie near those that entered isn't known: this firms table has no",
        value="distance_km, or longitude and latitude",
        where=table.source,
        exists=table.columns,
        fix="parks.on_park(table, parks=...) adds distance_km; or map your coordinates",
    )


def _units(table: Table, **columns: Expr) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Those that enter and those that never do, one row each."""
    expr = table.expr.mutate(entered=entry(table))
    units = expr.group_by("firm").agg(entered=expr["entered"].max(), **columns).order_by("firm")
    frame = units.to_pyarrow().to_pandas()
    return frame[frame["entered"] > 0], frame[frame["entered"] == 0].reset_index(drop=True)


def _by_distance(table: Table, edges: Sequence[float]) -> NearUnits:
    """Near a park; since the first entry of a unit into the same nearest park, where the parks' names are there."""
    columns = {"distance_km": table.expr["distance_km"].cast("float64").min()}
    if "nearest_park" in table.columns:
        columns["nearest"] = table.expr["nearest_park"].cast("string").min()
    inside, never = _units(table, **columns)
    since = pd.Series(0, index=never.index)
    if "nearest" in columns:
        first = inside.groupby("nearest")["entered"].min()
        since = never["nearest"].map(first).fillna(0).astype("int64")
    return NearUnits(never[["firm", "distance_km"]], dict.fromkeys(edges, since), "from a park")


def _by_position(table: Table, edges: Sequence[float]) -> NearUnits:
    place = {name: table.expr[name].cast("float64").mean() for name in ("longitude", "latitude")}
    inside, never = _units(table, **place)
    inside, never = inside.dropna(), never.dropna().reset_index(drop=True)
    points = _sphere(never)
    nearest = np.full(len(never), np.inf)
    since = {edge: pd.Series(0, index=never.index) for edge in edges}
    for _, cohort in inside.groupby("entered", sort=True):
        chord, _ = KDTree(_sphere(cohort)).query(points)
        away = great_circle(np.asarray(chord) * RADIUS_KM)
        nearest = np.minimum(nearest, away)
        for edge in edges:
            since[edge].loc[(away < edge) & (since[edge] == 0)] = int(cohort["entered"].iloc[0])
    never["distance_km"] = nearest
    return NearUnits(never[["firm", "distance_km"]], since, "from a unit that entered")


def _sphere(units: pd.DataFrame) -> Floats:
    """Points on the unit sphere: chords order as distances do."""
    east, north = np.radians(units["longitude"].to_numpy()), np.radians(units["latitude"].to_numpy())
    return np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])
