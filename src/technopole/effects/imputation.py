"""Effects against imputed outcomes without entry (Borusyak, Jaravel & Spiess)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from technopole.effects import _imputed as imputed
from technopole.effects import _leads as before_entry
from technopole.effects import _staggered as staggered
from technopole.effects import _staggered_input as given
from technopole.effects._overall import intervals, number, text
from technopole.effects._panel import Exits, panel
from technopole.member import member
from technopole.result import Chart, EffectResult, Field, effect
from technopole.tables import Firms


@member
def imputation(
    firms: Firms,
    *,
    outcome: str,
    covariates: Sequence[str] = (),
    anticipation: int = 0,
    leave_one_out: bool = False,
    cluster: str | None = None,
    exits: Exits = "drop",
    level: float = 0.95,
) -> EffectResult:
    """Effect of entry: outcomes after entry less what unit and year effects of those not (yet) in would give.

        y(i, t) = a(i) + l(t) + x(i, t)'b + u(i, t)                  estimated on rows before entry, and of units that never enter
        effect(i, t) = y(i, t) - a(i) - l(t) - x(i, t)'b             for rows since entry
        ATT(g, t) = mean of effect(i, t) over i that entered in g;   overall = mean over all rows since entry

    Where effects are the same for all years before, all these years count, not one base year: the shortest intervals there are if trends
    are parallel in all of them, and more to lose if they aren't. Trends before entry are tested apart, on untreated rows only, so
    that passing the test doesn't bend the estimate.

    Parameters
    ----------
    firms : Firms
        Firm x year with `entered`; unbalanced panels are used as they are.
    outcome : str
        A column of numbers.
    covariates : sequence of str
        Columns that vary over the years of a unit (what doesn't is in its own effect already).
    anticipation : int
        Years before entry in which entry may already matter: their rows aren't used for the unit and year effects.
    leave_one_out : bool
        Whether each unit is held against the mean of the *others* of its cohort in the standard error: larger, and less too small where cohorts are small.
    cluster : str, optional
        Column of clusters. None: each unit is its own.
    exits : {"drop", "keep"}
        Whether years after a unit left the park are dropped, or count as treated.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    EffectResult
        group, time, event_time, estimate, std_error, low, high, n, undefined. Further tables: `aggregates` (simple, group, calendar, event; event times
        before entry are those of the test), `overall` and one `overall_<aggregation>` each, `covariance` of event times (between before and
        after: none), `pre_trends` (statistic, freedom, freedom_below, p_value, undefined), `sample`.

    Raises
    ------
    WrongOption
        An option out of range, or a column that isn't one of numbers.
    TechnopoleError
        Nobody enters; covariates that are combinations of each other; no rows without treatment.

    References
    ----------
    Borusyak, K., Jaravel, X. & Spiess, J. (2024). Revisiting event-study designs: robust and efficient estimation. Review of Economic
    Studies 91(6), 3253-3285.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> enters = {"a": 2003, "b": 2005, "c": 0}
    >>> rows = [(f, y, g, y - 2000 + (y - g + 1) * (0 < g <= y)) for f, g in enters.items() for y in range(2001, 2007)]
    >>> table = pd.DataFrame(rows, columns=["firm", "year", "entered", "sales"])
    >>> round(tp.effects.imputation(table, outcome="sales").estimate, 3)
    2.167
    """
    given.check_options(level=level, anticipation=anticipation)
    rows = panel(firms, outcome=outcome, covariates=covariates, cluster=cluster, exits=exits)
    given.needs_both(rows, never=False)
    given.independent(rows)
    inference = staggered.inference_of(rows, level=level)
    fitted = imputed.fit(rows, anticipation, leave_one_out)
    table, score = imputed.cells_of(fitted, inference)
    made = imputed.averages(table, score, rows, inference)
    leads = before_entry.leads(rows, anticipation)
    test = before_entry.test_of(leads)
    covariance = before_entry.covariance(table, score, leads)
    frames = staggered.frames(made, inference, rows, covariance=covariance, pre_trends=test)
    frames["aggregates"] = before_entry.with_leads(frames["aggregates"], leads, inference)
    return EffectResult.of(
        staggered.last_undefined(_shown(table, inference)),
        text=f"{text(frames['overall'], whom=_WHOM)} {_said(test)}".strip(),
        fields=_FIELDS,
        chart=Chart("event_study", {"outcome": outcome}, of="aggregates"),
        warnings=[
            *rows.warnings,
            *given.restrictions(rows),
            *given.absorbed(rows),
            *fitted.warnings,
            *imputed.left_out(table),
        ],
        **frames,
    )


_WHOM = "average over the treated units' years since entry"
_FIELDS = {
    **staggered.FIELDS,
    "band_low": Field("no uniform band in this design: always null", "unit of the outcome", 4),
    "band_high": Field("no uniform band in this design: always null", "unit of the outcome", 4),
    "statistic": Field("F statistic: no difference in any year before entry", "", 3),
    "freedom": Field("years before entry tested together", "years", 0),
    "freedom_below": Field("clusters less one", "", 0),
}


def _shown(table: pd.DataFrame, inference: staggered.Inference) -> pd.DataFrame:
    ends = intervals(table["estimate"], table["std_error"], level=inference.level, freedom=inference.freedom)
    table = table.assign(low=ends["low"], high=ends["high"])
    return table[list(effect.CELL)]


def _said(test: pd.DataFrame) -> str:
    row = test.iloc[0]
    if row["undefined"]:
        return "Trends before entry can't be tested."
    return f"Before entry, differences in trend have p = {number(row['p_value'])} taken together (a test of its own)."
