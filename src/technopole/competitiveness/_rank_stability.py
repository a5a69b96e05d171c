"""How far the ranks of places hang on the threshold of an advantage, or on single products."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from technopole.competitiveness._matrix import Array
from technopole.competitiveness._presence import Presence
from technopole.kernels.comparative_advantage import present

Stability: TypeAlias = Literal["none", "thresholds", "products"]
SPAN = (0.5, 2.0)  # times the threshold
STEPS = 7


def ranks(place: Array) -> Array:
    """1 = highest; nan where there is no number."""
    found = np.full(len(place), np.nan)
    known = np.isfinite(place)
    found[known] = rankdata(-place[known], method="min")
    return found


def rank_range(
    one: Presence,
    place: Array,
    solve: Callable[[NDArray[np.bool_]], Array],
    *,
    stability: Stability,
    strict: bool,
    threshold: float,
    draws: int,
    level: float,
    seed: int,
) -> tuple[Array, Array]:
    """Return each judged place's lowest and highest rank over the thresholds, or the percentiles of its rank over draws of products.

    `solve` gives the complexity of places. A version in which a place has none says nothing of it.
    """
    every = (
        _thresholds(one, threshold, strict=strict)
        if stability == "thresholds"
        else _draws(one, draws, np.random.default_rng(np.random.SeedSequence([seed, one.year])))
    )
    judged = np.isfinite(place)
    found = np.array([ranks(np.where(judged, solve(there), np.nan)) for there in every])
    low, high = np.full(len(place), np.nan), np.full(len(place), np.nan)
    tail = 0.0 if stability == "thresholds" else 50 * (1 - level)
    for c in np.flatnonzero(judged & np.isfinite(found).any(axis=0)):
        known = found[np.isfinite(found[:, c]), c]
        low[c], high[c] = np.percentile(known, [tail, 100 - tail], method="nearest")
    return low, high


def _thresholds(one: Presence, threshold: float, *, strict: bool) -> Iterator[NDArray[np.bool_]]:
    for factor in np.geomspace(*SPAN, STEPS):
        yield present(one.advantage, threshold * float(factor), strict=strict) & ~one.withheld


def _draws(one: Presence, draws: int, random: np.random.Generator) -> Iterator[NDArray[np.bool_]]:
    """Products drawn with replacement from those that somebody has."""
    there: Any = np.flatnonzero(one.there.any(axis=0))
    for _ in range(draws):
        yield one.there[:, random.choice(there, len(there))] if len(there) else one.there
