"""Beta-convergence: growth on the level it started from, and what fixed effects do to it in short panels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from technopole.effects._overall import intervals
from technopole.effects._within import Fit, within
from technopole.errors import TechnopoleError

COLUMNS = ["specification", "estimate", "std_error", "low", "high", "p_value", "speed", "speed_low", "speed_high", "half_life",
           "half_life_low", "half_life_high", "years", "nickell_bias", "units", "n", "undefined"]  # fmt: skip


def growth(rows: pd.DataFrame, years: int, lagged: Sequence[str]) -> pd.DataFrame:
    """Return one row per unit and year with the level `years` before: growth, initial, and lagged columns as they were then."""
    before = rows[["unit", "year", "outcome", *lagged]].rename(columns={"outcome": "initial"})
    before = before.assign(year=before["year"] + years)
    both = rows.drop(columns=list(lagged)).merge(before, on=["unit", "year"]).sort_values(["unit", "year"])
    return both.assign(growth=both["outcome"] - both["initial"]).reset_index(drop=True)


def unconditional(pairs: pd.DataFrame, years: int, level: float) -> dict[str, Any]:
    """Regress growth on the initial level and years."""
    return _row("unconditional", pairs, years, level, _beta(pairs, (), units=False))


def first_to_last(rows: pd.DataFrame, level: float) -> dict[str, Any]:
    """Regress growth from the first to the last year on the level of the first."""
    first, last = int(rows["year"].min()), int(rows["year"].max())
    pairs = (
        growth(rows[rows["year"].isin([first, last])], last - first, ()) if last > first else rows.iloc[:0]
    )
    return _row("first to last year", pairs, last - first, level, _beta(pairs, (), units=False))


def conditional(
    pairs: pd.DataFrame, columns: Sequence[str], years: int, level: float
) -> tuple[list[dict[str, Any]], Fit | None]:
    """Regress with effects of units; and the same corrected by the half-panel jackknife, with the bias that Nickell's formula expects."""
    whole = _beta(pairs, columns, units=True)
    plain = _row("conditional", pairs, years, level, whole)
    corrected = _jackknife(pairs, columns, whole)
    row = _row("conditional, bias corrected", pairs, years, level, corrected)
    rounds = len(pairs) / max(pairs["unit"].nunique(), 1)
    if not isinstance(corrected, str) and years == 1:
        plain["nickell_bias"] = nickell_bias(1 + corrected[0], rounds)
    return [plain, row], None if isinstance(whole, str) else whole[3]


def nickell_bias(rho: float, rounds: float) -> float:
    """Return the bias of rho for many units and `rounds` years (Nickell 1981, eq. 18); nan outside -1 < rho < 1."""
    if not -1 < rho < 1 or rounds <= 1:
        return math.nan
    inner = 1 - (1 - rho**rounds) / (rounds * (1 - rho)) if rho != 0 else 1 - 1 / rounds
    return -(1 + rho) / (rounds - 1) * inner / (1 - 2 * rho * inner / ((1 - rho) * (rounds - 1)))


def _beta(
    pairs: pd.DataFrame, columns: Sequence[str], *, units: bool
) -> tuple[float, float, float, Fit] | str:
    """Return b, its standard error, degrees of freedom and the fit; or why there is none."""
    if pairs.empty:
        return "no unit is seen in two such years"
    try:
        fit = within(pairs, "growth", ["initial", *columns], units=units)
    except TechnopoleError as error:
        return f"{error.what}{'' if error.value is None else f': {error.value}'}"
    estimate, spread = fit.combination({"initial": 1})
    return estimate, spread, fit.freedom, fit


def _jackknife(
    pairs: pd.DataFrame, columns: Sequence[str], whole: tuple[float, float, float, Fit] | str
) -> tuple[float, float, float, Fit] | str:
    """Twice the estimate less the mean of those of both halves of the years; its error from the clusters' influence on all three."""
    if isinstance(whole, str):
        return whole
    years = np.sort(pairs["year"].unique())
    if len(years) < 4:
        return "needs four years of growth or more"
    late = pairs["year"] >= years[len(years) // 2]
    halves = [_beta(_seen_twice(pairs[part]), columns, units=True) for part in (~late, late)]
    if failed := [half for half in halves if isinstance(half, str)]:
        return f"a half of the years is too short: {failed[0]}"
    fits = [half[3] for half in halves if not isinstance(half, str)]
    estimate = 2 * whole[0] - sum(fit.combination({"initial": 1})[0] for fit in fits) / 2
    influence = 2 * whole[3].influence["initial"]
    for fit in fits:
        influence = influence.sub(fit.influence["initial"] / 2, fill_value=0)
    count = len(influence)
    return estimate, float(np.sqrt((influence**2).sum() * count / (count - 1))), whole[2], whole[3]


def _seen_twice(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs[pairs.groupby("unit")["year"].transform("size") > 1].reset_index(drop=True)


def _row(
    name: str, pairs: pd.DataFrame, years: int, level: float, found: tuple[float, float, float, Fit] | str
) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(COLUMNS, math.nan)
    row |= {
        "specification": name,
        "years": years,
        "n": len(pairs),
        "units": pairs["unit"].nunique(),
        "undefined": "",
    }
    if isinstance(found, str):
        return row | {"undefined": found}
    estimate, spread, freedom, _ = found
    wald = intervals([estimate], [spread], level=level, freedom=freedom).iloc[0]
    row |= {
        "estimate": estimate,
        "std_error": spread,
        **{str(key): float(value) for key, value in wald.items()},
    }
    row |= {
        "speed": speed(estimate, years),
        "speed_low": speed(row["high"], years),
        "speed_high": speed(row["low"], years),
    }
    row |= {
        "half_life": half_life(row["speed"]),
        "half_life_low": half_life(row["speed_high"]),
        "half_life_high": half_life(row["speed_low"]),
    }
    if math.isnan(row["half_life"]):
        row["undefined"] = (
            "half_life: no convergence"
            if estimate >= 0
            else "speed: the whole gap is closed, or more, at once"
        )
    elif math.isnan(row["half_life_high"]):
        row["undefined"] = "half_life_high: divergence can't be excluded"
    elif math.isnan(row["half_life_low"]):
        row["undefined"] = "speed_high: closing the whole gap at once can't be excluded"
    return row


def speed(estimate: float, years: int) -> float:
    """Return the share of the gap closed per year, continuously: -ln(1 + b) / years; nan where b is -1 or less."""
    return -math.log1p(estimate) / years if estimate > -1 else math.nan


def half_life(rate: float) -> float:
    """Return the years in which half the gap closes; nan where it doesn't."""
    return math.log(2) / rate if rate > 0 else math.nan
