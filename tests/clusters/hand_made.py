"""Clusters made by hand, and tables of yearly counts for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from technopole.result import Result


def clusters(places: Mapping[str, Sequence[str]], names: Mapping[str, str] | None = None) -> Result:
    """What clusters.delineate returns, as far as others read it."""
    table = pd.DataFrame({"cluster": list(places)})
    if names:
        table["name"] = table["cluster"].map(names)
    members = pd.DataFrame(
        [(cluster, place) for cluster, own in places.items() for place in own], columns=["cluster", "place"]
    )
    return Result.of(table, text="made by hand", fields={}, members=members)


def counts(
    optics: Mapping[str, Sequence[float]],
    rest: Mapping[str, float],
    first: int = 2000,
    **more: Sequence[float],
) -> pd.DataFrame:
    """One row per place, industry (optics, rest) and year; `more` are further columns of optics in the first place."""
    rows = []
    for number, (place, series) in enumerate(optics.items()):
        for t, x in enumerate(series):
            extra = {name: values[t] for name, values in more.items()} if number == 0 else {}
            year = {"place": place, "year": first + t}
            rows += [{**year, "industry": "optics", "establishments": x, **extra}]
            rows += [{**year, "industry": "rest", "establishments": rest[place]}]
    return pd.DataFrame(rows)


def life(seed: int, many: int = 24, years: int = 24, size: float = 1.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clusters that go through known stages, as an activity table, and the stage of each cluster in each year.

    Nothing is taken from the scheme: growth against the country is 9 points a year in emergence (until 50 establishments), 7 in growth,
    0 in sustainment, -6 in decline, 6 in renewal, give or take 1.5, and establishments come and go by chance.
    """
    random = np.random.default_rng(seed)
    pace = {"emergence": 0.09, "growth": 0.07, "sustainment": 0.0, "decline": -0.06, "renewal": 0.06}
    after = {
        "growth": "sustainment",
        "sustainment": "decline",
        "decline": "renewal",
        "renewal": "sustainment",
    }
    rows, truth = [], []
    for number in range(many):
        stage = random.choice(["emergence", "growth", "sustainment", "decline"], p=[0.4, 0.2, 0.2, 0.2])
        mean = (
            size * float(random.uniform(80, 250)) if stage != "emergence" else float(random.uniform(15, 35))
        )
        left, count, jobs = int(random.integers(6, 11)), 0, 0.0
        for t in range(years):
            mean *= np.exp(random.normal(pace[stage], 0.015))
            stay = random.binomial(count, min(0.9, mean / count)) if count else 0
            count = int(stay + random.poisson(max(mean - stay, 0.0))) if t else round(mean)
            jobs = 20 * mean * np.exp(random.normal(0, 0.03))
            rows += [
                (f"c{number:02d}", "optics", 2000 + t, count, jobs),
                (f"c{number:02d}", "rest", 2000 + t, 9000, 150000),
            ]
            truth.append((f"c{number:02d}", 2000 + t, stage))
            left -= 1
            if stage == "emergence" and mean >= 50:
                stage, left = "growth", int(random.integers(6, 11))
            elif stage != "emergence" and left <= 0:
                stage, left = after[stage], int(random.integers(6, 11))
    rows += [
        ("nation", code, 2000 + t, est, jobs)
        for t in range(years)
        for code, est, jobs in (("optics", 40_000, 800_000), ("rest", 8_000_000, 120_000_000))
    ]
    columns = ["place", "industry", "year", "establishments", "employment"]
    return pd.DataFrame(rows, columns=columns), pd.DataFrame(truth, columns=["cluster", "year", "truth"])
