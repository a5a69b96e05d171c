"""Could an effect large enough to matter have been seen at all?"""

from __future__ import annotations

import math

import pandas as pd
from scipy.stats import norm

from technopole.checks._words import amount, check_power, detectable
from technopole.effects._again import own
from technopole.effects._overall import is_log, number
from technopole.errors import TechnopoleError, WrongOption
from technopole.member import member
from technopole.result import CheckResult, EffectResult, Field
from technopole.result.effect import FIELDS
from technopole.tables import Firms

DESIGNS = (
    "effects.group_time_effects",
    "effects.event_study",
    "effects.imputation",
    "effects.synthetic_did",
    "effects.matched_comparison",
    "effects.boundary",
    "effects.level_gap",
)
POWERS = (0.5, 0.8, 0.9)
LOG_SMALLEST = math.log(1.05)
SHARE_OF_DEVIATION = 0.1
OWN_FIELDS = {
    "power": Field("how often an effect of that size would be found", "share", 2),
    "detectable": Field("true effect that would be found that often", "unit of the outcome", 4),
    "smallest": Field("smallest effect that would matter", "unit of the outcome", 4),
    "power_at_smallest": Field("how often an effect of that smallest size would be found", "share", 2),
    "convention": Field("where the smallest effect that would matter comes from"),
}


def refusal(effect: EffectResult) -> str:
    """Why this effect can't be checked so; empty where it can."""
    return "" if effect.std_error > 0 else "this effect has no standard error"


@member
def minimum_detectable_effect(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    smallest: float | None = None,
    power: float = 0.8,
) -> CheckResult:
    """Could an effect large enough to matter have been seen at all?

        MDE = (z[1 - alpha / 2] + z[power]) * standard error

    The smallest true effect that a study as precise as this one finds with the asked power (Bloom 1995), against the smallest effect that
    would matter. It doesn't use the estimate: "power at the estimate" says nothing that its p-value doesn't (Hoenig and Heisey 2001).

    Parameters
    ----------
    effect : EffectResult
        With a standard error.
    table : Firms, optional
        Needed where the smallest effect that matters is to be taken from the outcome's deviation.
    smallest : float, optional
        Smallest effect that would matter, in the unit of the outcome. None: 5 % for an outcome in logarithms, else a tenth of the standard
        deviation of the outcome among observations not treated. Both are this package's conventions, not a standard.
    power : float
        How often it should be found.

    Returns
    -------
    CheckResult
        power, detectable. Further tables: `finding` (one row; its statistic is the detectable effect), `against` (smallest,
        power_at_smallest, convention).

    Raises
    ------
    TechnopoleError
        The effect has no standard error; or the table is needed and isn't given, or isn't the effect's.
    WrongOption
        A power outside (0, 1), or a smallest effect that isn't positive.

    References
    ----------
    Bloom, H. S. (1995). Minimum detectable effects: a simple way to report the statistical power of experimental designs. Evaluation
    Review 19(5), 547-556.
    Hoenig, J. M. & Heisey, D. M. (2001). The abuse of power: the pervasive fallacy of power calculations for data analysis. The American
    Statistician 55(1), 19-24.

    Examples
    --------
    >>> import technopole as tp
    >>> firms = tp.simulate_firms("null", firms=200, seed=1).firms
    >>> effect = tp.effects.group_time_effects(firms, outcome="log_sales")
    >>> found = tp.checks.minimum_detectable_effect(effect, smallest=0.05)
    >>> found.passed, round(found.statistic / effect.std_error, 3)
    (False, 2.802)
    """
    check_power(power)
    why = refusal(effect)
    if why:
        raise TechnopoleError(why, value=effect.design)
    matter, convention = _smallest(effect, table, smallest)
    could = detectable(effect.std_error, level=effect.level, power=power)
    rows = [
        {"power": share, "detectable": detectable(effect.std_error, level=effect.level, power=share)}
        for share in sorted({*POWERS, power})
    ]
    reach = norm.ppf((1 + effect.level) / 2)
    at = matter / effect.std_error
    chance = float(norm.cdf(at - reach) + norm.cdf(-at - reach))
    passed = "yes" if could <= matter else "no"
    return CheckResult.finding_of(
        "minimum_detectable_effect",
        passed,
        table=pd.DataFrame(rows),
        text=_text(effect, could, matter, chance, power, convention),
        fields={**FIELDS, **OWN_FIELDS},
        statistic=could,
        statistic_name=f"effect found {100 * power:.0f} times in 100",
        threshold=matter,
        against=pd.DataFrame([{"smallest": matter, "power_at_smallest": chance, "convention": convention}]),
    )


def _smallest(effect: EffectResult, table: Firms | None, smallest: float | None) -> tuple[float, str]:
    if smallest is not None:
        if not smallest > 0:
            raise WrongOption("the smallest effect that matters is a positive number", value=smallest)
        return smallest, "given"
    if is_log(effect.outcome):
        return LOG_SMALLEST, "this package's convention for logarithms"
    if table is None:
        raise TechnopoleError(
            "how large an effect would matter isn't known without the table",
            value=effect.outcome,
            fix="give smallest= in the unit of the outcome, or the table the effect was estimated from",
        )
    expr = own(effect, table).expr
    inside = (expr["entered"].fill_null(0) > 0) & (expr["year"] >= expr["entered"])
    untreated = expr.filter(~inside.fill_null(False)).order_by(["firm", "year"])
    values = untreated.select(value=untreated[effect.outcome].cast("float64")).to_pyarrow()["value"]
    deviation = float(values.drop_null().to_numpy().std(ddof=1)) if len(values) > 1 else 0.0
    if not deviation:
        raise TechnopoleError(
            "the outcome doesn't vary among observations not treated",
            value=effect.outcome,
            fix="give smallest=",
        )
    return SHARE_OF_DEVIATION * float(
        deviation
    ), "a tenth of the outcome's standard deviation, this package's convention"


def _text(
    effect: EffectResult, could: float, matter: float, chance: float, power: float, convention: str
) -> str:
    outcome = effect.outcome
    first = (
        f"With {int(effect.frames['overall']['treated'].iloc[0]):,} treated units an effect on {outcome} of {amount(outcome, could)} would be found "
        f"{100 * power:.0f} times in 100 (standard error {number(effect.std_error)})."
    )
    second = f"One of {amount(outcome, matter)} ({convention}) would be found {100 * chance:.0f} times in 100"
    if could <= matter:
        return f"{first} {second}, so if nothing is found here, there is likely nothing of that size."
    return f"{first} {second}: finding nothing here doesn't mean that there is nothing of that size."
