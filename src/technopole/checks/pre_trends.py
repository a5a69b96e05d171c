"""Did those who entered already move apart from the others before, and would that have been seen?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, f, norm

from technopole.checks._event_times import EventTimes, as_library_takes_it, event_times, singular
from technopole.checks._event_times import refusal as refusal
from technopole.checks._retry import entry
from technopole.checks._words import amount, check_power, matters
from technopole.effects._again import own
from technopole.effects._overall import TINY, number
from technopole.errors import TechnopoleError
from technopole.libraries import library
from technopole.member import member
from technopole.result import CheckResult, EffectResult, Field
from technopole.result.check import Answer
from technopole.result.effect import FIELDS
from technopole.tables import Firms

DESIGNS = ("effects.group_time_effects", "effects.event_study")
POWERS = (0.5, 0.8)
MANY = 100
POWER_FIELDS = {
    "power": Field("how often the test finds such a trend", "share", 2),
    "slope": Field("trend before entry that is found that often", "unit of the outcome a year", 4),
    "bias": Field("what that trend would add to the average effect", "unit of the outcome", 4),
    "share_of_effect": Field("bias in terms of the effect (1 = as large)", "", 2),
}


@member
def pre_trends(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    power: float = 0.8,
    smallest: float | None = None,
) -> CheckResult:
    """Did those who entered already move apart from the others before, and would that have been seen?

        W = b' V^-1 b, chi-squared with as many degrees of freedom as years before entry, b their estimates, V their covariance
        clustered: W (T - k) / (k (T - 1)) ~ F(k, T - k), k years, T clusters with units that enter (Hotelling)
        detectable slope: the trend a year that this test finds with the asked power (Roth 2022)
        bias: what that trend would add to the average effect

    Finding no earlier trend says little where none could be found. So the answer is "yes" only if a trend large enough to matter would
    have been seen with the asked power, and "cannot tell" otherwise.

    Parameters
    ----------
    effect : EffectResult
        With estimates by years since entry (`aggregates`, `covariance`).
    table : Firms, optional
        The table it was estimated from; needed where standard errors are clustered.
    power : float
        With which a trend that matters must be detectable.
    smallest : float, optional
        Bias that would matter, in the unit of the outcome. None: the effect itself or half of its interval, whichever is larger.

    Returns
    -------
    CheckResult
        event_time, estimate, std_error, low, high: the years before entry. Further tables: `finding` (one row), `power` (power, slope,
        bias, share_of_effect).

    Raises
    ------
    TechnopoleError
        The effect has no estimates before entry.

    References
    ----------
    Roth, J. (2022). Pretest with caution: event-study estimates after testing for parallel trends. American Economic Review: Insights
    4(3), 305-322.

    Examples
    --------
    >>> import technopole as tp
    >>> firms = tp.simulate_firms("pre_trend", firms=300, seed=1).firms
    >>> effect = tp.effects.group_time_effects(firms, outcome="log_sales", base="universal")
    >>> tp.checks.pre_trends(effect).passed
    False
    """
    check_power(power)
    why = refusal(effect)
    if why:
        raise TechnopoleError(why, value=effect.design)
    found = event_times(effect)
    alpha = 1 - effect.level
    wald, threshold, p_value = _test(found, alpha, _entering(effect, table))
    if math.isnan(wald):
        return _undefined(effect, found)
    strengths = _power(found, alpha, sorted({*POWERS, power}))
    against = matters(effect, smallest)
    bias = float(strengths.loc[strengths["power"] == power, "bias"].iloc[0])
    passed: Answer = "no" if p_value <= alpha else "yes" if bias <= against else "cannot tell"
    return CheckResult.finding_of(
        "pre_trends",
        passed,
        table=_years(found, effect.level),
        text=_text(effect, found, strengths, p_value, passed, power, against),
        fields={**FIELDS, **POWER_FIELDS},
        statistic=wald,
        statistic_name="Wald statistic",
        threshold=threshold,
        p_value=p_value,
        undefined="" if passed != "cannot tell" else "a trend that matters wouldn't have been seen",
        power=strengths.assign(share_of_effect=strengths["bias"] / abs(effect.estimate)),
    )


def _entering(effect: EffectResult, table: Firms | None) -> int | None:
    """Return how many clusters enter; without clusters, how many units beyond the first of each cohort, plus one, and None from `MANY` on."""
    cluster = effect.provenance.arguments.get("cluster") if effect.provenance else None
    if not cluster:
        treated = int(effect.frames["overall"]["treated"].iloc[0])
        cohorts = int((effect.frames["aggregates"]["aggregation"] == "group").sum())
        return treated - max(cohorts, 1) + 1 if treated < MANY else None
    used = own(effect, table)
    inside = used.expr.filter(entry(used) > 0)
    return int(inside[str(cluster)].nunique().to_pyarrow().as_py())


def _test(found: EventTimes, alpha: float, clusters: int | None) -> tuple[float, float, float]:
    """Return statistic, critical value and p-value; nan where the covariance is singular, or clusters are too few.

    Where few clusters or units enter, the covariance of many years is poorly known and chi-squared rejects far too often: in 24
    simulated regions, 12 of which have a park, as with 12 firms that enter, in half of all worlds without any trend.
    """
    b, v = found.estimates[: found.before], found.covariance[: found.before, : found.before]
    years = len(b)
    if singular(v) or (clusters is not None and clusters <= years):
        return math.nan, math.nan, math.nan
    wald = float(b @ np.linalg.solve(v, b))
    if clusters is None:
        return wald, float(chi2.ppf(1 - alpha, years)), max(float(chi2.sf(wald, years)), TINY)
    factor, freedom = years * (clusters - 1) / (clusters - years), clusters - years
    p_value = max(float(f.sf(wald / factor, years, freedom)), TINY)
    return wald, factor * float(f.ppf(1 - alpha, years, freedom)), p_value


def _power(found: EventTimes, alpha: float, powers: list[float]) -> pd.DataFrame:
    direction = found.trend[: found.before]
    rows: list[dict[str, Any]] = []
    for power in powers:
        model = library("diff_diff").PreTrendsPower(
            alpha=alpha,
            power=power,
            violation_type="custom",
            violation_weights=direction,
            pretest_form="wald",
        )
        size = model.fit(as_library_takes_it(found), pre_periods=list(found.times[: found.before])).mdv
        slope = float(size / np.linalg.norm(direction))  # the library scales the direction to length 1
        rows.append({"power": power, "slope": slope, "bias": slope * found.trend_in_average})
    return pd.DataFrame(rows)


def _years(found: EventTimes, level: float) -> pd.DataFrame:
    error = np.sqrt(np.diag(found.covariance))[: found.before]
    reach = norm.ppf((1 + level) / 2) * error
    estimate = found.estimates[: found.before]
    return pd.DataFrame(
        {
            "event_time": found.times[: found.before],
            "estimate": estimate,
            "std_error": error,
            "low": estimate - reach,
            "high": estimate + reach,
        }
    )


def _undefined(effect: EffectResult, found: EventTimes) -> CheckResult:
    why = "the estimates before entry depend on each other exactly, or hardly more units or clusters enter than there are years, so they can't be tested together"
    return CheckResult.finding_of(
        "pre_trends",
        "cannot tell",
        table=_years(found, effect.level),
        text=f"Whether those who entered moved apart before can't be told: {why}.",
        fields=FIELDS,
        statistic_name="Wald statistic",
        undefined=why,
    )


def _text(
    effect: EffectResult,
    found: EventTimes,
    strengths: pd.DataFrame,
    p_value: float,
    passed: Answer,
    power: float,
    against: float,
) -> str:
    row = strengths[strengths["power"] == power].iloc[0]
    outcome = effect.outcome
    years = f"{found.before} year{'s' if found.before > 1 else ''} before entry"
    strength = (
        f"A steady trend of {amount(outcome, row['slope'])} a year would have been found {100 * power:.0f} times in 100, and would add "
        f"{amount(outcome, row['bias'])} to the average effect of {amount(outcome, found.average)}"
    )
    if passed == "no":
        return (
            f"{outcome} of those who entered moved differently from the others' already in the {years} (p = {number(p_value)}), so the "
            f"comparison isn't like with like and the effect may be that trend going on. {strength}."
        )
    first = f"No earlier divergence of {outcome} is found in the {years} (p = {number(p_value)})."
    if passed == "yes":
        return f"{first} {strength}, so one as large as what matters here ({amount(outcome, against)}) would likely have been seen."
    return f"{first} But that says little: {strength[0].lower()}{strength[1:]}, more than what matters here ({amount(outcome, against)})."
