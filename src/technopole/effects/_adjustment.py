"""Make those outside comparable with those inside: by partners, by strata, by weights. One estimate and error per outcome."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.effects import _propensity
from technopole.effects._comparison_sample import Sample
from technopole.errors import TechnopoleError, WrongOption
from technopole.kernels import matching, weighting
from technopole.kernels.threads import one_thread
from technopole.libraries import heard, library

Method = Literal[
    "nearest", "propensity", "coarsened_exact", "entropy_balancing", "inverse_probability", "doubly_robust"
]
Estimand = Literal["treated", "all"]
Metric = Literal["mahalanobis", "inverse_variance"]
Array = npt.NDArray[np.float64]
LARGEST = 50_000_000  # distances between treated and others that pairing without replacement may hold


@dataclass(frozen=True, slots=True)
class Options:
    """How the comparison is made comparable."""

    method: Method
    estimand: Estimand
    ratio: int
    replace: bool
    caliper: float | None
    metric: Metric
    adjust: bool
    bins: int | None
    trim: float


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Per outcome an estimate and its error, and how much each firm counts (adding up to 1 inside and outside)."""

    estimates: Array
    errors: Array
    weight: Array
    score: Array | None
    freedom: float = math.inf


def ready(made: Sample, options: Options) -> tuple[Array, Array | None]:
    """Drop firms nobody is comparable with; return the columns that say who is inside, and the chances they give."""
    common = _both_in(made.rows[".block"], made.treated)
    made.keep(common, step="comparable", reason="nobody in the other group is the same in exact=")
    design = _propensity.design(made.covariates, made.block)
    score = _propensity.score(made.treated, design)
    return _trimmed(made, options.trim, score) if options.trim else (design, score)


def adjusted(made: Sample, options: Options, warnings: list[str]) -> Adjusted:
    """Compare those inside with others made comparable."""
    with one_thread():
        design, score = ready(made, options)
        if options.method == "coarsened_exact":
            return _strata(made, options)
        if options.method == "entropy_balancing":
            return _balanced(made, options, design, score, warnings)
        if score is None and options.method != "nearest":
            raise TechnopoleError(
                "what is matched on tells those inside from the others without error, so nobody is comparable",
                value=list(made.on),
                fix="match on fewer covariates, or by method='nearest' with a caliper",
            )
        if options.method in ("nearest", "propensity"):
            return _partners(made, options, score)
        return _weighted(made, options, design, score)


def _trimmed(made: Sample, trim: float, score: Array | None) -> tuple[Array, Array | None]:
    """Drop firms whose chance of being inside is nearly 0 or 1 (Crump and others 2009), and estimate the chances again."""
    if score is not None:
        good = pd.Series((score >= trim) & (score <= 1 - trim))
        made.keep(good, step="overlap", reason=f"chance of being inside below {trim:g} or above {1 - trim:g}")
        if made.treated.all() or not made.treated.any():
            raise TechnopoleError("trimming leaves nobody to compare with", value=trim, fix="a smaller trim=")
    design = _propensity.design(made.covariates, made.block)
    return design, _propensity.score(made.treated, design)


def points(made: Sample, options: Options, score: Array | None) -> Array:
    """Return the coordinates in which firms are near each other."""
    if options.method == "propensity" and score is not None:
        return matching.scaled(np.log(score / (1 - score))[:, None], "inverse_variance")
    try:
        return matching.scaled(made.covariates, options.metric)
    except np.linalg.LinAlgError as error:
        raise TechnopoleError(
            "a covariate is a combination of the others, so there is no Mahalanobis distance",
            value=list(made.on),
            fix="leave one out, or metric='inverse_variance'",
        ) from error


def links(made: Sample, options: Options, place: Array) -> matching.Links:
    """Find the partners."""
    reach = math.inf if options.caliper is None else options.caliper
    treated, block = made.treated, made.block
    if options.replace:
        focal = np.ones(len(treated), bool) if options.estimand == "all" else treated
        return matching.nearest(place, treated, focal, block, ratio=options.ratio, caliper=reach)
    if int(treated.sum()) * int((~treated).sum()) * options.ratio > LARGEST:
        raise WrongOption(
            "too many firms for pairs without replacement", value=len(treated), fix="replace=True, or exact="
        )
    return matching.pairs(place, treated, block, ratio=options.ratio, caliper=reach)


def _partners(made: Sample, options: Options, score: Array | None) -> Adjusted:
    place = points(made, options, score)
    found = links(made, options, place)
    if not len(found.focal):
        raise TechnopoleError(
            "nobody has a partner within the caliper", value=options.caliper, fix="a wider caliper"
        )
    if not options.replace:
        return _sets(made, options, found, score)
    covariates = made.covariates if options.adjust else None
    several: list[matching.Matched] = []
    for number in range(len(made.outcomes)):
        outcome = made.outcome(number)
        rest = _residuals(made, outcome) if options.adjust else outcome
        spread = matching.own_variance(rest, place, made.treated, made.block, neighbours=2)
        several.append(matching.difference(outcome, made.treated, found, spread=spread, adjust=covariates))
    return Adjusted(
        np.array([one.estimate for one in several]),
        np.array([one.std_error for one in several]),
        several[0].weight,
        score,
    )


def _residuals(made: Sample, outcome: Array) -> Array:
    """What a regression on the covariates within each group leaves: firms of one chance differ in them, and the adjustment takes that out."""
    rest = outcome.copy()
    design = np.column_stack([np.ones(len(outcome)), made.covariates])
    for side in (made.treated, ~made.treated):
        slopes = np.linalg.lstsq(design[side], outcome[side], rcond=None)[0]
        rest[side] -= design[side] @ slopes
    return rest


