"""The chance of belonging to one of two groups: a logit by maximum likelihood, with what its standard errors need.

Covariates come as rows, units as columns. Whoever calls many times limits the threads of the matrix products once, around all calls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
STEPS = 60
ENOUGH = 1e-10  # gain of the log-likelihood; the step after it is exact to rounding
REDUNDANT = 1e-9  # share of a covariate's variance that those before it leave


@dataclass(frozen=True, slots=True)
class Logit:
    """Coefficients, fitted chances, and the information matrix X W X'; whether the likelihood has its maximum there."""

    coefficients: Array
    chance: Array
    information: Array
    converged: bool


def logit(design: Array, inside: npt.NDArray[np.bool_]) -> Logit:
    """Fit by Newton's method, with halved steps where the likelihood would fall; the first row of the design is the constant."""
    share = float(inside.mean())
    coefficients = np.zeros(len(design))
    coefficients[0] = np.log(share / (1 - share))
    index = coefficients @ design
    converged = False
    with np.errstate(over="ignore"):
        chance, likelihood = 1 / (1 + np.exp(-index)), _likelihood(index, inside)
        for _ in range(STEPS):
            score = design @ (inside - chance)
            step = _solved(_information(design, chance), score)
            if step is None:
                break
            index, likelihood, factor = _uphill(inside, index, step @ design, likelihood)
            coefficients = coefficients + factor * step
            chance = 1 / (1 + np.exp(-index))
            converged = float(step @ score) <= ENOUGH
            if converged:
                break
    return Logit(coefficients, chance, _information(design, chance), converged)


def independent(rows: Array) -> npt.NDArray[np.intp]:
    """Return which covariates vary and aren't combinations of a constant and those before them."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    gram = centred @ centred.T
    size = np.sqrt(np.diag(gram))
    varies = size > 1e-10 * np.abs(rows).max(axis=1, initial=0.0) * np.sqrt(rows.shape[1])
    gram = gram / np.outer(np.where(varies, size, 1.0), np.where(varies, size, 1.0))
    kept: list[int] = []
    for row in np.flatnonzero(varies):
        left = gram[row, row]
        if kept:
            left -= gram[row, kept] @ np.linalg.solve(gram[np.ix_(kept, kept)], gram[kept, row])
        if left > REDUNDANT:
            kept.append(int(row))
    return np.array(kept, np.intp)


def with_constant(rows: Array, among: slice = slice(None)) -> Array:
    """Return a constant and the rows in units of how they vary among some units."""
    design = np.ones((len(rows) + 1, rows.shape[1]))
    some = rows[:, among]
    design[1:] = (rows - some.mean(axis=1, keepdims=True)) / some.std(axis=1, keepdims=True)
    return design


def _likelihood(index: Array, inside: npt.NDArray[np.bool_]) -> float:
    return float(index[inside].sum() - np.logaddexp(0, index).sum())


def _information(design: Array, chance: Array) -> Array:
    return (design * (chance * (1 - chance))) @ design.T


def _solved(information: Array, score: Array) -> Array | None:
    try:
        step = np.asarray(np.linalg.solve(information, score), np.float64)
    except np.linalg.LinAlgError:
        return None
    return step if np.isfinite(step).all() else None


def _uphill(
    inside: npt.NDArray[np.bool_], index: Array, move: Array, likelihood: float
) -> tuple[Array, float, float]:
    factor = 1.0
    while True:
        there = index + factor * move
        found = _likelihood(there, inside)
        if found >= likelihood - 1e-9 * abs(likelihood) or factor < 1e-6:
            return there, found, factor
        factor /= 2
