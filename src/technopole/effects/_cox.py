"""Cox's model from statsmodels, with a covariance that fits its ties; and coefficients with their covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.effects._overall import intervals
from technopole.errors import TechnopoleError, WrongOption
from technopole.kernels import partial_likelihood as kernel
from technopole.libraries import library

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients of being inside and of the covariates, and their covariance."""

    params: Array
    covariance: Array


def cox(
    start: Array,
    stop: Array,
    event: Integers,
    named: Array,
    nuisance: Array,
    groups: Integers,
    *,
    covariates: Sequence[str],
    ties: Ties,
    strata: Integers | None = None,
) -> Fit:
    """Fit by partial likelihood, each row at risk in (start, stop]; the covariance is clustered by `groups`.

    `nuisance` columns that don't vary among those at risk together are left out; a named one that doesn't is refused. PHReg takes a row
    that enters at t for one at risk at t, so times go in as ranks, entries half a rank later; its own robust covariance is
    Breslow's whatever the ties, and nan where a row is at risk at no event.
    """
    every = np.column_stack([nuisance, named])
    at_zero = kernel.likelihood(start, stop, event, every, np.zeros(every.shape[1]), strata=strata, ties=ties)
    free = independent(at_zero.information, nuisance.shape[1], covariates)
    exog = np.column_stack([named, nuisance[:, free]])
    rank = np.unique(np.concatenate([start, stop]), return_inverse=True)[1].astype("float64")
    entry, end = rank[: len(start)] + 0.5, rank[len(start) :]
    model = library("statsmodels.api").PHReg(end, exog, status=event, entry=entry, strata=strata, ties=ties)
    params, width = np.asarray(model.fit().params), named.shape[1]
    found = kernel.likelihood(start, stop, event, exog, params, strata=strata, ties=ties)
    slope = np.abs(found.score.sum(axis=0)) / np.sqrt(np.diag(found.information))
    flat = np.diag(found.information)[:width] < 1e-5 * np.diag(at_zero.information)[nuisance.shape[1] :]
    if flat.any() or not (slope < 1e-4).all():  # nor where it is nan
        raise TechnopoleError(
            "the partial likelihood has no maximum: being inside, the year or some covariate tells exactly who has events",
            fix="leave out that covariate, or hold no years",
        )
    return Fit(params[:width], found.robust(groups)[:width, :width])


def independent(information: Array, nuisance: int, covariates: Sequence[str]) -> Integers:
    """Return which of the nuisance columns, the first of the matrix, aren't combinations of those before them; refuse named ones that are."""
    names, kept = ["inside", *covariates], list[int]()
    for column in range(len(information)):
        left = information[column, column]
        if kept:
            across = information[kept, column]
            left = left - across @ np.linalg.solve(information[np.ix_(kept, kept)], across)
        if left > 1e-9 * max(information[column, column], 1.0):
            kept.append(column)
        elif column >= nuisance:
            _refuse(names[column - nuisance])
    return np.array([column for column in kept if column < nuisance], dtype="int64")


def _refuse(name: str) -> None:
    raise WrongOption("this column doesn't vary among those compared with each other", value=name)


def groups_of(rows: pd.DataFrame) -> Integers:
    """Return within what rows depend on each other: the cluster, or else the unit."""
    return rows["cluster" if "cluster" in rows else "unit"].to_numpy("int64")


def dummies(codes: pd.Series) -> Array:
    """Return one column per value."""
    return (codes.to_numpy()[:, None] == np.unique(codes)[None, :]).astype("float64")


def terms(fit: Fit, covariates: Sequence[str], level: float) -> pd.DataFrame:
    """Return a row per term: coefficient, interval, and both as ratios."""
    error = np.sqrt(np.diag(fit.covariance))
    table = pd.DataFrame({"term": ["in a park", *covariates], "estimate": fit.params, "std_error": error})
    table = table.join(intervals(fit.params, error, level=level))
    for name, column in (("", "estimate"), ("_low", "low"), ("_high", "high")):
        table[f"hazard_ratio{name}"] = np.exp(table[column])
    return table
