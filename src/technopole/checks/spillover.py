"""Are those compared with affected themselves, because they are near?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from technopole.checks._near_units import NearUnits, near_units
from technopole.checks._retry import STAGGERED, attempt, entry
from technopole.checks._words import amount, check_power, detectable, matters, seen
from technopole.effects._again import own
from technopole.effects._overall import number
from technopole.engine import sql
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import CheckResult, EffectResult, Field
from technopole.result.effect import FIELDS
from technopole.tables import Firms, Table

DESIGNS = (*STAGGERED, "effects.synthetic_did")
COSTLY = True
FEWEST = 5
COLUMNS = [
    "compared",
    "ring_low_km",
    "ring_high_km",
    "estimate",
    "std_error",
    "low",
    "high",
    "p_value",
    "treated",
    "controls",
    "undefined",
]
OWN_FIELDS = {
    "compared": Field("who with whom: the effect as it was, without near units, and a ring with far units"),
    "ring_low_km": Field("inner edge of the ring", "km", 1),
    "ring_high_km": Field("outer edge of the ring", "km", 1),
}


@member
def spillover(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    edges: Sequence[float] = (2.0, 5.0, 10.0),
    power: float = 0.8,
    smallest: float | None = None,
) -> CheckResult:
    """Are those compared with affected themselves, because they are near?

        near = never entered, and within the last edge of a park or of a unit that did; far = beyond it
        without near: the same estimator on those who entered and those far away
        ring with far: the same estimator, units of the ring taken to enter when the first one within its outer edge does

    If parks draw customers, workers or ideas from firms nearby, or lend them some, these firms don't show what would have happened without
    a park: the effect is too large where they lose and too small where they gain.

    Parameters
    ----------
    effect : EffectResult
        Of units in different places.
    table : Firms
        The table it was estimated from, with `distance_km` (and `nearest_park`) as `parks.on_park` makes them, or with longitude and latitude.
    edges : sequence of float
        Outer edges of the rings, in km; what lies beyond the last is taken to be out of reach.
    power : float
        With which an effect on near units that matters must be detectable.
    smallest : float, optional
        Effect on near units that would matter, in the unit of the outcome. None: the effect itself or half of its interval, whichever is
        larger.

    Returns
    -------
    CheckResult
        compared, ring_low_km, ring_high_km, estimate, std_error, low, high, p_value, treated, controls, undefined. Further table: `finding`
        (one row; its p-value is the smallest of the rings, times their number).

    Raises
    ------
    TechnopoleError
        No table, or another one than the effect's.
    MissingColumn
        The table says nothing about where units are.
    WrongOption
        Edges that aren't positive or don't rise.

    References
    ----------
    Butts, K. (2021). Difference-in-differences estimation with spatial spillovers. arXiv:2105.03737.
    Clarke, D. (2017). Estimating difference-in-differences in the presence of spillovers. MPRA paper 81604.

    Examples
    --------
    >>> import technopole as tp
    >>> firms = tp.simulate_firms("displacement", firms=600, noise=0.1, seed=1).firms
    >>> effect = tp.effects.group_time_effects(firms, outcome="log_sales")
    >>> tp.checks.spillover(effect, firms).passed
    False
    """
    check_power(power)
    if not edges or min(edges) <= 0 or list(edges) != sorted(set(edges)):
        raise WrongOption("edges of rings are rising distances in km", value=list(edges))
    used = own(effect, table)
    units = near_units(used, edges)
    far = units.beyond(edges[-1])
    if len(far) < FEWEST:
        why = f"{len(far):,} units that never enter lie farther than {edges[-1]:g} km {units.measured}, too few to compare with"
        return _undefined(effect, why)
    rings = [
        _ring(effect, used, units, far, low, high) for low, high in zip((0.0, *edges), edges, strict=False)
    ]
    without = _estimate(effect, used, far, inside=True)
    rows = [_row("as it was", effect), _row(f"without units nearer than {edges[-1]:g} km", without), *rings]
    return _finding(effect, rows, without, units, smallest, power)


def _ring(
    effect: EffectResult, table: Table, units: NearUnits, far: pd.DataFrame, low: float, high: float
) -> dict[str, Any]:
    ring = units.ring(low, high)
    if len(ring) < FEWEST:
        found: EffectResult | str = f"{len(ring)} units in the ring"
    elif not ring["since"].any():
        found = "when the parks near them began isn't known"
    else:
        found = _estimate(effect, table, pd.concat([ring[ring["since"] > 0], far]), inside=False)
    row = _row(f"{low:g} to {high:g} km with farther", found)
    return row | {"ring_low_km": low, "ring_high_km": high}


def _estimate(effect: EffectResult, table: Table, never: pd.DataFrame, *, inside: bool) -> EffectResult | str:
    """Estimate with these units that never enter (`since` says when they are taken to), and, if `inside`, those that do."""
    rows = table.expr.mutate(entered=entry(table)).left_join(
        sql.memtable(pa.Table.from_pandas(never, preserve_index=False)), "firm"
    )
    kept = rows["since"].notnull() | ((rows["entered"] > 0) if inside else False)
    entered = rows["entered"] if inside else rows["since"]
    return attempt(effect, table, rows=rows.filter(kept).mutate(entered=entered).select(*table.columns))


def _undefined(effect: EffectResult, why: str) -> CheckResult:
    return CheckResult.finding_of(
        "spillover",
        "cannot tell",
        table=pd.DataFrame(columns=COLUMNS),
        text=f"Whether those compared with are affected in {effect.outcome} can't be told: {why}.",
        fields={**FIELDS, **OWN_FIELDS},
        statistic_name="effect on a ring",
        undefined=why,
    )


def _row(compared: str, found: EffectResult | str) -> dict[str, Any]:
    if isinstance(found, str):
        return {"compared": compared, "undefined": found}
    row = found.frames["overall"].iloc[0]
    return {"compared": compared, **{name: row[name] for name in COLUMNS[3:]}}


def _finding(
    effect: EffectResult,
    rows: list[dict[str, Any]],
    without: EffectResult | str,
    units: NearUnits,
    smallest: float | None,
    power: float,
) -> CheckResult:
    table = pd.DataFrame(rows, columns=COLUMNS)
    rings = table[table["ring_high_km"].notna() & table["p_value"].notna()]
    outcome, against = effect.outcome, matters(effect, smallest)
    moved = _moved(effect, without)
    parts: dict[str, Any] = {
        "table": table.sort_values("undefined", key=lambda said: said != "", kind="stable"),
        "fields": {**FIELDS, **OWN_FIELDS},
        "statistic_name": "effect on the ring with the smallest p-value",
    }
    if rings.empty:
        why = "no ring has enough units to estimate an effect on them"
        text = f"Whether those compared with are affected themselves can't be told: {why}. {moved}"
        return CheckResult.finding_of("spillover", "cannot tell", text=text, undefined=why, **parts)
    most = rings.iloc[int(np.argmin(rings["p_value"].to_numpy("float64")))]
    p_value = min(1.0, len(rings) * float(most["p_value"]))
    level = 1 - (1 - effect.level) / len(rings)
    could = max(detectable(float(error), level=level, power=power) for error in rings["std_error"])
    passed = seen(p_value, could, against, level=effect.level)
    return CheckResult.finding_of(
        "spillover",
        passed,
        text=f"{_said(outcome, most, p_value, len(rings), units)}, {_so(outcome, passed, could, against, power)}. {moved}",
        statistic=float(most["estimate"]),
        threshold=against,
        p_value=p_value,
        undefined="an effect on them that matters wouldn't have been seen" if passed == "cannot tell" else "",
        **parts,
    )


def _said(outcome: str, most: pd.Series, p_value: float, rings: int, units: NearUnits) -> str:
    change = f"{amount(outcome, most['estimate'])} ({amount(outcome, most['low'])} to {amount(outcome, most['high'])})"
    which = "" if rings == 1 else f", of {rings} rings the clearest"
    return (
        f"{outcome} of {int(most['treated']):,} units that never entered and lie {most['ring_low_km']:g} to {most['ring_high_km']:g} km "
        f"{units.measured}{which}, changes by {change} against those farther away once somebody near enters (p = {number(p_value)})"
    )


def _so(outcome: str, passed: str, could: float, against: float, power: float) -> str:
    matter = f"what matters here ({amount(outcome, against)})"
    if passed == "no":
        return "so those compared with are affected themselves"
    if passed == "yes":
        return f"and a change as large as {matter} would likely have been seen"
    return f"but in some ring only one of {amount(outcome, could)} would have been found {100 * power:.0f} times in 100, more than {matter}"


def _moved(effect: EffectResult, without: EffectResult | str) -> str:
    outcome = effect.outcome
    if isinstance(without, str):
        return f"Compared with units farther away only, the effect can't be estimated: {without}."
    return (
        f"Compared with units farther away only, the effect is {amount(outcome, without.estimate)} ({amount(outcome, without.low)} to "
        f"{amount(outcome, without.high)}) instead of {amount(outcome, effect.estimate)}."
    )
