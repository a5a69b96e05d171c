"""Clusters as the room reads them, from a result: what they are called, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from technopole.errors import MissingColumn
from technopole.result import Result
from technopole.spatial.outlines import Sites

CLUSTERS = "give a result of clusters.delineate, or Result.of(table) with cluster and geometry, or longitude and latitude"


@dataclass(frozen=True, slots=True)
class ClusterList:
    """Clusters with a position: `table` (cluster, name and what else the result says of them) in the order of `sites`."""

    table: pd.DataFrame
    sites: Sites
    warnings: list[str]


def of(clusters: Result) -> ClusterList:
    """Read the clusters of a result.

    Raises
    ------
    MissingColumn
        Its table has no clusters, or doesn't say where they lie.
    """
    frame: Any = clusters.frames["table"]
    if "cluster" not in frame:
        raise MissingColumn(
            "this result has no clusters", value="cluster", exists=frame.columns, fix=CLUSTERS
        )
    planar = isinstance(frame, gpd.GeoDataFrame) and frame.crs is None
    shapes = _shapes(frame)
    known: Any = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    said: list[str] = []
    if not known.all():
        said.append(f"{int((~known).sum()):,} clusters without a position: left out")
    table = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))[known].reset_index(drop=True)
    if "name" not in table:
        table["name"] = table["cluster"].astype(str)
    table["name"] = table["name"].fillna("").astype(str)
    return ClusterList(table, Sites(table["name"].tolist(), shapes[known], not planar), said)


def _shapes(frame: Any) -> Any:
    if isinstance(frame, gpd.GeoDataFrame):
        in_degrees = frame if frame.crs is None or frame.crs.is_geographic else frame.to_crs(4326)
        return in_degrees.geometry.to_numpy(object)
    if {"longitude", "latitude"} <= set(frame.columns):
        at = frame[["longitude", "latitude"]].to_numpy("float64", na_value=np.nan)
        shapes: Any = np.full(len(frame), None, dtype=object)
        there = np.isfinite(at).all(axis=1)
        shapes[there] = shapely.points(at[there])
        return shapes
    raise MissingColumn(
        "this result doesn't say where its clusters lie", value="geometry", exists=frame.columns, fix=CLUSTERS
    )
