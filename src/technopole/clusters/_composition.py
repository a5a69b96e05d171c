"""What a cluster is made of: its shares by lists of codes, and the class they make."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from technopole.errors import UnknownName, WrongOption
from technopole.tables import classification
from technopole.tables.classification import normal
from technopole.tables.sector import sector, sectors

CANNOT_TELL = "cannot tell"
ROUNDING = 0.005  # a part of a cluster that would be said as 0 %


@dataclass(frozen=True, slots=True)
class Verdict:
    """A cluster's class under one scheme; score and confidence are null where it can't be told."""

    scheme: str
    label: str
    score: float | None
    confidence: float | None
    evidence_for: str
    evidence_against: str
    missing: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """A cut-off and whose it is."""

    value: float
    basis: str


def thresholds(file: str, overrides: Mapping[str, object] | None) -> dict[str, Threshold]:
    """Return a scheme's thresholds, the user's in place of ours."""
    found = {
        name: Threshold(item["value"], "ours, configurable")
        for name, item in scheme(file)["thresholds"].items()
    }
    for name, value in (overrides or {}).items():
        if name in found:
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
                raise WrongOption(f"the threshold {name} is a share from 0 to 1", value=value)
            found[name] = Threshold(float(value), "yours")
    return found


def known_thresholds() -> list[str]:
    """Return the names of all thresholds."""
    return sorted({name for file in ("technology", "markusen") for name in scheme(file)["thresholds"]})


@cache
def scheme(file: str) -> dict[str, Any]:
    """Return a bundled scheme."""
    path = resources.files("technopole") / "data" / "clusters" / f"{file}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def technology(rows: pd.DataFrame, codes: str, cuts: Mapping[str, Threshold]) -> Verdict:
    """Class a cluster by the OECD and Eurostat lists; `rows`: industry, amount."""
    classes: dict[str, list[str]] = scheme("technology")["classes"]
    lists = {name: cls for cls, names in classes.items() for name in names}
    bundled = [name for name, own in sectors() if own == codes and name in lists]
    if not bundled:
        return _cannot(
            "technology",
            f"no list of technology classes is bundled for {codes or 'these codes'}: name the classification",
        )
    weights = {name: _shares(rows["industry"], codes, sector(name, scheme=codes).weights) for name in bundled}
    total = float(rows["amount"].sum())
    held: dict[str, float] = defaultdict(float)
    for name in bundled:
        part = rows["industry"].map(weights[name]).to_numpy(float)
        held[lists[name]] += float((rows["amount"].to_numpy(float) * part).sum())
    return _of_shares(
        "technology", dict(held), total, cuts, absent=[name for name in lists if name not in bundled]
    )


def benchmark(rows: pd.DataFrame, codes: str, cuts: Mapping[str, Threshold]) -> Verdict:
    """Class a cluster by Delgado, Porter and Stern's benchmark definitions; `rows`: industry, amount."""
    if not codes.startswith("NAICS"):
        return _cannot(
            "benchmark", f"the benchmark definitions are for NAICS codes, not for {codes or 'these'}"
        )
    named = {row["naics"]: row["cluster"] for row in classification.rows("benchmark_clusters.csv")}
    held: dict[str, float] = defaultdict(float)
    for code, amount in zip(rows["industry"], rows["amount"], strict=True):
        for name, share in _spread(code, named).items():
            held[name] += float(amount) * share
    return _of_shares("benchmark", dict(held), float(rows["amount"].sum()), cuts, absent=[])


def _of_shares(
    name: str, held: dict[str, float], total: float, cuts: Mapping[str, Threshold], absent: list[str]
) -> Verdict:
    known = sum(held.values())
    missing = [f"no list of {' and '.join(absent)} for these codes"] if absent else []
    if total > 0 and 1 - known / total > ROUNDING:
        missing.append(f"{1 - known / total:.0%} of the cluster is in no list")
    least, majority = cuts["least_known"], cuts["majority"]
    if known <= 0 or total <= 0 or known / total < least.value:
        return _cannot(name, "; ".join(missing) or "nothing is counted in it")
    order = sorted(held, key=lambda label: (-held[label], label))
    shares = {label: held[label] / known for label in order if held[label] > 0}
    chosen = order[:1] if shares[order[0]] >= majority.value else order[:2]
    cut = f"[at least {majority.value:.0%}: {majority.basis}]"
    spoken = [f"{shares[label]:.0%} {label}" for label in chosen if label in shares]
    against = [f"{share:.0%} {label}" for label, share in shares.items() if label not in chosen][:4]
    return Verdict(
        name,
        " with ".join(chosen),
        sum(shares.get(label, 0.0) for label in chosen[:1]),
        min(known / total, 1.0),
        f"{', '.join(spoken)} {cut if len(chosen) == 1 else 'as no class reaches ' + f'{majority.value:.0%}'}",
        ", ".join(against),
        "; ".join(missing),
    )


def _cannot(name: str, why: str) -> Verdict:
    return Verdict(name, CANNOT_TELL, None, None, "", "", why)


def _shares(codes: pd.Series, known: str, weigh: Callable[[list[str]], dict[str, float]]) -> dict[str, float]:
    """Return code -> share in the list; of a code coarser than the official ones, the share of its six-digit codes."""
    given = list(dict.fromkeys(codes))
    finer = {code: _finer(code, known) for code in given}
    weights = weigh([*given, *(one for below in finer.values() for one in below)])
    return {
        code: sum(weights.get(one, 0.0) for one in finer[code]) / len(finer[code])
        if finer[code]
        else weights.get(code, 0.0)
        for code in given
    }


def _finer(code: str, known: str) -> list[str]:
    """The official codes below a NAICS code of fewer than six digits."""
    if not known.startswith("NAICS") or len(normal(code)) >= 6 or not normal(code).isdigit():
        return []
    return [one for one in _six(known) if one.startswith(normal(code))]


@cache
def _six(known: str) -> tuple[str, ...]:
    return tuple(
        row["code"]
        for row in classification.rows("codes.csv")
        if row["scheme"] == known and len(row["code"]) == 6
    )


def _spread(code: str, named: Mapping[str, str]) -> dict[str, float]:
    """Benchmark cluster -> share of the code, by number of the six-digit codes below it."""
    bare = normal(code)
    if bare in named:
        return {named[bare]: 1.0}
    below = [name for one, name in named.items() if bare and one.startswith(bare)]
    return {name: below.count(name) / len(below) for name in dict.fromkeys(below)}


def check_thresholds(given: Mapping[str, float] | None) -> None:
    """Refuse a threshold nobody knows."""
    known = known_thresholds()
    for name in given or {}:
        if name not in known:
            raise UnknownName("no such threshold", value=name, exists=known)
