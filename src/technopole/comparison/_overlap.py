"""How much the compositions of two parks overlap, and how far that hangs on a single segment."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

RANGE = "not a confidence interval: the range when any one segment is left out"


def overlap_table(
    matrix: pd.DataFrame, listed: pd.DataFrame, *, max_gap: int, duplicating: float, basis: str
) -> pd.DataFrame:
    """Return every ordered pair of parks with its overlap, its range, and whether the two duplicate each other.

    `matrix` holds the shares by (park, year). A pair is compared in the two years that lie nearest to each other,
    the latest of these; `listed` says why a park has none.
    """
    years: dict[str, list[int]] = {str(park): [] for park in listed["park"]}
    shares: dict[tuple[str, int], np.ndarray] = {}
    for (park, year), row in zip(matrix.index.to_list(), matrix.to_numpy(), strict=True):
        years[str(park)].append(int(year))
        shares[str(park), int(year)] = row
    reasons = listed.groupby("park")["undefined"].last()
    rows: list[dict[str, Any]] = []
    for a, b in product(sorted(years), sorted(years)):
        pair = nearest(years[a], years[b])
        why = next((f"{park}: {reasons[park]}" for park in (a, b) if not years[park]), "")
        if pair and abs(pair[0] - pair[1]) > max_gap:
            why = f"years too far apart: {pair[0]} and {pair[1]} are the nearest"
        cell: dict[str, Any] = {"park_a": a, "park_b": b, "year_a": None, "year_b": None}
        numbers = (np.nan,) * 4
        if pair:
            cell |= {"year_a": pair[0], "year_b": pair[1]}
        if pair and not why:
            numbers = overlap(shares[a, pair[0]], shares[b, pair[1]])
        cell |= dict(zip(("overlap", "low", "high", "krugman"), numbers, strict=True))
        cell |= {"duplicating": bool(a != b and numbers[0] > duplicating), "basis": basis}
        rows.append(cell | {"uncertainty": "" if why else RANGE, "undefined": why})
    frame = pd.DataFrame(rows).astype({"year_a": "Int64", "year_b": "Int64"})
    frame = frame.assign(_last=frame["undefined"] != "").sort_values(
        ["_last", "park_a", "park_b"], ignore_index=True
    )
    return frame.drop(columns="_last")


def nearest(a: list[int], b: list[int]) -> tuple[int, int] | None:
    """Return the year of each that lie nearest to each other, the latest of equally near ones."""
    return min(product(a, b), key=lambda pair: (abs(pair[0] - pair[1]), -pair[0] - pair[1]), default=None)


def overlap(a: np.ndarray, b: np.ndarray) -> tuple[float, float, float, float]:
    """Return overlap, its range when any one segment is left out, and the Krugman distance of two share vectors."""
    distance = float(np.abs(a - b).sum())
    full = 1 - distance / 2
    rest = [(np.delete(a, s), np.delete(b, s)) for s in np.flatnonzero((a > 0) | (b > 0))]
    left = [
        1 - float(np.abs(x / x.sum() - y / y.sum()).sum()) / 2 for x, y in rest if x.sum() > 0 and y.sum() > 0
    ]
    clipped = [min(max(one, 0.0), 1.0) for one in (full, min([full, *left]), max([full, *left]))]
    return clipped[0], clipped[1], clipped[2], distance
