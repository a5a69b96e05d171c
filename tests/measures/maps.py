"""Maps for the tests of local statistics: grids of places, noise, sparse industries; and their false alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.tables import Activity, Places

Floats = npt.NDArray[np.float64]
Random = np.random.Generator


def grid(side: int, *, outlines: bool = False) -> Places:
    """A square of side x side places, points a kilometre apart or the squares around them."""
    across, up = (part.ravel().astype(float) for part in np.meshgrid(np.arange(side), np.arange(side)))
    names = [f"p{i:05d}" for i in range(side * side)]
    if not outlines:
        return Places.of(pd.DataFrame({"place": names, "x": across, "y": up}), crs="planar-km")
    import geopandas as gpd
    import shapely

    squares = shapely.box(10 + across / 10, 50 + up / 10, 10.1 + across / 10, 50.1 + up / 10)
    return Places.of(gpd.GeoDataFrame({"place": names}, geometry=squares, crs="EPSG:4326"))


def jobs(values: Floats, industry: str = "lasers") -> Activity:
    """One industry with these values at the places of a grid."""
    names = [f"p{i:05d}" for i in range(len(values))]
    return Activity.of(pd.DataFrame({"place": names, "industry": industry, "employment": values}))


def dense(n: int, random: Random) -> Floats:
    """Noise everywhere."""
    return random.gamma(2.0, size=n)


def sparse(share: float) -> Callable[[int, Random], Floats]:
    """An industry of random sizes in a share of the places, put there at random."""

    def values(n: int, random: Random) -> Floats:
        there = np.zeros(n)
        there[random.permutation(n)[: round(share * n)]] = 1
        return there * np.ceil(random.lognormal(3, 1.5, size=n))

    return values


def tied(n: int, random: Random) -> Floats:
    """Small whole numbers."""
    return random.poisson(0.7, size=n).astype(float)


def false_alarms(
    member: Callable[..., Any],
    values: Callable[[int, Random], Floats],
    *,
    side: int,
    maps: int,
    **options: Any,
) -> float:
    """Return the share of places that a member calls significant on maps of chance alone."""
    places, found = grid(side), []
    for number in range(maps):
        random = np.random.default_rng([number, side])
        table = member(
            jobs(values(side * side, random)),
            places=places,
            industry="lasers",
            of="value",
            fdr=False,
            seed=number,
            **options,
        ).table
        found.append(float(table.loc[table["undefined"] == "", "significant"].mean()))
    return float(np.mean(found))
