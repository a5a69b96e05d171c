"""Meta-analysis of evaluations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
from scipy import stats

from technopole.effects import _small_studies as small
from technopole.effects._overall import TINY, intervals, is_log, number, percent, span
from technopole.errors import EmptyTable, TechnopoleError, UnknownName, WrongOption
from technopole.libraries import heard, library
from technopole.member import member
from technopole.result import Chart, Field, Result, effect
from technopole.tables import Studies

Method = Literal["paule_mandel", "dersimonian_laird"]
Interval = Literal["hartung_knapp", "normal"]
_METHOD = {"paule_mandel": "pm", "dersimonian_laird": "dl"}


@member
def meta_analysis(
    studies: Studies,
    *,
    outcome: str | None = None,
    method: Method = "paule_mandel",
    interval: Interval = "hartung_knapp",
    level: float = 0.95,
) -> Result:
    """What studies find together, how much they differ, and how the small ones distort it.

        estimate[i] = mu + u[i] + e[i],  u[i] ~ (0, tau2),  e[i] ~ (0, std_error[i]^2)
        mu = sum_i w[i] estimate[i] / sum_i w[i],  w[i] = 1 / (std_error[i]^2 + tau2);  fixed effect: tau2 = 0
        prediction: mu +- t[k - 2] sqrt(tau2 + std_error(mu)^2)

    Fixed and random effects from statsmodels. Egger's regression (FAT-PET: precision against sign), the chance of a positive finding
    against sample size, and a count of votes beside the count that the pooled effect would give, show what the small ones do.

    Parameters
    ----------
    studies : Studies
        One row per study: estimate and std_error, in one unit throughout; n, year, outcome, design where known.
    outcome : str, optional
        Which outcome, where the table has several: growth and innovation are never pooled.
    method : {"paule_mandel", "dersimonian_laird"}
        How the variance between studies, tau2, is estimated.
    interval : {"hartung_knapp", "normal"}
        Interval of the random-effects mean: Student's with an estimated scale (never narrower than 1), or normal.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    Result
        study, kind (study or pooled), estimate, std_error, low, high, p_value, weight_fixed, weight_random, prediction_low,
        prediction_high, n, undefined. Further tables `heterogeneity`: studies, q, df, p_value, i2, h2, tau2, tau, method;
        `small_study_effects`: test, estimate, std_error, low, high, p_value, studies, undefined; `positive_finding`: odds_ratio, low, high,
        p_value, n_small, probability_small, n_large, probability_large, studies, undefined; `vote_count`: finding, studies, share,
        expected_share.

    Raises
    ------
    UnknownName
        No study of that outcome.
    TechnopoleError
        Several outcomes and none chosen; a study twice; fewer than two usable studies.

    References
    ----------
    DerSimonian, R. & Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7(3), 177-188.
    Paule, R. C. & Mandel, J. (1982). Consensus values and weighting factors. Journal of Research of the National Bureau of Standards
    87(5), 377-385.
    Hartung, J. & Knapp, G. (2001). A refined method for the meta-analysis of controlled clinical trials with binary outcome. Statistics in
    Medicine 20(24), 3875-3889.
    Higgins, J. P. T., Thompson, S. G. & Spiegelhalter, D. J. (2009). A re-evaluation of random-effects meta-analysis. Journal of the
    Royal Statistical Society A 172(1), 137-159.
    Egger, M., Davey Smith, G., Schneider, M. & Minder, C. (1997). Bias in meta-analysis detected by a simple, graphical test. BMJ
    315(7109), 629-634.
    Stanley, T. D. & Doucouliagos, H. (2014). Meta-regression approximations to reduce publication selection bias. Research Synthesis
    Methods 5(1), 60-78.
    Albahari, A., Barge-Gil, A., Perez-Canto, S. & Landoni, P. (2023). The effect of science and technology parks on tenant firms: a
    literature review. Journal of Technology Transfer 48(4), 1489-1531.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> found = pd.DataFrame({"study": ["A", "B", "C"], "estimate": [0.1, 0.2, 0.6], "std_error": [0.1, 0.1, 0.2]})
    >>> pooled = tp.effects.meta_analysis(found).table.query("kind == 'pooled'")
    >>> pooled[["study", "estimate"]].round(3).values.tolist()
    [['fixed effect', 0.2], ['random effects', 0.258]]
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    notes = list(studies.warnings)
    name, rows, lost = _rows(studies, outcome, notes)
    pooled = _pooled(rows, _Options(method, interval, level), notes)
    wald = intervals(rows["estimate"], rows["std_error"], level=level)
    rows = pd.concat([rows, wald], axis=1).assign(positive=wald["low"] > 0, negative=wald["high"] < 0)
    tests = small.small_study_effects(rows, level, notes)
    chance = small.positive_finding(rows, level, notes)
    votes = small.vote_count(rows, pooled.random["estimate"], pooled.spread["tau2"], level)
    if len(rows) < small.FEW:
        notes.append(
            f"{len(rows)} studies: regressions on precision or sample size say little below {small.FEW}"
        )
    return Result.of(
        _table(rows, pooled, lost),
        text=_text(name, pooled, tests, votes, level),
        fields={**effect.FIELDS, **small.FIELDS, **_FIELDS},
        chart=Chart(
            "forest",
            {
                "label": "study",
                "weight": "weight_random",
                "kind": "kind",
                "axis": f"effect on {name}" if name else "effect",
            },
        ),
        warnings=notes,
        heterogeneity=pd.DataFrame([pooled.spread]),
        small_study_effects=tests,
        positive_finding=chance,
        vote_count=votes,
    )


