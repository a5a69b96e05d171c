"""Does the effect rest on one cohort, one park, one region?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from technopole import progress
from technopole.checks._retry import STAGGERED, attempt, entry
from technopole.checks._words import amount
from technopole.effects._again import own
from technopole.effects._overall import number
from technopole.engine import Expr
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import CheckResult, EffectResult, Field
from technopole.result.check import Answer
from technopole.result.effect import FIELDS
from technopole.tables import Firms, Table

DESIGNS = (*STAGGERED, "effects.synthetic_did", "effects.matched_comparison")
COSTLY = True
MOST = 60
COLUMNS = ["left_out", "units", "estimate", "std_error", "low", "high", "change", "undefined"]
OWN_FIELDS = {
    "left_out": Field("what is left out"),
    "units": Field("units left out with it", "units"),
    "change": Field("change of the effect, in standard errors of the effect with all", "", 2),
}


@member
def leave_one_out(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    by: str = "entered",
) -> CheckResult:
    """Does the effect rest on one cohort, one park, one region?

        effect(-j) = the same estimator without the units of group j
        change(j)  = (effect(-j) - effect) / standard error of effect
        it stands if no |change| exceeds z[1 - alpha / 2]: no group moves the effect out of its own interval

    Parameters
    ----------
    effect : EffectResult
        Of units in several groups.
    table : Firms
        The table it was estimated from.
    by : str
        Column that says the groups: "entered" leaves out one cohort at a time, "park", "region" or any other column one of its values. A
        unit is left out with every value it ever had.

    Returns
    -------
    CheckResult
        left_out, units, estimate, std_error, low, high, change, undefined. Further table: `finding` (one row).

    Raises
    ------
    TechnopoleError
        No table, or another one than the effect's.
    MissingColumn
        The table has no such column.
    WrongOption
        More than 60 groups, or fewer than two.

    References
    ----------
    Broderick, T., Giordano, R. & Meager, R. (2020). An automatic finite-sample robustness metric: when can dropping a little data make a big
    difference? arXiv:2011.14999.

    Examples
    --------
    >>> import technopole as tp
    >>> firms = tp.simulate_firms("effect", firms=300, years=5, seed=1).firms
    >>> effect = tp.effects.group_time_effects(firms, outcome="log_sales")
    >>> len(tp.checks.leave_one_out(effect, firms).table)
    3
    """
    used = own(effect, table)
    used.require(by)
    expr = used.expr.mutate(entered=entry(used))
    groups = _groups(expr, by)
    rows = pd.DataFrame(
        [_without(effect, used, expr, by, row) for row in progress.steps(groups, f"left out by {by}")],
        columns=COLUMNS,
    )
    return _finding(effect, rows.sort_values("undefined", key=lambda said: said != "", kind="stable"), by)


def _groups(expr: Expr, by: str) -> list[dict[str, Any]]:
    """The groups' values with how many units they have; for cohorts only those who enter."""
    known = expr.filter(expr[by].notnull() & (expr["entered"] > 0 if by == "entered" else True))
    counts = known.group_by(by).agg(units=known["firm"].nunique()).order_by(by)
    groups: list[dict[str, Any]] = counts.to_pyarrow().to_pylist()
    if not 2 <= len(groups) <= MOST:
        raise WrongOption(
            f"leaving one out needs between 2 and {MOST} groups; {by} has",
            value=len(groups),
            fix='by="entered", "park", "region" or another column of groups',
        )
    return groups


def _without(
    effect: EffectResult, table: Table, expr: Expr, by: str, group: dict[str, Any]
) -> dict[str, Any]:
    units = expr.filter(expr[by] == group[by]).select("firm").distinct()
    found = attempt(effect, table, rows=expr.anti_join(units, "firm"))
    row = {"left_out": str(group[by]), "units": int(group["units"]), "undefined": ""}
    if isinstance(found, str):
        return row | {"undefined": found}
    return row | {
        "estimate": found.estimate,
        "std_error": found.std_error,
        "low": found.low,
        "high": found.high,
        "change": (found.estimate - effect.estimate) / effect.std_error,
    }


def _finding(effect: EffectResult, rows: pd.DataFrame, by: str) -> CheckResult:
    known = rows[rows["undefined"] == ""]
    outcome, allowed = effect.outcome, float(norm.ppf((1 + effect.level) / 2))
    why = ""
    if known.empty or not np.isfinite(known["change"].astype(float)).all():
        why = (
            "without a group the effect can't be estimated"
            if known.empty
            else "the effect has no standard error"
        )
        text = f"Whether the effect on {outcome} rests on one {_word(by)} can't be told: {why}."
        passed: Answer = "cannot tell"
        largest = None
    else:
        most = known.iloc[int(np.argmax(known["change"].abs().to_numpy()))]
        largest = float(abs(most["change"]))
        passed = "yes" if largest <= allowed else "no"
        text = _text(effect, known, most, by, passed)
    return CheckResult.finding_of(
        "leave_one_out",
        passed,
        table=rows,
        text=text,
        fields={**FIELDS, **OWN_FIELDS},
        statistic=largest,
        statistic_name="largest change in standard errors",
        threshold=allowed,
        undefined=why,
    )


def _word(by: str) -> str:
    return "cohort" if by == "entered" else by


def _text(effect: EffectResult, known: pd.DataFrame, most: pd.Series, by: str, passed: str) -> str:
    outcome = effect.outcome
    low, high = float(known["estimate"].min()), float(known["estimate"].max())
    covers = int(((known["low"] <= 0) & (known["high"] >= 0)).sum())
    first = (
        f"Leaving out one {_word(by)} at a time ({len(known)} of them), the effect on {outcome} lies between {amount(outcome, low)} and "
        f"{amount(outcome, high)}; with all it is {amount(outcome, effect.estimate)}."
    )
    second = (
        f"{most['left_out']!s} moves it most, by {number(abs(float(most['change'])))} standard errors, "
        + (
            "which stays within its interval"
            if passed == "yes"
            else "out of its interval: the effect is mostly that one's"
        )
    )
    third = (
        f"; in {covers} of {len(known)} cases the interval includes 0."
        if covers
        else "; it differs from 0 in every case."
    )
    return f"{first} {second}{third}"
