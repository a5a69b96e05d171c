"""Years before entry, apart from the estimate: differences in trend among untreated rows, tested together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from technopole.effects import _staggered as staggered
from technopole.effects import _two_way as two_way
from technopole.effects._overall import TINY, intervals
from technopole.effects._panel import Panel
from technopole.kernels import group_time_aggregation as kernel
from technopole.result import effect

Array = npt.NDArray[np.float64]
_NO_LEADS = "no two years before entry that could differ"


@dataclass(frozen=True, slots=True)
class Leads:
    key: npt.NDArray[np.int64]
    n: npt.NDArray[np.int64]
    estimate: Array
    covariance: Array
    freedom: float
    reference: int


def leads(rows: Panel, anticipation: int) -> Leads:
    """Regress untreated outcomes on years to entry, within units and years."""
    reference = -1 - anticipation
    frame = rows.rows
    left = (frame["year"] - frame["entered"]).where(frame["entered"] > 0)
    untreated = left.isna() | (left <= reference)
    frame, left = frame[untreated], left[untreated]
    ahead = left[left < reference].dropna().astype(int)
    counted = frame.loc[ahead.index].groupby(ahead)["unit"].nunique().sort_index(ascending=False)
    times = [int(e) for e in counted.index]
    none = np.zeros(0)
    if not times:
        return Leads(none.astype("int64"), none.astype("int64"), none, np.zeros((0, 0)), math.nan, reference)
    dummies: Array = np.column_stack([(left == e).to_numpy() for e in times]).astype("float64")
    found = two_way.regression(frame, dummies, frame[list(rows.covariates)].to_numpy("float64"))
    order = np.argsort(times)
    return Leads(
        np.array(times, "int64")[order],
        np.asarray(counted, "int64")[order],
        found.estimate[order],
        found.covariance[np.ix_(order, order)],
        found.freedom,
        reference,
    )


def test_of(before: Leads) -> pd.DataFrame:
    """Test all years before entry together."""
    row: dict[str, Any] = {
        "statistic": math.nan,
        "freedom": 0,
        "freedom_below": math.nan,
        "p_value": math.nan,
    }
    known = np.isfinite(before.estimate) & (np.diag(before.covariance) > 0)
    at, spread = before.estimate[known], before.covariance[np.ix_(known, known)]
    if not len(at):
        return pd.DataFrame([{**row, "undefined": _NO_LEADS}])
    if np.linalg.matrix_rank(spread) < len(at):
        return pd.DataFrame([{**row, "undefined": "too few clusters for so many years before entry"}])
    value = float(at @ np.linalg.solve(spread, at)) / len(at)
    p_value = max(float(stats.f.sf(value, len(at), before.freedom)), TINY)
    row = {"statistic": value, "freedom": len(at), "freedom_below": before.freedom, "p_value": p_value}
    return pd.DataFrame([{**row, "undefined": ""}])


def with_leads(aggregates: pd.DataFrame, before: Leads, inference: staggered.Inference) -> pd.DataFrame:
    """Add the years before entry to the event times."""
    error = np.sqrt(np.maximum(np.diag(before.covariance), 0.0))
    table = pd.DataFrame(
        {"event_time": before.key, "estimate": before.estimate, "std_error": error, "n": before.n}
    )
    table["undefined"] = [
        "can't be told from the other years: nobody is never treated"
        if math.isnan(at)
        else staggered.reason(own, np.array([n]), np.zeros(1, bool), inference.scale)
        for at, own, n in zip(before.estimate, error, before.n, strict=True)
    ]
    table["std_error"] = table["std_error"].where(table["undefined"] == "")
    ends = intervals(
        table["estimate"],
        table["std_error"],
        level=inference.level,
        freedom=before.freedom if len(table) else 1.0,
    )
    table = table.assign(low=ends["low"], high=ends["high"], aggregation="event")
    zero = {
        "event_time": before.reference,
        "estimate": 0.0,
        "n": 0,
        "undefined": staggered.REFERENCE,
        "aggregation": "event",
    }
    table = pd.concat([table, pd.DataFrame([zero])], ignore_index=True) if len(table) else table
    table = table.reindex(columns=list(effect.AGGREGATE)).astype({"n": "int64"})
    event = aggregates["aggregation"] == "event"
    parts = [part for part in (table, aggregates[event]) if len(part)]
    if not parts:
        return aggregates
    both = pd.concat(parts, ignore_index=True)
    both["event_time"] = both["event_time"].astype("Int64")
    both = staggered.last_undefined(both.sort_values("event_time", ignore_index=True))
    done = pd.concat([aggregates[~event], both], ignore_index=True)
    return done.astype(
        {
            **dict.fromkeys(("group", "time", "event_time"), "Int64"),
            **dict.fromkeys(("band_low", "band_high"), "float64"),
        }
    )


def covariance(table: pd.DataFrame, score: Array, before: Leads) -> pd.DataFrame:
    """Return the covariance within the years before and within those since entry."""
    known = np.isfinite(before.estimate) & (np.diag(before.covariance) > 0)
    leads = staggered.covariance(before.key[known], before.covariance[np.ix_(known, known)])
    cells = table["estimate"].notna().to_numpy()
    own, n = table["event_time"].to_numpy()[cells], table["n"].to_numpy("float64")[cells]
    keys = np.unique(own)
    weight = np.array([np.where(own == key, n, 0) / n[own == key].sum() for key in keys])
    weight = weight.reshape(len(keys), len(own))
    since = staggered.covariance(keys.astype("int64"), kernel.covariance(score[:, cells] @ weight.T))
    parts = [part for part in (leads, since) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else since
