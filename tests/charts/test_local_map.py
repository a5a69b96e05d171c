"""Map of local statistics: what is significant is told by more than colour, the rest stays small."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import vl_convert as vlc

from technopole import charts

KINDS = ["high-high", "low-low", "high-low", "low-high"]


def points(count: int = 400) -> pd.DataFrame:
    random = np.random.default_rng(1)
    kind = np.array([*KINDS, "undefined", *["not significant"] * (count - 5)])
    return pd.DataFrame(
        {
            "place": [str(i) for i in range(count)],
            "kind": kind,
            "longitude": random.uniform(8, 12, count),
            "latitude": random.uniform(48, 52, count),
        }
    )


def outlines(side: int = 40) -> gpd.GeoDataFrame:
    across, up = (part.ravel() / 10 for part in np.meshgrid(np.arange(side), np.arange(side)))
    kind = np.array([*KINDS, "undefined", *["not significant"] * (side * side - 5)])
    shapes = shapely.box(8 + across, 48 + up, 8.1 + across, 48.1 + up)
    return gpd.GeoDataFrame({"kind": kind}, geometry=shapes, crs="EPSG:4326")


def svg(table: pd.DataFrame, width: int = 640) -> str:
    return vlc.vegalite_to_svg(charts.local_map(table, kinds=KINDS, width=width).to_json())


@pytest.mark.slow
@pytest.mark.parametrize("width", [640, 320])
@pytest.mark.parametrize("table", [points(), outlines()], ids=["points", "outlines"])
def test_legend_counts_every_kind(table: pd.DataFrame, width: int) -> None:
    picture = svg(table, width)
    rest = len(table) - 5
    for entry in (*(f"{kind} (1)" for kind in KINDS), "undefined (1)", f"not significant ({rest:,})"):
        assert entry in picture


def test_kinds_differ_in_form_too() -> None:
    said = charts.local_map(points(), kinds=KINDS).to_dict()
    shapes = [
        layer["encoding"]["shape"]["scale"] for layer in said["layer"] if "shape" in layer.get("encoding", {})
    ]
    assert len(set(shapes[0]["range"][:4])) == 4


@pytest.mark.slow
def test_places_that_arent_significant_are_one_area() -> None:
    assert len(svg(outlines(80))) < 120_000


def test_far_places_are_left_out_and_counted() -> None:
    far = points()
    far.loc[0, ["longitude", "latitude"]] = [-150.0, 20.0]
    assert "outside the frame: 1 places, 1 of them significant" in svg(far)


def test_planar_coordinates_and_nothing() -> None:
    plane = points().rename(columns={"longitude": "x", "latitude": "y"})
    assert "high-high (1)" in svg(plane)
    assert "no place to show" in svg(points().iloc[:0])
