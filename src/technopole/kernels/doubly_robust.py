"""The change of one group against another's in two years, with covariates held equal, and every unit's influence on it.

Sant'Anna, P. H. C. & Zhao, J. (2020). Doubly robust difference-in-differences estimators. Journal of Econometrics 219(1), 101-122: section 3.1
(the estimator with least squares and a logit, weights normalised in both groups) and theorem A.1 (influence functions).
Abadie, A. (2005). Semiparametric difference-in-differences estimators. Review of Economic Studies 72(1), 1-19 (weights alone; here normalised).

Covariates come as rows, units as columns, those who entered first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from technopole.kernels.logit import Logit, independent, logit, with_constant

Array = npt.NDArray[np.float64]
APART = 0.999  # a chance of entering from which on nobody is comparable
TRIMMED = 0.995  # comparison units with such a chance or more carry no weight
NOBODY = "the covariates set those who enter apart from the others: nobody comparable is there"
TOO_FEW = "too few units to hold so many covariates equal"


@dataclass(frozen=True, slots=True)
class Chances:
    """The chance of entering given covariates, fitted; `undefined` says why it can't be used."""

    fitted: Logit
    design: Array  # a constant and the covariates that can be used
    undefined: str


@dataclass(frozen=True, slots=True)
class Difference:
    """An estimate, and the influence of every unit on it, which adds up to the estimation error."""

    estimate: float
    influence: Array
    redundant: int = 0  # covariates left out of the regression among the comparison units
    undefined: str = ""


def chances(covariates: Array, entered: int) -> Chances:
    """Fit the chance of being among the first `entered` units."""
    design = with_constant(covariates[independent(covariates)])
    fitted = logit(design, np.arange(design.shape[1]) < entered)
    apart = not fitted.converged or float(fitted.chance.max()) >= APART
    return Chances(fitted, design, NOBODY if apart else "")


def odds(chance: Array) -> Array:
    """Weight comparison units by their odds of entering; none where they nearly surely would."""
    return np.where(chance < TRIMMED, chance / (1 - np.minimum(chance, TRIMMED)), 0.0)


def difference(change: Array, covariates: Array, entered: int, by: Chances, *, regress: bool) -> Difference:
    """Compare changes: the others weighted by their odds of entering; with `regress`, what a regression among them leaves of both."""
    inside, others = slice(entered), slice(entered, None)
    weight = odds(by.fitted.chance[others])
    used = independent(covariates[:, others]) if regress else np.empty(0, np.intp)
    few = regress and len(weight) <= len(used) + 1
    if by.undefined or few or not weight.any():
        return Difference(np.nan, np.zeros(len(change)), undefined=by.undefined or TOO_FEW)
    line = _line(change, covariates[used], others) if regress else None
    left = change if line is None else change - line.coefficients @ line.design
    total, own = weight.sum(), np.empty(len(change))
    mean, of_others = left[inside].mean(), weight @ left[others] / total
    own[inside] = (left[inside] - mean) / entered
    own[others] = -weight * (left[others] - of_others) / total
    lean = np.linalg.solve(by.fitted.information, by.design[:, others] @ own[others])
    own += _score(by.fitted.chance, entered) * (lean @ by.design)
    if line is not None:
        gap = line.design[:, others] @ weight / total - line.design[:, inside].mean(axis=1)
        own[others] += left[others] * ((line.bread @ gap) @ line.design[:, others])
    redundant = len(covariates) - len(used) if regress else 0
    return Difference(float(mean - of_others), own, redundant)


@dataclass(frozen=True, slots=True)
class _Line:
    design: Array
    coefficients: Array
    bread: Array


def _line(change: Array, covariates: Array, others: slice) -> _Line:
    """Regress the change among the others on the covariates."""
    design = with_constant(covariates, others)
    among = design[:, others]
    bread = np.asarray(np.linalg.inv(among @ among.T), np.float64)
    return _Line(design, bread @ (among @ change[others]), bread)


def _score(chance: Array, entered: int) -> Array:
    score = -chance
    score[:entered] += 1
    return score
