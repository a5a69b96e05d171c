"""Are those inside and their comparisons alike in what is known of them?"""

from __future__ import annotations

import math

import pandas as pd

from technopole.checks._comparable import DESIGNS as DESIGNS
from technopole.checks._comparable import MATCHED, comparable
from technopole.checks._comparable import refusal as refusal
from technopole.effects._balance import FIELDS
from technopole.errors import TechnopoleError, WrongOption
from technopole.member import member
from technopole.result import Chart, CheckResult, EffectResult
from technopole.result.check import Answer
from technopole.tables import Firms


@member
def balance(
    effect: EffectResult,
    table: Firms | None = None,
    *,
    good: float = 0.1,
    fair: float = 0.25,
) -> CheckResult:
    """Are those inside and their comparisons alike in what is known of them?

        d = (mean inside - mean of the comparisons) / root of the mean of both variances, as they are
        it stands if all |d| <= good, it falls if one is > fair; between them it can't be told

    For a matched comparison d is that of the groups as compared. For staggered designs with covariates it is that of the last year seen
    before entry, cohort by cohort, the others weighted by their odds of entering (as inverse probability and doubly robust estimates do).

    Parameters
    ----------
    effect : EffectResult
        A matched comparison, or an effect estimated with covariates.
    table : Firms, optional
        The table it was estimated from; not needed for a matched comparison.
    good : float
        Differences up to this are balance.
    fair : float
        Differences beyond this make regression depend on its form (Imbens and Rubin 2015).

    Returns
    -------
    CheckResult
        covariate, means, standardised differences and variance ratios before and after, undefined. Further table: `finding` (one row).

    Raises
    ------
    TechnopoleError
        The effect has no covariates, or the table isn't the one it was estimated from.
    WrongOption
        Thresholds that aren't 0 < good <= fair.

    References
    ----------
    Austin, P. C. (2009). Balance diagnostics for comparing the distribution of baseline covariates between treatment groups in propensity-score
    matched samples. Statistics in Medicine 28(25), 3083-3107.
    Imbens, G. W. & Rubin, D. B. (2015). Causal inference for statistics, social, and biomedical sciences, chapter 14. Cambridge University Press.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> table = pd.DataFrame({"firm": list("abcdefgh"), "year": 2020, "park": ["North"] * 3 + [None] * 5,
    ...     "size": [10, 20, 31, 11, 20, 30, 80, 90], "sales": [3.0, 4.0, 6.0, 2.0, 3.0, 4.0, 9.0, 9.0]})
    >>> effect = tp.effects.matched_comparison(table, outcome="sales", on=["size"], adjust=False)
    >>> tp.checks.balance(effect).passed
    True
    """
    if not 0 < good <= fair:
        raise WrongOption("thresholds are 0 < good <= fair", value=[good, fair])
    why = refusal(effect)
    if why:
        raise TechnopoleError(why, value=effect.design)
    rows = comparable(effect, table).balance
    known = rows[rows["difference_after"].notna()]
    worst = float(known["difference_after"].abs().max()) if len(known) else math.nan
    passed: Answer = "no" if worst > fair else "yes" if worst <= good else "cannot tell"
    missing = "" if len(known) else "no covariate can be standardised"
    between = f"a difference between {good:g} and {fair:g}"
    return CheckResult.finding_of(
        "balance",
        passed,
        table=rows,
        text=_text(effect, known, worst, passed, good, fair) if len(known) else f"Nothing said: {missing}.",
        fields=FIELDS,
        statistic=worst,
        statistic_name="largest standardised difference",
        threshold=good,
        undefined=(missing or between) if passed == "cannot tell" else "",
        chart=Chart("balance", {}, "table"),
    )


def _text(
    effect: EffectResult, known: pd.DataFrame, worst: float, passed: Answer, good: float, fair: float
) -> str:
    sizes = known["difference_after"].abs()
    name = known["covariate"].iloc[int(sizes.to_numpy().argmax())]
    before = float(known["difference_before"].abs().max())
    when = "as compared" if effect.design == MATCHED else "in the year before entry, weighted"
    said = {
        "yes": "so those compared are alike in what is known of them; what isn't known stays open",
        "no": f"more than {fair:g}, so the effect rests on how the covariates are modelled",
        "cannot tell": f"more than {good:g}, which a regression can take out if its form is right",
    }[passed]
    return (
        f"Of {len(known)} covariates, {int((sizes <= good).sum())} differ by at most {good:g} standard deviations {when}; the largest difference is "
        f"{worst:.2f} ({name}), before it was up to {before:.2f}: {said}."
    )
