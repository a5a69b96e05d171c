"""Heterogeneity: for whom an effect is larger."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from technopole import rooms
from technopole.effects._overall import TINY, intervals, number, span, with_interval
from technopole.effects._subgroups import attributes, crossing, labelled, only
from technopole.errors import TechnopoleError, WrongOption
from technopole.libraries import heard, library
from technopole.member import member
from technopole.result import Chart, EffectResult, Field, effect
from technopole.tables import Firms

Estimator = Literal["group_time_effects", "imputation", "event_study", "matched_comparison"]


@member
def heterogeneity(
    firms: Firms,
    *,
    outcome: str,
    by: str | Sequence[str],
    estimator: Estimator = "group_time_effects",
    cuts: Mapping[str, Sequence[float]] | None = None,
    covariates: Sequence[str] = (),
    options: Mapping[str, str] | None = None,
    cluster: str | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> EffectResult:
    """For whom the effect of entry is larger: small or large firms, with or without R&D of their own.

        effect[s] = the estimator on the firms of subgroup s, treated and comparison alike
        difference = effect[a] - effect[b],  std_error^2 = std_error[a]^2 + std_error[b]^2
        clusters with firms in both subgroups: std_error = std_error[a] + std_error[b], the largest it can be

    A firm's subgroup is what it was before it entered: the first value seen, never a later one, which the park may have changed. Columns
    of numbers with more than five values are cut at tertiles of the firms, or at `cuts`. q-values (Benjamini and Hochberg) account for
    looking at many subgroups. A difference between subgroups isn't the effect of what tells them apart.

    Parameters
    ----------
    firms : Firms
        Firm x year with `entered` and the columns of `by`: size class, own R&D, age of the park, city tier, sector.
    outcome : str
        A column of numbers.
    by : str or sequence of str
        One or more columns, each taken on its own.
    estimator : {"group_time_effects", "imputation", "event_study", "matched_comparison"}
        Estimator of `technopole.effects` that runs in each subgroup.
    cuts : mapping of str to sequence of float, optional
        Column -> rising numbers to cut it at; a value at an edge belongs to the upper subgroup.
    covariates : sequence of str
        Passed to the estimator.
    options : mapping of str to str, optional
        Further options of the estimator, such as {"control": "not_yet_treated"}.
    cluster : str, optional
        Column of groups of firms whose errors go together.
    level : float
        Confidence level, in (0, 1).
    seed : int
        Passed to the estimator.

    Returns
    -------
    EffectResult
        subgroup_of, subgroup, estimate, std_error, low, high, p_value, q_value, n (treated units), units, undefined; `overall` is the effect on all
        firms. Further tables `contrast`: subgroup_of, subgroup_a, subgroup_b, difference, std_error, low, high, p_value, q_value;
        `equality`: subgroup_of, q, df, p_value (all subgroups have one effect), undefined.

    Raises
    ------
    MissingColumn
        No such column.
    WrongOption
        A column named twice, cuts that don't rise, or an option the estimator doesn't have.
    EmptyTable
        No firm is seen before it enters, or none has a value there.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal Statistical Society B 57(1), 289-300.
    Cochran, W. G. (1954). The combination of estimates from different experiments. Biometrics 10(1), 101-129.
    Vasquez-Urriago, A. R., Barge-Gil, A. & Modrego Rico, A. (2016). Which firms benefit more from being located in a science and
    technology park? Empirical evidence for Spain. Research Evaluation 25(1), 107-117.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> rows = [(f"{rd}{new}{i}", y, 2012 * new, rd, 1.0 * i * y + (1 + rd) * (new and y >= 2012))
    ...         for rd in (0, 1) for new in (0, 1) for i in range(5) for y in (2010, 2011, 2012)]
    >>> firms = pd.DataFrame(rows, columns=["firm", "year", "entered", "own_rd", "sales"])
    >>> found = tp.effects.heterogeneity(firms, outcome="sales", by="own_rd").table
    >>> found[["subgroup", "estimate"]].round(3).values.tolist()
    [['0', 1.0], ['1', 2.0]]
    """
    names = [by] if isinstance(by, str) else list(by)
    _check(firms, names, cuts or {}, cluster, level)
    _check_options(options or {})
    notes: list[str] = list(firms.warnings)
    units = attributes(firms, names, cluster, notes)
    parts = {name: labelled(units, name, cuts or {}, notes) for name in names}
    given = {"outcome": outcome, "level": level, "seed": seed, **(options or {})}
    given |= {
        key: value for key, value in {"covariates": list(covariates), "cluster": cluster}.items() if value
    }
    every = _estimated(estimator, firms, given)
    rows: list[dict[str, Any]] = []
    shared: dict[str, int] = {}
    for name, (labels, order) in parts.items():
        if len(order) < 2:
            notes.append(f"all firms are in one subgroup of {name}")
        rows += [
            _row(estimator, only(firms, units.loc[labels == sub, "firm"]), name, sub, given) for sub in order
        ]
        shared[name] = crossing(units, labels)
    table = _with_tests(pd.DataFrame(rows))
    contrast = _contrasts(table, shared, level)
    equality = pd.DataFrame([_equality(name, table, shared[name], notes) for name in names])
    notes += [
        f"{number} clusters have firms in several subgroups of {name}: differences have the largest standard error they can have"
        for name, number in shared.items()
        if number
    ]
    last = table["undefined"].ne("").astype(int) + table["estimate"].isna()
    shown = table.loc[last.sort_values(kind="stable").index]
    return EffectResult.of(
        shown,
        text=_text(outcome, every, table, contrast, level),
        fields={**effect.FIELDS, **_FIELDS},
        chart=Chart(
            "forest",
            {"label": "subgroup", "group": "subgroup_of", "weight": "n", "axis": f"effect on {outcome}"},
        ),
        warnings=[*notes, *(said for said in every.warnings if said not in notes)],
        contrast=contrast,
        equality=equality,
        overall=every.frames["overall"],
        sample=every.frames["sample"],
    )


def _check(
    firms: Firms, names: Sequence[str], cuts: Mapping[str, Any], cluster: str | None, level: float
) -> None:
    if not names:
        raise WrongOption("by names one column or more", exists=firms.columns)
    firms.require(*names, "entered", *([cluster] if cluster else []))
    if len(set(names)) < len(names):
        raise WrongOption("by names a column twice", value=list(names))
    for name in (*names, *cuts):
        if name in ("firm", "year", "entered", "left") or name not in (*names, *firms.columns):
            raise WrongOption("not a column to form subgroups by", value=name, exists=firms.columns)
    if unknown := [name for name in cuts if name not in names]:
        raise WrongOption("cuts are of a column that by doesn't name", value=unknown[0], exists=names)
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)


def _check_options(options: Mapping[str, str]) -> None:
    for name in ("outcome", "covariates", "cluster", "level", "seed"):
        if name in options:
            raise WrongOption(
                f"options hold what only the estimator takes, and {name} is one of heterogeneity's own",
                value=name,
                fix=f"give it beside options: {name}=",
            )


def _estimated(estimator: str, firms: Firms, given: Mapping[str, Any]) -> EffectResult:
    function = rooms.load(f"effects.{estimator}")
    if unknown := [name for name in given if name not in _options(function)]:
        raise WrongOption(f"{estimator} has no such option", value=unknown[0], exists=_options(function))
    return function(firms, **given)


def _options(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)[1:]


def _row(estimator: str, firms: Firms, name: str, sub: str, given: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"subgroup_of": name, "subgroup": sub, "undefined": ""}
    empty = dict.fromkeys(("estimate", "std_error", "low", "high", "p_value"), math.nan)
    try:
        found = _estimated(estimator, firms, given)
    except WrongOption:
        raise
    except TechnopoleError as error:
        return row | empty | {"n": 0, "units": 0, "undefined": error.what}
    one = found.frames["overall"].iloc[0]
    row |= {key: float(one[key]) for key in empty}
    row |= {"n": int(one["treated"]), "units": int(one["units"])}
    if not math.isfinite(row["estimate"]) or not math.isfinite(row["std_error"]):
        row["undefined"] = str(one["undefined"]) or "no standard error"
    return row


def _with_tests(table: pd.DataFrame) -> pd.DataFrame:
    table = table.assign(q_value=_false_discovery(table["p_value"]))
    names = [
        "subgroup_of",
        "subgroup",
        "estimate",
        "std_error",
        "low",
        "high",
        "p_value",
        "q_value",
        "n",
        "units",
        "undefined",
    ]
    return table[names]


def _false_discovery(p_value: pd.Series) -> pd.Series:
    known = p_value.notna()
    q_value = pd.Series(np.nan, index=p_value.index, dtype="float64")
    if known.any():
        q_value[known] = np.maximum(stats.false_discovery_control(p_value[known].to_numpy("float64")), TINY)
    return q_value


def _contrasts(table: pd.DataFrame, shared: Mapping[str, int], level: float) -> pd.DataFrame:
    known = table[table["undefined"] == ""]
    rows: list[dict[str, Any]] = []
    for name in shared:
        for a, b in combinations(known[known["subgroup_of"] == name].to_dict("records"), 2):
            both = (
                a["std_error"] + b["std_error"]
                if shared[name]
                else math.hypot(a["std_error"], b["std_error"])
            )
            rows.append(
                {
                    "subgroup_of": name,
                    "subgroup_a": a["subgroup"],
                    "subgroup_b": b["subgroup"],
                    "difference": a["estimate"] - b["estimate"],
                    "std_error": both,
                }
            )
    made = pd.DataFrame(rows, columns=["subgroup_of", "subgroup_a", "subgroup_b", "difference", "std_error"])
    made = made.astype({"difference": "float64", "std_error": "float64"})
    made = pd.concat([made, intervals(made["difference"], made["std_error"], level=level)], axis=1)
    return made.assign(q_value=_false_discovery(made["p_value"]))


def _equality(name: str, table: pd.DataFrame, shared: int, notes: list[str]) -> dict[str, Any]:
    known = table[(table["subgroup_of"] == name) & (table["undefined"] == "")]
    row: dict[str, Any] = {"subgroup_of": name, "q": math.nan, "df": math.nan, "p_value": math.nan}
    if len(known) < 2:
        return row | {"undefined": "fewer than two subgroups with an effect"}
    if shared:
        return row | {"undefined": "clusters have firms in several subgroups"}
    with heard(notes):
        combine = library("statsmodels.stats.meta_analysis").combine_effects
        test = combine(
            known["estimate"].to_numpy("float64"), known["std_error"].to_numpy("float64") ** 2, method_re="dl"
        ).test_homogeneity()
    return row | {
        "q": float(test.statistic),
        "df": float(test.df),
        "p_value": max(float(test.pvalue), TINY),
        "undefined": "",
    }


def _text(
    outcome: str, every: EffectResult, table: pd.DataFrame, contrast: pd.DataFrame, level: float
) -> str:
    said = f"The effect of entering a park on {outcome} is {with_interval(every.frames['overall'].iloc[0])} for all firms"
    known = table[table["undefined"] == ""].sort_values(["estimate", "subgroup_of", "subgroup"])
    if len(known) >= 2:
        low, high = known.iloc[0], known.iloc[-1]
        said += f", from {_named(low)} to {_named(high)}"
    if contrast.empty:
        return f"{said}. No two subgroups can be compared."
    best = contrast.sort_values(["p_value", "subgroup_of", "subgroup_a"]).iloc[0]
    sure = best["q_value"] < 1 - level
    return (
        f"{said}. {'The clearest difference' if sure else 'No difference between subgroups is clear; the largest for its error'}: {best['subgroup_of']} {best['subgroup_a']} less "
        f"{best['subgroup_b']}, {number(best['difference'])} ({span(best['low'], best['high'])}; q = {number(best['q_value'])} for {len(contrast)} "
        f"comparison{'s' if len(contrast) > 1 else ''}). Subgroups are as firms were before they entered; that they differ doesn't say that {best['subgroup_of']} is why."
    )


def _named(row: pd.Series) -> str:
    return f"{number(row['estimate'])} ({row['subgroup_of']} {row['subgroup']}: {span(row['low'], row['high'])}, {int(row['n'])} treated)"


_FIELDS = {
    "subgroup_of": Field("column the subgroups are formed by"),
    "subgroup": Field("its value before entry"),
    "q_value": Field("p-value adjusted for the number of tests in this table (false discovery rate)", "", 4),
    "subgroup_a": Field("first subgroup"),
    "subgroup_b": Field("second subgroup"),
    "difference": Field("effect in the first less effect in the second", "unit of the outcome", 4),
    "q": Field("weighted squared deviations of the subgroups' effects from their mean", "", 2),
    "df": Field("degrees of freedom", "", 0),
}  # fmt: skip
