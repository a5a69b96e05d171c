"""Cluster maps render at both widths for outlines, points and nothing; significance shows in the line, not in colour alone."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import vl_convert as vlc

from technopole.charts import cluster_map
from technopole.charts.geography import canvas


def clusters(shapes: Sequence[shapely.Geometry], p: Sequence[float | None]) -> gpd.GeoDataFrame:
    names = [f"Valley {i}" for i in range(1, len(shapes) + 1)]
    figures = {"members": 12.0, "employment": 300.0, "location_quotient": 4.2, "low": 3.0, "high": 5.9}
    return gpd.GeoDataFrame({"name": names, "p_value": p, **figures}, geometry=shapes, crs=4326)


def svg(table: pd.DataFrame, width: int = 640) -> str:
    return str(vlc.vegalite_to_svg(cluster_map(table, width=width).to_json()))


@pytest.mark.slow
@pytest.mark.parametrize("width", [640, 320])
def test_outlines_are_numbered_and_listed_and_the_line_tells_significance(width: int) -> None:
    shapes = [shapely.box(8, 48, 9, 49), shapely.box(10, 50, 11, 51), shapely.box(12, 48, 13, 49)]
    drawn = svg(clusters(shapes, [0.001, 0.04, None]), width)
    for said in (
        "1  Valley 1 · 12 est.",
        "p at most 0.01: full line",
        "p at most 0.05: dashes",
        "not significant",
    ):
        assert said in drawn
    assert drawn.count("stroke-dasharray") >= 2
    assert f">{3}<" in drawn


@pytest.mark.slow
def test_tiny_clusters_and_points_get_a_circle() -> None:
    tiny = clusters([shapely.Point(8, 48), shapely.box(14, 52, 14.001, 52.001)], [0.001, 0.03])
    drawn = svg(tiny)
    assert "Valley 2" in drawn
    assert len(cluster_map(tiny).to_dict()["layer"]) > len(cluster_map(clusters([shapely.box(8, 48, 14, 52)], [0.001])).to_dict()["layer"])  # fmt: skip


def test_no_cluster_is_said() -> None:
    assert "no cluster found" in svg(clusters([shapely.box(0, 0, 1, 1)], [0.01]).iloc[:0], 320)


def test_more_clusters_than_the_list_holds_are_counted() -> None:
    shapes = [shapely.box(i, 48, i + 0.5, 48.5) for i in range(30)]
    assert "and 6 more" in svg(clusters(shapes, [0.001] * 30))


def test_a_map_may_be_nearer_than_a_country() -> None:
    east, north = np.array([7.70, 7.80]), np.array([48.55, 48.60])
    near, far = (canvas(east, north, 600, least=least) for least in (10_000.0, 300_000.0))
    assert near.scale > 10 * far.scale
    box = near.shape(shapely.box(7.70, 48.55, 7.80, 48.60))
    assert 0 < box.bounds[0] < box.bounds[2] < near.width
