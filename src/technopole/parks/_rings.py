"""Rings around parks: which one a distance lies in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from technopole.errors import WrongOption

INSIDE, BEYOND = "inside", "beyond"


def checked(edges: Sequence[float]) -> list[float]:
    """Return the edges as numbers.

    Raises
    ------
    WrongOption
        They don't rise from above 0.
    """
    try:
        numbers = [float(edge) for edge in edges]
    except (TypeError, ValueError):
        numbers = []
    if not numbers or numbers[0] <= 0 or not np.isfinite(numbers).all() or (np.diff(numbers) <= 0).any():
        raise WrongOption(
            "edges are rising distances in km, from above 0", value=list(edges), fix="edges=(2, 5, 10)"
        )
    return numbers


def names(edges: Sequence[float]) -> list[str]:
    """Return the rings from the inside out."""
    between = [f"{low:g}-{high:g} km" for low, high in zip([0.0, *edges[:-1]], edges, strict=True)]
    return [INSIDE, *between, BEYOND]


def ring(distance_km: pd.Series, inside: pd.Series, edges: Sequence[float]) -> pd.DataFrame:
    """Return ring, ring_low_km, ring_high_km; a ring holds its outer edge. Inside is 0 to 0, beyond has no outer edge."""
    position = np.where(inside, 0, 1 + np.searchsorted(np.asarray(edges), distance_km, side="left"))
    low = np.array([0.0, 0.0, *edges])
    high = np.array([0.0, *edges, np.nan])
    found = np.array(names(edges), dtype=object)[position]
    return pd.DataFrame(
        {"ring": found, "ring_low_km": low[position], "ring_high_km": high[position]}, index=distance_km.index
    )
