"""How well each goal fits each park: stage, technology condition, comparative strength."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from technopole.errors import TechnopoleError, UnknownName
from technopole.policy._goal_assignment import Floats
from technopole.policy._goal_catalogue import Catalogue, Measure
from technopole.result import Result
from technopole.tables.units import exchange_rate, parse_unit

CANNOT_TELL = "cannot tell"
_GRADES = ("measured", "official", "institute", "press", "weak")


@dataclass(frozen=True, slots=True)
class Datum:
    """One figure of a park that tells a feature's strength."""

    park: str
    feature: str
    measure: str
    value: float
    reference: float
    unit: str
    year: int
    scope: str
    source: str
    grade: str

    @property
    def strength(self) -> float:
        """Return value / (value + reference)."""
        return self.value / (self.value + self.reference) if self.value > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of segments: parks x segments, each row summing to 1, with the year of each park."""

    parks: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    matrix: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    years: Mapping[str, int] = field(default_factory=dict[str, int])

    def of(self, park: str) -> Floats:
        """Return one park's shares; none where its composition isn't known."""
        return self.matrix[self.parks.index(park)] if park in self.parks else np.zeros(0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that goals are computed from: figures, stages, shares of segments, overlaps; and what is dropped or moved."""

    parks: tuple[str, ...]
    data: tuple[Datum, ...]
    stages: Mapping[str, Mapping[str, float]]
    shares: Shares
    basis: str
    overlap: Mapping[tuple[str, str], float]
    targets: Mapping[str, int]
    all_stages: tuple[str, ...] = ()
    stage_stability: Mapping[str, float] = field(default_factory=dict[str, float])
    order: tuple[str, ...] = ()
    dropped: frozenset[int] = frozenset()
    factors: Mapping[str, float] = field(default_factory=dict[str, float])

    def position(self, park: str) -> int:
        """Return where a park stands in tables: as the stages list them, the others last."""
        return self.order.index(park) if park in self.order else len(self.order)

    def kept(self, park: str) -> list[Datum]:
        """Return the park's figures that aren't dropped, with moved references."""
        return [
            replace(datum, reference=datum.reference * self.factors.get(f"reference {datum.measure}", 1.0))
            for number, datum in enumerate(self.data)
            if datum.park == park and number not in self.dropped
        ]

    def moved(self, name: str, value: float) -> float:
        """Return a setting as it is in this run."""
        return value * self.factors.get(name, 1.0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One goal's fit for one park, its parts, or why it is no candidate."""

    park: str
    goal: str
    fit: float | None
    stage_part: float
    condition: float | None
    reason: str
    terms: tuple[tuple[str, float], ...] = ()


def evidence_of(
    comparison: Result, stage: Result, composition: Result | None, catalogue: Catalogue
) -> Evidence:
    """Collect what goals are computed from out of the three results."""
    cells = _frame(comparison, "cells", "comparison", "comparison.side_by_side")
    stages = _frame(stage, "scores", "stage", "comparison.development_stage")
    parks = tuple(sorted(set(cells["park"])))
    named = set(stage.table.loc[stage.table["undefined"] == "", "park"])
    shares, basis, overlap = _shares(composition, parks)
    targets = comparison.frames.get("targets", pd.DataFrame({"park": []}))
    return Evidence(
        parks,
        tuple(
            d
            for park in parks
            for d in _data(cells[cells["park"] == park].to_dict("records"), park, catalogue)
        ),
        {
            park: _weights(stages[stages["park"] == park]) if park in named else {CANNOT_TELL: 1.0}
            for park in parks
        },
        shares,
        basis,
        overlap,
        {park: int((targets["park"] == park).sum()) for park in parks},
        (*dict.fromkeys(stages.sort_values("order")["stage"]), CANNOT_TELL),
        _stabilities(stage.table),
        order=tuple(dict.fromkeys(stages["park"].tolist())),
    )


def _frame(result: Result, name: str, parameter: str, maker: str) -> pd.DataFrame:
    if name not in result.frames:
        raise UnknownName(
            f"{parameter}= needs the table {name!r}",
            value=parameter,
            exists=result.frames,
            fix=f"give a result of {maker}",
        )
    return result.frames[name]


def _stabilities(table: pd.DataFrame) -> dict[str, float]:
    if "stability" not in table:
        return {}
    known = table[table["stability"].notna()]
    return dict(zip(known["park"].tolist(), known["stability"].astype(float).tolist(), strict=True))


def _weights(scores: pd.DataFrame) -> dict[str, float]:
    """Return the stages' shares of all positive support."""
    positive = scores["score"].clip(lower=0).to_numpy(dtype=float)
    names = scores["stage"].tolist()
    return {s: float(p) / float(positive.sum()) for s, p in zip(names, positive, strict=True) if p > 0}


def _shares(
    composition: Result | None, parks: Collection[str]
) -> tuple[Shares, str, dict[tuple[str, str], float]]:
    if composition is None:
        return Shares(), "", {}
    table = _frame(composition, "table", "composition", "comparison.composition")
    known = table[table["park"].isin(list(parks)) & table["share"].notna()]
    wide = known.pivot_table(index="park", columns="segment", values="share", aggfunc="sum", fill_value=0.0)
    years = known.groupby("park")["year"].max().to_dict() if "year" in known else {}
    basis = str(known["basis"].iloc[0]) if "basis" in known and len(known) else ""
    shares = Shares(
        tuple(str(park) for park in wide.index),
        tuple(str(segment) for segment in wide.columns),
        wide.to_numpy(dtype=float),
        {str(park): int(year) for park, year in years.items() if pd.notna(year) and year},
    )
    pairs = composition.frames.get("overlap", pd.DataFrame({"park_a": [], "park_b": [], "overlap": []}))
    overlap = {
        (str(a), str(b)): float(share)
        for a, b, share in pairs[["park_a", "park_b", "overlap"]].itertuples(index=False)
        if pd.notna(share)
    }
    return shares, basis, overlap


def _data(cells: Sequence[dict[str, Any]], park: str, catalogue: Catalogue) -> list[Datum]:
    found: list[Datum] = []
    for feature in catalogue.features:
        for measure in feature.measures:
            datum = _datum(cells, park, feature.name, measure)
            if datum is not None:
                found.append(datum)
    return found


def _datum(cells: Sequence[dict[str, Any]], park: str, feature: str, measure: Measure) -> Datum | None:
    """Return the newest, best graded figure for a measure; of equals the smallest, so as not to flatter."""
    for indicator in measure.indicators:
        usable = [
            (cell, value)
            for cell in cells
            if cell["indicator"] == indicator
            and pd.notna(cell["value"])
            and cell.get("status") not in ("target", "plan", "forecast", "part-year")
            and not any(word in str(cell["scope"]) or word == cell["facet"] for word in measure.avoid)
            and (value := _in_unit(cell, measure.unit)) is not None
        ]
        if usable:
            cell, value = min(
                usable,
                key=lambda pair: (
                    -int(pair[0]["year"]),
                    _GRADES.index(pair[0]["grade"]) if pair[0]["grade"] in _GRADES else len(_GRADES),
                    pair[1],
                    str(pair[0]["scope"]),
                ),
            )
            return Datum(
                park,
                feature,
                measure.title,
                value,
                measure.reference,
                measure.unit or str(cell["unit"]),
                int(cell["year"]),
                str(cell["scope"]),
                str(cell["source"]),
                str(cell["grade"]),
            )
    return None


def _in_unit(cell: Mapping[str, Any], wanted: str) -> float | None:
    """Return a cell's value in the unit of the reference, or None where it can't be."""
    value = float(cell["value"])
    if not wanted:
        return value
    try:
        have, want = parse_unit(str(cell["unit"])), parse_unit(wanted)
    except TechnopoleError:
        return None
    if have.dimension != want.dimension:
        return None
    rate = exchange_rate(have.currency, want.currency, int(cell["year"])) if want.currency else 1.0
    return None if rate is None else value * have.multiplier * rate / want.multiplier


def features_of(evidence: Evidence, park: str, catalogue: Catalogue) -> dict[str, float]:
    """Return the park's features that are known, in [0, 1]."""
    data = evidence.kept(park)
    found: dict[str, float] = {}
    for feature in catalogue.features:
        strengths = [datum.strength for datum in data if datum.feature == feature.name]
        if strengths:
            found[feature.name] = float(np.mean(strengths))
        elif not feature.measures:
            shares = evidence.shares.of(park)
            if shares.sum() > 0:
                equal = 1 / float((shares**2).sum())
                reference = evidence.moved(f"reference {feature.name}", feature.reference)
                found[feature.name] = equal / (equal + reference)
    every = sum(len(feature.measures) for feature in catalogue.features)
    found["evidence"] = len(data) / every if every else 0.0
    return found


def candidates(evidence: Evidence, catalogue: Catalogue) -> list[Candidate]:
    """Return every goal for every park, mechanism goals first, with its fit or why it has none."""
    found: list[Candidate] = []
    segments = segment_fits(evidence, catalogue)
    for park in evidence.parks:
        known = features_of(evidence, park, catalogue)
        empty = (
            not evidence.kept(park) and not evidence.targets.get(park) and park not in evidence.shares.parks
        )
        found += [_mechanism(evidence, catalogue, park, goal.id, known, empty) for goal in catalogue.goals]
        found += [item for item in segments if item.park == park]
    return found


def _mechanism(
    evidence: Evidence, catalogue: Catalogue, park: str, goal_id: str, known: Mapping[str, float], empty: bool
) -> Candidate:
    goal = next(goal for goal in catalogue.goals if goal.id == goal_id)
    suits = sum(share * goal.stages.get(stage, 0.0) for stage, share in evidence.stages[park].items())
    unknown = [catalogue.titles[term.lstrip("-")] for term in goal.terms if term.lstrip("-") not in known]
    if empty:
        return Candidate(park, goal.id, None, suits, None, "no published figure of this park")
    if unknown:
        return Candidate(park, goal.id, None, suits, None, f"not known: {', '.join(unknown)}")
    terms = tuple((term, 1 - known[term[1:]] if term.startswith("-") else known[term]) for term in goal.terms)
    condition = float(np.prod([value for _, value in terms]) ** (1 / len(terms)))
    by_stage = evidence.moved("stage_weight", catalogue.settings["stage_weight"])
    by_condition = evidence.moved("condition_weight", catalogue.settings["condition_weight"])
    whole = by_stage + by_condition
    fit = (by_stage * suits + by_condition * condition) / whole if whole > 0 else 0.0
    return Candidate(park, goal.id, fit, suits, condition, "", terms)


def segment_fits(evidence: Evidence, catalogue: Catalogue) -> list[Candidate]:
    """Return segment goals: where a park's share exceeds the others', unless another park clearly leads.

    fit = basis x sqrt(RSCA x share / largest share), RSCA = (B - 1) / (B + 1), B = share / mean share of the parks
    """
    shares = evidence.shares
    if len(shares.parks) < 2:
        return []
    basis = catalogue.basis.get(evidence.basis, catalogue.basis["default"])
    basis = min(1.0, evidence.moved("basis", basis))
    own = shares.matrix
    mean = own.mean(axis=0)
    balassa = np.divide(own, mean, out=np.zeros_like(own), where=mean > 0)
    rsca = (balassa - 1) / (balassa + 1)
    lead = evidence.moved("exclusion", catalogue.settings["exclusion"])
    found: list[Candidate] = []
    for i, park in enumerate(shares.parks):
        for j, segment in enumerate(shares.segments):
            goal = f"segment: {segment}"
            terms = (("share", float(own[i, j])), ("comparative strength", float(rsca[i, j])))
            ahead = _ahead(own[:, j], rsca[:, j], i, lead)
            if own[i, j] <= 0 or rsca[i, j] <= 1e-12:
                reason = "no larger share than the other parks"
            elif ahead is not None:
                reason = f"{shares.parks[ahead]} leads this segment clearly"
            else:
                fit = basis * float(np.sqrt(rsca[i, j] * own[i, j] / own[:, j].max()))
                found.append(Candidate(park, goal, fit, 0.0, fit, "", terms))
                continue
            found.append(Candidate(park, goal, None, 0.0, None, reason, terms))
    return found


def _ahead(share: Floats, rsca: Floats, park: int, lead: float) -> int | None:
    """Return a park that exceeds this one by `lead` standard deviations in share and in comparative strength."""
    gap_share, gap_rsca = lead * share.std(), lead * rsca.std()
    for other in range(len(share)):
        if other != park and share[other] - share[park] > gap_share and rsca[other] - rsca[park] > gap_rsca:
            return other
    return None


def penalties(evidence: Evidence, fits: Floats, catalogue: Catalogue) -> Floats:
    """Return the cost of a shared goal for each pair of parks; none where nothing tells the two apart."""
    n = len(evidence.parks)
    cost = np.zeros((n, n))
    rate = evidence.moved("duplication", catalogue.settings["duplication"])
    for a in range(n):
        for b in range(a + 1, n):
            if same(fits[a], fits[b]):
                continue
            one, other = evidence.parks[a], evidence.parks[b]
            overlap = evidence.overlap.get((one, other), evidence.overlap.get((other, one)))
            cost[a, b] = cost[b, a] = rate * (
                catalogue.settings["unknown_overlap"] if overlap is None else overlap
            )
    return cost


def same(one: Floats, other: Floats) -> bool:
    """Tell whether two parks' fits are the same for every goal."""
    return bool(np.allclose(one, other, rtol=0, atol=1e-9, equal_nan=True))
