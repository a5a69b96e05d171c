"""Effect by years from entry, from one regression (Sun & Abraham; two-way fixed effects with its warning)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from technopole.effects import _staggered as staggered
from technopole.effects import _staggered_input as given
from technopole.effects import _two_way as two_way
from technopole.effects._overall import text
from technopole.effects._panel import Exits, panel
from technopole.effects._sun_abraham import against_last, sun_abraham
from technopole.effects._two_way_effect import two_way_fixed_effects
from technopole.member import member
from technopole.result import Chart, EffectResult, Field
from technopole.tables import Firms


@member
def event_study(
    firms: Firms,
    *,
    outcome: str,
    covariates: Sequence[str] = (),
    method: Literal["sun_abraham", "two_way_fixed_effects"] = "sun_abraham",
    control: Literal["never_treated", "last_treated"] = "never_treated",
    anticipation: int = 0,
    cluster: str | None = None,
    exits: Exits = "drop",
    level: float = 0.95,
) -> EffectResult:
    """Effect by years from entry, from a regression with an own path for every cohort.

        y(i, t) = a(i) + l(t) + sum over g, e not in {-1 - anticipation} of d(g, e) 1{entered(i) = g, t - g = e} + x(i, t)'b + u(i, t)
        effect(e) = sum over g of share of g among those seen at e, times d(g, e)

    `method="two_way_fixed_effects"` gives all cohorts one path (and one coefficient as headline): units that entered earlier then serve as
    comparison for those that enter later. It is right only if the effect is the same for all and at once; the frame `bacon`
    shows which comparisons it is made of.

    Parameters
    ----------
    firms : Firms
        Firm x year with `entered`.
    outcome : str
        A column of numbers.
    covariates : sequence of str
        Columns that enter the regression; their effects are the same in all years and cohorts.
    method : {"sun_abraham", "two_way_fixed_effects"}
        A path for each cohort, or one for all (with its warning).
    control : {"never_treated", "last_treated"}
        Where nobody is never treated, "last_treated" compares with the last cohort, in the years before it enters.
    anticipation : int
        Years before entry in which entry may already matter.
    cluster : str, optional
        Column of clusters. None: each unit is its own.
    exits : {"drop", "keep"}
        Whether years after a unit left the park are dropped, or count as treated.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    EffectResult
        group, time, event_time, estimate, std_error, low, high, n, undefined (two-way fixed effects: no group and time). Further tables: `aggregates`
        (simple and event), `overall`, `overall_simple`, `overall_event`, `covariance` of the event-time estimates, `sample`; with two-way fixed
        effects `bacon` (treated_group, control_group, kind, weight, estimate) and `bacon_shares` (kind, weight, estimate).

    Raises
    ------
    WrongOption
        An option out of range, or a column that isn't one of numbers.
    TechnopoleError
        Nobody enters; nobody is left to compare with; covariates that are combinations of each other; too many rows and cohorts for
        one regression.

    References
    ----------
    Sun, L. & Abraham, S. (2021). Estimating dynamic treatment effects in event studies with heterogeneous treatment effects. Journal
    of Econometrics 225(2), 175-199.
    Goodman-Bacon, A. (2021). Difference-in-differences with variation in treatment timing. Journal of Econometrics 225(2), 254-277.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> enters = {"a": 2003, "b": 2005, "c": 0}
    >>> rows = [(f, y, g, y - 2000 + (y - g + 1) * (0 < g <= y)) for f, g in enters.items() for y in range(2001, 2007)]
    >>> table = pd.DataFrame(rows, columns=["firm", "year", "entered", "sales"])
    >>> right = tp.effects.event_study(table, outcome="sales")
    >>> wrong = tp.effects.event_study(table, outcome="sales", method="two_way_fixed_effects")
    >>> round(right.estimate, 3), round(wrong.estimate, 3)
    (2.167, 1.5)
    """
    given.check_options(level=level, anticipation=anticipation)
    rows = panel(firms, outcome=outcome, covariates=covariates, cluster=cluster, exits=exits)
    if control == "last_treated" and method == "sun_abraham":
        against_last(rows)
    needed = method == "sun_abraham"
    given.needs_both(rows, never=needed, instead="last_treated")
    given.referenced(rows, -1 - anticipation)
    given.independent(rows)
    inference = staggered.inference_of(rows, level=level)
    inference.freedom = float((rows.rows["cluster"] if cluster else rows.rows["unit"]).nunique() - 1)
    made = sun_abraham if method == "sun_abraham" else two_way_fixed_effects
    table, averages, parts, warnings = made(rows, anticipation, inference)
    frames = staggered.frames(averages, inference, rows, **parts)
    whom = "average over the treated units' years since entry"
    if method == "two_way_fixed_effects":
        whom = "one coefficient for all cohorts and years, which is no average of their effects"
        frames["overall"]["estimand"] = frames["overall_simple"]["estimand"] = _COEFFICIENT
    return EffectResult.of(
        staggered.last_undefined(table),
        text=text(frames["overall"], whom=whom) + _forbidden(parts),
        fields=_FIELDS,
        chart=Chart("event_study", {"outcome": outcome}, of="aggregates"),
        warnings=[*rows.warnings, *given.restrictions(rows), *given.absorbed(rows), *warnings],
        **frames,
    )


_COEFFICIENT = "coefficient of two-way fixed effects: a weighted mean of two-by-two comparisons, some with units already treated"
_FIELDS = {
    **staggered.FIELDS,
    "band_low": Field("no uniform band in this design: always null", "unit of the outcome", 4),
    "band_high": Field("no uniform band in this design: always null", "unit of the outcome", 4),
    "treated_group": Field("year of entry of those whose change is measured"),
    "control_group": Field("year of entry of those compared with; 0 = never"),
    "kind": Field("which comparison; later against earlier uses units already treated"),
    "weight": Field("share of the coefficient", "", 4),
}


def _forbidden(parts: dict[str, pd.DataFrame]) -> str:
    if "bacon_shares" not in parts:
        return ""
    share = float(parts["bacon_shares"].set_index("kind")["weight"][two_way.FORBIDDEN])
    return f" Of its weight {100 * share:.3g} % is on comparisons with units already treated: read it only beside an estimator that makes none."
