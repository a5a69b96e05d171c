"""Candidate goals as data: what is wanted, by which mechanism, and what raises its fit."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from technopole.errors import UnknownName, UnreadableFile, WrongOption


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that tells a feature's strength: value / (value + reference)."""

    title: str
    indicators: tuple[str, ...]
    reference: float
    unit: str = ""
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feature:
    """A side of a park, in [0, 1]: the mean strength of the measures that are known."""

    name: str
    title: str
    measures: tuple[Measure, ...] = ()
    reference: float = 0.0


@dataclass(frozen=True, slots=True)
class Goal:
    """A mechanism goal: the terms it depends on ('-industry' = thin industry) and the stages it suits."""

    id: str
    title: str
    wording: str
    mechanism: str
    terms: tuple[str, ...]
    stages: Mapping[str, float]
    basis: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All candidate goals with their settings."""

    features: tuple[Feature, ...]
    goals: tuple[Goal, ...]
    segment: Mapping[str, str]
    settings: Mapping[str, float]
    basis: Mapping[str, float]

    @property
    def titles(self) -> dict[str, str]:
        """Feature name -> title."""
        return {feature.name: feature.title for feature in self.features} | {"evidence": "published evidence"}


def load_catalogue(path: str | Path | None = None, settings: Mapping[str, float] | None = None) -> Catalogue:
    """Read the bundled catalogue or one of yours, with settings of yours in place of its own."""
    said = _read(path)
    try:
        features = tuple(_feature(item) for item in said["features"])
        goals = tuple(Goal(**{**item, "terms": tuple(item["terms"])}) for item in said["goals"])
        own = {key: float(value) for key, value in said["settings"].items()}
        catalogue = Catalogue(features, goals, said["segment"], own, said["basis"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableFile(
            f"this goal catalogue lacks or misspells something: {error}",
            value=str(path),
            fix="compare it with the bundled catalogue.toml",
        ) from error
    for key, value in (settings or {}).items():
        if key not in own:
            near = difflib.get_close_matches(str(key), own, n=3, cutoff=0.5)
            raise UnknownName("goals have no such setting", value=key, exists=near or own)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
            raise WrongOption(f"the setting {key} is a number, 0 or more", value=value)
        own[key] = float(value)
    known = {feature.name for feature in features} | {"evidence"}
    for goal in goals:
        for term in goal.terms:
            if term.lstrip("-") not in known:
                raise UnknownName(
                    f"the goal {goal.id} depends on an unknown feature", value=term, exists=sorted(known)
                )
    return catalogue


def _read(path: str | Path | None) -> dict[str, Any]:
    if path is None:
        file = resources.files("technopole") / "data" / "goals" / "catalogue.toml"
        return tomllib.loads(file.read_text(encoding="utf-8"))
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnreadableFile(f"can't read the goal catalogue: {error}", value=Path(path).name) from error


def _feature(item: Mapping[str, Any]) -> Feature:
    measures: list[Measure] = []
    for measure in item.get("measures", ()):
        said: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in measure.items()}
        measures.append(Measure(**said))
    return Feature(item["name"], item["title"], tuple(measures), float(item.get("reference", 0)))