_COLUMNS = ["study", "kind", "estimate", "std_error", "low", "high", "p_value", "weight_fixed", "weight_random", "prediction_low",
            "prediction_high", "n", "undefined"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Options:
    method: Method
    interval: Interval
    level: float


@dataclass(frozen=True, slots=True)
class _Pooled:
    fixed: dict[str, Any]
    random: dict[str, Any]
    spread: dict[str, Any]
    weights: pd.DataFrame


def _rows(studies: Studies, outcome: str | None, notes: list[str]) -> tuple[str, pd.DataFrame, pd.DataFrame]:
    """Return the outcome's name, the usable studies in the order of their names, and those without a usable standard error."""
    frame = studies.expr.order_by(["study", "estimate", "std_error"]).to_pyarrow().to_pandas()
    if frame.empty:
        raise EmptyTable("there is no study", where=studies.source)
    there = sorted(frame["outcome"].dropna().unique()) if "outcome" in frame else []
    if outcome is not None:
        if outcome not in there:
            raise UnknownName("no study of this outcome", value=outcome, exists=there, where=studies.source)
        frame = frame[frame["outcome"] == outcome]
    elif len(there) > 1:
        raise TechnopoleError(
            "the studies have several outcomes, which can't be pooled",
            where=studies.source,
            exists=there,
            fix="outcome=",
        )
    twice = frame.loc[frame["study"].duplicated(), "study"]
    if len(twice):
        raise TechnopoleError(
            "a study has more than one estimate of this outcome, which aren't independent",
            value=twice.iloc[0],
            where=studies.source,
            fix="keep its main estimate, or give its independent samples names of their own",
        )
    usable = (frame["std_error"] > 0) & frame["estimate"].notna()
    lost = frame[~usable].reset_index(drop=True)
    if len(lost):
        notes.append(
            f"{len(lost)} of {len(frame)} studies left out: no estimate, or no standard error above 0 ({', '.join(lost['study'][:3])})"
        )
    frame = frame[usable].reset_index(drop=True)
    if len(frame) < 2:
        raise TechnopoleError(f"{len(frame)} usable studies: pooling needs two or more", where=studies.source)
    return outcome or (there[0] if there else ""), frame, lost


def _pooled(rows: pd.DataFrame, options: _Options, notes: list[str]) -> _Pooled:
    estimate, variance = rows["estimate"].to_numpy("float64"), rows["std_error"].to_numpy("float64") ** 2
    with heard(notes):
        combine = library("statsmodels.stats.meta_analysis").combine_effects
        fit = combine(estimate, variance, method_re=_METHOD[options.method])
    count, tau2 = len(rows), float(fit.tau2)
    random_error, freedom = float(fit.sd_eff_w_re), math.inf
    if options.interval == "hartung_knapp":
        random_error, freedom = max(random_error, float(fit.sd_eff_w_re_hksj)), count - 1
    random = {
        "study": "random effects",
        **_mean(float(fit.mean_effect_re), random_error, options.level, freedom),
        **_prediction(float(fit.mean_effect_re), tau2 + float(fit.sd_eff_w_re) ** 2, count, options.level),
    }
    fixed = {
        "study": "fixed effect",
        **_mean(float(fit.mean_effect_fe), float(fit.sd_eff_w_fe), options.level, math.inf),
    }
    spread = {
        "studies": count,
        "q": float(fit.q),
        "df": count - 1,
        "p_value": max(float(stats.chi2.sf(fit.q, count - 1)), TINY),
        "i2": max(0.0, 1 - (count - 1) / float(fit.q)) if fit.q > 0 else 0.0,
        "h2": float(fit.q) / (count - 1),
        "tau2": tau2,
        "tau": math.sqrt(tau2),
        "method": options.method,
    }
    weights = pd.DataFrame({"weight_fixed": 1 / variance, "weight_random": 1 / (variance + tau2)})
    return _Pooled(fixed, random, spread, weights / weights.sum())


def _mean(estimate: float, error: float, level: float, freedom: float) -> dict[str, float]:
    wald = intervals([estimate], [error], level=level, freedom=freedom).iloc[0]
    return {
        "estimate": estimate,
        "std_error": error,
        **{str(key): float(value) for key, value in wald.items()},
    }


def _prediction(mean: float, variance: float, count: int, level: float) -> dict[str, Any]:
    if count < 3:
        return {"undefined": "prediction interval: needs three studies or more"}
    reach = float(stats.t.ppf((1 + level) / 2, count - 2)) * math.sqrt(variance)
    return {"prediction_low": mean - reach, "prediction_high": mean + reach}


def _table(rows: pd.DataFrame, pooled: _Pooled, lost: pd.DataFrame) -> pd.DataFrame:
    own = pd.concat([rows, pooled.weights], axis=1).assign(kind="study", undefined="")
    both = pd.DataFrame([pooled.fixed, pooled.random]).assign(kind="pooled")
    out = lost.assign(kind="study", undefined="no estimate, or no standard error above 0")
    parts = [part.dropna(axis="columns", how="all") for part in (own, both, out) if len(part)]
    table = pd.concat(parts, ignore_index=True).reindex(columns=_COLUMNS)
    table["undefined"] = table["undefined"].fillna("")
    numbers = [name for name in _COLUMNS if name not in ("study", "kind", "undefined")]
    table[numbers] = table[numbers].astype("float64")
    return table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable")


def _text(name: str, pooled: _Pooled, tests: pd.DataFrame, votes: pd.DataFrame, level: float) -> str:
    mean, spread = pooled.random, pooled.spread
    what = f"effect on {name}" if name else "effect"
    said = f"{spread['studies']} studies find a mean {what} of {number(mean['estimate'])} ({100 * level:.3g} % interval {span(mean['low'], mean['high'])}"
    said += f"; in per cent {percent(mean['estimate'])})" if is_log(name) else ")"
    if "prediction_low" in mean:
        said += f", and the true effect in a further place like these may lie anywhere from {span(mean['prediction_low'], mean['prediction_high'])}"
    share = f"{100 * spread['i2']:.0f} % of the variance between studies is more than chance (I2)"
    fat, pet = tests.iloc[0], tests.iloc[1]
    if fat["undefined"]:
        third = f"Whether small studies distort this can't be told: {fat['undefined']}"
    else:
        third = (
            f"{'Imprecise studies report other effects than precise ones' if fat['p_value'] < 1 - level else 'No clear sign that imprecise studies report other effects'}"
            f" (p = {number(fat['p_value'])}); extrapolated to perfect precision the mean is {number(pet['estimate'])} ({span(pet['low'], pet['high'])})"
        )
    sign = "positive" if mean["estimate"] >= 0 else "negative"
    best = votes[votes["finding"] == f"significantly {sign}"].to_dict("records")[0]
    return (
        f"{said}. {share}; counting votes misleads: {int(best['studies'])} are significantly {sign}, and no more than "
        f"{100 * best['expected_share']:.0f} % would be if this mean and spread were the truth. {third}."
    )


_FIELDS = {
    "study": Field("study, or how studies were pooled"),
    "kind": Field("study or pooled"),
    "n": Field("sample size of the study", "units", 0),
    "weight_fixed": Field("weight in the fixed-effect mean", "share", 3),
    "weight_random": Field("weight in the random-effects mean", "share", 3),
    "prediction_low": Field("lower end of the interval for the true effect in a further place", "unit of the outcome", 4),
    "prediction_high": Field("upper end of the interval for the true effect in a further place", "unit of the outcome", 4),
    "q": Field("Cochran's Q: weighted squared deviations from the fixed-effect mean", "", 2),
    "df": Field("degrees of freedom", "", 0),
    "i2": Field("share of the variance between estimates that is more than sampling error", "share", 3),
    "h2": Field("Q over its degrees of freedom", "ratio", 2),
    "tau2": Field("variance of the true effects", "unit of the outcome, squared", 4),
    "tau": Field("standard deviation of the true effects", "unit of the outcome", 4),
    "method": Field("estimator of tau2"),
}  # fmt: skip
