"""Productivity: what R&D yields in parks and outside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from technopole.effects._gap import gap
from technopole.effects._inside import INSIDE, counts, inside_panel
from technopole.effects._overall import gap_sentence, is_log, number, overall, span
from technopole.effects._panel import Panel
from technopole.effects._within import Fit, drop_singles, take_log, within
from technopole.errors import EmptyTable, WrongOption
from technopole.libraries import heard
from technopole.member import member
from technopole.result import Chart, EffectResult, Field, effect
from technopole.tables import Firms

Zeros = Literal["dummy", "drop", "plus_one"]


@member
def productivity(
    firms: Firms,
    *,
    outcome: str,
    rd: str,
    capital: str | None = None,
    labour: str | None = None,
    covariates: Sequence[str] = (),
    zeros: Zeros = "dummy",
    cluster: str | None = None,
    level: float = 0.95,
) -> EffectResult:
    """Output elasticity of R&D in parks and outside.

        ln Q[i,t] = firm[i] + year[t] + a ln K[i,t] + b ln L[i,t] + g ln R[i,t] + d (ln R[i,t] - mean) park[i,t] + h park[i,t] + e[i,t]
        elasticity of R&D: outside g, in a park g + d

    Effects of firms and years are taken out exactly, in unbalanced panels too; standard errors are clustered by firm. Columns are taken in
    logarithms unless their names begin with log_ or ln_. Firms choose to enter: d says whether R&D goes with more output in parks, not that the
    park makes it so.

    Parameters
    ----------
    firms : Firms
        Firm x year with `entered` (or `park`), output and inputs.
    outcome : str
        Output: sales or value added.
    rd : str
        R&D expenditure, or stock.
    capital, labour : str, optional
        Inputs.
    covariates : sequence of str
        Further columns, taken as they are.
    zeros : {"dummy", "drop", "plus_one"}
        Firms without R&D in a year: an intercept of their own (in parks another), left out, or ln(1 + R), which depends on the unit of R&D.
    cluster : str, optional
        Column of groups of firms whose errors go together. Default: firms.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    EffectResult
        term, estimate, std_error, low, high, p_value, n (observations), undefined; the effect's own estimate is d.

    Raises
    ------
    WrongOption
        A level out of range, or a column used twice.
    EmptyTable
        No row with R&D, or none in a park.
    TechnopoleError
        An input that doesn't vary within firms, or too few firms.

    References
    ----------
    Yang, C.-H., Motohashi, K. & Chen, J.-R. (2009). Are new technology-based firms located on science parks really more innovative? Evidence
    from Taiwan. Research Policy 38(1), 77-85.
    Griliches, Z. (1979). Issues in assessing the contribution of research and development to productivity growth. Bell Journal of Economics
    10(1), 92-116.
    Battese, G. E. (1997). A note on the estimation of Cobb-Douglas production functions when some explanatory variables have zero values.
    Journal of Agricultural Economics 48(2), 250-252.

    Examples
    --------
    >>> import math, pandas as pd, technopole as tp
    >>> rows = [(f"{new}{i}", t, 2000 * new, 2.0 ** (i * t % 5), i + (0.2 + 0.1 * new) * (i * t % 5) * math.log(2))
    ...         for new in (0, 1) for i in range(1, 9) for t in range(2001, 2006)]
    >>> firms = pd.DataFrame(rows, columns=["firm", "year", "entered", "rd", "log_sales"])
    >>> found = tp.effects.productivity(firms, outcome="log_sales", rd="rd").table
    >>> found.set_index("term")["estimate"].round(3).to_dict()
    {'R&D, outside parks': 0.2, 'R&D, in a park': 0.3, 'R&D, difference': 0.1}
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    inputs = {name: column for name, column in (("capital", capital), ("labour", labour)) if column}
    made = inside_panel(
        firms, outcome=outcome, covariates=[rd, *inputs.values(), *covariates], cluster=cluster
    )
    made.outcome = take_log(made, "outcome", outcome)
    for column in inputs.values():
        take_log(made, column, column)
    without = _research(made, rd, zeros)
    drop_singles(made)
    columns = _columns(made, rd, [*inputs.values(), *covariates], without)
    notes: list[str] = []
    with heard(notes):
        fit = within(made.rows, "outcome", columns, may_drop=[INSIDE, "_none", "_none_inside"])
    if INSIDE in fit.dropped:
        notes.append(
            "no firm is seen both in a park and outside: what parks add for all is part of the effects of firms"
        )
    table = _table(
        fit,
        rd,
        {**{column: name for name, column in inputs.items()}, **{name: name for name in covariates}},
        level,
    )
    table = table.assign(
        n=len(made.rows),
        undefined=np.where(table["std_error"] > 0, "", "no standard error: the fit is exact"),
    )
    return _result(made, fit, table, level, notes)


