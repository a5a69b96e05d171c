"""The difference in levels between those inside and the others, in the same year: beside every effect, never one itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from technopole.effects._panel import Panel
from technopole.libraries import library

Array = npt.NDArray[np.float64]
ROUNDING = 1e-12  # of the largest outcome: standard errors up to here aren't more than rounding
_TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference in levels; where there is none, nan and why."""

    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float
    undefined: str = ""


def inside(rows: pd.DataFrame) -> pd.Series:
    """Whether a unit is inside in that year: from its year of entry on."""
    return (rows["entered"] > 0) & (rows["year"] >= rows["entered"])


def gap(
    panel: Panel, *, level: float, covariates: Sequence[str] = (), treated: pd.Series | None = None
) -> Gap:
    """Regress the outcome on being inside (or `treated`), within year, with standard errors clustered by unit, or as the panel says.

    The small-sample factor is that of the regression with year dummies; intervals are Student's, with one less than there are clusters.
    """
    rows = panel.rows
    now = (inside(rows) if treated is None else treated).to_numpy("float64")
    years, number = np.unique(rows["year"].to_numpy(), return_inverse=True)
    columns = [now, *(rows[name].to_numpy("float64") for name in covariates)]
    exog = np.column_stack([_within(column, number) for column in columns])
    outcome = _within(rows["outcome"].to_numpy("float64"), number)
    groups = pd.factorize(rows["cluster"] if "cluster" in rows else rows["unit"])[0]
    parameters = len(years) + exog.shape[1]
    why = _undefined(exog, groups, len(outcome) - parameters)
    if why:
        return Gap(math.nan, math.nan, math.nan, math.nan, math.nan, why)
    model = library("statsmodels.regression.linear_model").OLS(outcome, exog)
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    # statsmodels counts the columns it sees; those of the year effects, taken out beforehand, belong to the factor (n - 1) / (n - k).
    wider = math.sqrt((len(outcome) - exog.shape[1]) / (len(outcome) - parameters))
    error = float(fit.bse[0]) * wider
    if error <= ROUNDING * float(np.abs(rows["outcome"]).max()):
        why = "level_gap: outcomes don't vary within years and sides, so there is no standard error"
        return Gap(float(fit.params[0]), math.nan, math.nan, math.nan, math.nan, why)
    student = stats.t(df=groups.max())
    estimate, reach = float(fit.params[0]), float(student.ppf((1 + level) / 2)) * error
    p_value = 2 * float(student.sf(abs(estimate) / max(error, _TINY)))
    return Gap(estimate, error, estimate - reach, estimate + reach, max(p_value, _TINY))


def _within(column: Array, number: npt.NDArray[np.intp]) -> Array:
    """Take out the mean of each year."""
    means = np.bincount(number, weights=column) / np.bincount(number)
    return column - means[number]


def _undefined(exog: Array, groups: npt.NDArray[np.intp], freedom: int) -> str:
    if not (np.abs(exog[:, 0]) > 1e-12).any():
        return "level_gap: in no year are there units inside and others"
    if groups.max() < 1 or freedom < 1:
        return "level_gap: too few units for a standard error"
    size = np.sqrt(np.einsum("ij,ij->j", exog, exog))
    if not size.all() or np.linalg.matrix_rank((exog / size).T @ (exog / size)) < exog.shape[1]:
        return "level_gap: being inside, or a covariate, is a combination of the others within each year"
    return ""
