"""From evidence to one finding: rules in order, the first that holds decides."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from technopole.effects._evidence import Evidence

MEANING = {
    "positive effect": "units that entered did better than they would have without",
    "negative effect": "units that entered did worse than they would have without",
    "innovation only": "innovation rose, growth did not",
    "growth only": "growth rose, innovation did not",
    "only for firms with own R&D": "firms with research of their own gained, others did not",
    "only for some": "some kinds of units gained, others did not",
    "effect on entry, not incumbents": "more firms came, those already there did no better",
    "displacement": "gains inside came with losses around the park",
    "selection, not treatment": "units in parks are better, but not because they entered",
    "no effect": "any effect is smaller than what would matter",
    "mixed": "outcomes moved in opposite directions",
    "cannot tell": "the data can't decide",
}


def conclude(evidence: Sequence[Evidence], own_rd: str, alpha: float) -> tuple[str, str]:
    """Return the finding, and what can't be told and why."""
    reason = _undecidable(evidence)
    if reason:
        return "cannot tell", reason
    up = [one for one in evidence if one.state == "up"]
    down = [one for one in evidence if one.state == "down"]
    if up and down:
        return "mixed", ""
    if any(_losers(one) for one in up):
        return "displacement", ""
    if only := _only_some([*up, *evidence], own_rd, alpha):
        return only, ""
    if up:
        return _where_up(evidence)
    if down:
        return "negative effect", _untold(evidence)
    return _nothing_moved(evidence)


def _undecidable(evidence: Sequence[Evidence]) -> str:
    if not evidence:
        return "no effect was estimated, only differences"
    if any(one.contradicted for one in evidence):
        return "estimators disagree"
    return ""


def _losers(one: Evidence) -> list[str]:
    """Rings outside the park that lost, beyond chance."""
    lost: list[str] = []
    for result in one.rings:
        rings = result.table
        outside = rings[(rings["ring_low_km"] >= 0) & (rings["ring"] != "inside")]
        lost += [str(ring) for ring in outside.loc[outside["high"] < 0, "ring"]]
    return lost


def gainers(result: pd.DataFrame, contrast: pd.DataFrame, alpha: float) -> dict[str, list[str]]:
    """Per attribute: the subgroups that gained while another didn't and the two differ beyond chance."""
    found: dict[str, list[str]] = {}
    for of, rows in result.groupby("subgroup_of", sort=True):
        gained, others = rows[rows["low"] > 0], rows[~(rows["low"] > 0)]
        pairs = contrast[(contrast["subgroup_of"] == of) & (contrast["p_value"] < alpha)]
        if len(gained) and len(others) and len(pairs):
            found[str(of)] = [str(name) for name in gained["subgroup"]]
    return found


def _only_some(evidence: Sequence[Evidence], own_rd: str, alpha: float) -> str:
    found: dict[str, list[str]] = {}
    for one in evidence:
        for result in one.subgroups:
            found |= gainers(result.table, result.frames["contrast"], alpha)
    if own_rd in found:
        return "only for firms with own R&D"
    return "only for some" if found else ""


def _where_up(evidence: Sequence[Evidence]) -> tuple[str, str]:
    up = {one.kind for one in evidence if one.state == "up"}
    flat = {one.kind for one in evidence if one.state == "none" or one.selected} - up
    if "entry" in up and "incumbents" in flat:
        return "effect on entry, not incumbents", ""
    if "innovation" in up and "growth" in flat:
        return "innovation only", ""
    if "growth" in up and "innovation" in flat:
        return "growth only", ""
    return "positive effect", _untold(evidence)


def _untold(evidence: Sequence[Evidence]) -> str:
    """Name the outcomes of which nothing can be told, with the checks that fail."""
    parts = [
        f"{one.outcome}{f' ({_names(one)} failed)' if one.doubted else ''}"
        for one in evidence
        if _too_weak(one)
    ]
    return f"of {', '.join(parts)} it can't be told" if parts else ""


def _names(*evidence: Evidence) -> str:
    return ", ".join(sorted({check.name for one in evidence for check in one.doubted}))


def _nothing_moved(evidence: Sequence[Evidence]) -> tuple[str, str]:
    if any(one.selected for one in evidence):
        return "selection, not treatment", _untold(evidence)
    if all(one.state == "none" for one in evidence):
        return "no effect", ""
    doubts = _names(*evidence)
    return "cannot tell", f"checks fail: {doubts}" if doubts else "power"


def _too_weak(one: Evidence) -> bool:
    return one.state == "open" and not one.selected
