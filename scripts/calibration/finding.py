"""Clusters where there are none: delineation on random maps, births of places that are as concentrated as the country."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

import technopole as tp
from calibration import worlds
from calibration.tally import Rate
from technopole.result import Result

METHODS = ("local", "scan")
SHARES = (0.002, 0.02)


def delineated(
    maps: int, permutations: int, side: int = 25, methods: Sequence[str] = METHODS
) -> tuple[list[Rate], list[Rate]]:
    """Return the share of random maps with a cluster, and the number of clusters per hundred maps."""
    frame = worlds.grid(side)
    places = worlds.places(frame)
    some, many = [], []
    for share in SHARES:
        numbers: dict[str, list[float]] = {method: [] for method in methods}
        for world in range(maps):
            rng = np.random.default_rng([17, round(1000 * share), world])
            everyone = np.ceil(rng.lognormal(4.5, 1.0, len(frame))).astype(np.int64)
            mine = rng.multivariate_hypergeometric(everyone, round(share * everyone.sum()))
            table = worlds.activity(frame, mine, everyone - mine, value="establishments")
            for method in methods:
                how: dict[str, Any] = {"method": method, "permutations": permutations, "seed": world}
                found = tp.clusters.delineate(table, places=places, industry="x", **how)
                numbers[method].append(float(found.table["cluster"].notna().sum()))
        case = f"{share:.1%} of all establishments"
        for method, counts in numbers.items():
            some.append(Rate(case, method, tuple(float(count > 0) for count in counts)))
            many.append(Rate(case, method, tuple(counts)))
    return some, many


def born(clusters: int, years: int = 12, size: int = 2000, share: float = 0.02) -> list[Rate]:
    """Return the share of places without a concentration (quotient 1, or just the threshold) that get a birth year."""
    rates = []
    for quotient in (1.0, 1.25):
        for persistence in (0.0, 0.9):
            rng = np.random.default_rng([19, round(100 * quotient), round(100 * persistence)])
            mine = _series(rng, clusters, years, size, share * quotient, persistence)
            names = [f"c{i:04d}" for i in range(clusters)]
            rows = [_rows(names, 2000 + t, mine[:, t], size - mine[:, t]) for t in range(years)]
            # A country so large that the places under study don't change its share.
            large = 10 * clusters * size
            rest = [
                _rows(["elsewhere"], 2000 + t, [round(share * large)], [large - round(share * large)])
                for t in range(years)
            ]
            members = pd.DataFrame({"cluster": range(1, clusters + 1), "place": names})
            chosen = Result.of(members[["cluster"]], text="", fields={}, members=members)
            table = tp.read_activity(pd.concat([*rows, *rest], ignore_index=True))
            found = tp.clusters.emergence(chosen, activity=table, industry="x", persistence=persistence)
            share_born = [float(year) for year in found.table["born"].notna()]
            case = f"location quotient {quotient:g} in every year, persistence {persistence:g}"
            rates.append(Rate(case, "emergence", tuple(share_born)))
    return rates


def _series(
    rng: np.random.Generator, clusters: int, years: int, size: int, share: float, persistence: float
) -> worlds.Numbers:
    """Return counts: who was there stays with probability `persistence`, others come as many as leave on average."""
    mean = size * share
    counts = [rng.poisson(mean, clusters)]
    for _ in range(years - 1):
        counts.append(rng.binomial(counts[-1], persistence) + rng.poisson(mean * (1 - persistence), clusters))
    return np.column_stack(counts)


def _rows(names: list[str], year: int, mine: Any, rest: Any) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"place": names, "industry": industry, "year": year, "establishments": counts})
        for industry, counts in (("x", mine), ("rest", rest))
    ]
    return pd.concat(parts, ignore_index=True)
