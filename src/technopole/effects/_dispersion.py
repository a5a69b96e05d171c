"""Sigma-convergence and inequality: how far apart places are, year by year, and what parks add to it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from technopole.effects._overall import TINY, intervals
from technopole.kernels.inequality import inequality

INDICES = ("theil", "gini", "variance_of_logs")
SIGMA = ["test", "estimate", "std_error", "low", "high", "p_value", "years", "units", "undefined"]


def dispersion(rows: pd.DataFrame, notes: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the standard deviation of logarithms by year, and the rows it rests on: units seen in all years, if three or more are."""
    years = rows["year"].nunique()
    always = rows[rows.groupby("unit")["year"].transform("size") == years]
    if always["unit"].nunique() >= 3:
        lost = rows["unit"].nunique() - always["unit"].nunique()
        if lost:
            notes.append(f"dispersion rests on units seen in all years: {lost:,} others are left out")
        rows = always
    else:
        notes.append("fewer than three units are seen in all years: dispersion rests on changing units")
    by_year = rows.groupby("year")["outcome"].agg(units="size", std_dev="std").reset_index()
    return by_year, rows


def sigma(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    """Test whether dispersion has a trend (jackknife over units), and whether first and last year differ (Pitman, Morgan)."""
    made = [_trend(rows, level), _first_against_last(rows, level)]
    return pd.DataFrame(made)[SIGMA].sort_values("undefined", key=lambda said: said.ne(""), kind="stable")


def _trend(rows: pd.DataFrame, level: float) -> dict[str, Any]:
    wide = rows.pivot(index="unit", columns="year", values="outcome")
    wide = wide.loc[:, wide.notna().sum() >= 3]
    units, count = wide.shape
    row: dict[str, Any] = dict.fromkeys(SIGMA, math.nan)
    row |= {"test": "trend per year", "years": count, "units": units, "undefined": ""}
    if count < 3:
        return row | {"undefined": "needs three years or more with three units or more"}
    year = wide.columns.to_numpy("float64")
    slope = (year - year.mean()) / ((year - year.mean()) ** 2).sum()
    away = (wide - wide.mean()).fillna(0.0).to_numpy("float64")
    there = wide.notna().to_numpy()
    number, squares = there.sum(axis=0), (away**2).sum(axis=0)
    estimate = float(np.sqrt(squares / (number - 1)) @ slope)
    left = squares - np.where(there, away**2 * number / (number - 1), 0.0)
    without = np.sqrt(np.maximum(left, 0.0) / (number - 1 - there)) @ slope
    error = math.sqrt((units - 1) / units * float(((without - without.mean()) ** 2).sum()))
    if not error > 1e-14:
        return row | {"estimate": estimate, "undefined": "no standard error: all units part alike"}
    wald = intervals([estimate], [error], level=level, freedom=units - 1).iloc[0]
    return row | {
        "estimate": estimate,
        "std_error": error,
        **{str(key): float(value) for key, value in wald.items()},
    }


def _first_against_last(rows: pd.DataFrame, level: float) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(SIGMA, math.nan)
    first, last = rows["year"].min(), rows["year"].max()
    wide = (
        rows[rows["year"].isin([first, last])].pivot(index="unit", columns="year", values="outcome").dropna()
    )
    row |= {"test": f"{last} over {first}", "years": int(last - first), "units": len(wide), "undefined": ""}
    if first == last or len(wide) < 3:
        return row | {"undefined": "needs two years with three units or more"}
    before, after = wide[first].to_numpy("float64"), wide[last].to_numpy("float64")
    if min(np.ptp(before), np.ptp(after), np.ptp(after - before), np.ptp(after + before)) <= 1e-12:
        return row | {"undefined": "units don't differ, or all change alike"}
    ratio = float(after.std(ddof=1) / before.std(ddof=1))
    r, count = float(np.corrcoef(before, after)[0, 1]), len(wide)
    tested: Any = stats.pearsonr(after + before, after - before)
    # Morgan's interval: the ratios for which the same test doesn't reject.
    reach = 2 * (1 - r * r) * float(stats.t.ppf((1 + level) / 2, count - 2)) ** 2 / (count - 2)
    spread = math.sqrt(reach * (2 + reach)) if reach > 0 else 0.0
    low, high = (ratio * math.sqrt(1 + reach + sign * spread) for sign in (-1, 1))
    return row | {"estimate": ratio, "low": low, "high": high, "p_value": max(float(tested.pvalue), TINY)}


def with_and_without(
    rows: pd.DataFrame, *, draws: int, level: float, seed: int, notes: list[str]
) -> pd.DataFrame:
    """Return inequality of levels with and without what parks make; the interval resamples units."""
    usable = (rows["whole"] > 0) & (rows["rest"] > 0)
    if not usable.all():
        notes.append(
            f"{int((~usable).sum()):,} rows in which parks make all, or more, are left out of inequality"
        )
    seeds = np.random.SeedSequence(seed)
    made: list[dict[str, Any]] = []
    for year, own in rows[usable].groupby("year", sort=True):
        made += _one_year(int(str(year)), own, draws, level, np.random.default_rng(seeds.spawn(1)[0]))
    table = pd.DataFrame(made)
    return (
        table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable") if len(table) else table
    )


def _one_year(
    year: int, own: pd.DataFrame, draws: int, level: float, random: np.random.Generator
) -> list[dict[str, Any]]:
    both = own[["whole", "rest"]].to_numpy("float64").T
    count = both.shape[1]
    if count < 3:
        empty = dict.fromkeys(("with_parks", "without_parks", "difference", "low", "high"), math.nan)
        return [
            {"year": year, "index": name, **empty, "units": count, "undefined": "fewer than three units"}
            for name in INDICES
        ]
    plain = inequality(both)
    drawn = inequality(both[:, random.integers(0, count, (draws, count))])
    rows: list[dict[str, Any]] = []
    for name in INDICES:
        whole, rest = getattr(plain, name)
        differences = getattr(drawn, name)[0] - getattr(drawn, name)[1]
        low, high = np.quantile(differences, [(1 - level) / 2, (1 + level) / 2])
        rows.append(
            {"year": year, "index": name, "with_parks": whole, "without_parks": rest, "difference": whole - rest, "low": low,
             "high": high, "units": count, "undefined": ""}
        )  # fmt: skip
    return rows
