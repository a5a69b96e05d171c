"""Survival of firms in and out of parks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from technopole.effects._closing import pieces, risk_panel
from technopole.effects._cox import Fit, Ties, cox, dummies, groups_of, independent, terms
from technopole.effects._gap import Gap
from technopole.effects._overall import intervals, number, overall, span
from technopole.effects._panel import Exits, Panel
from technopole.effects._survival_curves import CURVE_FIELDS, Curves, curves
from technopole.errors import EmptyTable, TechnopoleError, WrongOption
from technopole.kernels import complementary_log_log as kernel
from technopole.kernels.threads import one_thread
from technopole.libraries import heard
from technopole.member import member
from technopole.result import Chart, EffectResult, Field, effect
from technopole.tables import Firms

PIECES = 20


@member
def survival(
    firms: Firms,
    *,
    covariates: Sequence[str] = (),
    born: str | None = None,
    closed: str | None = None,
    model: Literal["discrete", "cox"] = "discrete",
    ties: Ties = "efron",
    exits: Exits = "drop",
    at_risk: int = 10,
    cluster: str | None = None,
    level: float = 0.95,
) -> EffectResult:
    """Whether firms in parks close less often: hazard ratio, survival curves and years lived.

        discrete: log(-log(1 - h[i, t])) = baseline(years lived) + year[t] + b inside[i, t] + x[i, t] c
        cox: h[i](t) = baseline(t) exp(year[t] + b inside[i, t] + x[i, t] c), by partial likelihood
        estimate = b = log of the hazard ratio

    A firm counts as inside only from the year it enters, so that having lived long enough to enter isn't taken for an effect of the park; firms
    seen only some years after birth count from then on. Yearly data say in which year a firm closed, not when: the discrete model is made for
    that, and b is the same log hazard ratio as in continuous time.

    Parameters
    ----------
    firms : Firms
        Firm x year with `entered`.
    covariates : sequence of str
        Columns that comparable firms have in common, as they are each year.
    born : str, optional
        Column with the year of birth: time is then age. None = time runs from the first year a firm is seen.
    closed : str, optional
        Column with the last year of a firm that closed, 0 or none = still there. None = a firm closed after the last year in which it is
        seen, unless that is the panel's last.
    model : {"discrete", "cox"}
    ties : {"efron", "breslow"}
        How Cox's model treats firms that close at the same age.
    exits : {"drop", "keep"}
        Firms that left a park: out of the sample from then on, or inside for ever.
    at_risk : int
        Curves and years lived are compared where at least so many firms are at risk, inside and outside.
    cluster : str, optional
        Column within whose values firms depend on each other; None = each firm for itself.
    level : float
        Confidence level.

    Returns
    -------
    EffectResult
        `table`: term, estimate (log hazard ratio), std_error, low, high, p_value, hazard_ratio, hazard_ratio_low, hazard_ratio_high. Further
        tables: `overall`, `sample`, `curves` (status, lived, survival, low, high, n, closings), `years_lived` (status: inside, outside,
        difference; years from `lived_from` to `lived_to`, std_error, low, high) and `log_rank` (chi_square, p_value). The level gap is
        the log hazard ratio in the same year without regard to age and covariates.

    Raises
    ------
    TechnopoleError
        No firm closes, or none does inside or outside.
    EmptyTable
        Nothing is left to compare.

    References
    ----------
    Prentice, R. L. & Gloeckler, L. A. (1978). Regression analysis of grouped survival data with application to breast cancer data.
    Biometrics 34(1), 57-67.
    Cox, D. R. (1972). Regression models and life-tables. Journal of the Royal Statistical Society B 34(2), 187-220.
    Lin, D. Y. & Wei, L. J. (1989). The robust inference for the Cox proportional hazards model. Journal of the American Statistical
    Association 84(408), 1074-1078.
    Simon, R. & Makuch, R. W. (1984). A non-parametric graphical representation of the relationship between survival and the occurrence
    of an event. Statistics in Medicine 3(1), 35-44.

    Examples
    --------
    >>> import technopole as tp
    >>> world = tp.simulate_firms("survival", firms=2000, effect=0.4, seed=2)  # the true ratio is 0.449
    >>> found = tp.effects.survival(world.firms, born="born", closed="closed")
    >>> found.table[["term", "hazard_ratio"]].round(2).values.tolist()
    [['in a park', 0.42]]
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if at_risk < 1:
        raise WrongOption("at_risk is a number of firms, 1 or more", value=at_risk)
    made = risk_panel(firms, covariates=covariates, cluster=cluster, born=born, closed=closed, exits=exits)
    heard_of: list[str] = []
    with heard(heard_of), one_thread():
        fitted = _discrete(made) if model == "discrete" else _cox(made, ties)
        crude = _crude(made, level)
        drawn = curves(made.rows, at_risk=at_risk, level=level)
    table = terms(fitted, made.covariates, level)
    row = overall(
        made,
        crude,
        estimand="log hazard ratio of closing, inside a park against outside",
        estimate=float(table["estimate"].iloc[0]),
        std_error=float(table["std_error"].iloc[0]),
        level=level,
        undefined=drawn.undefined,
        treated=int(made.rows.loc[made.rows["inside"] == 1, "unit"].nunique()),
        controls=int(made.rows.loc[made.rows["inside"] == 0, "unit"].nunique()),
    )
    return EffectResult.of(
        table,
        text=_text(made, table.iloc[0], drawn, born),
        fields={**effect.FIELDS, **_FIELDS, **CURVE_FIELDS},
        chart=Chart("survival_curves", {}, of="curves"),
        warnings=[*made.warnings, *heard_of],
        overall=row,
        sample=made.sample,
        curves=drawn.table,
        years_lived=drawn.years_lived,
        log_rank=drawn.log_rank,
    )