def _sets(made: Sample, options: Options, found: matching.Links, score: Array | None) -> Adjusted:
    """Regress within matched sets, clustered by set (Abadie and Spiess 2022)."""
    heads, number = np.unique(found.focal, return_inverse=True)
    member = np.concatenate([heads, found.partner])
    groups = np.concatenate([np.arange(len(heads)), number])
    weight = np.concatenate([np.ones(len(heads)), found.weight])
    inside = made.treated[member].astype(np.float64)
    extra = made.covariates[member] if options.adjust else np.empty((len(member), 0))
    design = np.column_stack([inside, np.ones(len(member)), extra - extra.mean(axis=0)])
    model = library("statsmodels.regression.linear_model").WLS
    estimates, errors = [], []
    for each in range(len(made.outcomes)):
        fit = model(made.outcome(each)[member], design, weights=weight).fit(
            cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
        )
        estimates.append(float(fit.params[0]))
        errors.append(float(fit.bse[0]))
    share = np.bincount(member, weights=weight, minlength=len(made.rows)) / len(heads)
    return Adjusted(np.array(estimates), np.array(errors), share, score, float(len(heads) - 1))


def _strata(made: Sample, options: Options) -> Adjusted:
    bins = options.bins or math.ceil(math.log2(len(made.rows)) + 1)
    codes = {name: _binned(made.rows[name], bins) for name in made.on}
    cells = pd.DataFrame({".block": made.rows[".block"], **codes})
    stratum = cells.groupby(list(cells), sort=True).ngroup()
    good = _both_in(stratum, made.treated)
    if not good.any():
        raise TechnopoleError(
            "no stratum has firms both inside and outside", value=bins, fix="fewer bins=, or fewer covariates"
        )
    made.keep(good, step="in a common stratum", reason="nobody in the other group is in the same stratum")
    number = np.unique(stratum[good], return_inverse=True)[1].astype(np.int64)
    aim = weighting.target(made.treated, options.estimand == "all")
    score = (np.bincount(number, weights=made.treated) / np.bincount(number))[number]

    def arm(outcome: Array, group: npt.NDArray[np.bool_]) -> weighting.Mean:
        return weighting.stratified(outcome, group, aim, number)

    return _arms(made, arm, score)


def _binned(values: pd.Series, bins: int) -> npt.NDArray[np.int64]:
    """Cut into bins of equal width; few values are kept as they are."""
    if values.nunique() <= bins:
        return pd.factorize(values, sort=True)[0].astype(np.int64)
    edges = np.linspace(values.min(), values.max(), bins + 1)[1:-1]
    return np.searchsorted(edges, values.to_numpy("float64"), side="right").astype(np.int64)


def _balanced(
    made: Sample, options: Options, design: Array, score: Array | None, warnings: list[str]
) -> Adjusted:
    treated = made.treated
    aim = weighting.target(treated, options.estimand == "all")
    goal = design[:, 1:].T @ aim / aim.sum()
    weight = np.zeros(len(treated))
    balancing = library("diff_diff.balancing")
    for group in (treated, ~treated):
        if options.estimand == "treated" and group[treated].all():
            weight[group] = 1.0 / group.sum()
            continue
        try:
            with heard(warnings):
                weight[group] = balancing.entropy_balance(design[group, 1:], goal)[0]
        except balancing.BalanceError as error:
            raise TechnopoleError(
                "no weights give both groups the same means, as one lies outside the range of the other",
                value=list(made.on),
                fix="fewer covariates, or exact= or trim= to leave out firms that nobody is comparable with",
            ) from error

    def arm(outcome: Array, group: npt.NDArray[np.bool_]) -> weighting.Mean:
        return weighting.calibrated(outcome, group, aim, design, weight)

    return _arms(made, arm, score)


def _weighted(made: Sample, options: Options, design: Array, score: Array | None) -> Adjusted:
    assert score is not None
    aim = weighting.target(made.treated, options.estimand == "all")
    regression = options.method == "doubly_robust"

    def arm(outcome: Array, group: npt.NDArray[np.bool_]) -> weighting.Mean:
        chance = score if group[made.treated].all() else 1 - score
        return weighting.mean(outcome, group, aim, design, chance, regression=regression)

    return _arms(made, arm, score)


def _arms(
    made: Sample, arm: Callable[[Array, npt.NDArray[np.bool_]], weighting.Mean], score: Array | None
) -> Adjusted:
    """Subtract the two means; the error sums influences within clusters, with the factor clusters / (clusters - 1)."""
    clusters = pd.factorize(made.panel.rows["cluster" if "cluster" in made.panel.rows else "unit"])[0]
    count = clusters.max() + 1
    estimates, errors = [], []
    weight = np.zeros(len(made.rows))
    for number in range(len(made.outcomes)):
        inside = arm(made.outcome(number), made.treated)
        outside = arm(made.outcome(number), ~made.treated)
        sums = np.bincount(clusters, weights=inside.influence - outside.influence) / len(made.rows)
        estimates.append(inside.estimate - outside.estimate)
        errors.append(math.sqrt(count / (count - 1) * (sums @ sums)) if count > 1 else math.nan)
        weight = inside.weight + outside.weight
    return Adjusted(np.array(estimates), np.array(errors), weight, score)


def _both_in(groups: pd.Series, treated: npt.NDArray[np.bool_]) -> pd.Series:
    """Whether a unit's group has firms inside and outside."""
    inside = pd.Series(treated, index=groups.index).groupby(groups.to_numpy())
    return inside.transform("any") & ~inside.transform("all")
