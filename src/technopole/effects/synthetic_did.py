"""Synthetic difference-in-differences: controls and years weighted so that trends before entry are parallel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.effects._gap import gap
from technopole.effects._overall import intervals, overall, text
from technopole.effects._panel import Panel, panel
from technopole.errors import EmptyTable, TechnopoleError, WrongOption
from technopole.libraries import heard, library
from technopole.member import member
from technopole.result import EffectResult, Field, effect
from technopole.tables import Firms

Floats = npt.NDArray[np.float64]
Inference = Literal["jackknife", "placebo"]


@member
def synthetic_did(
    firms: Firms,
    *,
    outcome: str,
    inference: Inference | None = None,
    replications: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> EffectResult:
    """Effect of entering a park against controls that moved in parallel before, weighted in space and in time.

        effect[g] = (Y[g, after] - sum_t l[t] Y[g, t]) - sum_j w[j] (Y[j, after] - sum_t l[t] Y[j, t])
        w: mixture of controls whose path before g is parallel to that of the cohort, with a ridge penalty
        l: mixture of years before g that predicts the controls' mean after g
        effect    = mean of effect[g], weighted with the treated unit-years of g

    Y[g] is the mean of the units that enter in g, j the units that never enter, "after" the mean of the years from g on. Each cohort
    is estimated by itself. Needs units seen in every year.

    Parameters
    ----------
    firms : Firms
        One row per unit and year, with `entered`.
    outcome : str
        Column of the outcome.
    inference : {"jackknife", "placebo"}, optional
        Leave out one unit at a time, or take controls for the treated. None: jackknife where every cohort has two units or more, otherwise
        placebo, which needs more controls than treated.
    replications : int
        Placebo draws per cohort.
    level : float
        Confidence level, in (0, 1).
    seed : int
        Seed of the placebo draws.

    Returns
    -------
    EffectResult
        group, estimate, std_error, low, high, n, did (the same with equal weights), undefined. Further tables: `unit_weights` (group,
        unit, weight), `time_weights` (group, year, weight), `placebos` (group, kind, placebo, estimate: in time an earlier year of
        entry, in space a draw of controls), `overall`, `sample`.

    Raises
    ------
    TechnopoleError
        Nobody enters, nobody never enters, or more treated than controls for placebos.
    EmptyTable
        No unit is seen in every year.
    WrongOption
        An option out of range, a jackknife of a single treated unit, or no cohort with two years before entry.

    References
    ----------
    Arkhangelsky, D., Athey, S., Hirshberg, D. A., Imbens, G. W. & Wager, S. (2021). Synthetic difference-in-differences. American Economic
    Review 111(12), 4088-4118.
    Clarke, D., Pailañir, D., Athey, S. & Imbens, G. (2024). On synthetic difference-in-differences and related estimation methods in
    Stata. The Stata Journal 24(4), 557-598.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> wave = [0, 1, 0, 2, 1, 3, 2, 3]
    >>> rows = [(f"f{i}", 2000 + t, 2005 * (i < 2), i + wave[t] * (1 + i % 3) + 2 * (i < 2) * (t >= 5))
    ...     for i in range(8) for t in range(8)]
    >>> table = pd.DataFrame(rows, columns=["firm", "year", "entered", "sales"])
    >>> found = tp.effects.synthetic_did(table, outcome="sales")
    >>> found.table[["group", "n"]].values.tolist()
    [[2005, 2]]
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if replications < FEWEST:
        raise WrongOption(f"replications are {FEWEST} or more", value=replications)
    rows = panel(firms, outcome=outcome)
    names = firms.expr.select("firm").distinct().order_by("firm").to_pyarrow()["firm"].to_pylist()
    cohorts = _prepare(rows)
    how = _inference(rows, inference)
    warnings: list[str] = []
    fits = [_Cohort.of(rows, cohort, how, replications, level, seed, warnings) for cohort in cohorts]
    return _result(rows, fits, [str(name) for name in names], how, level, warnings)


