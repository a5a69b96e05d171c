"""The tables of an evaluation: every outcome's gap, effect, event times, checks and subgroups under one another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from technopole.charts.gap_and_effect import EFFECT, GAP
from technopole.effects._overall import is_log
from technopole.result import CheckResult, EffectResult, Field, Result, check, effect

LEVELS, SUBGROUPS = "effects.level_gap", "effects.heterogeneity"
FIELDS = {
    **effect.FIELDS,
    **check.FIELDS,
    "estimator": Field("the estimator"),
    "what": Field("difference in levels (not an effect) or effect of entering"),
    "unit": Field("unit of estimate, low and high in the same row"),
    "subgroup_of": Field("the attribute that makes subgroups"),
    "subgroup": Field("the subgroup"),
    "q_value": Field("p-value adjusted for the number of subgroups", "", 4),
    "text": Field("the check's answer in words"),
}


def frames(results: Sequence[Result]) -> dict[str, pd.DataFrame]:
    """Return the tables gaps, effects, event_times, checks, subgroups and sample."""
    effects = [result for result in results if isinstance(result, EffectResult)]
    own = [one for one in effects if one.design not in (LEVELS, SUBGROUPS)]
    return {
        "gaps": pd.DataFrame([row for one in _first_each(own) for row in _gaps(one)]),
        "effects": _stacked([(one, one.frames["overall"]) for one in own]),
        "event_times": _stacked([(one, _event_times(one)) for one in own]),
        "checks": _checks(results, own),
        "subgroups": _stacked([(one, one.table) for one in effects if one.design == SUBGROUPS]),
        "sample": _stacked([(one, one.frames["sample"]) for one in _first_each(own)]),
    }


def _first_each(effects: Sequence[EffectResult]) -> list[EffectResult]:
    return list({one.outcome: one for one in reversed(effects)}.values())[::-1]


def _gaps(one: EffectResult) -> list[dict[str, Any]]:
    row = one.frames["overall"].iloc[0]
    logs = is_log(one.outcome)
    parts = {
        GAP: [row["level_gap"], row["level_gap_low"], row["level_gap_high"]],
        EFFECT: [row["estimate"], row["low"], row["high"]],
    }
    return [
        {
            "outcome": one.outcome,
            "what": what,
            **dict(
                zip(
                    ("estimate", "low", "high"),
                    [100 * math.expm1(float(v)) if logs else float(v) for v in values],
                    strict=True,
                )
            ),
            "unit": "per cent" if logs else "unit of the outcome",
        }
        for what, values in parts.items()
    ]


def _event_times(one: EffectResult) -> pd.DataFrame:
    every = one.frames.get("aggregates", pd.DataFrame(columns=effect.AGGREGATE))
    rows = every[every["aggregation"] == "event"]
    return rows[
        ["event_time", "estimate", "std_error", "low", "high", "band_low", "band_high", "n", "undefined"]
    ]


def _stacked(parts: Sequence[tuple[EffectResult, pd.DataFrame]]) -> pd.DataFrame:
    """Put tables under one another, each row with its outcome and estimator; undefined rows last."""
    if not parts:
        return pd.DataFrame(columns=["outcome", "estimator"])
    rows = []
    for one, frame in parts:
        named = frame.drop(columns=[c for c in ("outcome", "estimator") if c in frame])
        named.insert(0, "outcome", one.outcome)
        named.insert(1, "estimator", one.design.rpartition(".")[2])
        rows.append(named)
    whole = pd.concat(rows, ignore_index=True)
    return (
        whole.sort_values("undefined", key=lambda c: c.fillna("").ne(""), kind="stable")
        if "undefined" in whole
        else whole
    )


def _checks(results: Sequence[Result], effects: Sequence[EffectResult]) -> pd.DataFrame:
    by_digest = {one.digest: one for one in effects}
    rows: list[dict[str, Any]] = []
    for result in results:
        if not isinstance(result, CheckResult) or result.provenance is None:
            continue
        examined = next(by_digest[i.digest] for i in result.provenance.inputs if i.digest in by_digest)
        finding = result.frames["finding"].iloc[0]
        rows.append(
            {"outcome": examined.outcome, **{c: finding[c] for c in check.FIELDS}, "text": result.text}
        )
    columns = ["outcome", *check.FIELDS, "text"]
    rows.sort(key=lambda row: row["undefined"] != "")
    return pd.DataFrame(rows, columns=columns)
