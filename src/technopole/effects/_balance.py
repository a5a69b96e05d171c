"""How alike two groups are: means, standardised differences, variance ratios, overlap of their chances; for a matched comparison and for checks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.result import Field

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FIELDS = {
    "covariate": Field("what is compared"),
    "mean_inside_before": Field("mean of those inside, as they are", "unit of the covariate", 3),
    "mean_outside_before": Field("mean of those outside, as they are", "unit of the covariate", 3),
    "mean_inside_after": Field("mean of those inside, as they are compared", "unit of the covariate", 3),
    "mean_outside_after": Field("mean of those outside, as they are compared", "unit of the covariate", 3),
    "difference_before": Field(
        "standardised difference as they are: inside minus outside, in standard deviations (root of the mean of both variances)",
        "standard deviations",
        3,
    ),
    "difference_after": Field(
        "standardised difference as they are compared, in the same standard deviations",
        "standard deviations",
        3,
    ),
    "variance_ratio_before": Field("variance inside over variance outside, as they are", "", 3),
    "variance_ratio_after": Field("variance inside over variance outside, as they are compared", "", 3),
    "side": Field("inside or outside a park"),
    "firms": Field("firms with all values", "firms"),
    "used": Field("firms that count in the comparison", "firms"),
    "effective_size": Field("how many firms of equal weight the weights are worth", "firms", 1),
    "chance_low": Field("smallest chance of being inside, given what is compared", "", 4),
    "chance_median": Field("median chance of being inside", "", 4),
    "chance_high": Field("largest chance of being inside", "", 4),
    "near_certain": Field("share whose chance of being inside is above 0.9", "", 3),
    "beyond_others": Field("share whose chance is outside the range of the other group's", "", 3),
}
_CHANCES = ("chance_low", "chance_median", "chance_high", "near_certain", "beyond_others")


def moments(names: Sequence[str], covariates: Array, treated: Flags, weight: Array) -> pd.DataFrame:
    """Return per covariate (a row each) the mean and variance of both groups under weights."""
    rows = []
    for name, column in zip(names, covariates, strict=True):
        inside, outside = (_moment(column[side], weight[side]) for side in (treated, ~treated))
        rows.append((name, *inside, *outside))
    return pd.DataFrame(
        rows, columns=["covariate", "mean_inside", "variance_inside", "mean_outside", "variance_outside"]
    )


def _moment(values: Array, weight: Array) -> tuple[float, float]:
    """Weighted mean, and the variance with the factor of the effective size."""
    share = weight / weight.sum()
    mean = float(share @ values)
    freedom = 1 - float(share @ share)
    return mean, float(share @ (values - mean) ** 2) / freedom if freedom > 1e-12 else np.nan


def table(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Set the two beside each other; what can't be standardised says why and comes last."""
    variance = (before["variance_inside"] + before["variance_outside"]) / 2
    spread = variance.where(variance > 0) ** 0.5
    made = pd.DataFrame({"covariate": before["covariate"]})
    for when, part in (("before", before), ("after", after)):
        made[f"mean_inside_{when}"] = part["mean_inside"]
        made[f"mean_outside_{when}"] = part["mean_outside"]
        made[f"difference_{when}"] = (part["mean_inside"] - part["mean_outside"]) / spread
        ratio = part["variance_inside"] / part["variance_outside"].where(part["variance_outside"] > 0)
        made[f"variance_ratio_{when}"] = ratio
    ratios = made[["variance_ratio_before", "variance_ratio_after"]].isna().any(axis=1)
    why = np.where(ratios, "variance ratio: no variation outside", "")
    made["undefined"] = np.where(
        spread.isna(), "standardised difference: no variation inside or outside", why
    )
    order = ["covariate", *(name for name in FIELDS if name in made and name != "covariate"), "undefined"]
    return made[order].sort_values(
        "undefined", key=lambda text: text.ne(""), kind="stable", ignore_index=True
    )


def effective_size(weight: Array) -> float:
    """Kish's effective sample size: how many units of equal weight these are worth."""
    return float(weight.sum() ** 2 / (weight @ weight)) if (weight > 0).any() else 0.0


def sides(
    treated: Flags,
    weight: Array,
    score: Array | None,
    firms: tuple[int, int],
    *,
    block: npt.NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """Return per side: firms, used, effective size, and the range of the chances of being inside.

    Firms are held against the others of their `block` (cohort), where there are any.
    """
    rows = []
    for name, side, count in (("inside", treated, firms[0]), ("outside", ~treated, firms[1])):
        own = weight[side]
        row = {
            "side": name,
            "firms": count,
            "used": int((own > 0).sum()),
            "effective_size": effective_size(own),
        }
        row |= dict.fromkeys(_CHANCES, np.nan)
        if score is not None:
            mine = score[side]
            row |= {"chance_low": mine.min(), "chance_median": np.median(mine), "chance_high": mine.max()}
            row["near_certain"] = float((mine > 0.9).mean())
            row["beyond_others"] = float(_beyond(score, side, block)[side].mean())
        why = "" if score is not None else "chances: what is compared tells the groups apart without error"
        rows.append({**row, "undefined": why})
    return pd.DataFrame(rows)


def _beyond(score: Array, side: Flags, block: npt.NDArray[np.int64] | None) -> Flags:
    """Whose chance is outside the range of the other group's, block by block."""
    beyond = np.zeros(len(score), bool)
    for value in [None] if block is None else np.unique(block):
        here = np.ones(len(score), bool) if block is None else block == value
        theirs = score[here & ~side]
        beyond |= here & ((score < theirs.min()) | (score > theirs.max()))
    return beyond