def _research(made: Panel, rd: str, zeros: Zeros) -> bool:
    """Replace R&D by its logarithm less the mean, 0 where there is none; return whether there are such rows."""
    rows = made.rows
    if is_log(rd):
        none = pd.Series(False, index=rows.index)
    else:
        made.keep(rows[rd] >= 0, step=f"{rd} not negative", reason=f"{rd} is negative")
        if zeros == "drop":
            made.keep(made.rows[rd] > 0, step=f"{rd} above 0", reason=f"{rd} is 0 (zeros='drop')")
        rows, none = made.rows, made.rows[rd] == 0
        if none.all():
            raise EmptyTable("no firm has R&D in any year", value=rd)
        if zeros == "plus_one":
            made.warnings.append(f"ln(1 + {rd}) is used: elasticities depend on the unit of {rd}")
            rows[rd], none = np.log1p(rows[rd]), none & False
        else:
            rows[rd] = np.log(rows[rd].where(~none, 1.0))
    if not (rows[INSIDE] > 0).any() or (rows[INSIDE] > 0).all():
        raise EmptyTable("all rows are in a park, or none: there is nothing to compare")
    rows[rd] = (rows[rd] - rows.loc[~none, rd].mean()).where(~none, 0.0)
    rows["_none"], rows["_none_inside"] = none.astype(float), none * rows[INSIDE]
    if none.any():
        made.warnings.append(
            f"{int(none.sum()):,} of {len(rows):,} rows without R&D have an intercept of their own (zeros='dummy')"
        )
    return bool(none.any())


def _columns(made: Panel, rd: str, others: Sequence[str], without: bool) -> list[str]:
    made.rows["_rd_inside"] = made.rows[rd] * made.rows[INSIDE]
    return [*others, rd, *(["_none", "_none_inside"] if without else []), INSIDE, "_rd_inside"]


def _table(fit: Fit, rd: str, inputs: dict[str, str], level: float) -> pd.DataFrame:
    terms: dict[str, dict[str, float]] = {
        "R&D, outside parks": {rd: 1},
        "R&D, in a park": {rd: 1, "_rd_inside": 1},
        "R&D, difference": {"_rd_inside": 1},
        **{name: {column: 1} for column, name in inputs.items()},
        "in a park, at mean R&D": {INSIDE: 1},
        "without R&D": {"_none": 1},
        "without R&D, further in a park": {"_none_inside": 1},
    }
    return fit.rows({name: term for name, term in terms.items() if set(term) <= set(fit.names)}, level=level)


def _result(made: Panel, fit: Fit, table: pd.DataFrame, level: float, notes: Sequence[str]) -> EffectResult:
    estimate, error = fit.combination({"_rd_inside": 1})
    number_of: dict[str, Any] = counts(made)
    row = overall(
        made,
        gap(made, level=level, treated=made.rows[INSIDE] > 0),
        estimand="output elasticity of R&D in a park less that outside",
        estimate=estimate,
        std_error=error,
        level=level,
        freedom=fit.freedom,
        undefined="" if error > 0 else "no standard error: the fit is exact",
        **number_of,
    )
    return EffectResult.of(
        table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable"),
        text=_text(table, row, level),
        fields={**effect.FIELDS, **_FIELDS},
        chart=Chart(
            "forest",
            {"label": "term", "axis": "elasticity of output (difference in log points where no elasticity)"},
        ),
        warnings=[*made.warnings, *notes],
        overall=row,
        sample=made.sample,
    )


def _text(table: pd.DataFrame, row: pd.DataFrame, level: float) -> str:
    said = {
        str(one["term"]): f"{number(one['estimate'])} ({span(one['low'], one['high'])})"
        if not math.isnan(one["low"])
        else number(one["estimate"])
        for one in table.to_dict("records")
    }
    least = next(one for one in table.to_dict("records") if one["term"] == "R&D, difference")
    sure = "higher" if least["low"] > 0 else "lower" if least["high"] < 0 else ""
    answer = f"significantly {sure} in parks" if sure else "not told apart"
    first: Any = row.iloc[0]
    return (
        f"Ten per cent more R&D go with {number(100 * math.expm1(table['estimate'].iloc[1] * math.log(1.1)))} % more output in parks and "
        f"{number(100 * math.expm1(table['estimate'].iloc[0] * math.log(1.1)))} % outside: elasticities {said['R&D, in a park']} and {said['R&D, outside parks']}, difference "
        f"{said['R&D, difference']}, {100 * level:.3g} % intervals: {answer}. {gap_sentence(row)} It rests on {int(first['treated']):,} firms ever in a park and "
        f"{int(first['controls']):,} others; who enters a park is chosen, so the difference need not be the park's doing."
    )


_FIELDS = {
    "term": Field("input, or what else"),
    "estimate": Field("elasticity of output; for rows without R&D and in a park a difference in log points", "ratio", 4),
    "std_error": Field("standard error, clustered", "ratio", 4),
    "low": Field("lower end of the confidence interval", "ratio", 4),
    "high": Field("upper end of the confidence interval", "ratio", 4),
    "n": Field("observations", "rows"),
}  # fmt: skip
