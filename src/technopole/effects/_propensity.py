"""The chance of being inside a park given covariates: a logit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from technopole.libraries import heard, library

Array = npt.NDArray[np.float64]


def design(covariates: Array, block: npt.NDArray[np.int64]) -> Array:
    """Return a constant, the standardised covariates and an indicator per block; what the columns before it already say is left out."""
    spread = covariates.std(axis=0)
    standard = (covariates - covariates.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    indicators = block[:, None] == np.unique(block)[None, :]
    columns = np.column_stack([np.ones(len(covariates)), standard, indicators])
    new = np.abs(np.diag(np.linalg.qr(columns, mode="r")))
    return columns[:, : len(new)][:, new > 1e-9 * np.sqrt(len(columns))]


def score(treated: npt.NDArray[np.bool_], covariates: Array) -> Array | None:
    """Return each unit's chance of being inside; None where the covariates tell the groups apart without error."""
    said: list[str] = []
    with heard(said), np.errstate(all="ignore"):
        try:
            model = library("statsmodels.discrete.discrete_model").Logit(
                treated.astype(np.float64), covariates
            )
            fit = model.fit(disp=0, tol=1e-12, maxiter=200)
        except np.linalg.LinAlgError:
            return None
    with np.errstate(over="ignore"):
        chance = np.asarray(fit.predict(), dtype=np.float64)
    apart = chance[treated].min() > chance[~treated].max()
    if apart or not fit.mle_retvals["converged"] or not ((chance > 0) & (chance < 1)).all():
        return None
    return chance
