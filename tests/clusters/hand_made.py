"""Clusters made by hand, and tables of yearly counts for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
