"""Made-up countries where it is known which came first."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

FIRST, LAST = 1995, 2020
CASES = {"cluster-led": -9, "park-led": 9, "together": 0}


@dataclass(frozen=True)
class World:
    """A country: its activity, its places, its parks, and what came first at each park."""

    activity: pd.DataFrame
    places: pd.DataFrame
    parks: pd.DataFrame
    truth: dict[str, str]


def world(seed: int, *, each: int = 40, size: float = 60.0, persistence: float = 0.9) -> World:
    """Draw a country with `each` parks of every kind: places 150 km and more apart, each with a park at most.

    The sector grows in one year from its share of the country to three times that: nine years before its park (cluster-led), nine after (park-led), in
    its very year (together), never (neither), or at a park that came five years before the data end (too short). `size` is the expected number
    of plants after the jump; a share `persistence` of plants stays from year to year.
    """
    random = np.random.default_rng(seed)
    years = np.arange(FIRST, LAST + 1)
    kinds = [kind for kind in (*CASES, "neither", "too short") for _ in range(each)]
    rows: list[tuple[Any, ...]] = []
    parks: list[dict[str, Any]] = []
    truth: dict[str, str] = {}
    for number, kind in enumerate([*kinds, *(["no park"] * each)]):
        place = f"{number:03d}"
        date = int(random.integers(2005, 2010)) if kind != "too short" else LAST - 5
        born = date + CASES[kind] if kind in CASES else 2007 if kind == "no park" else LAST + 100
        mean = np.where(years >= born, size, size / 3)
        rows += [
            (place, "optics", y, n) for y, n in zip(years, series(mean, persistence, random), strict=True)
        ]
        rows += [(place, "rest", y, 1000) for y in years]
        if kind != "no park":
            parks.append(
                {
                    "park": f"Park {place}",
                    "longitude": _east(number) + 0.05,
                    "latitude": _north(number),
                    "opened": date,
                }
            )
            truth[f"Park {place}"] = "cannot tell" if kind == "too short" else kind
    rows += [("nation", "optics", y, round(size / 3 * 4000)) for y in years]
    rows += [("nation", "rest", y, 4_000_000) for y in years]
    every = range(len(kinds) + each)
    places = pd.DataFrame(
        {
            "place": [f"{i:03d}" for i in every],
            "longitude": [_east(i) for i in every],
            "latitude": [_north(i) for i in every],
        }
    )
    table = pd.DataFrame(rows, columns=["place", "industry", "year", "establishments"])
    return World(table, places, pd.DataFrame(parks), truth)


def _east(number: int) -> float:
    return -100.0 + 3.0 * (number % 60)


def _north(number: int) -> float:
    return 20.0 + 5.0 * (number // 60)


def series(mean: Any, persistence: float, random: Any) -> list[int]:
    """Draw counts of which a share stays, each Poisson with its mean."""
    found = [int(random.poisson(mean[0]))]
    for before, now in itertools.pairwise(mean):
        share = min(persistence, now / before)
        found.append(int(random.binomial(found[-1], share) + random.poisson(now - share * before)))
    return found
