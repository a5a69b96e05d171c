"""Event study by two-way fixed effects, as frames, with the comparisons it is made of."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from technopole.effects import _event_study as common
from technopole.effects import _staggered as staggered
from technopole.effects import _two_way as two_way
from technopole.effects._panel import Panel


def two_way_fixed_effects(rows: Panel, anticipation: int, inference: staggered.Inference) -> common.Made:
    panel_rows = rows.rows
    entered, year = panel_rows["entered"].to_numpy(), panel_rows["year"].to_numpy()
    covariates = panel_rows[list(rows.covariates)].to_numpy("float64")
    now = ((entered > 0) & (year >= entered)).astype("float64")
    static = two_way.regression(panel_rows, now[:, None], covariates)
    seen = common.seen_units(rows).groupby("event_time", sort=True)["n"].sum()
    reference = -1 - anticipation
    times = [int(e) for e in seen.index if e != reference]
    # Leads farthest from entry last: without never treated units one more than the reference has to be left out.
    times = [*sorted(e for e in times if e >= 0), *sorted((e for e in times if e < 0), reverse=True)]
    event = np.where(entered > 0, year - entered, np.iinfo("int64").min)
    path = two_way.regression(
        panel_rows, np.column_stack([(event == e).astype("float64") for e in times]), covariates
    )
    order = np.argsort(times)
    key = np.array(times, "int64")[order]
    spread = path.covariance[np.ix_(order, order)]
    table = pd.DataFrame({"event_time": key, "estimate": path.estimate[order]})
    error = np.sqrt(np.diag(spread))
    table["n"] = [int(seen[e]) for e in key]
    table["undefined"] = [
        "can't be told from the other years: nobody is never treated"
        if math.isnan(at)
        else staggered.reason(own, np.array([n]), np.array([False]), inference.scale)
        for at, own, n in zip(table["estimate"], error, table["n"], strict=True)
    ]
    zero = {
        "event_time": reference,
        "estimate": 0.0,
        "n": int(seen.get(reference, 0)),
        "undefined": staggered.REFERENCE,
    }
    if zero["n"]:
        table = pd.concat([table, pd.DataFrame([zero])], ignore_index=True)
        error = np.append(error, np.nan)
    known = (table["undefined"] == "").to_numpy()[: len(key)]
    covariance = staggered.covariance(key[known], spread[np.ix_(known, known)])
    done = common.with_ends(table, error, inference).sort_values("event_time", ignore_index=True)
    averages = [_static(static, rows, inference), _path(done, covariance)]
    pairs, _ = two_way.bacon(rows)
    parts = {"covariance": covariance, "bacon": pairs, "bacon_shares": two_way.shares(pairs)}
    return done, averages, parts, _warnings(rows, pairs)


def _static(static: two_way.Coefficients, rows: Panel, inference: staggered.Inference) -> staggered.Average:
    estimate, error = float(static.estimate[0]), float(np.sqrt(static.covariance[0, 0]))
    seen = common.seen_units(rows)
    why = common.why_not(error, seen[seen["event_time"] >= 0], inference, estimate)
    return staggered.Average(
        "simple", np.zeros(1, "int64"), np.array([estimate]), np.array([math.nan if why else error]),
        [rows.treated], [why], estimate, error, why,
    )  # fmt: skip


def _path(table: pd.DataFrame, covariance: pd.DataFrame) -> staggered.Average:
    since = table[(table["event_time"] >= 0) & table["estimate"].notna()]
    both = covariance[covariance["event_time_a"].ge(0) & covariance["event_time_b"].ge(0)]
    whole = bool((since["undefined"] == "").all()) and len(since) > 0
    error = float(np.sqrt(max(both["covariance"].sum(), 0.0))) / len(since) if whole else math.nan
    return staggered.Average(
        "event",
        table["event_time"].to_numpy("int64"),
        table["estimate"].to_numpy("float64"),
        table["std_error"].to_numpy("float64"),
        table["n"].tolist(),
        table["undefined"].tolist(),
        float(since["estimate"].mean()) if len(since) else math.nan,
        error,
        "" if whole else "std_error: not all years since entry have one",
    )


def _warnings(rows: Panel, pairs: pd.DataFrame) -> list[str]:
    share = float(pairs.loc[pairs["kind"] == two_way.FORBIDDEN, "weight"].sum())
    said = [
        f"two-way fixed effects: {100 * share:.3g} % of the weight is on comparisons with units already treated, whose own effect is taken for a "
        'trend; with method="sun_abraham" or tp.effects.group_time_effects none is'
    ]
    units, years = rows.rows["unit"].nunique(), rows.rows["year"].nunique()
    if units * years != len(rows.rows):
        said.append(
            "unbalanced panel: Goodman-Bacon weights are those of a balanced one, and only about right"
        )
    if rows.covariates:
        said.append("Goodman-Bacon weights are those of the regression without covariates")
    return said
