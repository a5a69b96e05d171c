"""The difference in levels between firms inside parks and the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from technopole.effects import _difference
from technopole.effects._entry import with_entry
from technopole.effects._gap import Gap, gap, inside
from technopole.effects._overall import number, overall, sample_sentence, with_interval
from technopole.effects._panel import Panel, panel
from technopole.errors import TechnopoleError, WrongOption
from technopole.member import member
from technopole.result import Chart, EffectResult, Field, effect
from technopole.tables import Firms


@member
def level_gap(
    firms: Firms,
    *,
    outcome: str,
    covariates: Sequence[str] = (),
    by: Literal["pooled", "year"] = "pooled",
    cluster: str | None = None,
    level: float = 0.95,
) -> EffectResult:
    """How firms inside parks differ from the others in the same year: a difference in levels, not an effect.

        y[i, t] = a[t] + g inside[i, t] + x[i, t]' b + e[i, t]
        d = (mean inside - mean outside) / pooled standard deviation
        odds ratio = (yes inside / no inside) / (yes outside / no outside), for outcomes that are 0 or 1

    g is estimated by least squares with standard errors clustered by firm, without and with covariates. Firms in parks were often better before they
    came: the gap contains that, which is why it stands beside every effect and is never one itself.

    Parameters
    ----------
    firms : Firms
        One year (a survey) or several. `entered`, or else `park`, says who is inside.
    outcome : str
        A column of numbers, or of 0 and 1.
    covariates : sequence of str
        Columns to be held constant in the second row.
    by : {"pooled", "year"}
        One gap over all years, or one per year.
    cluster : str, optional
        A column with groups within which firms are alike (region, park); firms otherwise.
    level : float
        Confidence level of the intervals, in (0, 1).

    Returns
    -------
    EffectResult
        table: comparison (as they are; with covariates), time (0 = all years), estimate, std_error, low, high, n, undefined. Further tables `overall`
        (the gap with covariates, if there are any), `standardised` (in the last year with firms on both sides: time, mean_inside, mean_outside,
        cohen_d, hedges_g with interval, odds_ratio with interval, undefined) and `sample`.

    Raises
    ------
    MissingColumn
        No such column, or nothing says who is inside.
    WrongOption
        A level out of range, or an outcome that isn't numeric.
    TechnopoleError
        All firms are inside, or none, in each year.

    References
    ----------
    Cohen, J. (1988). Statistical power analysis for the behavioral sciences, 2nd ed. Lawrence Erlbaum.
    Hedges, L. V. & Olkin, I. (1985). Statistical methods for meta-analysis. Academic Press.
    Liang, K.-Y. & Zeger, S. L. (1986). Longitudinal data analysis using generalized linear models. Biometrika 73(1), 13-22.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> table = pd.DataFrame({"firm": list("abcdef"), "year": 2020, "park": ["North", "North", "North", None, None, None],
    ...     "sales": [5.0, 6.0, 7.0, 3.0, 4.0, 5.0], "link": [1, 1, 0, 1, 0, 0]})
    >>> found = tp.effects.level_gap(table, outcome="sales")
    >>> found.table["estimate"].round(12).tolist(), found.standardised["cohen_d"].round(12).tolist()
    ([2.0], [2.0])
    >>> tp.effects.level_gap(table, outcome="link").standardised["odds_ratio"].round(12).tolist()
    [4.0]
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    made = panel(
        with_entry(firms), outcome=outcome, covariates=covariates, cluster=cluster, always_treated="keep"
    )
    _both_sides(made)
    cells = _cells(made, covariates, by, level)
    plain = gap(made, level=level)
    held = gap(made, level=level, covariates=covariates) if covariates else plain
    one = overall(
        made,
        plain,
        estimand=_estimand(covariates),
        estimate=held.estimate,
        std_error=held.std_error,
        level=level,
        interval=(held.low, held.high),
        p_value=held.p_value,
        undefined=held.undefined,
    )
    standing = _standardised(made, level)
    return EffectResult.of(
        cells,
        text=_text(one, covariates, standing),
        fields={**effect.FIELDS, **_difference.FIELDS, **_FIELDS},
        chart=Chart("ranking", {"label": "label", "value": "estimate", "reference": 0, "axis": outcome}),
        warnings=made.warnings,
        overall=one,
        standardised=standing,
        sample=made.sample,
    )


