"""Equivalence: a difference, or an effect, small enough not to matter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd

from technopole.effects import _two_one_sided as tost
from technopole.effects._gap import Gap
from technopole.effects._inside import INSIDE, counts, inside_panel
from technopole.effects._overall import TINY, is_log, number, overall, percent, span
from technopole.effects._panel import Panel
from technopole.errors import WrongOption
from technopole.libraries import heard
from technopole.member import member
from technopole.result import Chart, EffectResult, Field, effect
from technopole.tables import Firms


@member
def equivalence(
    compared: Firms | EffectResult,
    *,
    bound: float,
    outcome: str | None = None,
    scale: Literal["means", "shares"] = "means",
    year: int | None = None,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    level: float = 0.95,
) -> EffectResult:
    """Whether a difference between firms in and outside parks, or an effect, is too small to matter.

        H0: difference <= -bound or difference >= bound;  two one-sided tests (TOST) at 1 - level
        p_value = max(p_lower, p_upper);  equivalent: yes if p_value < 1 - level
        no if the interval of level 2 level - 1 lies beyond the bound, else cannot tell

    Not significant isn't the same as no difference: "no more innovative" needs a bound, set before looking, below which a difference wouldn't
    matter, and data that exclude larger ones. One year: Welch's test (shares: Agresti and Caffo's); several years or
    covariates: a regression within year, with standard errors clustered by unit. Of firms it is a difference, not an effect.

    Parameters
    ----------
    compared : Firms or EffectResult
        Firms with `entered` (or `park`), or an effect already estimated: its estimate and standard error are tested.
    bound : float
        Largest difference that wouldn't matter, above 0, in the unit of the outcome; shares: 0.05 is five percentage points.
    outcome : str, optional
        A column of numbers; needed for firms. An effect knows its own.
    scale : {"means", "shares"}
        Shares: the outcome is 0 or 1, of one year.
    year : int, optional
        Compare in this year only. Default: all years there are.
    covariates : sequence of str
        Columns that the compared firms should have in common.
    cluster : str, optional
        Column of groups of units whose errors go together.
    level : float
        Confidence level, above 0.5.

    Returns
    -------
    EffectResult
        outcome, estimate, std_error, low, high, p_value (against no difference), n, undefined. Further table `equivalence`: bound,
        p_value_lower, p_value_upper, p_value, equivalent (yes, no, cannot tell), tost_low, tost_high (interval of level 2 level - 1),
        smallest_bound (the smallest for which the answer would be yes), undefined. For firms `groups`: group, units, observations, mean,
        std_dev.

    Raises
    ------
    WrongOption
        A bound of 0 or less, an outcome missing, shares that aren't 0 or 1 or of several years.
    EmptyTable
        No row of that year.

    References
    ----------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of
    average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680.
    Agresti, A. & Caffo, B. (2000). Simple and effective confidence intervals for proportions and differences of proportions result from
    adding two successes and two failures. The American Statistician 54(4), 280-288.
    Radosevic, S. & Myrzakhmet, M. (2009). Between vision and reality: promoting innovation through technoparks in an emerging economy.
    Technovation 29(10), 645-656.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> firms = pd.DataFrame({"firm": range(8), "year": 2020, "entered": [0] * 4 + [2015] * 4,
    ...                       "rd_share": [1.0, 2, 3, 4, 1.1, 2.1, 3.1, 4.1]})
    >>> found = tp.effects.equivalence(firms, outcome="rd_share", bound=3)
    >>> found.equivalence[["p_value", "equivalent"]].round(3).values.tolist()
    [[0.01, 'yes']]
    """
    _check(bound, level)
    notes: list[str] = []
    if isinstance(compared, EffectResult):
        return _of_effect(compared, outcome, bound, level)
    if outcome is None:
        raise WrongOption(
            "firms are compared by an outcome", fix="outcome='a column'", exists=compared.columns
        )
    made = inside_panel(compared, outcome=outcome, covariates=covariates, cluster=cluster, year=year)
    simple = made.rows["year"].nunique() == 1 and not covariates and cluster is None
    if scale == "shares":
        _check_shares(made, simple)
    groups = _groups(made)
    with heard(notes):
        found = _tested(made, groups, scale, simple, bound, level)
    return _result(made, found, groups, bound, level, notes)


def _check(bound: float, level: float) -> None:
    if bound <= 0:
        raise WrongOption("bound is the largest difference that wouldn't matter, above 0", value=bound)
    if not 0.5 < level < 1:
        raise WrongOption("level is a share between 0.5 and 1", value=level)


def _check_shares(made: Panel, simple: bool) -> None:
    if not made.rows["outcome"].isin([0.0, 1.0]).all():
        raise WrongOption("shares are of an outcome that is 0 or 1", value=made.outcome, fix="scale='means'")
    if not simple:
        raise WrongOption(
            "shares are compared in one year, without covariates and clusters",
            fix="year=, or scale='means', which compares shares by regression",
        )


def _groups(made: Panel) -> pd.DataFrame:
    parts = [
        (name, made.rows[made.rows[INSIDE] == value]) for name, value in (("in a park", 1), ("others", 0))
    ]
    return pd.DataFrame(
        {
            "group": [name for name, _ in parts],
            "units": [part["unit"].nunique() for _, part in parts],
            "observations": [len(part) for _, part in parts],
            "mean": [part["outcome"].mean() for _, part in parts],
            "std_dev": [part["outcome"].std() for _, part in parts],
        }
    )


def _tested(
    made: Panel, groups: pd.DataFrame, scale: str, simple: bool, bound: float, level: float
) -> tost.Tested:
    if (groups["observations"] < 2).any():
        return tost.Tested(undefined="fewer than two observations in a park or among the others")
    if not simple:
        return tost.regression(made, bound, level)
    return (tost.shares if scale == "shares" else tost.welch)(made, bound, level)


def _of_effect(of: EffectResult, outcome: str | None, bound: float, level: float) -> EffectResult:
    if outcome not in (None, of.outcome):
        raise WrongOption("this is an effect on another outcome", value=outcome, exists=[of.outcome])
    row = of.frames["overall"].iloc[0]
    if of.std_error > 0:
        found = tost.tested(of.estimate, of.std_error, tost.freedom_of(of), bound, level)
    else:
        found = tost.Tested(of.estimate, undefined="the effect has no standard error")
    answer = tost.answer(found, bound, level)
    table = _table(of.outcome, found, int(row["treated"]))
    return EffectResult.of(
        table,
        text=_text(of.outcome, "The effect on", found, answer, bound, level),
        fields={**effect.FIELDS, **_FIELDS},
        chart=_chart(of.outcome, bound),
        warnings=of.warnings,
        equivalence=pd.DataFrame([answer]),
        overall=of.frames["overall"],
        **({"sample": of.frames["sample"]} if "sample" in of.frames else {}),
    )


def _result(
    made: Panel, found: tost.Tested, groups: pd.DataFrame, bound: float, level: float, notes: list[str]
) -> EffectResult:
    answer = tost.answer(found, bound, level)
    number_of = counts(made)
    row = overall(
        made,
        Gap(found.estimate, found.std_error, found.low, found.high, found.p_different),
        estimand="difference between those in a park and others in the same year",
        estimate=found.estimate,
        std_error=found.std_error,
        level=level,
        interval=(found.low, found.high),
        p_value=found.p_different,
        undefined=found.undefined,
        **number_of,
    )
    return EffectResult.of(
        _table(made.outcome, found, number_of["treated"]),
        text=_text(
            made.outcome, "The difference between firms in parks and others in", found, answer, bound, level
        ),
        fields={**effect.FIELDS, **_FIELDS},
        chart=_chart(made.outcome, bound),
        warnings=[*made.warnings, *notes],
        equivalence=pd.DataFrame([answer]),
        groups=groups,
        overall=row,
        sample=made.sample,
    )


def _table(outcome: str, found: tost.Tested, treated: int) -> pd.DataFrame:
    row = {
        "outcome": outcome,
        "estimate": found.estimate,
        "std_error": found.std_error if found.std_error > 0 else math.nan,
        "low": found.low,
        "high": found.high,
        "p_value": max(found.p_different, TINY) if not found.undefined else math.nan,
        "n": treated,
        "undefined": found.undefined,
    }
    return pd.DataFrame([row])


def _chart(outcome: str, bound: float) -> Chart:
    return Chart("forest", {"label": "outcome", "bound": float(bound), "axis": f"difference in {outcome}"})


def _text(
    outcome: str, what: str, found: tost.Tested, answer: dict[str, Any], bound: float, level: float
) -> str:
    if found.undefined:
        return f"{what} {outcome} can't be tested for equivalence: {found.undefined}."
    logs = f", in per cent {percent(found.estimate)}" if is_log(outcome) else ""
    said = f"{what} {outcome} is {number(found.estimate)} ({100 * level:.3g} % interval {span(found.low, found.high)}{logs})."
    p_value = number(answer["p_value"])
    if answer["equivalent"] == "yes":
        also = " It differs from zero, but not enough to matter." if found.low > 0 or found.high < 0 else ""
        return f"{said} It is smaller than {number(bound)} either way (p = {p_value}): equivalent, which is a finding and not the lack of one.{also}"
    if answer["equivalent"] == "no":
        return f"{said} It is larger than the {number(bound)} that wouldn't matter: not equivalent."
    return (
        f"{said} Whether it is smaller than {number(bound)} can't be told (p = {p_value}): these data would show equivalence only for a bound of "
        f"{number(answer['smallest_bound'])} or more."
    )


_FIELDS = {
    "bound": Field("largest difference that wouldn't matter", "unit of the outcome", 4),
    "p_value_lower": Field("one-sided p-value against a difference of -bound or below", "", 4),
    "p_value_upper": Field("one-sided p-value against a difference of bound or above", "", 4),
    "p_value": Field("p-value: in `equivalence` of the two one-sided tests, else two-sided against no difference", "", 4),
    "equivalent": Field("yes, no (larger than the bound), or cannot tell"),
    "tost_low": Field("lower end of the interval that corresponds to the two tests", "unit of the outcome", 4),
    "tost_high": Field("upper end of that interval", "unit of the outcome", 4),
    "smallest_bound": Field("smallest bound for which the answer would be yes", "unit of the outcome", 4),
    "group": Field("in a park, or others"),
    "mean": Field("mean of the outcome", "unit of the outcome", 4),
    "std_dev": Field("standard deviation of the outcome", "unit of the outcome", 4),
}  # fmt: skip
