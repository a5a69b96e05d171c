"""Worlds where nothing is true: maps of noise, economies without clusters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import shapely.affinity

import technopole as tp
from technopole.tables import Activity, Establishments, Places

COUNTIES = (
    Path(__file__).resolve().parents[2]
    / "src"
    / "technopole"
    / "data"
    / "optical_valleys"
    / "us_counties.parquet"
)
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[Any]
Noise = Callable[[np.random.Generator, int], Floats]


def grid(side: int) -> gpd.GeoDataFrame:
    """Return side x side squares of 10 km."""
    row, column = np.divmod(np.arange(side * side), side)
    squares = shapely.box(10 * column, 10 * row, 10 * column + 10, 10 * row + 10)
    return gpd.GeoDataFrame({"place": [f"p{i:06d}" for i in range(side * side)]}, geometry=squares)


def archipelago(side: int) -> gpd.GeoDataFrame:
    """Return a grid whose last row is islands: no square of it touches another place."""
    squares = grid(side)
    last = np.arange(side * side) >= side * (side - 1)
    moved = [
        shapely.affinity.translate(shape, 20 * k, 100) if gone else shape
        for k, (shape, gone) in enumerate(zip(squares.geometry, last, strict=True))
    ]
    return gpd.GeoDataFrame({"place": squares["place"]}, geometry=moved)


def counties() -> gpd.GeoDataFrame:
    """Return the bundled counties of the United States."""
    return gpd.read_parquet(COUNTIES)[["place", "geometry"]]


def places(frame: gpd.GeoDataFrame) -> Places:
    """Return the frame as a table of places."""
    return tp.read_places(frame, crs=None if frame.crs else "planar-km")


def activity(
    frame: gpd.GeoDataFrame, values: Numbers, rest: Numbers | None = None, value: str = "employment"
) -> Activity:
    """Return jobs of industry x (and of the rest of the economy, where places differ in size)."""
    rows = pd.DataFrame({"place": frame["place"], "industry": "x", value: values})
    if rest is not None:
        rows = pd.concat([rows, rows.assign(industry="rest", **{value: rest})], ignore_index=True)
    return tp.read_activity(rows)


def dense(rng: np.random.Generator, n: int) -> Floats:
    """Return skewed noise without ties."""
    return rng.gamma(2.0, size=n)


def heavy(rng: np.random.Generator, n: int) -> Floats:
    """Return noise with a heavy tail, as jobs by place have."""
    return rng.lognormal(0.0, 2.0, size=n)


def ties(rng: np.random.Generator, n: int) -> Floats:
    """Return small counts: three in five are zero, most others equal."""
    return rng.poisson(0.5, size=n).astype(float)


def constant(_rng: np.random.Generator, n: int) -> Floats:
    """Return the same value everywhere."""
    return np.full(n, 7.0)


def sparse(share: float) -> Noise:
    """Return noise that is zero but in a share of the places, drawn at random."""

    def drawn(rng: np.random.Generator, n: int) -> Floats:
        values = np.zeros(n)
        there = rng.choice(n, round(share * n), replace=False)
        values[there] = rng.lognormal(3.0, 1.0, size=len(there))
        return values

    return drawn


def towns(rng: np.random.Generator, sites: int, count: int = 40) -> Floats:
    """Return sites around towns of unequal size in a country of 500 x 500 km."""
    centres = rng.uniform(0, 500, size=(count, 2))
    sizes = rng.pareto(1.2, count) + 0.2
    at = rng.choice(count, sites, p=sizes / sizes.sum())
    return centres[at] + rng.normal(0, 12, size=(sites, 2))


def establishments(rng: np.random.Generator, spots: Floats, size: int, industries: int) -> Establishments:
    """Return an economy whose industries draw their sites at random, without replacement."""
    order = rng.permutation(len(spots))
    industry = np.full(len(spots), "rest", dtype=object)
    for k in range(industries):
        industry[order[k * size : (k + 1) * size]] = f"i{k:03d}"
    return tp.read_establishments(
        pd.DataFrame(
            {
                "establishment_id": [f"e{i:06d}" for i in range(len(spots))],
                "industry": industry,
                "employment": rng.lognormal(2.0, 1.0, len(spots)).round() + 1,
                "x": spots[:, 0],
                "y": spots[:, 1],
            }
        ),
        crs="planar-km",
    )
