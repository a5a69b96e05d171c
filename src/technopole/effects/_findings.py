"""From evidence to one finding: rules in order, the first that holds decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

from technopole.effects._evidence import Evidence, false_discovery
from technopole.effects._overall import number

MEANING = {
    "positive effect": "units that entered did better than they would have without, if the others show what would have been",
    "negative effect": "units that entered did worse than they would have without, if the others show what would have been",
    "innovation only": "innovation rose, growth hardly or not",
    "growth only": "growth rose, innovation hardly or not",
    "only for firms with own R&D": "firms with research of their own gained, others less or nothing",
    "only for some": "some kinds of units gained, others less or nothing",
    "effect on entry, not incumbents": "more firms came, those already there did hardly or no better",
    "displacement": "gains inside came with losses around the park",
    "selection, not treatment": "units in parks are better, for the most part not because they entered, and no effect of entering is seen",
    "no effect": "any effect is smaller than what would matter",
    "mixed": "outcomes moved in opposite directions",
    "cannot tell": "the data can't decide",
}

OF_PRODUCTS = {
    "positive effect": "the park raised the competitiveness of these products, if the others show what would have been",
    "negative effect": "the park lowered the competitiveness of these products, if the others show what would have been",
    "only for some": "some kinds of products gained, others less or nothing",
    "selection, not treatment": "products near parks are more competitive, for the most part not because of the park, and no effect of it is seen",
    "mixed": "some measures of competitiveness rose, others fell",
    "cannot tell": "whether the park raised the competitiveness of these products can't be told from these data",
}
PRODUCTS = "competitiveness"

HAVING = ("1", "true", "yes")  # subgroups of firms that have R&D of their own


def conclude(evidence: Sequence[Evidence], own_rd: str, alpha: float) -> tuple[str, str]:
    """Return the finding, and what can't be told and why."""
    reason = _undecidable(evidence)
    if reason:
        return "cannot tell", reason
    up = [one for one in evidence if one.state == "up"]
    down = [one for one in evidence if one.state == "down"]
    if up and down:
        return "mixed", _untold(evidence)
    if any(_loses(evidence, one, alpha) for one in up):
        return "displacement", _untold(evidence)
    if only := _only_some(evidence, own_rd, alpha):
        return only, ""
    if up:
        return _where_up(evidence)
    if down:
        return "negative effect", _untold(evidence)
    return _nothing_moved(evidence)


def meaning(finding: str, evidence: Sequence[Evidence]) -> str:
    """Say a finding in plain words; where all outcomes are measures of competitiveness, of products."""
    of_products = bool(evidence) and all(one.kind == PRODUCTS for one in evidence)
    return OF_PRODUCTS.get(finding, MEANING[finding]) if of_products else MEANING[finding]


def caveats(evidence: Sequence[Evidence]) -> str:
    """Name the failed checks of the effects found; that smaller effects would have been missed is no doubt of one that was seen."""
    names = {
        f"{check.name.replace('_', ' ')} ({one.outcome})": None
        for one in evidence
        if one.state in ("up", "down")
        for check in one.failed
        if check.name != "minimum_detectable_effect"
    }
    return ", ".join(names)


def _undecidable(evidence: Sequence[Evidence]) -> str:
    if not evidence:
        return "no effect of entering was estimated, only differences or parts"
    if any(one.contradicted for one in evidence):
        return "estimators disagree"
    return ""


def _loses(evidence: Sequence[Evidence], gaining: Evidence, alpha: float) -> bool:
    """Whether a ring outside the park lost beyond chance, among all rings outside that were looked at."""
    rings = [(one, ring) for one in evidence for result in one.rings for ring in _outside(result.table)]
    q_values = false_discovery([float(ring["p_value"]) for _, ring in rings])
    return any(
        one is gaining and ring["high"] < 0 and q <= alpha
        for (one, ring), q in zip(rings, q_values, strict=True)
    )


def _outside(table: Any) -> list[dict[str, Any]]:
    return table[(table["ring_low_km"] >= 0) & (table["ring"] != "inside")].to_dict("records")