FEWEST = 50
LEAST = 2  # years before entry, or any mixture of years fits
_FIELDS = {
    **effect.FIELDS,
    "did": Field("plain difference-in-differences of the cohort: equal weights for controls and years", "unit of the outcome", 4),
    "unit": Field("unit that never enters"),
    "year": Field("year before entry"),
    "weight": Field("weight; all of a cohort add up to 1", "share", 4),
    "kind": Field("placebo in time (the cohort, an earlier year of entry) or in space (controls, the cohort's year of entry)"),
    "placebo": Field("year of entry pretended, or number of the draw"),
}  # fmt: skip


def _prepare(rows: Panel) -> list[int]:
    """Balance the panel, and return the cohorts that can be estimated."""
    if not rows.controls:
        raise TechnopoleError("every unit enters: there is no control", fix="add units that never enter")
    years = rows.rows["year"].nunique()
    whole = rows.rows.groupby("unit")["year"].transform("size") == years
    if not whole.any():
        raise EmptyTable(
            "no unit is seen in every year", value=rows.outcome, fix="leave out years that few units have"
        )
    rows.keep(whole, step="seen in every year", reason=f"not seen in each of the {years} years")
    first = int(rows.rows["year"].min())
    entered = rows.rows["entered"]
    before = rows.rows["year"].drop_duplicates().sort_values()
    short = [g for g in sorted(set(entered) - {0}) if (before < g).sum() < LEAST]
    if set(entered) - {0} <= set(short):
        found = (
            "nobody enters"
            if not set(entered) - {0}
            else f"no cohort has {LEAST} years before entry (the panel begins in {first})"
        )
        raise WrongOption(found, value=rows.outcome, exists=[int(g) for g in short])
    rows.keep(~entered.isin(short), step="two years before", reason=f"fewer than {LEAST} years before entry")
    if not rows.controls:
        raise TechnopoleError("no unit that never enters is seen in every year")
    return [int(g) for g in sorted(set(rows.rows["entered"]) - {0})]


def _inference(rows: Panel, asked: Inference | None) -> Inference:
    units = rows.units
    smallest = int(units.loc[units["entered"] > 0].groupby("entered").size().min())
    if asked == "jackknife" and smallest < LEAST:
        raise WrongOption(
            "a cohort of a single unit has no jackknife", value=asked, fix='inference="placebo"'
        )
    largest = int(units.loc[units["entered"] > 0].groupby("entered").size().max())
    how: Inference = asked or ("jackknife" if smallest >= LEAST else "placebo")
    if how == "placebo" and largest >= rows.controls:
        raise TechnopoleError(
            f"placebos need more controls than treated: {rows.controls} controls, {largest} treated in one cohort",
            fix="add controls" if smallest < LEAST else 'inference="jackknife"',
        )
    return how


@dataclass(slots=True)
class _Cohort:
    """What the library found for one cohort; `without` is the effect with each unit left out (jackknife)."""

    group: int
    fit: Any
    units: int
    unit_years: int
    did: float
    without: pd.Series
    placebos: pd.DataFrame

    @classmethod
    def of(
        cls,
        rows: Panel,
        group: int,
        how: Inference,
        replications: int,
        level: float,
        seed: int,
        warnings: list[str],
    ) -> _Cohort:
        own = rows.rows[rows.rows["entered"].isin([0, group])]
        data = own.assign(treated=(own["entered"] > 0).astype(int))
        after = sorted(int(year) for year in set(data["year"]) if year >= group)
        estimator = library("diff_diff").SyntheticDiD(
            variance_method=how, alpha=1 - level, n_bootstrap=replications, seed=seed
        )
        with heard(warnings):
            fit = estimator.fit(
                data, outcome="outcome", treatment="treated", unit="unit", time="year", post_periods=after
            )
            in_time = fit.in_time_placebo()
        without = pd.Series(dtype="float64")
        if how == "jackknife":
            without = fit.get_loo_effects_df().set_index("unit")["att_loo"].astype("float64")
        number = int(data.loc[data["treated"] == 1, "unit"].nunique())
        spaced = [] if how == "jackknife" else list(np.asarray(fit.variance_effects, "float64"))
        timed = in_time[in_time["att"].notna()]
        placebos = pd.concat(
            [
                pd.DataFrame({"kind": "time", "placebo": timed["fake_treatment_period"].astype("int64"), "estimate": timed["att"]}),
                pd.DataFrame({"kind": "space", "placebo": range(1, len(spaced) + 1), "estimate": spaced}),
            ],
            ignore_index=True,
        )  # fmt: skip
        placebos.insert(0, "group", group)
        return cls(group, fit, number, number * len(after), _did(data, group), without, placebos)