_FIELDS = {
    "comparison": Field("as they are, or with covariates held constant"),
    "label": Field("comparison and year"),
    "time": Field("year; 0 = all years together"),
    "estimate": Field("difference in levels, inside minus outside", "unit of the outcome", 4),
}


def _estimand(covariates: Sequence[str]) -> str:
    held = f", {', '.join(covariates)} held constant" if covariates else ""
    return f"difference in levels, not an effect: inside minus outside in the same year{held}"


def _both_sides(made: Panel) -> None:
    now = inside(made.rows)
    if now.any() and not now.all():
        return
    raise TechnopoleError(
        f"{'all' if now.any() else 'no'} firms with a value are inside a park, so there is no gap",
        value=made.outcome,
    )


def _cells(made: Panel, covariates: Sequence[str], by: str, level: float) -> pd.DataFrame:
    years = sorted(made.rows["year"].unique()) if by == "year" else []
    parts = [(int(year), replace(made, rows=made.rows[made.rows["year"] == year])) for year in years]
    rows: list[dict[str, Any]] = []
    for name, held in (("as they are", ()), ("with covariates", covariates))[: 2 if covariates else 1]:
        for year, part in parts or [(0, made)]:
            rows.append(_row(name, year, part, gap(part, level=level, covariates=held)))
    table = pd.DataFrame(rows)
    return table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)


def _row(name: str, year: int, part: Panel, found: Gap) -> dict[str, Any]:
    firms = part.rows.loc[inside(part.rows), "unit"].nunique()
    return {
        "comparison": name,
        "label": f"{name}, {year}" if year else name,
        "time": year,
        "estimate": found.estimate,
        "std_error": found.std_error,
        "low": found.low,
        "high": found.high,
        "n": firms,
        "undefined": found.undefined,
    }


def _standardised(made: Panel, level: float) -> pd.DataFrame:
    """Compare the last year that has firms on both sides: one row per firm, so nothing is counted twice."""
    now = inside(made.rows)
    sides = now.groupby(made.rows["year"]).agg(["any", "all"])
    years = sides.index[sides["any"] & ~sides["all"]]
    if not len(years):
        nothing = {**dict.fromkeys(_difference.FIELDS, math.nan), "undefined": "in no year are there both"}
        return pd.DataFrame([{"time": 0, **nothing}])
    last = (made.rows["year"] == years.max()).to_numpy()
    outcome = made.rows["outcome"].to_numpy("float64")[last]
    found = _difference.standardised(outcome, np.asarray(now)[last], level)
    return pd.DataFrame([{"time": int(years.max()), **found}])


def _text(one: pd.DataFrame, covariates: Sequence[str], standing: pd.DataFrame) -> str:
    row, last = one.iloc[0], standing.iloc[0]
    alike = f" with the same {', '.join(covariates)}" if covariates else ""
    if math.isnan(row["estimate"]):
        return f"The difference in {row['outcome']} between firms inside parks and others{alike} can't be told: {row['undefined']}."
    plain = f"; {number(row['level_gap'])} without holding these constant" if covariates else ""
    size = (
        ""
        if math.isnan(last["cohen_d"])
        else f", {last['cohen_d']:.2f} standard deviations in {last['time']}"
    )
    odds = (
        ""
        if math.isnan(last["odds_ratio"])
        else f", odds of a yes {last['odds_ratio']:.2f} times those outside"
    )
    said = f"In {row['outcome']}, firms inside parks differ from others{alike} in the same year by {with_interval(row)}{plain}{size}{odds}."
    return f"{said} That is a difference, not an effect: it contains what firms were before they came. {sample_sentence(one)}"
