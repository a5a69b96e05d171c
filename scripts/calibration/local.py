"""Local statistics on maps of noise: the share of places each calls significant at 5 %, ours and esda's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import esda
import geopandas as gpd
import numpy as np
import pandas as pd
from libpysal.graph import Graph

import technopole as tp
from calibration import worlds
from calibration.tally import Rate

LEVEL = 0.05
SPARSE = (0.02, 0.05, 0.10, 0.30)
NOISES: Mapping[str, worlds.Noise] = {
    "dense": worlds.dense,
    "heavy tail": worlds.heavy,
    **{f"in {share:.0%} of places": worlds.sparse(share) for share in SPARSE},
    "ties (small counts)": worlds.ties,
}


@dataclass(frozen=True, slots=True)
class Case:
    """A map, its neighbours, and the noise on it."""

    name: str
    frame: gpd.GeoDataFrame
    weights: str
    noise: worlds.Noise


def cases(side: int) -> Iterator[Case]:
    """Yield every noise on a grid, then dense and sparse noise on other maps and neighbours."""
    grid, counties, islands = worlds.grid(side), worlds.counties(), worlds.archipelago(side)
    for name, noise in NOISES.items():
        yield Case(f"grid, queen: {name}", grid, "queen", noise)
    for name in ("dense", "in 5% of places"):
        yield Case(f"grid, 8 nearest: {name}", grid, "knn8", NOISES[name])
        yield Case(f"US counties, queen: {name}", counties, "queen", NOISES[name])
        yield Case(f"grid with islands, queen: {name}", islands, "queen", NOISES[name])


def is_dense(case: str) -> bool:
    """Say whether a case, by its name, has no ties."""
    return case.endswith((": dense", ": heavy tail"))


TESTS: Mapping[str, Callable[..., Any]] = {
    "local Moran": lambda table, **how: tp.measures.local_moran(table, **how),
    "local Moran, exact": lambda table, **how: tp.measures.local_moran(table, inference="exact", **how),
    "G*": lambda table, **how: tp.measures.getis_ord(table, **how),
}


def p_values(test: str, case: Case, values: worlds.Floats, seed: int, **how: Any) -> pd.DataFrame:
    """Return our table for one map of noise."""
    return TESTS[test](
        worlds.activity(case.frame, values),
        places=worlds.places(case.frame),
        industry="x",
        of="value",
        weights=case.weights,
        seed=seed,
        **how,
    ).table


def study(side: int, maps: int, permutations: int = 999, peers: bool = True) -> tuple[list[Rate], list[Rate]]:
    """Return per case and test: the share of places with p <= 5 %, and the share of maps with a discovery after FDR.

    The exact distribution, slower, is drawn on a third of the maps. G and G* have the same p as local Moran (tested).
    """
    marked: list[Rate] = []
    found: list[Rate] = []
    for case in cases(side):
        graph = _graph(case) if peers else None
        shares: dict[str, list[float]] = {}
        any_after: dict[str, list[float]] = {}
        for world in range(maps):
            values = case.noise(np.random.default_rng([11, world]), len(case.frame))
            for test in ("local Moran", *(["local Moran, exact"] if world % 3 == 0 else [])):
                table = p_values(test, case, values, world, permutations=permutations)
                shares.setdefault(test, []).append(float((table["p_value"] <= LEVEL).mean()))
                any_after.setdefault(test, []).append(float(table["significant"].fillna(False).any()))
            if graph is not None:
                for test, p in _peers(values, graph, permutations, world).items():
                    shares.setdefault(test, []).append(float((p <= LEVEL).mean()))
        marked += [Rate(case.name, test, tuple(each)) for test, each in shares.items()]
        found += [Rate(case.name, test, tuple(each)) for test, each in any_after.items()]
    return marked, found


def whole_maps(side: int, maps: int, permutations: int) -> list[Rate]:
    """Return the share of maps of noise that Moran's I calls autocorrelated."""
    frame = worlds.grid(side)
    places, graph = worlds.places(frame), _graph(Case("", frame, "queen", worlds.dense))
    rates = []
    for name, noise in NOISES.items():
        ours, theirs = [], []
        for world in range(maps):
            values = noise(np.random.default_rng([12, world]), len(frame))
            table = tp.measures.moran(
                worlds.activity(frame, values),
                places=places,
                industry="x",
                of="value",
                permutations=permutations,
                seed=world,
            ).table
            ours.append(float((table["p_value"] <= LEVEL).any()))
            theirs.append(float(esda.Moran(values, graph, permutations=0).p_norm <= LEVEL))
        rates += [Rate(name, "Moran's I", tuple(ours)), Rate(name, "esda Moran, normal", tuple(theirs))]
    return rates


def constant_marked_by_esda(side: int) -> str:
    """Return the share of a constant map's places that esda's local Moran marks."""
    frame = worlds.grid(side)
    graph = _graph(Case("", frame, "queen", worlds.constant))
    p = _peers(worlds.constant(np.random.default_rng(0), len(frame)), graph, 99, 0)["esda Moran_Local"]
    return f"{np.mean(p <= LEVEL):.0%}"


def _graph(case: Case) -> Graph:
    if case.weights == "queen":
        return Graph.build_contiguity(case.frame, rook=False).transform("r")
    points = case.frame.set_geometry(case.frame.centroid)
    return Graph.build_knn(points, k=8).transform("r")


def _peers(values: worlds.Floats, graph: Graph, permutations: int, seed: int) -> dict[str, worlds.Floats]:
    how: dict[str, Any] = {
        "permutations": permutations,
        "keep_simulations": False,
        "n_jobs": 1,
        "seed": seed,
    }
    moran = esda.Moran_Local(values, graph, **how)
    star = esda.G_Local(values, graph, star=True, transform="R", **how)
    p, star_p = np.asarray(moran.p_sim, dtype=float), np.asarray(star.p_sim, dtype=float)
    return {"esda Moran_Local": p, "esda Moran_Local, p doubled": 2 * p, "esda G_Local, star": star_p}
