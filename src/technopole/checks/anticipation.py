"""Does something happen in the last years before entry, and does the effect depend on it?"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from technopole.checks._event_times import EventTimes, event_times, singular
from technopole.checks._retry import STAGGERED, attempt, entry, takes
from technopole.checks._words import amount, check_power, detectable, matters, seen
from technopole.effects._again import own
from technopole.effects._overall import TINY, number
from technopole.engine import sql
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import CheckResult, EffectResult, Field
from technopole.result.effect import FIELDS
from technopole.tables import Firms, Table

DESIGNS = STAGGERED
IMPUTATION = "effects.imputation"
COSTLY = True
COLUMNS = ["event_time", "estimate", "std_error", "low", "high"]
OWN_FIELDS = {"anticipation": Field("years before entry in which entry may already matter", "years")}


def refusal(effect: EffectResult) -> str:
    """Why this effect can't be checked so; empty where it can."""
    if not takes(effect, "anticipation"):
        return "its estimator can't allow for anticipation"
    return "" if "covariance" in effect.frames else "this effect has no estimates by years since entry"


@member
def anticipation(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    years: int = 1,
    power: float = 0.8,
    smallest: float | None = None,
) -> CheckResult:
    """Does something happen in the last years before entry, and does the effect depend on it?

        the same estimator with anticipation = a + k: years -a-k, ..., -1 are compared with the year before them
        W = b' V^-1 b, chi-squared with as many degrees of freedom as years, b their estimates, V their covariance

    Firms may invest, hire or hold back before they move. Then the last year before entry is no "before", and the effect is measured from
    the wrong place; estimated from an earlier year it would be another one.

    Parameters
    ----------
    effect : EffectResult
        Of an estimator that takes `anticipation`.
    table : Firms
        The table it was estimated from.
    years : int
        k: how many more years before entry may already be touched.
    power : float
        With which a difference that matters must be detectable.
    smallest : float, optional
        Difference that would matter, in the unit of the outcome. None: the effect itself or half of its interval, whichever is larger.

    Returns
    -------
    CheckResult
        event_time, estimate, std_error, low, high: the years before entry. Further tables: `finding` (one row), `effects` (anticipation,
        estimate, std_error, low, high: the effect as it was, and allowing for anticipation).

    Raises
    ------
    TechnopoleError
        No table, or another one than the effect's.
    WrongOption
        A number of years below 1.

    References
    ----------
    Malani, A. & Reif, J. (2015). Interpreting pre-trends as anticipation: impact on estimated treatment effects from tort reform. Journal
    of Public Economics 124, 1-17.

    Examples
    --------
    >>> import technopole as tp
    >>> firms = tp.simulate_firms("anticipation", firms=600, noise=0.1, seed=1).firms
    >>> effect = tp.effects.group_time_effects(firms, outcome="log_sales")
    >>> tp.checks.anticipation(effect, firms).passed
    False
    """
    check_power(power)
    if years < 1:
        raise WrongOption("at least one year before entry is looked at", value=years)
    used = own(effect, table)
    before = int(effect.provenance.arguments.get("anticipation") or 0) if effect.provenance else 0
    wider = attempt(effect, used, anticipation=before + years)
    early = wider if effect.design != IMPUTATION else _pretended(effect, used, before + years)
    if isinstance(wider, str) or isinstance(early, str):
        return _undefined(effect, wider if isinstance(wider, str) else str(early))
    window = _window(early, before + years, earlier=effect.design == IMPUTATION)
    if not window.times or singular(window.covariance):
        return _undefined(effect, "the years just before entry have no estimates that can be tested")
    return _finding(effect, wider, window, (before, before + years), power, smallest)


def _pretended(effect: EffectResult, table: Table, years: int) -> EffectResult | str:
    """Imputation gives the window no estimates of its own: entry is taken to be earlier."""
    at = entry(table)
    return attempt(
        effect, table, rows=table.expr.mutate(entered=sql.ifelse(at == 0, 0, at - years)), anticipation=0
    )


def _window(early: EffectResult, years: int, *, earlier: bool) -> EventTimes:
    """Keep the last years before entry; where entry was taken to be earlier, they are the first since then."""
    found, shift = event_times(early), years if earlier else 0
    kept = [i for i, time in enumerate(found.times) if -years <= time - shift < 0]
    return replace(
        found,
        times=tuple(found.times[i] - shift for i in kept),
        estimates=found.estimates[kept],
        covariance=found.covariance[np.ix_(kept, kept)],
    )


def _undefined(effect: EffectResult, why: str) -> CheckResult:
    return CheckResult.finding_of(
        "anticipation",
        "cannot tell",
        table=pd.DataFrame(columns=COLUMNS),
        text=f"Whether {effect.outcome} moves before entry already can't be told: {why}.",
        fields={**FIELDS, **OWN_FIELDS},
        statistic_name="Wald statistic",
        undefined=why,
    )


def _finding(
    effect: EffectResult,
    wider: EffectResult,
    window: EventTimes,
    years: tuple[int, int],
    power: float,
    smallest: float | None,
) -> CheckResult:
    b, v = window.estimates, window.covariance
    wald = float(b @ np.linalg.solve(v, b))
    p_value = max(float(chi2.sf(wald, len(b))), TINY)
    mean, error = float(b.mean()), math.sqrt(float(v.mean()))
    against = matters(effect, smallest)
    could = detectable(error, level=effect.level, power=power)
    passed = seen(p_value, could, against, level=effect.level)
    reach = norm.ppf((1 + effect.level) / 2) * np.sqrt(np.diag(v))
    table = pd.DataFrame(
        {
            "event_time": window.times,
            "estimate": b,
            "std_error": np.sqrt(np.diag(v)),
            "low": b - reach,
            "high": b + reach,
        }
    )
    columns = ["estimate", "std_error", "low", "high"]
    both = pd.concat([one.frames["overall"][columns] for one in (effect, wider)], ignore_index=True)
    both.insert(0, "anticipation", list(years))
    return CheckResult.finding_of(
        "anticipation",
        passed,
        table=table,
        text=_text(effect, wider, (mean, p_value, could, against), len(b), passed, power),
        fields={**FIELDS, **OWN_FIELDS},
        warnings=wider.warnings,
        statistic=wald,
        statistic_name="Wald statistic",
        threshold=float(chi2.ppf(effect.level, len(b))),
        p_value=p_value,
        undefined="a difference that matters wouldn't have been seen" if passed == "cannot tell" else "",
        effects=both,
    )


def _text(
    effect: EffectResult,
    wider: EffectResult,
    numbers: tuple[float, float, float, float],
    years: int,
    passed: str,
    power: float,
) -> str:
    outcome, (mean, p_value, could, against) = effect.outcome, numbers
    when = "the last year before entry" if years == 1 else f"the last {years} years before entry"
    first = f"In {when} {outcome} of those who entered differs by {amount(outcome, mean)} from where it was heading (p = {number(p_value)})"
    then = f"Measured from an earlier year the effect is {amount(outcome, wider.estimate)} ({amount(outcome, wider.low)} to {amount(outcome, wider.high)}) instead of {amount(outcome, effect.estimate)}"
    if passed == "no":
        return f"{first}: entry matters before it happens, or those who entered were already on another path. {then}."
    if passed == "yes":
        return f"{first}: nothing as large as what matters here ({amount(outcome, against)}) happens before entry. {then}."
    return f"{first}, but only a difference of {amount(outcome, could)} would have been found {100 * power:.0f} times in 100, more than what matters here ({amount(outcome, against)}). {then}."