_FIELDS = {
    "term": Field("what the hazard depends on"),
    "estimate": Field("log of the hazard ratio; negative = closes less often", "log", 4),
    "std_error": Field("standard error of the row's number", "", 4),
    "low": Field("lower end of the confidence interval of the row's number", "", 4),
    "high": Field("upper end of the confidence interval of the row's number", "", 4),
    "hazard_ratio": Field("hazard of closing, as a multiple of the others'", "ratio", 3),
    "hazard_ratio_low": Field("lower end of its confidence interval", "ratio", 3),
    "hazard_ratio_high": Field("upper end of its confidence interval", "ratio", 3),
}


def _discrete(made: Panel) -> Fit:
    """Complementary log-log regression of closing on pieces of time lived, years, being inside and covariates."""
    rows = made.rows
    piece = pieces(rows["lived"].to_numpy("float64"), rows["outcome"].to_numpy() > 0, PIECES)
    rows = _telling(rows.assign(piece=piece), "piece", "year")
    return _cloglog(rows, ["piece", "year"], made.covariates)


def _cloglog(rows: pd.DataFrame, parts: Sequence[str], covariates: Sequence[str]) -> Fit:
    """Regress closing on being inside and covariates, with a level per value of each part; clustered."""
    codes = [np.unique(rows[part], return_inverse=True) for part in parts]
    sizes = [len(values) for values, _ in codes]
    cell = np.ravel_multi_index([code for _, code in codes], sizes)
    levels = np.hstack([np.eye(size)[at.ravel()] for size, at in zip(sizes, np.indices(sizes), strict=True)])
    named = rows[["inside", *covariates]].to_numpy("float64")
    every = kernel.Design.of(named, cell, levels)
    nuisance = levels.shape[1]
    order = np.roll(np.arange(nuisance + named.shape[1]), nuisance)
    gram = every.gram(np.ones(len(rows)))[np.ix_(order, order)]
    design = replace(every, levels=levels[:, independent(gram, nuisance, covariates)])
    clusters = np.unique(groups_of(rows), return_inverse=True)[1]
    found = kernel.cloglog(rows["outcome"].to_numpy(), design, clusters)
    if not found.converged:
        raise TechnopoleError(
            "the regression of closing doesn't settle: some covariate tells exactly who closes",
            fix="leave out that covariate",
        )
    return Fit(found.params, found.covariance)


def _cox(made: Panel, ties: Ties) -> Fit:
    """Cox's model with years as covariates, as far as they vary among firms of the same age."""
    rows = _telling(made.rows, "year")
    named = rows[["inside", *made.covariates]].to_numpy("float64")
    start, dies = rows["lived"].to_numpy("float64"), rows["outcome"].to_numpy("int64")
    years, groups = dummies(rows["year"]), groups_of(rows)
    return cox(start, start + 1, dies, named, years, groups, covariates=made.covariates, ties=ties)


def _crude(made: Panel, level: float) -> Gap:
    """The log hazard ratio within the same year, all ages together, without covariates."""
    rows = _telling(made.rows, "year")
    fit = _cloglog(rows, ["year"], ())
    estimate, error = float(fit.params[0]), math.sqrt(fit.covariance[0, 0])
    wald = intervals([estimate], [error], level=level).iloc[0]
    return Gap(estimate, error, float(wald["low"]), float(wald["high"]), float(wald["p_value"]))


def _telling(rows: pd.DataFrame, *parts: str) -> pd.DataFrame:
    """Leave out years and pieces of time lived in which no firm closes, or every one: they say nothing about a ratio."""
    while True:
        share = pd.concat([rows.groupby(part)["outcome"].transform("mean") for part in parts], axis=1)
        keep = ((share > 0) & (share < 1)).all(axis=1)
        if keep.all():
            break
        rows = rows[keep]
    deaths = rows[rows["outcome"] > 0].groupby("inside")["unit"].count()
    if len(deaths) < 2:
        raise EmptyTable("in no year do some firms close and others not, both inside and outside parks")
    return rows


def _text(made: Panel, row: pd.Series, drawn: Curves, born: str | None) -> str:
    rows = made.rows
    same = "age and year" if born else "time since first seen, and year"
    others = f" and {', '.join(made.covariates)}" if made.covariates else ""
    said = (
        f"In parks, the hazard of closing is {number(row['hazard_ratio'])} times that outside "
        f"({span(row['hazard_ratio_low'], row['hazard_ratio_high'])}) for firms of the same {same}{others}. "
    )
    if len(drawn.years_lived):
        mean = drawn.years_lived.iloc[-1]
        said += (
            f"Between year {int(mean['lived_from'])} and {int(mean['lived_to'])} of their lives firms inside are open "
            f"{number(mean['years'])} years longer ({span(mean['low'], mean['high'])}), whoever they are. "
        )
    units = rows["unit"].nunique()
    return said + (
        f"It rests on {int(rows['outcome'].sum()):,} closings among {units:,} firms, {rows.loc[rows['inside'] == 1, 'unit'].nunique():,} of "
        "them seen inside, and is an effect of parks only if firms that enter would otherwise have closed as often as comparable others."
    )
