"""Means of a group as if it had another group's covariates: by odds, by regression, by both, by strata; with their influence functions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean in a target population, the influence of each unit on it (sum / n is its error), and weights that add up to 1."""

    estimate: float
    influence: Floats
    weight: Floats


def target(treated: Flags, everyone: bool) -> Floats:
    """Return who the mean is for: the treated, or everyone."""
    return np.ones(len(treated)) if everyone else treated.astype(np.float64)


def mean(
    outcome: Floats, group: Flags, aim: Floats, design: Floats, score: Floats, *, regression: bool
) -> Mean:
    """Mean outcome of `group` in the population `aim`, weighted by the odds of a logit `score` of being in the group.

    `design` (with a constant) are the covariates of the logit, and with `regression` of a linear outcome model as well, which makes the
    mean doubly robust. The influence counts that both models are estimated (Sant'Anna and Zhao 2020, appendix).

    `score` is the probability of being treated where the group is `aim`'s complement, so for a group: P(group | x).
    """
    everyone = bool((aim == 1).all())
    inside = group.astype(np.float64)
    odds = inside / score if everyone else inside * (1 - score) / score
    slope = -odds if not everyone else -odds * (1 - score)
    if bool((aim == inside).all()):
        odds, slope = inside, np.zeros(len(outcome))
    gamma = _slopes(design, outcome, inside) if regression else np.zeros(design.shape[1])
    fitted = design @ gamma
    rest = outcome - fitted
    size, share = odds.mean(), aim.mean()
    level, beside = (aim @ fitted) / aim.sum(), (odds @ rest) / odds.sum()
    influence = aim * (fitted - level) / share + odds * (rest - beside) / size
    pull = design.T @ (slope * (rest - beside)) / (len(outcome) * size)
    influence += _logit(design, inside, score) @ pull
    if regression:
        tilt = design.T @ aim / aim.sum() - design.T @ odds / odds.sum()
        influence += _least_squares(design, inside, rest) @ tilt
    return Mean(float(level + beside), influence, odds / odds.sum())


def calibrated(outcome: Floats, group: Flags, aim: Floats, design: Floats, weight: Floats) -> Mean:
    """Mean outcome of `group` under weights that give its covariates the means they have in `aim` (entropy balancing).

    Its error is that of the residuals of the weighted regression on the balanced covariates (Deville and Sarndal 1992).
    """
    odds = np.where(group, weight / weight[group].sum(), 0.0)
    fitted = design @ _slopes(design, outcome, odds)
    estimate = float(odds @ outcome)
    level = (aim @ fitted) / aim.sum()
    influence = aim * (fitted - level) / aim.mean() + odds * (outcome - fitted) * len(outcome)
    return Mean(estimate, influence, odds)


def stratified(outcome: Floats, group: Flags, aim: Floats, stratum: Numbers) -> Mean:
    """Mean outcome of `group` with its strata in the proportions of `aim`.

    Residuals are scaled by sqrt(n / (n - 1)) of the stratum; a unit alone in its stratum gets the pooled variance (nan if all are alone).
    """
    inside = group.astype(np.float64)
    size = np.bincount(stratum, weights=inside)
    fitted = (np.bincount(stratum, weights=inside * outcome) / size)[stratum]
    odds = inside * (np.bincount(stratum, weights=aim) / size)[stratum]
    rest = inside * (outcome - fitted)
    alone, freedom = group & (size[stratum] == 1), inside.sum() - len(size)
    pooled = np.sqrt((rest @ rest) / freedom) if freedom > 0 else np.nan
    more = np.sqrt(size / np.maximum(size - 1, 1))[stratum]
    level = float((aim @ fitted) / aim.sum())
    own = bool((aim == inside).all())
    spread = rest if own else np.where(alone, pooled, rest * more)
    influence = aim * (fitted - level) / aim.mean() + odds * spread / odds.mean()
    return Mean(level, influence, odds / odds.sum())


def _slopes(design: Floats, outcome: Floats, weight: Floats) -> Floats:
    root = np.sqrt(weight)
    return np.asarray(
        np.linalg.lstsq(design * root[:, None], outcome * root, rcond=None)[0], dtype=np.float64
    )


def _logit(design: Floats, inside: Floats, score: Floats) -> Floats:
    """Influence of each unit on the coefficients of the logit."""
    information = (design * (score * (1 - score))[:, None]).T @ design / len(design)
    return (design * (inside - score)[:, None]) @ np.linalg.pinv(information, hermitian=True)


def _least_squares(design: Floats, inside: Floats, rest: Floats) -> Floats:
    """Influence of each unit on the coefficients of the outcome regression within the group."""
    moment = (design * inside[:, None]).T @ design / len(design)
    return (design * (inside * rest)[:, None]) @ np.linalg.pinv(moment, hermitian=True)
