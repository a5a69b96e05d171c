"""The sentences a verdict rests on, each with its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from technopole.effects._evidence import Evidence
from technopole.effects._overall import is_log, number, percent
from technopole.result import EffectResult, Field

FIELDS = MappingProxyType(
    {
        "because": Field("what speaks, in a sentence"),
        "role": Field("effect, level gap, another estimator, subgroup, ring, equivalence or check"),
        "outcome": Field("outcome variable"),
        "estimate": Field("the number", "unit of the outcome", 4),
        "low": Field("lower end of its confidence interval", "unit of the outcome", 4),
        "high": Field("upper end of its confidence interval", "unit of the outcome", 4),
        "p_value": Field("p-value, where there is one", "", 4),
        "passed": Field("for a check: yes, no or cannot tell"),
        "undefined": Field("why there is no number; empty where there is one"),
    }
)
STATES = {
    "up": "rose",
    "down": "fell",
    "none": "hardly moved",
    "open": "may have moved either way",
}


def size(outcome: str, value: float) -> str:
    """Say an effect in its unit, logs in per cent."""
    if not math.isfinite(value):
        return "unknown"
    return percent(value) if is_log(outcome) else number(value)


def said(one: Evidence) -> Iterator[dict[str, Any]]:
    """Yield the rows of one outcome: the effect, the gap, then everything else."""
    yield _effect(one)
    yield _gap(one)
    for other in one.effects[1:]:
        yield _row(
            other, one.outcome, "another estimator", f"{_short(other)} gives {_interval(one.outcome, other)}."
        )
    for result in one.subgroups:
        yield from _parts(one, result, "subgroup", ("subgroup_of", "subgroup"))
    for result in one.rings:
        yield from _parts(one, result, "ring", ("ring",))
    for result in one.equivalence:
        test = result.frames["equivalence"].iloc[0]
        answer = f"equivalent within {size(one.outcome, float(test['bound']))}: {test['equivalent']}"
        sentence = f"The effect on {one.outcome} is {answer}."
        yield _blank(one.outcome, "equivalence", sentence) | {"p_value": test["p_value"]}
    for result in one.levels:
        test = result.frames["equivalence"].iloc[0]
        answer = f"equivalent within {size(one.outcome, float(test['bound']))}: {test['equivalent']}"
        sentence = f"In levels {one.outcome} is {answer}, which says nothing of an effect."
        yield _blank(one.outcome, "equivalence", sentence) | {"p_value": test["p_value"]}
    for check in one.checks:
        finding = check.frames["finding"].iloc[0]
        row = _blank(one.outcome, "check", check.text) | {
            "passed": finding["passed"],
            "p_value": finding["p_value"],
        }
        yield row | {"estimate": finding["statistic"], "undefined": finding["undefined"]}


def _effect(one: Evidence) -> dict[str, Any]:
    failed = ", ".join(check.name for check in one.doubted)
    main, words = one.main, f"can't be judged ({failed} failed)" if failed else STATES[one.state]
    if one.by_chance and one.state == "open" and not failed:
        words = f"may have moved by chance (q = {number(one.q_value)} among all outcomes)"
    elif one.selected and one.state == "open":
        words = "moved by less than half of the gap in levels, if at all"
    of = f" ({one.kind})" if one.kind != "other" else ""
    sentence = f"{one.outcome}{of} {words}: {_interval(one.outcome, main)} by {_short(main)}."
    return _row(main, one.outcome, "effect", sentence)


def _gap(one: Evidence) -> dict[str, Any]:
    low, high = one.gap_interval
    values = {"estimate": one.gap_estimate, "low": low, "high": high}
    if not math.isfinite(low):
        return _blank(one.outcome, "level gap", "No difference in levels is known.") | {
            "undefined": "the effect has no level gap beside it"
        }
    numbers = f"{size(one.outcome, one.gap_estimate)} ({size(one.outcome, low)} to {size(one.outcome, high)})"
    sentence = f"In levels those inside differ by {numbers}, which is not an effect."
    return _blank(one.outcome, "level gap", sentence) | values


def _parts(one: Evidence, result: EffectResult, role: str, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for part in result.table.to_dict("records"):
        name = " ".join(str(part[key]) for key in keys)
        numbers = {key: part[key] for key in ("estimate", "low", "high")}
        low, high = (size(one.outcome, float(numbers[key])) for key in ("low", "high"))
        sentence = f"{name}: {size(one.outcome, float(part['estimate']))} ({low} to {high})."
        undefined = str(part.get("undefined") or "")
        yield (
            _blank(one.outcome, role, (undefined and f"{name}: {undefined}.") or sentence)
            | numbers
            | {"undefined": undefined}
        )


def _short(effect: EffectResult) -> str:
    return effect.design.rpartition(".")[2].replace("_", " ")


def _interval(outcome: str, effect: EffectResult) -> str:
    if not math.isfinite(effect.estimate):
        return "no estimate"
    low, high = size(outcome, effect.low), size(outcome, effect.high)
    return f"{size(outcome, effect.estimate)} ({round(100 * effect.level)} % interval {low} to {high})"


def _row(effect: EffectResult, outcome: str, role: str, sentence: str) -> dict[str, Any]:
    numbers = {key: getattr(effect, key) for key in ("estimate", "low", "high", "p_value")}
    undefined = str(effect.frames["overall"]["undefined"].iloc[0] or "")
    return _blank(outcome, role, sentence) | numbers | {"undefined": undefined}


def _blank(outcome: str, role: str, sentence: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("estimate", "low", "high", "p_value"), math.nan)
    return {"because": sentence, "role": role, "outcome": outcome, **nothing, "passed": "", "undefined": ""}
