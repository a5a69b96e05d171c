"""How far trends may part after entry before the effect can't be told from none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from threadpoolctl import threadpool_limits

from technopole.checks._event_times import EventTimes, Vector, as_library_takes_it, event_times, singular
from technopole.checks._event_times import refusal as refusal
from technopole.checks._words import amount
from technopole.effects._again import again
from technopole.effects._overall import number
from technopole.errors import TechnopoleError, WrongOption
from technopole.kernels.relative_magnitudes import RobustInterval, relative_magnitudes
from technopole.libraries import heard, library
from technopole.member import member
from technopole.result import CheckResult, EffectResult, Field
from technopole.result.check import Answer
from technopole.result.effect import FIELDS
from technopole.tables import Firms

DESIGNS = ("effects.group_time_effects", "effects.event_study")
COSTLY = True
MULTIPLES = (0.0, 0.5, 1.0, 1.5, 2.0)
CURVATURES = (0.0, 0.5, 1.0)
TOP = 5.0
NONE_AT_ALL = "even without any difference in trends the interval includes 0"
COLUMNS = [
    "restriction", "allowed", "relative", "low", "high", "set_low", "set_high", "undefined",
]  # fmt: skip
OWN_FIELDS = {
    "restriction": Field("relative_magnitudes: steps after entry against the largest before; smoothness: bends of the trend"),
    "allowed": Field("how much is allowed: a multiple of the largest step before entry; or a bend in the unit of the outcome", "", 4),
    "relative": Field("the same in multiples of the largest step, or bend, seen before entry", "", 2),
    "set_low": Field("lower end of what the estimates allow, sampling error aside", "unit of the outcome", 4),
    "set_high": Field("upper end of what the estimates allow, sampling error aside", "unit of the outcome", 4),
    "breakdown": Field("the most that can be allowed while the interval excludes 0", "", 4),
    "undefined": Field("why there is no number; empty where there is one"),
}  # fmt: skip


@member
def sensitivity(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    target: Literal["average", "first"] = "average",
    threshold: float = 1.0,
    smoothness: bool = True,
    seed: int = 0,
) -> CheckResult:
    """How far trends may part after entry before the effect can't be told from none.

        d[t]: difference in trends of those who entered and the others, 0 in the year of reference
        relative magnitudes: |d[t] - d[t-1]| after entry <= M max |d[s] - d[s-1]| before entry
        smoothness: |(d[t+1] - d[t]) - (d[t] - d[t-1])| <= M
        breakdown: the largest M whose confidence interval of the effect excludes 0

    An interval that allows for such differences replaces the assumption that there are none (Rambachan and Roth 2023).

    Parameters
    ----------
    effect : EffectResult
        With estimates by years since entry against one year of reference.
    table : Firms, optional
        Needed where the effect compares years before entry with the year before (`base="varying"`): it is estimated again with
        `base="universal"`.
    target : {"average", "first"}
        The effect averaged over the years since entry, or that of the year of entry.
    threshold : float
        The effect stands if it stays different from 0 when trends may part this many times as fast as the fastest before entry.
    smoothness : bool
        Whether the second restriction is followed too; the library takes seconds for it.
    seed : int
        Seed of the simulated critical values.

    Returns
    -------
    CheckResult
        restriction, allowed, relative, low, high, set_low, set_high, undefined. Further tables: `finding` (one row; its statistic is the
        breakdown of relative magnitudes), `breakdowns` (restriction, breakdown, relative).

    Raises
    ------
    TechnopoleError
        The effect has no estimates before entry, or years are missing among them; or the table is needed and isn't given.
    WrongOption
        A threshold of 0 or less.

    References
    ----------
    Rambachan, A. & Roth, J. (2023). A more credible approach to parallel trends. Review of Economic Studies 90(5), 2555-2591.
    Andrews, I., Roth, J. & Pakes, A. (2023). Inference for linear conditional moment inequalities. Review of Economic Studies 90(6),
    2763-2791.

    Examples
    --------
    >>> import technopole as tp
    >>> firms = tp.simulate_firms("effect", firms=100, years=6, cohorts=1, seed=1).firms
    >>> effect = tp.effects.group_time_effects(firms, outcome="log_sales", base="universal")
    >>> found = tp.checks.sensitivity(effect, target="first")
    >>> found.breakdowns["restriction"].tolist()
    ['relative_magnitudes', 'smoothness']
    """
    why = refusal(effect)
    if why:
        raise TechnopoleError(why, value=effect.design)
    if not threshold > 0:
        raise WrongOption("threshold is a multiple above 0 of the largest step before entry", value=threshold)
    found = event_times(effect)
    if found.varying:
        found = event_times(again(effect, table, base="universal", bootstrap=0))
    found = _running(found)
    if singular(found.covariance):
        return _undefined(effect, "the estimates depend on each other exactly (fewer clusters than years?)")
    weights = found.weights if target == "average" else _first(found)
    rows, most = _relative_magnitudes(found, weights, 1 - effect.level, seed)
    bends, bend, seen = _smoothness(found, weights, 1 - effect.level) if smoothness else ([], None, 0.0)
    limits = [("relative_magnitudes", most, most)]
    if bend is not None:
        limits.append(("smoothness", bend, bend / seen if seen > 0 else math.nan))
    breakdowns = pd.DataFrame(
        [(*limit, NONE_AT_ALL if math.isnan(limit[1]) else "") for limit in limits],
        columns=["restriction", "breakdown", "relative", "undefined"],
    ).sort_values("undefined", key=lambda said: said != "", kind="stable")
    passed: Answer = "cannot tell" if math.isnan(most) else "yes" if most >= threshold else "no"
    return CheckResult.finding_of(
        "sensitivity",
        passed,
        table=_sorted(pd.DataFrame([*rows, *bends])[COLUMNS]),
        text=_text(effect, found, rows, (most, bend), target, threshold),
        fields={**FIELDS, **OWN_FIELDS},
        statistic=most,
        statistic_name="breakdown multiple of the largest step before entry",
        threshold=threshold,
        undefined=NONE_AT_ALL if math.isnan(most) else "",
        breakdowns=breakdowns,
    )


def _undefined(effect: EffectResult, why: str) -> CheckResult:
    return CheckResult.finding_of(
        "sensitivity",
        "cannot tell",
        table=pd.DataFrame(columns=COLUMNS),
        text=f"How far trends may part before the effect on {effect.outcome} is gone can't be told: {why}.",
        fields={**FIELDS, **OWN_FIELDS},
        statistic_name="breakdown multiple of the largest step before entry",
        undefined=why,
    )


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("undefined", key=lambda said: said != "", kind="stable")


def _text(
    effect: EffectResult,
    found: EventTimes,
    rows: list[dict[str, Any]],
    breakdowns: tuple[float, float | None],
    target: str,
    threshold: float,
) -> str:
    outcome = effect.outcome
    most, bend = breakdowns
    what = f"effect on {outcome}" + ("" if target == "average" else " in the year of entry")
    if math.isnan(most):
        return (
            f"The {what} can't be told from none even if trends would have run on in parallel, so there is nothing that parting trends "
            "could undo."
        )
    at_one = next(row for row in rows if row["allowed"] == 1.0)
    often = f"{most:.2g} times" + (" or more" if most >= TOP else "")
    largest = amount(outcome, float(np.abs(np.diff(np.append(found.estimates[: found.before], 0.0))).max()))
    first = (
        f"The {what} stays different from 0 as long as trends part, after entry, by no more than {often} the largest step from one year "
        f"to the next before entry ({largest}); that is {'enough' if most >= threshold else 'less'} by the rule of {number(threshold)}."
    )
    second = (
        f"Allowing for steps as large as before, the {100 * effect.level:.3g} % interval is "
        f"{amount(outcome, at_one['low'])} to {amount(outcome, at_one['high'])}."
    )
    if bend is None:
        return f"{first} {second}"
    if math.isnan(bend):
        return f"{first} {second} Going on along the trend seen before entry would be enough to undo it."
    more = " or more" if bend >= TOP * found.average_error else ""
    return f"{first} {second} If instead the earlier trend goes on, it may bend by {amount(outcome, bend)} a year{more} before the effect is gone."


def _running(found: EventTimes) -> EventTimes:
    """Keep the years that run without a gap up to the year of reference, and on from it."""
    there, at = set(found.times), found.reference
    before, after = at - 1, at + 1
    while before in there:
        before -= 1
    while after in there:
        after += 1
    times = [time for time in found.times if before < time < after]
    if before == at - 1 or not any(time >= 0 for time in times):
        raise TechnopoleError(
            "the years next to the year of reference have no estimate with a standard error",
            value=[time for time in found.times if abs(time - at) <= 2],
            fix="trends are followed from year to year: they need the year before and the year after the reference",
        )
    kept = [found.times.index(time) for time in times]
    return replace(
        found,
        times=tuple(times),
        before=sum(time < at for time in times),
        estimates=found.estimates[kept],
        covariance=found.covariance[np.ix_(kept, kept)],
    )


def _first(found: EventTimes) -> Vector:
    return np.array([float(time == 0) for time in found.times[found.before :]])


def _relative_magnitudes(
    found: EventTimes, weights: Vector, alpha: float, seed: int
) -> tuple[list[dict[str, Any]], float]:
    def at(multiple: float) -> RobustInterval:
        return relative_magnitudes(
            found.estimates,
            found.covariance,
            before=found.before,
            weights=weights,
            multiple=multiple,
            alpha=alpha,
            seed=seed,
        )

    rows: list[dict[str, Any]] = []
    with threadpool_limits(1):
        for multiple in MULTIPLES:
            row = at(multiple)
            why = "low, high: no such effect is compatible with the estimates" if math.isnan(row.low) else ""
            rows.append(
                {
                    "restriction": "relative_magnitudes",
                    "allowed": multiple,
                    "relative": multiple,
                    **asdict(row),
                    "undefined": why,
                }
            )
        breakdown = _breakdown(lambda multiple: _excludes_zero(at(multiple)), TOP)
    return rows, breakdown


def _smoothness(
    found: EventTimes, weights: Vector, alpha: float
) -> tuple[list[dict[str, Any]], float, float]:
    path = np.append(found.estimates[: found.before], 0.0)
    bend = float(np.abs(np.diff(path, 2)).max()) if len(path) > 2 else math.nan
    taken = as_library_takes_it(found)

    @cache
    def at(allowed: float) -> RobustInterval:
        model = library("diff_diff").HonestDiD(method="smoothness", M=allowed, alpha=alpha, l_vec=weights)
        with heard([]), threadpool_limits(1):
            fitted = model.fit(taken)
        return RobustInterval(fitted.ci_lb, fitted.ci_ub, fitted.lb, fitted.ub)

    rows: list[dict[str, Any]] = []
    for part in CURVATURES if bend > 0 else (0.0,):
        row = at(part * bend if part else 0.0)
        why = (
            "set_low, set_high: the trend bent more than this before entry" if math.isnan(row.set_low) else ""
        )
        relative = part if bend > 0 else math.nan
        rows.append(
            {
                "restriction": "smoothness",
                "allowed": part * bend if part else 0.0,
                "relative": relative,
                **asdict(row),
                "undefined": why,
            }
        )
    return rows, _smooth_breakdown(at, TOP * found.average_error), bend


def _smooth_breakdown(at: Callable[[float], RobustInterval], top: float) -> float:
    """Return where the end of the interval that lies nearer to 0 meets it; its way there is smooth."""
    start = at(0.0)
    if not _excludes_zero(start):
        return math.nan
    end = "low" if start.low > 0 else "high"
    if _excludes_zero(at(top)):
        return top
    root: Any = brentq(lambda allowed: getattr(at(allowed), end), 0.0, top, xtol=1e-3 * top)
    return float(root)


def _excludes_zero(interval: RobustInterval) -> bool:
    return interval.low > 0 or interval.high < 0


def _breakdown(stands: Callable[[float], bool], top: float) -> float:
    """Return the largest number at which the effect stands: nan if it doesn't at 0, `top` if it still does there."""
    if not stands(0.0):
        return math.nan
    if stands(top):
        return top
    low, high = 0.0, top
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (middle, high) if stands(middle) else (low, middle)
    return low
