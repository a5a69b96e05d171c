"""Kaplan-Meier curves of firms in and out of parks, the log-rank test, and the difference in years lived."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from technopole.effects._overall import TINY
from technopole.kernels.restricted_mean import RestrictedMean, restricted_mean
from technopole.kernels.survival_interval import log_log
from technopole.libraries import library
from technopole.result import Field

STATUSES = ("inside", "outside")
CURVE_FIELDS = {
    "status": Field("inside a park or outside; a firm is inside from the year it enters"),
    "lived": Field("years lived: since birth, or since first seen", "years"),
    "survival": Field("share still open after so many years (Kaplan-Meier)", "share", 3),
    "n": Field("firms at risk", "firms"),
    "closings": Field("firms that closed", "firms"),
    "years": Field("mean years lived between lived_from and lived_to, of firms open at lived_from", "years", 2),
    "lived_from": Field("from how many years on enough firms are at risk, inside and outside", "years"),
    "lived_to": Field("up to how many years enough firms are at risk, inside and outside", "years"),
    "chi_square": Field("log-rank statistic, one degree of freedom", "", 3),
    "p_value": Field("two-sided p-value against no difference", "", 4),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Curves:
    """What is shown beside the hazard ratio; `undefined` says why years lived can't be compared."""

    table: pd.DataFrame
    years_lived: pd.DataFrame
    log_rank: pd.DataFrame
    undefined: str = ""


def curves(rows: pd.DataFrame, *, at_risk: int, level: float) -> Curves:
    """Estimate both curves over the years in which at least `at_risk` firms are at risk inside and outside.

    Each firm-year is at risk from `lived` to `lived` + 1 on the curve of its status in that year (Simon & Makuch 1984).
    """
    counts = [rows["inside"].eq(status).groupby(rows["lived"]).sum() for status in (1.0, 0.0)]
    enough = pd.concat(counts, axis=1).min(axis=1).ge(at_risk)
    common = enough.index[_longest(enough.to_numpy(), enough.index.to_numpy())]
    if not len(common):
        empty = pd.DataFrame(columns=["status", "lived", "survival", "low", "high", "n", "closings"])
        lived = pd.DataFrame(
            columns=["status", "years", "std_error", "low", "high", "lived_from", "lived_to"]
        )
        why = f"years lived: at no age are {at_risk:,} firms at risk both inside and outside"
        return Curves(empty, lived, _log_rank(rows), why)
    start, horizon = int(common[0]), int(common[-1]) + 1
    there = rows[rows["lived"].between(start, horizon - 1)]
    parts, means = [], []
    for status, label in ((1.0, STATUSES[0]), (0.0, STATUSES[1])):
        part, mean = _curve(there[there["inside"] == status], start, horizon, level)
        parts.append(part.assign(status=label))
        means.append(mean)
    table = pd.concat(parts, ignore_index=True)
    table = table[["status", "lived", "survival", "low", "high", "n", "closings"]]
    return Curves(table, _years_lived(means, start, horizon, level), _log_rank(there))


def _longest(enough: npt.NDArray[np.bool_], lived: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return positions of the longest run of consecutive ages with enough firms; of equally long ones the first."""
    runs: list[list[int]] = [[]]
    for position, good in enumerate(enough):
        if good and (not runs[-1] or lived[runs[-1][-1]] == lived[position] - 1):
            runs[-1].append(position)
        else:
            runs.append([position] if good else [])
    return np.array(max(runs, key=len), dtype="int64")


def _curve(part: pd.DataFrame, start: int, horizon: int, level: float) -> tuple[pd.DataFrame, RestrictedMean]:
    alike = part.groupby(["lived", "outcome"], as_index=False).size()
    lived = alike["lived"].to_numpy("float64")
    estimate: Any = library("statsmodels.api").SurvfuncRight(
        lived + 1, alike["outcome"].to_numpy(), entry=lived, freq_weights=alike["size"].to_numpy("float64")
    )
    years = np.arange(start, horizon + 1)
    at = np.searchsorted(estimate.surv_times, years, side="right") - 1
    survival = np.where(at >= 0, estimate.surv_prob[at], 1.0)
    error = np.where(at >= 0, _greenwood(estimate)[at], 0.0)
    low, high = log_log(survival, error, level)
    here = part.groupby("lived")["outcome"].agg(["size", "sum"]).reindex(years - 1).fillna(0).astype("int64")
    n = np.concatenate([here["size"].to_numpy()[1:2], here["size"].to_numpy()[1:]])
    table = pd.DataFrame(
        {
            "lived": years,
            "survival": survival,
            "low": low,
            "high": high,
            "n": n,
            "closings": here["sum"].to_numpy(),
        }
    )
    mean = restricted_mean(
        estimate.surv_times, estimate.n_risk, estimate.n_events, start=start, horizon=horizon
    )
    return table, mean


def _greenwood(estimate: Any) -> npt.NDArray[Any]:
    """Return Greenwood's standard errors (the estimate's own, where rows have weights, are of another kind)."""
    n, d = estimate.n_risk, estimate.n_events
    with np.errstate(divide="ignore", invalid="ignore"):
        return estimate.surv_prob * np.sqrt(np.cumsum(d / (n * (n - d))))


def _years_lived(means: list[RestrictedMean], start: int, horizon: int, level: float) -> pd.DataFrame:
    inside, outside = means
    values = [inside.mean, outside.mean, inside.mean - outside.mean]
    errors = [inside.std_error, outside.std_error, math.hypot(inside.std_error, outside.std_error)]
    reach = float(stats.norm.ppf((1 + level) / 2))
    return pd.DataFrame(
        {
            "status": [*STATUSES, "difference"],
            "years": values,
            "std_error": errors,
            "low": [value - reach * error for value, error in zip(values, errors, strict=True)],
            "high": [value + reach * error for value, error in zip(values, errors, strict=True)],
            "lived_from": start,
            "lived_to": horizon,
        }
    )


def _log_rank(rows: pd.DataFrame) -> pd.DataFrame:
    """The log-rank test is Mantel and Haenszel's over the ages: inside or outside, closed or not; its p-value here has no floor of 1e-16."""
    cells = rows.groupby(["lived", "inside"])["outcome"].agg(["sum", "size"]).unstack("inside", fill_value=0)
    closed, there = (cells[name].to_numpy("float64") for name in ("sum", "size"))
    told = there.sum(axis=1) > 1
    tables = np.stack([closed, there - closed], axis=2)[told].transpose(1, 2, 0)
    found = library("statsmodels.api").stats.StratifiedTable(tables).test_null_odds()
    p_value = float(stats.chi2.sf(found.statistic, 1))
    return pd.DataFrame([{"chi_square": float(found.statistic), "p_value": max(p_value, TINY)}])
