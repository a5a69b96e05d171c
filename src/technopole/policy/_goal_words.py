"""Chosen goals as tables and sentences."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlparse

import pandas as pd

from technopole.policy._goal_assignment import Floats
from technopole.policy._goal_catalogue import Catalogue
from technopole.policy._goal_choice import TIE, Plan
from technopole.policy._goal_fit import CANNOT_TELL, Candidate, Datum, features_of, same
from technopole.result import Field


def titled(goal: str, catalogue: Catalogue) -> str:
    """Return a goal's title."""
    if goal.startswith("segment: "):
        return catalogue.segment["title"].format(segment=goal.removeprefix("segment: "))
    return next(item.title for item in catalogue.goals if item.id == goal)


def _wording(goal: str, catalogue: Catalogue) -> str:
    if goal.startswith("segment: "):
        return catalogue.segment["wording"].format(segment=goal.removeprefix("segment: "))
    return next(item.wording for item in catalogue.goals if item.id == goal)


def table(plan: Plan, stability: Floats | None) -> pd.DataFrame:
    """Return one row per park and chosen goal; a park without a goal has a row that says why."""
    rows: list[dict[str, Any]] = []
    names = {goal: titled(goal, plan.catalogue) for goal in plan.goals}
    ranks: dict[int, int] = {}
    for park, goal in plan.picks():
        ranks[park] = ranks.get(park, 0) + 1
        item = _candidate(plan, park, goal)
        other, margin = plan.runner_up(park, goal)
        rows.append(
            {
                "park": plan.evidence.parks[park],
                "goal": names[plan.goals[goal]],
                "kind": "segment" if plan.goals[goal].startswith("segment: ") else "mechanism",
                "rank": ranks[park],
                "score": float(plan.fits[park, goal]),
                "because": _because(plan, item),
                "instead_of": _instead(names[other] if other else "", margin),
                "stability": None if stability is None else float(stability[park, goal]),
                "margin": margin,
                "wording": _wording(plan.goals[goal], plan.catalogue),
                "id": plan.goals[goal],
                "undefined": "",
            }
        )
    for park, name in enumerate(plan.evidence.parks):
        if park not in ranks:
            rows.append(_without_goal(plan, name))
    found = pd.DataFrame(rows)
    found["rank"] = found["rank"].astype("Int64")
    for column in ("score", "stability", "margin"):
        found[column] = found[column].astype("float64")
    return _by_park(found, plan).sort_values("undefined", key=lambda s: s != "", kind="stable")


