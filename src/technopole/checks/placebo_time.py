"""Is there an effect of an entry that hadn't happened yet?"""

from __future__ import annotations

import pandas as pd

from technopole.checks._retry import STAGGERED, attempt, entry
from technopole.checks._words import amount, check_power, detectable, matters, seen
from technopole.effects._again import own
from technopole.effects._overall import number
from technopole.engine import sql
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import CheckResult, EffectResult, Field
from technopole.result.effect import FIELDS
from technopole.tables import Firms

DESIGNS = STAGGERED
COSTLY = True
COLUMNS = ["years_earlier", "estimate", "std_error", "low", "high", "p_value", "treated", "controls", "observations"]  # fmt: skip


@member
def placebo_time(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    years: int = 2,
    power: float = 0.8,
    smallest: float | None = None,
) -> CheckResult:
    """Is there an effect of an entry that hadn't happened yet?

        entered* = entered - k, with the rows of years before entry only
        placebo effect = the same estimator on these rows; it should be 0

    All that was observed of those who entered is from before they did, so anything found is not an effect of the park.

    Parameters
    ----------
    effect : EffectResult
        Of units that enter in different years, or in one.
    table : Firms
        The table it was estimated from.
    years : int
        k: how many years earlier the pretended entry is.
    power : float
        With which a placebo effect that matters must be detectable.
    smallest : float, optional
        Effect that would matter, in the unit of the outcome. None: the effect itself or half of its interval, whichever is larger.

    Returns
    -------
    CheckResult
        years_earlier, estimate, std_error, low, high, p_value, treated, controls, observations. Further table: `finding` (one row).

    Raises
    ------
    TechnopoleError
        No table, or another one than the effect's.
    WrongOption
        A number of years below 1.

    References
    ----------
    Imbens, G. W. & Wooldridge, J. M. (2009). Recent developments in the econometrics of program evaluation. Journal of Economic Literature
    47(1), 5-86.

    Examples
    --------
    >>> import technopole as tp
    >>> firms = tp.simulate_firms("effect", firms=300, seed=1).firms
    >>> effect = tp.effects.group_time_effects(firms, outcome="log_sales")
    >>> tp.checks.placebo_time(effect, firms).table["years_earlier"].tolist()
    [2]
    """
    check_power(power)
    if years < 1:
        raise WrongOption("entry is pretended at least one year earlier", value=years)
    used = own(effect, table)
    at = entry(used)
    rows = used.expr.filter((at == 0) | (used.expr["year"] < at))
    rows = rows.mutate(entered=sql.ifelse(at == 0, 0, at - years))
    placebo = attempt(effect, used, rows=rows)
    if isinstance(placebo, str) or placebo.p_value != placebo.p_value:
        why = placebo if isinstance(placebo, str) else "the placebo effect has no standard error"
        return CheckResult.finding_of(
            "placebo_time",
            "cannot tell",
            table=pd.DataFrame(columns=COLUMNS),
            text=f"Whether an entry {years} years earlier would seem to have an effect on {effect.outcome} can't be told: {why}.",
            fields={**FIELDS, "years_earlier": Field("how much earlier entry is pretended", "years")},
            statistic_name="placebo effect",
            undefined=why,
        )
    return _finding(effect, placebo, years, power, smallest)


def _finding(
    effect: EffectResult, placebo: EffectResult, years: int, power: float, smallest: float | None
) -> CheckResult:
    against = matters(effect, smallest)
    could = detectable(placebo.std_error, level=effect.level, power=power)
    passed = seen(placebo.p_value, could, against, level=effect.level)
    outcome = effect.outcome
    found = f"{amount(outcome, placebo.estimate)} ({amount(outcome, placebo.low)} to {amount(outcome, placebo.high)}, p = {number(placebo.p_value)})"
    first = f"Pretending that entry was {years} years earlier, with data from before entry only, gives an effect on {outcome} of {found}; it should be 0."
    second = {
        "no": f"So those who entered were moving apart from the others before any park could matter: the effect of {amount(outcome, effect.estimate)} isn't the park's alone.",
        "yes": f"One of {amount(outcome, could)} would have been found {100 * power:.0f} times in 100, so nothing as large as what matters here ({amount(outcome, against)}) is hidden before entry.",
        "cannot tell": f"But only one of {amount(outcome, could)} would have been found {100 * power:.0f} times in 100, more than what matters here ({amount(outcome, against)}).",
    }[passed]
    row = placebo.frames["overall"][COLUMNS[1:]].assign(years_earlier=years)
    return CheckResult.finding_of(
        "placebo_time",
        passed,
        table=row[COLUMNS],
        text=f"{first} {second}",
        fields={**FIELDS, "years_earlier": Field("how much earlier entry is pretended", "years")},
        warnings=placebo.warnings,
        statistic=placebo.estimate,
        statistic_name="placebo effect",
        threshold=against,
        p_value=placebo.p_value,
        undefined="a placebo effect that matters wouldn't have been seen" if passed == "cannot tell" else "",
    )
