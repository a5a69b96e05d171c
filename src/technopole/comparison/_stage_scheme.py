"""Stage schemes as data: stages, rules, thresholds and what each observable is read from."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from technopole.errors import UnknownName
from technopole.tables.thresholds import given

OURS = "ours (configurable default)"
YOURS = "yours"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to read an observable from figures: the first that finds something is used.

    `units` the figure's unit begins with; `avoid` and `only`: words of its scope (or its facet); `anchors`: figures of
    a single firm or institute count too; `best`: the largest of several products, not their range; `stands_in`: a figure of the whole zone in place of the industry's.
    """

    read: str
    indicators: tuple[str, ...]
    units: tuple[str, ...] = ()
    per: tuple[str, ...] = ()
    times: float = 1.0
    same_unit: bool = False
    best: bool = False
    stands_in: bool = False
    anchors: bool = False
    avoid: tuple[str, ...] = ()
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """A cut-off: its value, unit, who set it and why."""

    value: float
    unit: str
    basis: str
    why: str


@dataclass(frozen=True, slots=True)
class Rule:
    """An observable that speaks for a stage where the test holds and against it where it doesn't."""

    stage: str
    observable: str
    operator: str
    thresholds: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Scheme:
    """A set of stages with its rules. Without one of its `needs` speaking for it, a stage scores at most 0."""

    name: str
    title: str
    stages: tuple[str, ...]
    rules: tuple[Rule, ...]
    observables: Mapping[str, tuple[Recipe, ...]]
    labels: Mapping[str, str]
    thresholds: Mapping[str, Threshold]
    settings: Mapping[str, float]
    national_growth: Mapping[str, float]
    needs: Mapping[str, tuple[str, ...]]

    @property
    def values(self) -> dict[str, float]:
        """Threshold name -> value."""
        return {name: item.value for name, item in self.thresholds.items()}

    def said(self, rule: Rule) -> str:
        """Return the rule in words, with the thresholds and who set them."""
        cuts = [self.thresholds[name] for name in rule.thresholds]
        numbers = " to below ".join(f"{cut.value:g}" for cut in cuts)
        bases = ", ".join(dict.fromkeys(cut.basis for cut in cuts))
        operator = {
            "between": "from",
            ">=": "at least",
            ">": "above",
            "<=": "at most",
            "<": "below",
        }[rule.operator]
        return (
            f"{self.labels[rule.observable]} {operator} {numbers} {cuts[0].unit}".rstrip()
            + f" [threshold: {bases}]"
        )


def load_scheme(name: str, overrides: Mapping[str, float] | str | Path | None = None) -> Scheme:
    """Read a bundled scheme and put the user's thresholds and settings in place of ours."""
    said = _bundled(name)
    thresholds = {key: Threshold(**item) for key, item in said["thresholds"].items()}
    settings = {key: float(value) for key, value in _bundled("settings").items()}
    for key, value in given(overrides, example="rd_high = 5").items():
        if key in thresholds:
            old = thresholds[key]
            thresholds[key] = Threshold(value, old.unit, YOURS, f"set by you; ours is {old.value:g}")
        elif key in settings:
            settings[key] = value
        else:
            known = [*thresholds, *settings]
            near = difflib.get_close_matches(str(key), known, n=3, cutoff=0.6)
            raise UnknownName(
                f"{name} has no threshold or setting",
                value=key,
                exists=[*near, *(k for k in known if k not in near)],
            )
    return Scheme(
        name=name,
        title=said["title"],
        stages=tuple(stage["name"] for stage in said["stages"]),
        rules=tuple(
            Rule(stage, observable, operator, (cut,) if isinstance(cut, str) else tuple(cut), weight)
            for stage, rules in said["rules"].items()
            for observable, (operator, cut, weight) in rules.items()
        ),
        observables={
            key: tuple(_recipe(item) for item in items) for key, items in said["observables"].items()
        },
        labels=said["labels"],
        thresholds=thresholds,
        settings=settings,
        national_growth=said.get("national_growth", {}),
        needs={stage: tuple(items) for stage, items in said.get("needs", {}).items()},
    )


def _bundled(name: str) -> dict[str, Any]:
    path = resources.files("technopole") / "data" / "stages" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _recipe(item: Mapping[str, Any]) -> Recipe:
    said: dict[str, Any] = {
        k: tuple(value) if isinstance(value, list) else value for k, value in item.items()
    }
    return Recipe(**said)
