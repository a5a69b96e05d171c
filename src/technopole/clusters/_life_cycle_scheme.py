"""The life cycle of clusters as data: thresholds, rules, and the prior of the hidden Markov model."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from technopole.errors import UnknownName
from technopole.kernels.hidden_markov import Model
from technopole.tables.thresholds import given

_OPERATORS = {"<": "below", ">=": "at least", ">": "above", "between": "from"}


@dataclass(frozen=True, slots=True)
class Rule:
    """An observable that speaks for a stage where the test holds and against it where it doesn't."""

    stage: str
    observable: str
    operator: str
    cuts: tuple[float, ...]
    weight: float
    words: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """Stages, rules, numbers (settings and thresholds), and the model before it has seen data."""

    stages: tuple[str, ...]
    rules: tuple[Rule, ...]
    needs: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    units: Mapping[str, str]
    settings: Mapping[str, float]
    thresholds: tuple[Mapping[str, Any], ...]
    observables: tuple[str, ...]
    model: Model


def load_scheme(overrides: Mapping[str, float] | str | Path | None = None) -> Scheme:
    """Read the bundled scheme and put the user's thresholds and settings in place of ours."""
    path = resources.files("technopole") / "data" / "stages" / "cluster_life_cycle.toml"
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    values = {name: float(item["value"]) for name, item in said["thresholds"].items()}
    settings = {name: float(value) for name, value in said["settings"].items()}
    mine = given(overrides, example="lq_high = 2")
    for name in mine:
        if name not in values and name not in settings:
            known = [*values, *settings]
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
            raise UnknownName(
                "the life cycle has no threshold or setting",
                value=name,
                exists=[*near, *sorted(set(known) - set(near))],
            )
    values |= {name: value for name, value in mine.items() if name in values}
    settings |= {name: value for name, value in mine.items() if name in settings}
    stages = tuple(item["name"] for item in said["stages"])
    basis = {True: "yours", False: "ours (configurable default)"}
    thresholds = [
        {
            "threshold": name,
            "value": values[name],
            "unit": item["unit"],
            "basis": basis[name in mine],
            "why": item["why"],
        }
        for name, item in said["thresholds"].items()
    ]
    return Scheme(
        stages,
        tuple(_rules(said, values)),
        {stage: tuple(names) for stage, names in said["needs"].items()},
        said["labels"],
        {name: item["unit"] for name, item in said["model"].items()},
        settings | values,
        tuple(thresholds),
        tuple(said["model"]),
        _model(said, stages, values),
    )


def _rules(said: Mapping[str, Any], values: Mapping[str, float]) -> list[Rule]:
    found: list[Rule] = []
    for stage, rules in said["rules"].items():
        for observable, (operator, cut, weight) in rules.items():
            names = [cut] if isinstance(cut, str) else cut
            cuts = tuple(values[name] for name in names)
            unit = said["thresholds"][names[0]]["unit"]
            limits = " to below ".join(f"{value:g}" for value in cuts)
            words = f"{said['labels'][observable]} {_OPERATORS[operator]} {limits} {unit}".rstrip()
            found.append(Rule(stage, observable, operator, cuts, weight, words))
    return found


def _model(said: Mapping[str, Any], stages: tuple[str, ...], values: Mapping[str, float]) -> Model:
    observables = list(said["model"].values())
    return Model(
        start=np.array([said["start"][stage] for stage in stages]),
        move=np.array([[said["move"][one].get(other, 0.0) for other in stages] for one in stages]),
        mean=np.array([[_mean(item[stage][0], values) for item in observables] for stage in stages]),
        spread=np.array([[float(item[stage][1]) for item in observables] for stage in stages]),
        weight=np.array([float(item["weight"]) for item in observables]),
    )


def _mean(said: str | float, values: Mapping[str, float]) -> float:
    """Read a mean: a number, or "[ln] [factor] threshold"."""
    if not isinstance(said, str):
        return float(said)
    words = said.split()
    factor = math.prod(float(word) for word in words[:-1] if word != "ln")
    value = factor * values[words[-1]]
    return math.log(max(value, 1e-3)) if words[0] == "ln" else value


def holds(rule: Rule, value: float) -> str:
    """Return for, against or missing."""
    if math.isnan(value):
        return "missing"
    low = rule.cuts[0]
    true = {
        "<": value < low,
        ">": value > low,
        ">=": value >= low,
        "between": low <= value < rule.cuts[-1],
    }[rule.operator]
    return "for" if true else "against"


def by_rules(readings: Mapping[str, float], scheme: Scheme) -> tuple[str, dict[str, float]]:
    """Return the stage the rules name ("A or B" where two tie, "cannot tell") and each stage's score in [-1, 1]."""
    verdicts = [(rule, holds(rule, readings.get(rule.observable, math.nan))) for rule in scheme.rules]
    total = sum(rule.weight for rule in scheme.rules)
    known = sum(rule.weight for rule, word in verdicts if word != "missing")
    scores: dict[str, float] = {}
    for stage in scheme.stages:
        mine = [(rule, word) for rule, word in verdicts if rule.stage == stage]
        signs = {"for": 1.0, "against": -1.0, "missing": 0.0}
        score = sum(signs[word] * rule.weight for rule, word in mine) / sum(rule.weight for rule, _ in mine)
        needed = any(word == "for" and rule.observable in scheme.needs[stage] for rule, word in mine)
        scores[stage] = score if needed else min(score, 0.0)
    best = max(scores.values())
    if known / total < scheme.settings["min_coverage"] or best <= 0:
        return "cannot tell", scores
    named = [stage for stage in scheme.stages if scores[stage] >= best - scheme.settings["min_margin"]]
    return " or ".join(named), scores
