"""Hidden Markov model with independent Gaussian observables, some of them missing: likelihood, posterior, fitted means.

Rabiner, L. R. (1989). A tutorial on hidden Markov models and selected applications in speech recognition.
Proceedings of the IEEE 77(2), 257-286. Everything is done in logarithms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Model:
    """`start` (K,), `move` (K, K) from row to column, `mean` and `spread` (K, J), `weight` (J,) of each observable."""

    start: Floats
    move: Floats
    mean: Floats
    spread: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class Posterior:
    """`state` (T, K): probability of each state in each year given all years; `log_likelihood` of the whole series."""

    state: Floats
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class Series:
    """Observables by year (T, J), NaN = not known, and the variance of their noise (T, J)."""

    value: Floats
    noise: Floats


def emissions(series: Series, model: Model) -> Floats:
    """Return the weighted log density of each year under each state (T, K); what is missing says nothing."""
    variance = model.spread**2 + series.noise[:, None, :]
    distance = (series.value[:, None, :] - model.mean) ** 2 / variance
    density = -0.5 * (distance + np.log(2 * np.pi * variance))
    return np.where(np.isnan(density), 0.0, model.weight * density).sum(axis=2)


def forward_backward(emitted: Floats, model: Model) -> Posterior:
    """Return the posterior of the state in every year, from the log densities of the years (T, K)."""
    with np.errstate(divide="ignore"):
        start, move = np.log(model.start), np.log(model.move)
    forward, backward = np.empty_like(emitted), np.zeros_like(emitted)
    forward[0] = start + emitted[0]
    for t in range(1, len(emitted)):
        forward[t] = emitted[t] + _log_sum(forward[t - 1][:, None] + move, 0)
    for t in range(len(emitted) - 2, -1, -1):
        backward[t] = _log_sum(move + emitted[t + 1] + backward[t + 1], 1)
    joint = forward + backward
    return Posterior(np.exp(joint - _log_sum(joint, 1)[:, None]), float(_log_sum(forward[-1], 0)))


def _log_sum(logs: Floats, axis: int) -> Floats:
    """Return the log of the sum of exponentials; -inf for a state that can't be reached."""
    top = logs.max(axis=axis, keepdims=True)
    top = np.where(np.isneginf(top), 0.0, top)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(logs - top).sum(axis=axis)) + top.squeeze(axis)


def posterior(series: Series, model: Model) -> Posterior:
    """Return the posterior of the states of one series."""
    return forward_backward(emissions(series, model), model)


def fit_means(
    every: Sequence[Series], model: Model, prior_years: float, rounds: int = 100, tolerance: float = 1e-8
) -> tuple[Model, Floats]:
    """Move the means towards what the series show (expectation-maximisation of the posterior density).

    The means of `model` weigh as much as `prior_years` noiseless years in each state. Returns the fitted model and the
    number of years behind each mean (K, J), of which the prior's are not part.
    """
    anchor, fitted = prior_years / model.spread**2, model
    behind = np.zeros_like(model.mean)
    for _ in range(rounds):
        top, bottom = anchor * model.mean, anchor.copy()
        behind = np.zeros_like(model.mean)
        for series in every:
            known = ~np.isnan(series.value)[:, None, :]
            share = posterior(series, fitted).state[:, :, None] * known * model.weight
            precision = share / (model.spread**2 + series.noise[:, None, :])
            top += (precision * np.nan_to_num(series.value)[:, None, :]).sum(axis=0)
            bottom += precision.sum(axis=0)
            behind += share.sum(axis=0)
        moved = top / bottom
        done = bool(np.all(np.abs(moved - fitted.mean) <= tolerance * model.spread))
        fitted = replace(fitted, mean=moved)
        if done:
            break
    return fitted, behind