def _did(data: pd.DataFrame, group: int) -> float:
    means = data.groupby(["treated", data["year"] >= group])["outcome"].mean()
    return float(means[1, True] - means[1, False] - means[0, True] + means[0, False])


def _result(
    rows: Panel, fits: list[_Cohort], names: list[str], how: Inference, level: float, warnings: list[str]
) -> EffectResult:
    share = np.array([fit.unit_years for fit in fits], "float64")
    share /= share.sum()
    estimate = float(share @ [fit.fit.att for fit in fits])
    error, said = _error(fits, share, how)
    table = pd.DataFrame(
        [
            {
                "group": f.group,
                "estimate": float(f.fit.att),
                "std_error": float(f.fit.se),
                "n": f.units,
                "did": f.did,
            }
            for f in fits
        ]
    )
    table[["low", "high"]] = intervals(table["estimate"], table["std_error"], level=level)[
        ["low", "high"]
    ].to_numpy()
    missing = table["std_error"].isna()
    table["undefined"] = np.where(missing, "std_error: the library found none", "")
    row = overall(
        rows,
        gap(rows, level=level),
        estimand="effect on those treated, averaged over their unit-years since entry",
        estimate=estimate,
        std_error=error,
        level=level,
        undefined="" if error > 0 else "std_error: the library found none",
    )
    columns = ["group", "estimate", "std_error", "low", "high", "n", "did", "undefined"]
    return EffectResult.of(
        table[columns].sort_values(
            ["undefined", "group"], key=lambda c: c.ne("") if c.name == "undefined" else c
        ),
        text=text(row, whom="average over the treated units' years since entry"),
        fields=_FIELDS,
        warnings=[
            *rows.warnings,
            *said,
            *warnings,
            "the table unit_weights names single units: where they are firms, it isn't for release",
        ],
        unit_weights=_unit_weights(fits, names),
        time_weights=_time_weights(fits),
        placebos=pd.concat([fit.placebos for fit in fits], ignore_index=True),
        overall=row,
        sample=rows.sample,
    )


def _error(fits: list[_Cohort], share: Floats, how: Inference) -> tuple[float, list[str]]:
    """Return the standard error of the average over cohorts, and what is to be said about it."""
    if len(fits) == 1:
        return float(fits[0].fit.se), []
    if how == "placebo":
        said = (
            "cohorts share their controls: the standard error of the average is the largest that theirs allow"
        )
        return float(share @ [fit.fit.se for fit in fits]), [said]
    # Leave out one unit from all cohorts at once: where it isn't in a cohort, that effect stays.
    left = pd.concat([fit.without.rename(fit.group) for fit in fits], axis=1).sort_index()
    for fit in fits:
        left[fit.group] = left[fit.group].fillna(float(fit.fit.att))
    moved = left.to_numpy("float64") @ share
    return math.sqrt((len(moved) - 1) / len(moved) * float(((moved - moved.mean()) ** 2).sum())), []


def _unit_weights(fits: list[_Cohort], names: list[str]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"group": fit.group, "unit": [names[int(u)] for u in fit.fit.unit_weights], "weight": list(fit.fit.unit_weights.values())})
        for fit in fits
    ]  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(["group", "weight", "unit"], ascending=[True, False, True], ignore_index=True)


def _time_weights(fits: list[_Cohort]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"group": fit.group, "year": [int(y) for y in fit.fit.time_weights], "weight": list(fit.fit.time_weights.values())})
        for fit in fits
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True).sort_values(["group", "year"], ignore_index=True)
