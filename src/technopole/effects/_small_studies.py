"""What small studies do to a body of evidence: precision against sign, sample size against a positive finding, counting votes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from technopole.effects._overall import TINY, intervals
from technopole.libraries import heard, library
from technopole.result import Field

FEW = 10  # studies below which regressions on precision have little power (Sterne et al. 2011)


def small_study_effects(studies: pd.DataFrame, level: float, notes: list[str]) -> pd.DataFrame:
    """Regress estimates on their standard errors (FAT, PET) and on their squares (PEESE), weighted by precision."""
    names = [
        "FAT: slope on the standard error",
        "PET: effect at standard error 0",
        "PEESE: effect at variance 0",
    ]
    error = studies["std_error"].to_numpy("float64")
    why = ""
    if len(studies) < 3:
        why = "needs three studies or more"
    elif np.ptp(error) <= 1e-12 * error.max():
        why = "all studies are equally precise"
    if why:
        empty = dict.fromkeys(("estimate", "std_error", "low", "high", "p_value"), math.nan)
        return pd.DataFrame(
            [{"test": name, **empty, "studies": len(studies), "undefined": why} for name in names]
        )
    with heard(notes):
        fits = [_weighted(studies["estimate"].to_numpy("float64"), error, error**power) for power in (1, 2)]
    rows = [(fits[0], 1), (fits[0], 0), (fits[1], 0)]
    at = [float(fit.params[which]) for fit, which in rows]
    spread = [float(fit.bse[which]) for fit, which in rows]
    table = pd.DataFrame({"test": names, "estimate": at, "std_error": spread})
    table = pd.concat([table, intervals(at, spread, level=level, freedom=len(studies) - 2)], axis=1)
    exact = "" if min(spread) > 0 else "the studies lie on a line: no standard error"
    return table.assign(studies=len(studies), undefined=exact)


def _weighted(estimate: Any, error: Any, on: Any) -> Any:
    models = library("statsmodels.regression.linear_model")
    return models.WLS(estimate, np.column_stack([np.ones(len(on)), on]), weights=error**-2.0).fit()


def positive_finding(studies: pd.DataFrame, level: float, notes: list[str]) -> pd.DataFrame:
    """Regress whether a study finds a significantly positive effect on the logarithm of its sample size (logit)."""
    known = studies[studies["n"] > 0] if "n" in studies else studies.iloc[:0]
    row: dict[str, Any] = {
        **dict.fromkeys(
            (
                "odds_ratio",
                "low",
                "high",
                "p_value",
                "n_small",
                "probability_small",
                "n_large",
                "probability_large",
            ),
            math.nan,
        ),
        "studies": len(known),
        "undefined": _not_to_be_fitted(known),
    }
    if not row["undefined"]:
        row |= _logit(
            np.log2(known["n"].to_numpy("float64")), known["positive"].to_numpy("float64"), level, notes
        )
    return pd.DataFrame([row])


def _not_to_be_fitted(known: pd.DataFrame) -> str:
    if len(known) < 3:
        return "needs three studies or more with a sample size n"
    size, yes = known["n"].to_numpy("float64"), known["positive"].to_numpy(bool)
    if yes.all() or not yes.any():
        return f"{'all' if yes.all() else 'none'} of the studies found a significantly positive effect"
    if size[yes].min() >= size[~yes].max() or size[yes].max() <= size[~yes].min():
        return "a sample size separates positive findings from the others without overlap"
    return ""


def _logit(doublings: Any, positive: Any, level: float, notes: list[str]) -> dict[str, float]:
    exog = np.column_stack([np.ones(len(doublings)), doublings])
    with heard(notes):
        fit = library("statsmodels.discrete.discrete_model").Logit(positive, exog).fit(disp=0)
    wald = intervals([fit.params[1]], [fit.bse[1]], level=level).iloc[0]
    small, large = np.quantile(doublings, [0.25, 0.75])
    chance = fit.predict(np.array([[1.0, small], [1.0, large]]))
    return {
        "odds_ratio": math.exp(fit.params[1]),
        "low": math.exp(wald["low"]),
        "high": math.exp(wald["high"]),
        "p_value": float(wald["p_value"]),
        "n_small": 2.0**small,
        "probability_small": float(chance[0]),
        "n_large": 2.0**large,
        "probability_large": float(chance[1]),
    }


def vote_count(studies: pd.DataFrame, mean: float, tau2: float, level: float) -> pd.DataFrame:
    """Count significant findings by sign, beside what the pooled mean and spread would give at these standard errors."""
    error = studies["std_error"].to_numpy("float64")
    reach = float(stats.norm.ppf((1 + level) / 2)) * error
    spread = np.sqrt(error**2 + tau2)
    positive = float(np.mean(stats.norm.sf((reach - mean) / spread)))
    negative = float(np.mean(stats.norm.cdf((-reach - mean) / spread)))
    votes = [int(studies["positive"].sum()), int(studies["negative"].sum())]
    counted = [*votes, len(studies) - sum(votes)]
    return pd.DataFrame(
        {
            "finding": ["significantly positive", "significantly negative", "not significant"],
            "studies": counted,
            "share": [count / len(studies) for count in counted],
            "expected_share": [positive, negative, max(1 - positive - negative, TINY)],
        }
    )


FIELDS = {
    "test": Field("FAT asks whether imprecise studies report other effects; PET and PEESE extrapolate to perfect precision"),
    "odds_ratio": Field("odds of a significantly positive finding with a sample twice as large", "ratio", 2),
    "n_small": Field("lower quartile of the sample sizes", "units", 0),
    "probability_small": Field("chance of a significantly positive finding with that many", "share", 2),
    "n_large": Field("upper quartile of the sample sizes", "units", 0),
    "probability_large": Field("chance of a significantly positive finding with that many", "share", 2),
    "finding": Field("what counting votes makes of a study"),
    "studies": Field("studies", "studies"),
    "share": Field("share of the studies", "share", 2),
    "expected_share": Field("share to be expected if the pooled mean and spread were true", "share", 2),
}  # fmt: skip
