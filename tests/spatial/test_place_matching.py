"""Codes of places that don't match are said, with what would make them match, by every measure that looks on a map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

import technopole as tp
from technopole.errors import EmptyTable, WrongOption

CODES = [f"{7 + i:04d}" for i in range(25)]
ROWS = pd.DataFrame(
    {
        "place": CODES * 2,
        "industry": ["1"] * 25 + ["2"] * 25,
        "establishments": [9 if i < 4 else 1 for i in range(25)] + [40] * 25,
        "employment": 50,
    }
)
EAST, NORTH = np.arange(25) % 5 * 0.2 + 69, np.arange(25) // 5 * 0.2 + 41
POINTS = pd.DataFrame({"place": CODES, "longitude": EAST, "latitude": NORTH})
CALLS: dict[str, Callable[..., Any]] = {
    "scan": tp.measures.scan,
    "k_density": tp.measures.k_density,
    "m_function": tp.measures.m_function,
    "local_moran": lambda table, **more: tp.measures.local_moran(
        table, weights="knn4", **{k: v for k, v in more.items() if k != "simulations"}
    ),
    "delineate": lambda table, **more: tp.clusters.delineate(
        table, **{k: v for k, v in more.items() if k != "simulations"}
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_no_code_matches(name: str) -> None:
    lost = tp.read_places(POINTS.assign(place=POINTS["place"].str.lstrip("0")))
    with pytest.raises(EmptyTable) as caught:
        CALLS[name](tp.read_activity(ROWS), places=lost, industry="1", simulations=99)
    for words in ("none of the 25 places", "0007, 0008, 0009", "--pad places.place=4"):
        assert words in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_some_codes_match(name: str) -> None:
    some = tp.read_places(POINTS.iloc[2:])
    found = CALLS[name](tp.read_activity(ROWS), places=some, industry="1", simulations=99)
    assert any("aren't among the places (0007, 0008)" in said for said in found.warnings), found.warnings


def test_the_table_may_be_the_one_that_lost_zeros() -> None:
    lost = tp.read_activity(ROWS.assign(place=ROWS["place"].str.lstrip("0")))
    with pytest.raises(EmptyTable, match="--pad place=4"):
        tp.measures.scan(lost, places=tp.read_places(POINTS), industry="1")


def test_outlines_are_points_to_measures_of_distance() -> None:
    boxes = [shapely.box(x - 0.1, y - 0.1, x + 0.1, y + 0.1) for x, y in zip(EAST, NORTH, strict=True)]
    import geopandas as gpd

    outlines = tp.read_places(gpd.GeoDataFrame({"place": CODES}, geometry=boxes, crs="EPSG:4326"))
    options: dict[str, Any] = {"industry": "1", "simulations": 99, "distances": [10.0, 40.0]}
    given = tp.measures.k_density(tp.read_activity(ROWS), places=tp.read_places(POINTS), **options)
    found = tp.measures.k_density(tp.read_activity(ROWS), places=outlines, **options)
    assert found.table["density"].tolist() == pytest.approx(given.table["density"].tolist(), rel=1e-9)
    assert any("centre of its outline" in said for said in found.warnings)


def test_counts_are_not_single_establishments() -> None:
    joined = tp.read_establishments(ROWS.merge(POINTS, on="place"))
    with pytest.raises(WrongOption, match="column of counts"):
        tp.measures.k_density(joined)