def _only_some(evidence: Sequence[Evidence], own_rd: str, alpha: float) -> str:
    """Say who gained alone, if a subgroup gained that differs from one that didn't, beyond chance among all pairs looked at."""
    pairs = [
        (contrast, {str(row["subgroup"]): row for row in table if row["subgroup_of"] == contrast["subgroup_of"]})
        for one in evidence
        if not one.doubted
        for result in one.subgroups
        for table in [result.table.to_dict("records")]
        for contrast in result.frames["contrast"].to_dict("records")
    ]  # fmt: skip
    q_values = false_discovery([float(contrast["p_value"]) for contrast, _ in pairs])
    found = {
        (str(contrast["subgroup_of"]), name)
        for (contrast, rows), q in zip(pairs, q_values, strict=True)
        if q < alpha
        for name in _gainer(contrast, rows)
    }
    having = {name.lower() in HAVING for of, name in found if of == own_rd}
    if having == {True}:
        return "only for firms with own R&D"
    return "only for some" if found else ""


def _gainer(contrast: dict[Any, Any], rows: dict[str, dict[Any, Any]]) -> Iterator[str]:
    for a, b in permutations([str(contrast["subgroup_a"]), str(contrast["subgroup_b"])]):
        one, other = rows[a], rows[b]
        if one["low"] > 0 and other["low"] <= 0 and one["estimate"] > other["estimate"]:
            yield a


def _where_up(evidence: Sequence[Evidence]) -> tuple[str, str]:
    up = {one.kind for one in evidence if one.state == "up"}
    flat = {one.kind for one in evidence} - {
        one.kind for one in evidence if one.state == "up" or _too_weak(one)
    }
    if "entry" in up and "incumbents" in flat:
        return "effect on entry, not incumbents", _untold(evidence)
    if "innovation" in up and "growth" in flat:
        return "innovation only", _untold(evidence)
    if "growth" in up and "innovation" in flat:
        return "growth only", _untold(evidence)
    return "positive effect", _untold(evidence)


def _untold(evidence: Sequence[Evidence]) -> str:
    """Name the outcomes of which nothing can be told, with the checks that fail, and estimators that disagree."""
    parts = [
        f"{one.outcome}{f' ({_names(one)} failed)' if one.doubted else ''}"
        for one in evidence
        if _too_weak(one)
    ]
    said = [f"of {', '.join(parts)} it can't be told"] if parts else []
    return "; ".join([*said, *(f"estimators disagree on {one.outcome}" for one in evidence if one.disputed)])


def _names(*evidence: Evidence) -> str:
    return ", ".join(sorted({check.name for one in evidence for check in one.doubted}))


def _nothing_moved(evidence: Sequence[Evidence]) -> tuple[str, str]:
    if any(one.selected for one in evidence):
        return "selection, not treatment", _untold(evidence)
    if all(one.state == "none" for one in evidence):
        return "no effect", ""
    return "cannot tell", _open(evidence)


def _open(evidence: Sequence[Evidence]) -> str:
    """Say why nothing can be told."""
    if doubts := _names(*evidence):
        return f"checks fail: {doubts}{_already_gaining(evidence)}"
    if chance := [one for one in evidence if one.by_chance]:
        named = ", ".join(f"{one.outcome} (q = {number(one.q_value)})" for one in chance)
        return f"not beyond chance: {named}"
    left = [one for one in evidence if one.state == "open"]
    if not any(one.bounded for one in left):
        return "no effect has a confidence interval"
    unknown = [one.outcome for one in left if one.smallest is None]
    if len(unknown) == len(left):
        return f"how small an effect on {', '.join(unknown)} would not matter wasn't said"
    return "power"


def _already_gaining(evidence: Sequence[Evidence]) -> str:
    gaining = [
        one.outcome
        for one in evidence
        if one.kind == PRODUCTS
        and one.rose_before
        and any(check.name == "pre_trends" for check in one.doubted)
    ]
    return (
        f"; these products were already gaining before the park, in {', '.join(gaining)}" if gaining else ""
    )


def _too_weak(one: Evidence) -> bool:
    return one.state == "open" and not one.selected
