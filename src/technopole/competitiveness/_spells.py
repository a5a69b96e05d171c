"""Spells of presence as rows, and their product-limit curves with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from technopole.competitiveness._presence import Presence
from technopole.errors import TechnopoleError
from technopole.kernels import spells as kernel
from technopole.kernels.survival_interval import log_log
from technopole.libraries import heard, library

Array: TypeAlias = NDArray[np.float64]
RightCensored: TypeAlias = Literal["unseen", "survived"]
Interval: TypeAlias = Literal["places", "greenwood", "none"]
FEW = 15  # places from which resampling places says something
TOO_FEW = f"fewer than {FEW} {{}}s have spells, too few to resample: the interval takes their spells as independent, and is too narrow"


def rows_of(years: Sequence[Presence], *, gap: int, keys: tuple[str, str]) -> pd.DataFrame:
    """Return a row per spell: place, item, start, end, years, ended, begun, number.

    A year in which a place has no row at all, and a withheld value, aren't seen.

    Raises
    ------
    TechnopoleError
        Fewer than two years, or years missing in between.
    """
    listed = [one.year for one in years]
    _refuse_holes(listed)
    places = np.array(sorted({place for one in years for place in one.places}), dtype=object)
    items = np.array(sorted({item for one in years for item in one.items}), dtype=object)
    there = np.zeros((len(years), len(places), len(items)), dtype=bool)
    seen = np.zeros_like(there)
    for t, one in enumerate(years):
        row, column = np.searchsorted(places, one.places), np.searchsorted(items, one.items)
        there[t][np.ix_(row, column)] = one.there
        seen[t, row] = True
        seen[t][np.ix_(row, column)] = ~one.withheld
    found = kernel.spells(*kernel.merged(there, seen, gap))
    return pd.DataFrame(
        {
            keys[0]: places[found.cell // len(items)],
            keys[1]: items[found.cell % len(items)],
            "start": np.array(listed)[found.start],
            "end": np.array(listed)[found.stop],
            "years": found.years,
            "ended": found.ended,
            "begun": found.begun,
            "number": found.number,
        }
    )


def _refuse_holes(years: Sequence[int]) -> None:
    missing = sorted(set(range(years[0], years[-1] + 1)) - set(years))
    if len(years) > 1 and not missing:
        return
    raise TechnopoleError(
        "how long a spell lasts can't be told: it takes a table with a row of years without a gap",
        value=f"{', '.join(map(str, missing[:5]))} ... missing" if missing else f"one year, {years[0]}",
        exists=years,
        fix="give yearly data, or read entry and exit between two years with competitiveness.diversification",
    )


@dataclass(frozen=True, slots=True)
class Curve:
    """`rows`: lived, survival, low, high, n, ended. `median` is the first year after which half or fewer are left; nan = never, or no end."""

    rows: pd.DataFrame
    median: float
    median_low: float
    median_high: float
    warnings: tuple[str, ...]


def curve(
    spells: pd.DataFrame,
    place: str,
    *,
    interval: Interval,
    draws: int,
    level: float,
    random: np.random.Generator,
    right_censored: RightCensored = "unseen",
) -> Curve:
    """Estimate the share of spells that last longer than 1, 2, ... years (Kaplan and Meier)."""
    years, ended = spells["years"].to_numpy("int64"), spells["ended"].to_numpy(bool)
    groups, group = np.unique(spells[place].to_numpy(str), return_inverse=True)
    longest = int(years.max())
    survived = right_censored == "survived"
    closed, at_risk = kernel.counts(years, ended, group, len(groups), longest=longest, survived=survived)
    n = at_risk.sum(axis=0)
    lived = np.arange(1, longest + 1)[n > 0]
    if not len(lived):
        return Curve(_frame(lived, len(spells), *[np.zeros(0)] * 5), np.nan, np.nan, np.nan, ())
    # half a year less: whether a spell that runs on when last seen ends in that year isn't known
    times = np.where(ended | survived, years, years - 0.5)
    with heard([]):
        estimate: Any = library("statsmodels.api").SurvfuncRight(times, ended.astype(int))
        half = (
            estimate.quantile_ci(0.5, alpha=1 - level, method="cloglog") if ended.any() else (np.nan, np.nan)
        )
    at = np.searchsorted(estimate.surv_times, lived, side="right")
    survival = np.r_[1.0, estimate.surv_prob][at]
    few = interval == "places" and len(groups) < FEW
    if interval == "places" and not few:
        drawn = kernel.resampled(closed, at_risk, draws, random)[:, n > 0]
        low, high = _percentiles(drawn, level)
        ends = [float(end[0]) for end in _percentiles(_medians(drawn, lived)[:, None], level)]
    elif interval == "none":
        low = high = np.full(len(lived), np.nan)
        ends = [np.nan, np.nan]
    else:
        low, high = log_log(survival, np.r_[0.0, estimate.surv_prob_se][at], level)
        ends = [float(end) for end in half]
    middle = [float(_medians(survival[None, :], lived)[0]), *ends]
    return Curve(
        _frame(lived, len(spells), survival, low, high, n[n > 0], closed.sum(axis=0)[n > 0]),
        *(value if np.isfinite(value) else np.nan for value in middle),
        warnings=(TOO_FEW.format(place),) if few else (),
    )


def _frame(lived: Any, spells: int, survival: Any, low: Any, high: Any, n: Any, ended: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lived": np.r_[0, lived].astype("int64"),
            "survival": np.r_[1.0, survival],
            "low": np.r_[np.nan, low],
            "high": np.r_[np.nan, high],
            "n": np.r_[spells, n].astype("int64"),
            "ended": np.r_[0, ended].astype("int64"),
        }
    )


def _percentiles(drawn: Array, level: float) -> tuple[Array, Array]:
    """Return the ends; values that a draw doesn't have are left out, infinite ones count."""
    tail = 50 * (1 - level)
    known = [column[~np.isnan(column)] for column in drawn.T]
    ends = [
        np.percentile(column, [tail, 100 - tail], method="nearest") if len(column) else (np.nan, np.nan)
        for column in known
    ]
    return np.array([end[0] for end in ends]), np.array([end[1] for end in ends])


def _medians(curves: Array, lived: NDArray[Any]) -> Array:
    """Return the first year after which half or fewer are left; infinite where there is none."""
    below = curves <= 0.5 + 1e-12
    return np.where(below.any(axis=1), lived[below.argmax(axis=1)], np.inf)
