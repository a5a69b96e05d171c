"""Convergence of parks or regions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from technopole.effects import _beta as beta
from technopole.effects import _dispersion as spread
from technopole.effects._overall import is_log, number, span
from technopole.effects._panel import Panel, panel
from technopole.effects._within import take_log
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import Chart, Field, Result, effect
from technopole.tables import Firms


@member
def convergence(
    firms: Firms,
    *,
    outcome: str,
    per: str | None = None,
    in_parks: str | None = None,
    covariates: Sequence[str] = (),
    lagged: Sequence[str] = (),
    years: int = 1,
    cluster: str | None = None,
    bootstrap: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Whether parks or regions that lag behind catch up, whether they draw together, and what parks do to inequality.

        ln y[i,t] - ln y[i,t-1] = year[t] + b ln y[i,t-1] (+ unit[i] + covariates[i,t] + lagged[i,t-1]) + e[i,t]
        speed = -ln(1 + b),  half-life = ln 2 / speed
        sigma[t] = standard deviation over i of ln y[i,t]

    Beta-convergence without and with effects of units (towards one level, or each towards its own), the latter also corrected for
    Nickell's bias by the half-panel jackknife; sigma-convergence by the trend of the dispersion. Hu (2007): external economies and host-city
    FDI go into `covariates` and `lagged`; `in_parks` asks what regional inequality would be without the parks' output.

    Parameters
    ----------
    firms : Firms
        Unit x year; the unit, in column firm, is a park or a region.
    outcome : str
        Output, or output per worker. Logarithms are taken unless its name begins with log_ or ln_.
    per : str, optional
        Divide the outcome by this column: population, jobs.
    in_parks : str, optional
        The part of the outcome that parks make, in the unit of the outcome.
    covariates : sequence of str
        Columns of the same year as growth, such as host-city FDI.
    lagged : sequence of str
        Columns of the year before, such as localisation (scale, specialisation) and urbanisation (diversity).
    years : int
        Years over which growth is taken.
    cluster : str, optional
        Column of groups of units whose errors go together. Default: units.
    bootstrap : int
        Draws for the interval of inequality with less without parks.
    level : float
        Confidence level, in (0, 1).
    seed : int
        Seed of the draws.

    Returns
    -------
    Result
        specification, estimate (b), std_error, low, high, p_value, speed, speed_low, speed_high, half_life, half_life_low, half_life_high, years,
        nickell_bias (to be expected of the conditional b), units, n, undefined. Further tables `terms`: specification, term, estimate,
        std_error, low, high, p_value; `dispersion`: year, units, std_dev; `sigma`: test, estimate, std_error, low, high, p_value, years,
        units, undefined; with `in_parks` also `inequality`: year, index, with_parks, without_parks, difference, low, high, units, undefined.

    Raises
    ------
    WrongOption
        A number of years or draws, or a level, out of range; in_parks with an outcome in logarithms.
    EmptyTable
        No outcome above 0.

    References
    ----------
    Hu, A. G. (2007). Technology parks and regional economic growth in China. Research Policy 36(1), 76-87.
    Barro, R. J. & Sala-i-Martin, X. (1992). Convergence. Journal of Political Economy 100(2), 223-251.
    Nickell, S. (1981). Biases in dynamic models with fixed effects. Econometrica 49(6), 1417-1426.
    Dhaene, G. & Jochmans, K. (2015). Split-panel jackknife estimation of fixed-effect models. Review of Economic Studies 82(3), 991-1030.
    Morgan, W. A. (1939). A test for the significance of the difference between the two variances in a sample from a normal bivariate
    population. Biometrika 31(1/2), 13-19.
    Efron, B. & Stein, C. (1981). The jackknife estimate of variance. Annals of Statistics 9(3), 586-596.

    Examples
    --------
    >>> import math, pandas as pd, technopole as tp
    >>> rows = [(f"p{i}", 2000 + t, math.exp(1 + i * 0.9 ** t)) for i in range(6) for t in range(6)]
    >>> parks = pd.DataFrame(rows, columns=["firm", "year", "productivity"])
    >>> found = tp.effects.convergence(parks, outcome="productivity").table.set_index("specification")
    >>> found.loc["unconditional", ["estimate", "speed", "half_life"]].astype(float).round(4).tolist()
    [-0.1, 0.1054, 6.5788]
    """
    _check(firms, outcome, in_parks, years, bootstrap, level)
    notes: list[str] = []
    made = _prepared(firms, outcome, [*filter(None, [per, in_parks]), *covariates, *lagged], cluster)
    rows, parts = _levels(made, outcome, per, in_parks)
    pairs = beta.growth(rows, years, lagged)
    both, fit = beta.conditional(pairs, [*covariates, *lagged], years, level)
    table = pd.DataFrame([beta.unconditional(pairs, years, level), *both, beta.first_to_last(rows, level)])[
        beta.COLUMNS
    ]
    table = table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable")
    terms = {name: {name: 1.0} for name in (*covariates, *lagged)}
    by_year, always = spread.dispersion(rows, notes)
    tests = spread.sigma(always, level)
    further: dict[str, pd.DataFrame] = {}
    if in_parks:
        further["inequality"] = spread.with_and_without(
            parts, draws=bootstrap, level=level, seed=seed, notes=notes
        )
    return Result.of(
        table,
        text=_text(made.outcome, table, tests, further.get("inequality"), level),
        fields={**effect.FIELDS, **_FIELDS},
        chart=Chart(
            "trend", {"value": "std_dev", "axis": f"standard deviation of {made.outcome}"}, of="dispersion"
        ),
        warnings=[*made.warnings, *notes],
        terms=(fit.rows(terms, level=level) if fit else pd.DataFrame(columns=_TERMS)).assign(
            specification="conditional"
        )[_TERMS],
        dispersion=by_year,
        sigma=tests,
        **further,
    )


