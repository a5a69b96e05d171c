"""Firms inside parks against comparable firms outside."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from technopole.effects import _balance, _comparison_words, _difference
from technopole.effects._adjustment import Adjusted, Estimand, Method, Metric, Options, adjusted
from technopole.effects._comparison_sample import Sample, sample
from technopole.effects._gap import ROUNDING, Gap, gap
from technopole.effects._overall import intervals, overall
from technopole.errors import WrongOption
from technopole.libraries import library
from technopole.member import member
from technopole.result import Chart, EffectResult, effect
from technopole.tables import Firms


@member
def matched_comparison(
    firms: Firms,
    *,
    outcome: str | Sequence[str],
    on: Sequence[str],
    method: Method = "nearest",
    exact: Sequence[str] = (),
    estimand: Estimand = "treated",
    year: int | None = None,
    before: int = 0,
    change: bool = False,
    ratio: int = 1,
    replace: bool = True,
    caliper: float | None = None,
    metric: Metric = "mahalanobis",
    adjust: bool = True,
    bins: int | None = None,
    trim: float = 0.0,
    cluster: str | None = None,
    level: float = 0.95,
) -> EffectResult:
    """How firms inside parks differ from comparable firms outside: matched, balanced or weighted on what is known of them.

        effect = mean of y inside - sum of w[i] y[i] outside,   sum of w = 1, w makes sum of w[i] x[i] outside ~ mean of x inside
        nearest:     w[i] = how often i is among the `ratio` nearest to one inside, by the distance of x (or of its logit: propensity)
        strata:      w[i] = share of those inside that are in i's stratum, over the firms outside in it
        entropy:     the most even w with exactly the means of those inside
        probability: w[i] ~ p(x) / (1 - p(x)), p a logit; doubly robust: the same for what a regression on x doesn't explain

    The answer is an effect of the park only if nothing else that matters for the outcome differs between the firms compared. With `before` firms are matched
    on what they were before any of them entered, and `change` compares changes, which takes out what stays.

    Parameters
    ----------
    firms : Firms
        One year (a survey of firms on and off parks) or several. `entered`, or else `park`, says who is inside.
    outcome : str or sequence of str
        What is compared; of several, `overall` is about the first, and p-values of all are corrected for their number.
    on : sequence of str
        Columns of numbers to be comparable in.
    method : {"nearest", "propensity", "coarsened_exact", "entropy_balancing", "inverse_probability", "doubly_robust"}
        How firms outside are made comparable.
    exact : sequence of str
        Columns (also of text: industry, region) in which compared firms have to be the same.
    estimand : {"treated", "all"}
        Average over firms inside, or over all firms.
    year : int, optional
        Year of the outcome; the last otherwise.
    before : int
        How many years earlier the columns `on` and `exact` are measured. Firms inside by then are left out.
    change : bool
        Compare the change of the outcome since then, not its level.
    ratio : int
        Partners per firm (nearest, propensity).
    replace : bool
        Whether a firm may be partner more than once; if not, the pairs with the smallest sum of squared distances are taken.
    caliper : float, optional
        Largest distance between partners: Mahalanobis (or Euclidean in standard deviations), or standard deviations of the logit.
    metric : {"mahalanobis", "inverse_variance"}
        Distance of nearest.
    adjust : bool
        Correct by regression for what still differs between partners (nearest, propensity).
    bins : int, optional
        Bins of equal width per column (coarsened_exact); Sturges' number otherwise. Columns with fewer values are kept as they are.
    trim : float
        Leave out firms whose chance of being inside is below this or above 1 minus this, in [0, 0.5).
    cluster : str, optional
        A column with groups within which firms are alike (strata, entropy, probability, doubly robust); firms otherwise.
    level : float
        Confidence level of the intervals, in (0, 1).

    Returns
    -------
    EffectResult
        table: comparison (as they are; comparable), estimate, std_error, low, high, n, undefined. Further tables `overall`, `sample`, `balance` (covariate, means,
        standardised differences and variance ratios before and after, undefined), `sides` (side, firms, used, effective_size, range of the
        chances of being inside, undefined) and `outcomes` (outcome, estimate, std_error, low, high, p_value, p_holm, q_value,
        means, cohen_d, hedges_g and odds_ratio with interval as they are, undefined).

    Raises
    ------
    MissingColumn
        No such column, or nothing says who is inside.
    WrongOption
        Options that don't go together or are out of range; a year the table hasn't.
    TechnopoleError
        Nobody is comparable.

    References
    ----------
    Abadie, A. & Imbens, G. W. (2006). Large sample properties of matching estimators for average treatment effects. Econometrica 74(1), 235-267.
    Abadie, A. & Imbens, G. W. (2011). Bias-corrected matching estimators for average treatment effects. Journal of Business & Economic Statistics 29(1), 1-11.
    Abadie, A. & Spiess, J. (2022). Robust post-matching inference. Journal of the American Statistical Association 117(538), 983-995.
    Hainmueller, J. (2012). Entropy balancing for causal effects. Political Analysis 20(1), 25-46.
    Iacus, S. M., King, G. & Porro, G. (2012). Causal inference without balance checking: coarsened exact matching. Political Analysis 20(1), 1-24.
    Sant'Anna, P. H. C. & Zhao, J. (2020). Doubly robust difference-in-differences estimators. Journal of Econometrics 219(1), 101-122.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> table = pd.DataFrame({"firm": list("abcdefgh"), "year": 2020, "park": ["North"] * 3 + [None] * 5,
    ...     "size": [10, 20, 31, 11, 20, 30, 80, 90], "sales": [3.0, 4.0, 6.0, 2.0, 3.0, 4.0, 9.0, 9.0]})
    >>> found = tp.effects.matched_comparison(table, outcome="sales", on=["size"], adjust=False)
    >>> round(found.level_gap, 4), round(found.estimate, 4)
    (-1.0667, 1.3333)
    """
    outcomes = [outcome] if isinstance(outcome, str) else list(outcome)
    options = Options(method, estimand, ratio, replace, caliper, metric, adjust, bins, trim)
    _check(options, outcomes, on, before, change, cluster, level)
    made = sample(
        firms,
        outcomes=outcomes,
        on=on,
        exact=exact,
        cluster=cluster,
        year=year,
        before=before,
        change=change,
    )
    treated, every = made.treated, np.ones(len(made.rows))
    plain = gap(made.panel, level=level)
    raw = _raw(made, level) if change else plain
    first = _balance.moments(made.on, made.covariates.T, treated, every)
    counts = int(treated.sum()), int((~treated).sum())
    several = pd.DataFrame(
        [_difference.standardised(made.outcome(i), treated, level) for i in range(len(outcomes))]
    )
    warnings = made.panel.warnings
    found = adjusted(made, options, warnings)
    largest = [float(np.abs(made.panel.rows[name]).max()) for name in ("outcome", *outcomes[1:])]
    found.errors[found.errors <= ROUNDING * np.array(largest)] = 0.0
    last = _balance.moments(made.on, made.covariates.T, made.treated, found.weight)
    several = _outcomes(outcomes, several, found, level)
    used = [int((found.weight[side] > 0).sum()) for side in (made.treated, ~made.treated)]
    one = overall(
        made.panel,
        plain,
        estimand=_comparison_words.estimand(options, made, before, change),
        estimate=float(found.estimates[0]),
        std_error=float(found.errors[0]),
        level=level,
        freedom=found.freedom,
        undefined="" if found.errors[0] > 0 else _NO_ERROR,
        treated=used[0],
        controls=used[1],
    )
    return EffectResult.of(
        _cells(one, raw, used[0]),
        text=_comparison_words.text(one, made, before, change, for_inside=estimand == "treated"),
        fields={**effect.FIELDS, **_balance.FIELDS, **_difference.FIELDS, **_comparison_words.FIELDS},
        chart=Chart("balance", {}, "balance"),
        warnings=warnings,
        overall=one,
        balance=_balance.table(first, last),
        sides=_balance.sides(made.treated, found.weight, found.score, counts),
        outcomes=several,
        sample=made.panel.sample,
    )


_NO_ERROR = "interval: too few firms, or none that differ in the outcome, for a standard error"


def _check(
    options: Options,
    outcomes: Sequence[str],
    on: Sequence[str],
    before: int,
    change: bool,
    cluster: str | None,
    level: float,
) -> None:
    if not outcomes or not on:
        raise WrongOption(
            "name at least one outcome, and one column to be comparable in (on=)", value=list(on)
        )
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if before < 0:
        raise WrongOption("before is a number of years, 0 or more", value=before)
    if change and not before:
        raise WrongOption(
            "a change needs an earlier year",
            value=change,
            fix="before=3 compares the change over three years",
        )
    if options.ratio < 1:
        raise WrongOption("ratio is a number of partners, 1 or more", value=options.ratio)
    if options.bins is not None and options.bins < 2:
        raise WrongOption("bins are 2 or more", value=options.bins)
    if not 0 <= options.trim < 0.5:
        raise WrongOption("trim is a chance from 0 to below 0.5", value=options.trim)
    if options.caliper is not None and options.caliper <= 0:
        raise WrongOption("a caliper is a distance above 0", value=options.caliper)
    _check_partners(options, cluster)


def _check_partners(options: Options, cluster: str | None) -> None:
    partners = options.method in ("nearest", "propensity")
    if not partners and (options.caliper is not None or not options.replace or options.ratio > 1):
        raise WrongOption(
            "caliper, ratio and replace are about partners, which this method doesn't have",
            value=options.method,
        )
    if partners and cluster:
        raise WrongOption(
            "errors of a comparison with partners can't be clustered",
            value=cluster,
            fix="method='doubly_robust' or 'entropy_balancing' can",
        )
    if not options.replace and options.estimand == "all":
        raise WrongOption(
            "pairs without replacement exist for firms inside only",
            value=options.estimand,
            fix="replace=True",
        )


def _raw(made: Sample, level: float) -> Gap:
    """The difference in changes, as the firms are."""
    rows: pd.DataFrame = made.panel.rows.assign(outcome=made.outcome(0))
    return gap(dataclasses.replace(made.panel, rows=rows), level=level)


def _outcomes(outcomes: Sequence[str], standing: pd.DataFrame, found: Adjusted, level: float) -> pd.DataFrame:
    """One row per outcome: estimate, p-values corrected for their number, and the difference as they are."""
    table = pd.DataFrame({"outcome": outcomes, "estimate": found.estimates})
    table["std_error"] = np.where(found.errors > 0, found.errors, math.nan)
    table = table.join(intervals(found.estimates, found.errors, level=level, freedom=found.freedom))
    known = table["p_value"].notna()
    for name, correct in (("p_holm", _holm), ("q_value", false_discovery_control)):
        table.loc[known, name] = correct(table.loc[known, "p_value"].to_numpy()) if known.any() else math.nan
    table = table.join(standing)
    why = np.where(known, "", _NO_ERROR)
    table["undefined"] = ["; ".join(filter(None, pair)) for pair in zip(why, table["undefined"], strict=True)]
    return table


def _holm(p_values: np.ndarray) -> np.ndarray:
    return library("statsmodels.stats.multitest").multipletests(p_values, method="holm")[1]


def _cells(one: pd.DataFrame, raw: Gap, inside: int) -> pd.DataFrame:
    row = one.iloc[0]
    names = ("estimate", "std_error", "low", "high")
    plain = {name: getattr(raw, name) for name in names}
    cells = [
        {"comparison": "as they are", **plain, "n": inside, "undefined": raw.undefined},
        {"comparison": "comparable", **row[list(names)], "n": inside, "undefined": row["undefined"]},
    ]
    table = pd.DataFrame(cells)
    return table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)