def _by_park(found: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Order rows as the stages list the parks; the order within a park stays."""
    return found.sort_values("park", key=lambda s: s.map(plan.evidence.position), kind="stable")


def _candidate(plan: Plan, park: int, goal: int) -> Candidate:
    return next(c for c in plan.found if (c.park, c.goal) == (plan.evidence.parks[park], plan.goals[goal]))


def _without_goal(plan: Plan, park: str) -> dict[str, Any]:
    mine = [c for c in plan.found if c.park == park and c.fit is not None]
    best = max(mine, key=lambda c: c.fit or 0.0, default=None)
    why = "no published figure of this park: no goal is given"
    if best is not None:
        floor = plan.catalogue.settings["floor"]
        why = f"no goal fits at {floor:.2f} or better; nearest is {titled(best.goal, plan.catalogue)!r} ({best.fit:.2f})"
    texts = dict.fromkeys(("goal", "kind", "because", "instead_of", "wording", "id"), "")
    numbers = dict.fromkeys(("rank", "score", "stability", "margin"))
    return {"park": park, **texts, **numbers, "undefined": why}


def _instead(other: str, margin: float) -> str:
    if margin < TIE:
        return f"tie with: {other}" if other else "tie: as good without it"
    return (
        f"{other} (margin {margin:.2f})"
        if other
        else f"no other goal fits within the limits (margin {margin:.2f})"
    )


def _because(plan: Plan, item: Candidate) -> str:
    if item.goal.startswith("segment: "):
        said = dict(item.terms)
        known = plan.evidence.shares.years.get(item.park)
        year = f", {known}" if known else ""
        basis = plan.evidence.basis.replace("_", " ") or "activity"
        only = " (what a text lists, not how much there is)" if basis == "named fields" else ""
        return (
            f"{said['share']:.0%} of the park's {basis}{only}{year}; comparative strength "
            f"{said['comparative strength']:+.2f} against the other parks (0 = as they)"
        )
    parts = [_stage_said(plan, item)]
    for term, value in item.terms:
        name = term.lstrip("-")
        size = value if not term.startswith("-") else 1 - value
        figures = [_figure(d) for d in plan.evidence.kept(item.park) if d.feature == name]
        if name == "evidence":
            every = sum(len(feature.measures) for feature in plan.catalogue.features)
            figures = [f"{len(plan.evidence.kept(item.park))} of {every} figures asked for are published"]
            aims = plan.evidence.targets.get(item.park, 0)
            figures += [f"{aims} targets, plans or forecasts"] if aims else []
        elif not figures:
            figures = ["from its composition"]
        word = "thin " if term.startswith("-") and name != "evidence" else ""
        parts.append(f"{word}{plan.catalogue.titles[name]} {size:.2f} of 1: {', '.join(figures)}")
    return "; ".join(part for part in parts if part)


def _stage_said(plan: Plan, item: Candidate) -> str:
    stages = plan.evidence.stages[item.park]
    if CANNOT_TELL in stages:
        return "stage can't be told"
    named = ", ".join(f"{stage} {share:.0%}" for stage, share in stages.items())
    return f"stage {named}: suits at {item.stage_part:.2f}"


def _figure(datum: Datum) -> str:
    scope = f", {datum.scope}" if datum.scope else ""
    unit = "" if datum.unit in datum.measure else f" {datum.unit}"
    host = urlparse(datum.source).netloc or datum.source
    value = f"{datum.value:,.0f}" if datum.value >= 1000 else f"{datum.value:.4g}"
    return f"{datum.measure} {value}{unit} ({datum.year}{scope}; {host}, {datum.grade})"


def text(found: pd.DataFrame) -> str:
    """Say each park's first goal, and who gets none."""
    told = found[found["undefined"] == ""]
    firsts = [
        f"{park}: {', '.join(mine['goal'].tolist())}"
        for park, mine in list(told.groupby("park", sort=False))[:6]
    ]
    none = found.loc[found["undefined"] != "", "park"].tolist()
    sentences = [f"Goals from differences in the figures: {'; '.join(firsts)}." if firsts else ""]
    weak = told[told["stability"] < 0.5]
    if len(weak):
        sentences.append(
            f"{len(weak)} of {len(told)} goals stay in less than half of the runs with moved weights and figures."
        )
    if none:
        sentences.append(f"No goal for {', '.join(none)}: too little is known.")
    sentences.append("Weights and references are ours." if firsts else "")
    return " ".join(part for part in sentences if part)


def warnings(plan: Plan, found: pd.DataFrame) -> list[str]:
    """Say which parks can't be told apart, which goals are ties, and which parks get none."""
    parks = plan.evidence.parks
    said = [
        f"{parks[a]} and {parks[b]} are measured as the same: they get the same goals, and nothing here tells them apart"
        for a in range(len(parks))
        for b in range(a + 1, len(parks))
        if same(plan.fits[a], plan.fits[b]) and plan.chosen[a].any()
    ]
    ties = found[(found["undefined"] == "") & (found["margin"] < TIE)]
    pairs = zip(ties["park"].tolist(), ties["goal"].tolist(), ties["instead_of"].tolist(), strict=True)
    said += [
        f"{park}: {goal!r} is a {instead}; the order of the catalogue decides"
        for park, goal, instead in pairs
    ]
    rest = found[found["undefined"] != ""]
    said += [
        f"{park}: {why}" for park, why in zip(rest["park"].tolist(), rest["undefined"].tolist(), strict=True)
    ]
    return said


def candidate_table(plan: Plan) -> pd.DataFrame:
    """Return every park and goal with its fit, or why it is no candidate."""
    ranks: dict[tuple[str, str], int] = {}
    for park, goal in plan.picks():
        name = plan.evidence.parks[park]
        ranks[name, plan.goals[goal]] = sum(p == name for p, _ in ranks) + 1
    floor = plan.catalogue.settings["floor"]
    rows = [
        {
            "park": c.park,
            "goal": titled(c.goal, plan.catalogue),
            "kind": "segment" if c.goal.startswith("segment: ") else "mechanism",
            "score": c.fit,
            "stage_part": c.stage_part,
            "condition": c.condition,
            "rank": ranks.get((c.park, c.goal)),
            "id": c.goal,
            "undefined": c.reason,
            "note": f"below the floor of {floor:.2f}" if c.fit is not None and c.fit < floor else "",
        }
        for c in plan.found
    ]
    order = {goal: i for i, goal in enumerate(plan.goals)}
    found = pd.DataFrame(rows).assign(order=lambda t: t["id"].map(order))
    found["rank"] = found["rank"].astype("Int64")
    for column in ("score", "condition"):
        found[column] = found[column].astype("float64")
    return _by_park(found, plan).sort_values("order", kind="stable").drop(columns="order")


def reason_table(plan: Plan) -> pd.DataFrame:
    """Return the figures the fits are computed from, with the strength each gives."""
    columns = [
        "park",
        "feature",
        "strength_of_feature",
        "measure",
        "value",
        "unit",
        "year",
        "scope",
        "reference",
    ]
    rows = [
        {
            "park": d.park,
            "feature": plan.catalogue.titles[d.feature],
            "strength_of_feature": features_of(plan.evidence, d.park, plan.catalogue)[d.feature],
            "measure": d.measure,
            "value": d.value,
            "unit": d.unit,
            "year": d.year,
            "scope": d.scope,
            "reference": d.reference,
            "strength": d.strength,
            "grade": d.grade,
            "source": d.source,
        }
        for d in plan.evidence.data
    ]
    return pd.DataFrame(rows, columns=[*columns, "strength", "grade", "source"])


def change_table(plan: Plan) -> pd.DataFrame:
    """Return what would change the goals: figures, with the value at which a goal leaves and what enters."""
    rows = [
        {
            "park": c.park,
            "goal": titled(c.goal, plan.catalogue),
            "figure": c.datum.measure if c.datum else "stage",
            "now": c.datum.value if c.datum else None,
            "unit": c.datum.unit if c.datum else "",
            "year": c.datum.year if c.datum else None,
            "change": c.how,
            "turns_at": c.beyond,
            "enters": "; ".join(titled(g, plan.catalogue) for g in c.enters.split("; ") if g) or "nothing",
            "source": c.datum.source if c.datum else "",
            "undefined": "" if c.beyond is not None else _no_value(c.datum),
        }
        for c in plan.changes()
    ]
    columns = [
        "park",
        "goal",
        "figure",
        "now",
        "unit",
        "year",
        "change",
        "turns_at",
        "enters",
        "source",
        "undefined",
    ]
    found = pd.DataFrame(rows, columns=columns)
    for column in ("turns_at", "now"):
        found[column] = found[column].astype("float64")
    found["year"] = found["year"].astype("Int64")
    return _by_park(found.sort_values(["park", "goal", "figure", "change"], kind="stable"), plan)


def _no_value(datum: Datum | None) -> str:
    return "a stage isn't a number" if datum is None else "the figure is left out, so there is no value"


FIELDS = {
    "park": Field("park"),
    "goal": Field("what the park should aim at"),
    "kind": Field("mechanism (how) or segment (in what)"),
    "rank": Field("order of the park's goals, by fit"),
    "score": Field("fit of the goal for the park; weights and references are ours", "0 to 1", 2),
    "because": Field("the numbers behind it, with year and source"),
    "instead_of": Field("what would come instead, and what the whole choice would lose"),
    "stability": Field(
        "how often the goal stays when weights and references are moved, figures dropped and unstable stages lost",
        "share of runs",
        2,
    ),
    "margin": Field("loss of the objective without this goal", "fit", 2),
    "wording": Field("the goal in a sentence"),
    "id": Field("name of the goal in the catalogue"),
    "undefined": Field("why there is no goal or no number"),
    "stage_part": Field("how far the goal suits the stage", "0 to 1", 2),
    "condition": Field("how far the technology condition asks for it", "0 to 1", 2),
    "note": Field("remark"),
    "feature": Field("side of the park"),
    "strength_of_feature": Field("mean strength of what is known of this side", "0 to 1", 2),
    "measure": Field("what is measured"),
    "value": Field("the figure", "see unit", 2),
    "unit": Field("unit"),
    "year": Field("year of the figure"),
    "scope": Field("what the figure covers"),
    "reference": Field("value at which the strength is one half; ours", "see unit", 2),
    "strength": Field("value / (value + reference)", "0 to 1", 2),
    "grade": Field("grade of the source"),
    "source": Field("where the figure was published"),
    "figure": Field("the figure that is moved"),
    "now": Field("its value", "see unit", 2),
    "change": Field("lower (to a quarter), higher (up to four times), left out, or another stage"),
    "turns_at": Field("value beyond which the goal is no longer chosen", "see unit", 2),
    "enters": Field("what is chosen then"),
}