_TERMS = ["specification", "term", "estimate", "std_error", "low", "high", "p_value"]


def _check(
    firms: Firms, outcome: str, in_parks: str | None, years: int, bootstrap: int, level: float
) -> None:
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if years < 1:
        raise WrongOption("years is a number of years, 1 or more", value=years)
    if bootstrap < 99:
        raise WrongOption("bootstrap is a number of draws, 99 or more", value=bootstrap)
    if in_parks and is_log(outcome):
        raise WrongOption(
            "what parks make can't be taken from a logarithm", value=outcome, fix="give the outcome itself"
        )
    firms.require(outcome, *filter(None, [in_parks]))


def _prepared(firms: Firms, outcome: str, columns: Sequence[str], cluster: str | None) -> Panel:
    return panel(firms, outcome=outcome, covariates=columns, cluster=cluster, treatment=False)


def _levels(
    made: Panel, outcome: str, per: str | None, in_parks: str | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Replace the outcome by its logarithm per head; return rows, and with `in_parks` the levels with and without parks."""
    if per:
        made.keep(made.rows[per] > 0, step=f"{per} above 0", reason=f"{per} is 0 or less")
        if not is_log(outcome):
            made.rows["outcome"] /= made.rows[per]
        else:
            made.rows["outcome"] -= np.log(made.rows[per])
    parts = made.rows[["year"]].assign(whole=made.rows["outcome"], rest=math.nan)
    if in_parks:
        heads = made.rows[per] if per else 1.0
        parts["rest"] = made.rows["outcome"] - made.rows[in_parks] / heads
    made.outcome = take_log(made, "outcome", outcome) + (f" per {per}" if per else "")
    return made.rows, parts


def _text(
    outcome: str, table: pd.DataFrame, tests: pd.DataFrame, inequality: pd.DataFrame | None, level: float
) -> str:
    said = " ".join([_catching_up(outcome, table, level), _drawing_together(tests)])
    if inequality is None or inequality.empty:
        return said
    last = inequality[inequality["index"] == "theil"].to_dict("records")[-1]
    if math.isnan(last["difference"]):
        return said
    sure = "hold back" if last["high"] < 0 else "raise" if last["low"] > 0 else "can't be seen to change"
    return (
        f"{said} In {last['year']} parks {sure} inequality between units: Theil {number(last['with_parks'])} with them, {number(last['without_parks'])} without "
        f"(difference {span(last['low'], last['high'])})."
    )


def _catching_up(outcome: str, table: pd.DataFrame, level: float) -> str:
    rows = {str(row["specification"]): row for row in table.to_dict("records")}
    plain, fixed = rows["unconditional"], rows["conditional, bias corrected"]
    if math.isnan(plain["estimate"]):
        return f"Whether {outcome} converges can't be told: {plain['undefined']}."
    sure = (
        "Units behind catch up"
        if plain["high"] < 0
        else "Units behind fall further back"
        if plain["low"] > 0
        else "Units behind aren't seen to catch up"
    )
    if math.isnan(plain["low"]):
        return f"Whether {outcome} converges can't be told: b = {number(plain['estimate'])} without a standard error."
    said = f"{sure} in {outcome}: b = {number(plain['estimate'])} ({100 * level:.3g} % interval {span(plain['low'], plain['high'])})"
    if not math.isnan(plain["half_life"]):
        said += f", half of a gap closing in {number(plain['half_life'])} years"
    if math.isnan(fixed["estimate"]):
        return said + "."
    return f"{said}; towards each unit's own level, corrected for short panels, b = {number(fixed['estimate'])} ({span(fixed['low'], fixed['high'])})."


def _drawing_together(tests: pd.DataFrame) -> str:
    row = next(row for row in tests.to_dict("records") if " over " in row["test"])
    if math.isnan(row["estimate"]):
        return f"Whether units draw together can't be told: {row['undefined']}."
    verb = "fell" if row["high"] < 1 else "rose" if row["low"] > 1 else "isn't seen to change"
    return f"The dispersion between units {verb}: {row['test'].replace(' over ', ' against ')} {number(row['estimate'])} times ({span(row['low'], row['high'])})."


_FIELDS = {
    "specification": Field("unconditional, conditional (effects of units), corrected, or first to last year"),
    "estimate": Field("b, growth per log point of the initial level; in `sigma` the trend or the ratio", "ratio", 4),
    "std_error": Field("standard error", "ratio", 4),
    "low": Field("lower end of the confidence interval", "ratio", 4),
    "high": Field("upper end of the confidence interval", "ratio", 4),
    "speed": Field("share of the gap closed per year, continuously", "1 / year", 4),
    "speed_low": Field("lower end of its interval", "1 / year", 4),
    "speed_high": Field("upper end of its interval", "1 / year", 4),
    "half_life": Field("years in which half of a gap closes", "years", 1),
    "half_life_low": Field("lower end of its interval", "years", 1),
    "half_life_high": Field("upper end of its interval", "years", 1),
    "years": Field("years over which growth is taken; in `sigma` years compared", "years"),
    "nickell_bias": Field("bias of the conditional b to be expected of so few years", "ratio", 4),
    "n": Field("observations", "rows"),
    "term": Field("covariate"),
    "std_dev": Field("standard deviation over units of the logarithm of the outcome", "log points", 4),
    "test": Field("trend of the standard deviation, or its ratio of last to first year"),
    "year": Field("year"),
    "index": Field("inequality index"),
    "with_parks": Field("index with what parks make", "", 4),
    "without_parks": Field("index without what parks make", "", 4),
    "difference": Field("with less without parks; below 0: parks hold back inequality", "", 4),
}  # fmt: skip
