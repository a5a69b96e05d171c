"""Event study with a path for each cohort (Sun & Abraham), as frames."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from technopole.effects import _event_study as common
from technopole.effects import _staggered as staggered
from technopole.effects._panel import Panel
from technopole.errors import TechnopoleError
from technopole.kernels.threads import one_thread
from technopole.libraries import heard, library

CELLS_AT_MOST = 60_000_000  # rows x interactions: about 0.5 GB, of which the regression needs a few


def against_last(rows: Panel) -> None:
    """Make the last cohort never treated, and end the panel before it enters."""
    if rows.controls or not rows.treated:
        return
    last = int(rows.rows["entered"].max())
    rows.keep(
        rows.rows["year"] < last,
        step="before the last cohort enters",
        reason=f"from {last} on, when nobody is left to compare with",
    )
    rows.rows.loc[rows.rows["entered"] == last, "entered"] = 0
    first = rows.rows.groupby("unit")["year"].transform("min")
    rows.keep(
        (rows.rows["entered"] == 0) | (rows.rows["entered"] > first),
        step="seen before entry",
        reason="without a year before entry",
    )


def sun_abraham(rows: Panel, anticipation: int, inference: staggered.Inference) -> common.Made:
    table = common.seen_units(rows)
    size = len(rows.rows) * len(table)
    if size > CELLS_AT_MOST:
        raise TechnopoleError(
            f"a regression of {len(rows.rows):,} rows on {len(table)} cohort-years is too large",
            fix="tp.effects.group_time_effects answers the same question cell by cell",
        )
    said: list[str] = []
    model = library("diff_diff").SunAbraham(
        anticipation=anticipation,
        alpha=1 - inference.level,
        cluster="cluster" if inference.cluster is not None else None,
        rank_deficient_action="silent",
        df_convention="cluster",
    )
    with heard(said), one_thread():
        fitted = model.fit(
            rows.rows,
            outcome="outcome",
            unit="unit",
            time="year",
            first_treat="entered",
            covariates=list(rows.covariates) or None,
        )
    reference = -1 - anticipation
    found = {(int(g), int(e)): cell for (g, e), cell in fitted.cohort_effects.items()}
    zero = table["event_time"] == reference
    pairs = list(zip(table["group"], table["event_time"], strict=True))
    table["estimate"] = [0.0 if e == reference else _of(found, (g, e), "effect") for g, e in pairs]
    error = np.array([_of(found, (g, e), "se") for g, e in pairs])
    table["undefined"] = [
        "can't be told from the other cohort-years"
        if math.isnan(at)
        else staggered.reason(own, np.array([n]), np.array([is_zero]), inference.scale)
        for at, own, n, is_zero in zip(table["estimate"], error, table["n"], zero, strict=True)
    ]
    event = _event_times(table, fitted, reference, inference)
    after = table[(table["event_time"] >= 0) & table["estimate"].notna()]
    why = common.why_not(float(fitted.overall_se), after, inference, float(fitted.overall_att))
    simple = staggered.Average(
        "simple", np.zeros(1, "int64"), np.array([float(fitted.overall_att)]),
        np.array([math.nan if why else float(fitted.overall_se)]), [common.treated_units(after)], [why],
        float(fitted.overall_att), float(fitted.overall_se), why,
    )  # fmt: skip
    known = np.array([text == "" for text in event[0].undefined], bool)
    covariance = staggered.covariance(event[0].key[known], event[1][np.ix_(known, known)])
    return common.with_ends(table, error, inference), [simple, event[0]], {"covariance": covariance}, []


def _of(found: dict[tuple[int, int], Any], key: tuple[int, int], name: str) -> float:
    return float(found[key][name]) if key in found else math.nan


def _event_times(
    table: pd.DataFrame, fitted: Any, reference: int, inference: staggered.Inference
) -> tuple[staggered.Average, Any]:
    """Return the rows by event time, with the reference, and their covariance (nan where it has no row)."""
    own = {int(e): row for e, row in fitted.event_study_effects.items()}
    key = np.array(
        sorted({*own, *([reference] if (table["event_time"] == reference).any() else [])}), "int64"
    )
    cells = [table[(table["event_time"] == e) & table["estimate"].notna()] for e in key]
    estimate = np.array([0.0 if e == reference else float(own[int(e)]["effect"]) for e in key])
    error = np.array([math.nan if e == reference else float(own[int(e)]["se"]) for e in key])
    why = [
        staggered.REFERENCE if e == reference else common.why_not(error[i], cells[i], inference, estimate[i])
        for i, e in enumerate(key)
    ]
    spread = np.full((len(key), len(key)), np.nan)
    if fitted.event_study_vcov is not None:
        at = [int(np.searchsorted(key, int(e))) for e in fitted.event_study_vcov_index]
        spread[np.ix_(at, at)] = fitted.event_study_vcov
    since = np.flatnonzero((key >= 0) & np.isfinite(estimate))
    overall = float(estimate[since].mean()) if len(since) else math.nan
    own_error = float(np.sqrt(max(spread[np.ix_(since, since)].mean(), 0.0))) if len(since) else math.nan
    after = table[(table["event_time"] >= 0) & table["estimate"].notna()]
    average = staggered.Average(
        "event", key, estimate, np.where([text == "" for text in why], error, np.nan),
        [common.treated_units(rows) for rows in cells], why, overall, own_error, common.why_not(own_error, after, inference, overall),
    )  # fmt: skip
    return average, spread
