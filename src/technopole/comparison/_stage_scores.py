"""From readings to a stage: verdicts, scores, confidence, and how often the stage survives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from technopole.comparison._stage_reading import Figure, Reader, Reading
from technopole.comparison._stage_scheme import Rule, Scheme

CANNOT_TELL = "cannot tell"
_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class StageScore:
    """One stage's evidence: shares of the whole possible weight of its rules."""

    stage: str
    score: float
    found: float
    total: float
    counts: tuple[int, int, int]  # for, against, missing


@dataclass(frozen=True, slots=True)
class Outcome:
    """The stage, or why none can be told.

    `named` are the best supported stages: one, two that nothing tells apart, or none. `leading` is the first of all.
    """

    stage: str
    named: tuple[str, ...]
    leading: str
    runner_up: str
    margin: float
    coverage: float
    quality: float
    confidence: float
    reason: str
    scores: tuple[StageScore, ...]


def verdict(rule: Rule, reading: Reading | None, values: Mapping[str, float]) -> str:
    """Return for, against or missing; figures that contradict each other across the threshold count as missing."""
    if reading is None:
        return "missing"
    cuts = sorted(values[name] for name in rule.thresholds)
    said = {_holds(rule.operator, end, cuts) for end in (reading.low, reading.high)}
    if said == {True}:
        return "for"
    return "against" if said == {False} and not _spans(rule.operator, reading, cuts) else "missing"


def _holds(operator: str, value: float, cuts: Sequence[float]) -> bool:
    first = cuts[0]
    if operator == "between":
        return first <= value < cuts[1]
    return {">=": value >= first, ">": value > first, "<=": value <= first, "<": value < first}[operator]


def _spans(operator: str, reading: Reading, cuts: Sequence[float]) -> bool:
    return operator == "between" and reading.low < cuts[0] and reading.high >= cuts[1]


def outcome(readings: Mapping[str, Reading], scheme: Scheme, values: Mapping[str, float]) -> Outcome:
    """Weigh the evidence for every stage and name the best supported one, or say why none."""
    scores, weighted, found_weight, total = [], 0.0, 0.0, 0.0
    for stage in scheme.stages:
        rules = [rule for rule in scheme.rules if rule.stage == stage]
        said = [verdict(rule, readings.get(rule.observable), values) for rule in rules]
        balance = found = 0.0
        for rule, word in zip(rules, said, strict=True):
            if word != "missing":
                quality = readings[rule.observable].quality
                balance += rule.weight * quality * (1 if word == "for" else -1)
                found += rule.weight
                weighted += rule.weight * quality
        possible = sum(rule.weight for rule in rules)
        spoken = {rule.observable for rule, word in zip(rules, said, strict=True) if word == "for"}
        if stage in scheme.needs and not spoken.intersection(scheme.needs[stage]):
            balance = min(balance, 0.0)
        counts = (said.count("for"), said.count("against"), said.count("missing"))
        scores.append(StageScore(stage, balance / possible, found, possible, counts))
        found_weight, total = found_weight + found, total + possible
    quality = weighted / found_weight if found_weight else 0.0
    return _judged(tuple(scores), found_weight / total, quality, len(readings), scheme)


def _judged(
    scores: tuple[StageScore, ...], coverage: float, quality: float, known: int, scheme: Scheme
) -> Outcome:
    said = scheme.settings
    ranked = sorted(scores, key=lambda s: -s.score)
    top = [s for s in ranked if s.score > _TIE and ranked[0].score - s.score <= said["min_margin"] + _TIE]
    rest = ranked[max(1, len(top)) :]
    last = ranked[max(1, len(top)) - 1]
    margin = last.score - rest[0].score if rest else 0.0
    clear = min(1.0, margin / said["full_margin"]) if said["full_margin"] > 0 else 1.0
    reason = ""
    if known < said["min_found"]:
        reason = f"only {known} of {len(scheme.observables)} observables are known; {said['min_found']:g} are asked for"
    elif coverage < said["min_coverage"]:
        reason = f"only {coverage:.1%} of the evidence is known; {said['min_coverage']:.1%} is asked for"
    elif not top:
        reason = "for no stage does more speak for it than against it"
    elif len(top) > 2:
        reason = f"{', '.join(s.stage for s in top)} are about equally well supported"
    named = () if reason else tuple(stage for stage in scheme.stages if stage in {s.stage for s in top})
    return Outcome(
        stage=" or ".join(named) or CANNOT_TELL,
        named=named,
        leading=ranked[0].stage if ranked[0].score > _TIE else "",
        runner_up=rest[0].stage if rest and rest[0].score > _TIE else "",
        margin=margin,
        coverage=coverage,
        quality=quality,
        confidence=float(np.cbrt(coverage * quality * clear)),
        reason=reason,
        scores=scores,
    )


def agree(one: Outcome, other: Outcome) -> bool:
    """Tell whether two outcomes name a stage in common, or both none."""
    return bool(set(one.named) & set(other.named)) or not (one.named or other.named)


def moved_thresholds(scheme: Scheme, draws: int, seed: int) -> list[dict[str, float]]:
    """Return `draws` sets of thresholds, each moved by a factor drawn from 1 +- the spread (a zero stays zero)."""
    random = np.random.default_rng(np.random.SeedSequence(seed))
    spread = scheme.settings["spread"]
    factors = random.uniform(1 - spread, 1 + spread, size=(draws, len(scheme.thresholds)))
    return [
        {
            name: value * float(factor)
            for (name, value), factor in zip(scheme.values.items(), row, strict=True)
        }
        for row in factors
    ]


def survival(
    figures: Sequence[Figure],
    readings: Mapping[str, Reading],
    scheme: Scheme,
    found: Outcome,
    moved: Sequence[Mapping[str, float]],
    now: int,
) -> tuple[float | None, float | None]:
    """Return the share of runs that give the same stage: thresholds moved, and each source left out in turn."""
    kept = [agree(outcome(readings, scheme, values), found) for values in moved]
    used = sorted({source for r in readings.values() for source in r.source.split("; ")})
    fewer = [Reader([f for f in figures if f.source != source], scheme, now).all() for source in used]
    without = [agree(outcome(left, scheme, scheme.values), found) for left in fewer]
    return (float(np.mean(kept)) if kept else None, float(np.mean(without)) if without else None)
