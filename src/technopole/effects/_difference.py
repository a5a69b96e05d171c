"""A difference between two groups in units that need no scale: standard deviations, and odds for what is yes or no."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from technopole.libraries import library
from technopole.result import Field

Array = npt.NDArray[np.float64]

FIELDS = {
    "mean_inside": Field("mean of those inside", "unit of the outcome", 3),
    "mean_outside": Field("mean of those outside", "unit of the outcome", 3),
    "cohen_d": Field("difference of the means over the pooled standard deviation", "standard deviations", 3),
    "hedges_g": Field("Cohen's d without its small-sample bias", "standard deviations", 3),
    "hedges_g_low": Field("lower end of its confidence interval", "standard deviations", 3),
    "hedges_g_high": Field("upper end of its confidence interval", "standard deviations", 3),
    "odds_ratio": Field("odds of a yes inside over outside, for outcomes that are 0 or 1", "", 3),
    "odds_ratio_low": Field("lower end of its confidence interval", "", 3),
    "odds_ratio_high": Field("upper end of its confidence interval", "", 3),
}


def standardised(outcome: Array, treated: npt.NDArray[np.bool_], level: float) -> dict[str, float | str]:
    """Return the columns of `FIELDS`, and why what is missing is missing."""
    inside, outside = outcome[treated], outcome[~treated]
    found: dict[str, float | str] = {**dict.fromkeys(FIELDS, math.nan), "undefined": ""}
    found |= {"mean_inside": float(inside.mean()), "mean_outside": float(outside.mean())}
    found |= _cohen(inside, outside, level)
    if set(np.unique(outcome)) <= {0.0, 1.0}:
        found |= _odds(inside, outside, level)
    why = [
        ("cohen_d: nothing varies within the groups", math.isnan(float(found["cohen_d"]))),
        ("odds_ratio: the outcome isn't 0 or 1, or a cell is empty", math.isnan(float(found["odds_ratio"]))),
    ]
    return found | {"undefined": "; ".join(text for text, missing in why if missing)}


def _cohen(inside: Array, outside: Array, level: float) -> dict[str, float]:
    freedom = len(inside) + len(outside) - 2
    if freedom < 1:
        return {}
    squares = ((inside - inside.mean()) ** 2).sum() + ((outside - outside.mean()) ** 2).sum()
    if not squares > 0:
        return {}
    spread = math.sqrt(squares / freedom)
    own = (inside.mean(), inside.std(ddof=1) if len(inside) > 1 else 0.0, len(inside))
    others = (outside.mean(), outside.std(ddof=1) if len(outside) > 1 else 0.0, len(outside))
    size, variance = library("statsmodels.stats.meta_analysis").effectsize_smd(*own, *others)
    reach = float(library("scipy.stats").norm.ppf((1 + level) / 2)) * math.sqrt(float(variance))
    return {
        "cohen_d": float((inside.mean() - outside.mean()) / spread),
        "hedges_g": float(size),
        "hedges_g_low": float(size) - reach,
        "hedges_g_high": float(size) + reach,
    }


def _odds(inside: Array, outside: Array, level: float) -> dict[str, float]:
    cells = np.array([[side.sum(), len(side) - side.sum()] for side in (inside, outside)])
    if (cells == 0).any():
        return {}
    table = library("statsmodels.stats.contingency_tables").Table2x2(cells)
    low, high = table.oddsratio_confint(alpha=1 - level)
    return {
        "odds_ratio": float(table.oddsratio),
        "odds_ratio_low": float(low),
        "odds_ratio_high": float(high),
    }
