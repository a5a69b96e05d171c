"""Ring designs: what changes in each ring around a park when it comes, against the outermost ring."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from technopole.effects._overall import is_log, percent, span
from technopole.effects._overall import number as written
from technopole.effects._ring_rows import INSIDE, Ring, exposed, rings, since_of
from technopole.effects.group_time_effects import group_time_effects
from technopole.errors import TechnopoleError
from technopole.result import Chart, EffectResult, Field, effect
from technopole.tables import Firms

COLUMNS = ["ring", "ring_low_km", "ring_high_km", "estimate", "std_error", "low", "high", "p_value", "n", "controls", "reading", "undefined"]  # fmt: skip
EVENT = ["ring", "event_time", "estimate", "std_error", "low", "high", "n", "undefined"]
SPILLOVER, DISPLACEMENT, NEITHER = "spillover", "displacement", "no sign of either"
FIELDS = {
    **effect.FIELDS,
    "ring": Field("ring around the nearest park"),
    "ring_low_km": Field("inner edge", "km", 1),
    "ring_high_km": Field("outer edge", "km", 1),
    "controls": Field("units of the outermost ring, compared with", "units"),
    "reading": Field("of rings outside: spillover (above 0), displacement (below 0), or no sign of either at this level; inside: effect"),
}  # fmt: skip


def ring_effects(
    firms: Firms,
    *,
    outcome: str,
    edges: Sequence[float] | None,
    outer_km: float | None,
    since: str | int | None,
    covariates: Sequence[str],
    cluster: str | None,
    level: float,
) -> EffectResult:
    """Estimate each ring against the outermost by group-time effects.

    Raises
    ------
    TechnopoleError
        Nobody beyond, or no ring that can be estimated.
    """
    around = rings(firms, edges, outer_km)
    control, year = around[-1], since_of(firms, since)
    options: dict[str, Any] = {
        "outcome": outcome,
        "covariates": covariates,
        "cluster": cluster,
        "level": level,
    }
    found: dict[str, EffectResult] = {}
    failed: dict[str, TechnopoleError] = {}
    for ring in around[:-1]:
        try:
            found[ring.name] = group_time_effects(exposed(firms, ring, control, year), **options)
        except TechnopoleError as error:
            failed[ring.name] = error
    if not found:
        raise next(iter(failed.values()), TechnopoleError("there is one ring only", value=control.name))
    rows = [_row(ring, found.get(ring.name), failed.get(ring.name)) for ring in around[:-1]]
    table = pd.DataFrame(rows)[COLUMNS].sort_values("undefined", key=lambda said: said.ne(""), kind="stable")
    near = next((ring for ring in around[:-1] if ring.name in found and ring.name != INSIDE), around[0])
    main = found.get(near.name) or next(iter(found.values()))
    overall = main.frames["overall"].assign(
        estimand=f"change in {near.name}{'' if near.name == INSIDE else ' of a park'} when it comes, against {_beyond(control)}"
    )
    events = [
        part for ring in around[:-1] if ring.name in found for part in [_events(ring, found[ring.name])]
    ]
    return EffectResult.of(
        table,
        text=f"{_text(table, control, outcome, level)}{_gap(overall.iloc[0], near)}",
        fields=FIELDS,
        chart=Chart("ring_decay", {"outcome": outcome, "control": _beyond(control)}),
        warnings=_warnings(firms, found, failed),
        by_event=pd.concat(events, ignore_index=True),
        overall=overall,
        sample=_sample(firms, around, found),
    )


def _beyond(control: Ring) -> str:
    if math.isnan(control.high_km):
        return f"units beyond {control.low_km:g} km"
    return f"units {control.low_km:g} to {control.high_km:g} km away"


def _row(ring: Ring, found: EffectResult | None, failed: TechnopoleError | None) -> dict[str, Any]:
    head = {"ring": ring.name, "ring_low_km": ring.low_km, "ring_high_km": ring.high_km}
    if found is None:
        numbers = dict.fromkeys(("estimate", "std_error", "low", "high", "p_value"), math.nan)
        return {
            **head,
            **numbers,
            "n": 0,
            "controls": 0,
            "reading": "",
            "undefined": str(failed).splitlines()[0],
        }
    row = found.frames["overall"].iloc[0]
    numbers = {name: float(row[name]) for name in ("estimate", "std_error", "low", "high", "p_value")}
    why = str(row["undefined"]) if math.isnan(numbers["std_error"]) else ""
    counts = {"n": int(row["treated"]), "controls": int(row["controls"])}
    return {**head, **numbers, **counts, "reading": _reading(ring, numbers), "undefined": why}


def _reading(ring: Ring, numbers: dict[str, float]) -> str:
    if ring.name == INSIDE:
        return "effect"
    if math.isnan(numbers["low"]):
        return ""
    return SPILLOVER if numbers["low"] > 0 else DISPLACEMENT if numbers["high"] < 0 else NEITHER


def _events(ring: Ring, found: EffectResult) -> pd.DataFrame:
    every = found.frames["aggregates"]
    return every[every["aggregation"] == "event"].assign(ring=ring.name)[EVENT]


def _sample(firms: Firms, around: list[Ring], found: dict[str, EffectResult]) -> pd.DataFrame:
    read = (
        firms.expr.agg(units=firms.expr["firm"].nunique(), observations=firms.expr.count())
        .to_pyarrow()
        .to_pylist()[0]
    )
    rows = [{"step": "read", **read, "reason": ""}]
    for ring in around:
        own = firms.expr.filter(ring.holds)
        count = own.agg(units=own["firm"].nunique(), observations=own.count()).to_pyarrow().to_pylist()[0]
        used = "compared with" if ring is around[-1] else "" if ring.name in found else "not estimated"
        rows.append({"step": f"ring {ring.name}", **count, "reason": used})
    return pd.DataFrame(rows)[list(effect.SAMPLE)]


def _warnings(firms: Firms, found: dict[str, EffectResult], failed: dict[str, TechnopoleError]) -> list[str]:
    said = list(firms.warnings)
    said += [f"ring {name}: {str(error).splitlines()[0]}" for name, error in failed.items()]
    for name, result in found.items():
        said += [f"ring {name}: {text}" for text in result.warnings]
    return said


def _text(table: pd.DataFrame, control: Ring, outcome: str, level: float) -> str:
    parts = [
        f"{row['ring']} {_amount(row, outcome)}"
        for row in table.to_dict("records")
        if not math.isnan(row["estimate"])
    ]
    outside = table[(table["ring"] != INSIDE) & table["reading"].ne("")]
    signs = {
        word: outside.loc[outside["reading"] == word, "ring"].tolist() for word in (DISPLACEMENT, SPILLOVER)
    }
    said = [f"{word} in {' and '.join(rings)}" for word, rings in signs.items() if rings]
    meaning = "; ".join(said) if said else "no ring shows displacement or spillover that chance wouldn't"
    return (
        f"Change in {outcome} since the park came, against {_beyond(control)}: {'; '.join(parts)} ({100 * level:.3g} % intervals, ring by ring). "
        f"{meaning[0].upper()}{meaning[1:]}. It holds for units in these rings if without the park all would have changed alike."
    )


def _gap(row: pd.Series, near: Ring) -> str:
    if math.isnan(row["level_gap"]):
        return ""
    ends = (
        "" if math.isnan(row["level_gap_low"]) else f" ({span(row['level_gap_low'], row['level_gap_high'])})"
    )
    return f" Levels in {near.name} differ by {written(row['level_gap'])}{ends} in the same years, which is a difference, not an effect."


def _amount(row: dict[Any, Any], outcome: str) -> str:
    share = f", {percent(row['estimate'])}" if is_log(outcome) else ""
    ends = "no interval" if math.isnan(row["low"]) else span(row["low"], row["high"])
    return f"{written(row['estimate'])}{share} ({ends})"
