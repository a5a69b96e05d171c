"""Two one-sided tests of a difference: of means, of shares, of a regression's estimate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from scipy import optimize, stats

from technopole.effects._gap import gap
from technopole.effects._inside import INSIDE
from technopole.effects._overall import TINY, intervals
from technopole.effects._panel import Panel
from technopole.libraries import library
from technopole.result import EffectResult


@dataclass(frozen=True, slots=True)
class Tested:
    """A difference and its two one-sided tests; low and high at the level, tost_low and tost_high at the level of both tests."""

    estimate: float = math.nan
    std_error: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_different: float = math.nan
    p_lower: float = math.nan
    p_upper: float = math.nan
    tost_low: float = math.nan
    tost_high: float = math.nan
    undefined: str = ""


def welch(made: Panel, bound: float, level: float) -> Tested:
    """Test means with unequal variances."""
    inside = made.rows[INSIDE] == 1
    ours, others = (made.rows.loc[rows, "outcome"].to_numpy("float64") for rows in (inside, ~inside))
    estimate = float(ours.mean() - others.mean())
    if ours.std() == 0 and others.std() == 0:
        return Tested(
            estimate=estimate, undefined="the outcome is the same for all in each group: no standard error"
        )
    tools = library("statsmodels.stats.weightstats")
    both = tools.CompareMeans(tools.DescrStatsW(ours), tools.DescrStatsW(others))
    _, (lower, upper) = both.ttost_ind(-bound, bound, usevar="unequal")
    low, high = both.tconfint_diff(alpha=1 - level, usevar="unequal")
    tost_low, tost_high = both.tconfint_diff(alpha=2 * (1 - level), usevar="unequal")
    return Tested(
        estimate, float(both.std_meandiff_separatevar), float(low), float(high),
        float(both.ttest_ind(usevar="unequal")[1]), float(lower[1]), float(upper[1]), float(tost_low), float(tost_high),
    )  # fmt: skip


def shares(made: Panel, bound: float, level: float) -> Tested:
    """Test shares as Agresti and Caffo do: one success and one failure more in each group."""
    inside = made.rows[INSIDE] == 1
    ours, others = (made.rows.loc[rows, "outcome"].to_numpy("float64") for rows in (inside, ~inside))
    tools = library("statsmodels.stats.proportion")
    said = (int(ours.sum()), len(ours), int(others.sum()), len(others))
    if said[0] + said[2] in (0, said[1] + said[3]):
        return Tested(estimate=0.0, undefined="the outcome is the same for all firms: no standard error")
    test = tools.tost_proportions_2indep(*said, -bound, bound, method="agresti-caffo")
    low, high = tools.confint_proportions_2indep(*said, method="agresti-caffo", alpha=1 - level)
    tost_low, tost_high = tools.confint_proportions_2indep(
        *said, method="agresti-caffo", alpha=2 * (1 - level)
    )
    share, other = ours.mean(), others.mean()
    return Tested(
        float(share - other), math.sqrt(share * (1 - share) / said[1] + other * (1 - other) / said[3]), float(low), float(high),
        float(tools.test_proportions_2indep(*said, method="agresti-caffo").pvalue), float(test.results_larger.pvalue),
        float(test.results_smaller.pvalue), float(tost_low), float(tost_high),
    )  # fmt: skip


def regression(made: Panel, bound: float, level: float) -> Tested:
    """Test the difference within year of a regression clustered by unit."""
    found = gap(made, level=level, covariates=made.covariates, treated=made.rows[INSIDE] == 1)
    if found.undefined:
        return Tested(undefined=found.undefined.removeprefix("level_gap: "))
    groups = made.rows["cluster"] if "cluster" in made.rows else made.rows["unit"]
    return tested(found.estimate, found.std_error, groups.nunique() - 1, bound, level)


def tested(estimate: float, error: float, freedom: float, bound: float, level: float) -> Tested:
    """Test an estimate with a standard error: Student's with `freedom`, or normal."""
    wide = intervals([estimate], [error], level=level, freedom=freedom).iloc[0]
    tost = intervals([estimate], [error], level=2 * level - 1, freedom=freedom).iloc[0]
    return Tested(
        estimate, error, float(wide["low"]), float(wide["high"]), float(wide["p_value"]),
        float(stats.t.sf((estimate + bound) / error, freedom)), float(stats.t.cdf((estimate - bound) / error, freedom)),
        float(tost["low"]), float(tost["high"]),
    )  # fmt: skip


def freedom_of(of: EffectResult) -> float:
    """Return the degrees of freedom that the effect's own interval has; none found means normal."""
    ratio = (of.high - of.low) / 2 / of.std_error
    share = (1 + of.level) / 2
    if (
        not math.isfinite(ratio)
        or ratio <= stats.norm.ppf(share) * (1 + 1e-7)
        or ratio >= stats.t.ppf(share, 1)
    ):
        return math.inf
    found: Any = optimize.brentq(lambda freedom: stats.t.ppf(share, freedom) - ratio, 1, 1e9, xtol=1e-10)
    return float(found)


def answer(found: Tested, bound: float, level: float) -> dict[str, Any]:
    """Return the row of the frame `equivalence`."""
    both = max(found.p_lower, found.p_upper)
    beyond = found.tost_low > bound or found.tost_high < -bound
    known = not found.undefined
    return {
        "bound": float(bound),
        "p_value_lower": max(found.p_lower, TINY) if known else math.nan,
        "p_value_upper": max(found.p_upper, TINY) if known else math.nan,
        "p_value": max(both, TINY) if known else math.nan,
        "equivalent": ("yes" if both < 1 - level else "no" if beyond else "cannot tell")
        if known
        else "cannot tell",
        "tost_low": found.tost_low,
        "tost_high": found.tost_high,
        "smallest_bound": max(abs(found.tost_low), abs(found.tost_high)),
        "undefined": found.undefined,
    }
