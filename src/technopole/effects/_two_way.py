"""Two-way fixed effects, and the two-by-two comparisons that its coefficient is an average of (Goodman-Bacon)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.effects._panel import Panel
from technopole.kernels.threads import one_thread
from technopole.libraries import heard, library

Array = npt.NDArray[np.float64]
KINDS = {
    "treated_vs_never": "entered against never",
    "earlier_vs_later": "earlier against later, not yet in",
    "later_vs_earlier": "later against earlier, already in",
}
FORBIDDEN = KINDS["later_vs_earlier"]


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Coefficients of a regression with unit and year effects; nan where a column is a combination of others."""

    estimate: Array
    covariance: Array
    freedom: float


def regression(rows: pd.DataFrame, columns: Array, covariates: Array) -> Coefficients:
    """Regress the outcome on columns and covariates within units and years; standard errors by cluster, else by unit.

    Year effects count as parameters, unit effects, which lie within clusters, don't.
    """
    every = np.column_stack([columns, covariates])
    within = _within(rows, np.column_stack([rows["outcome"].to_numpy("float64"), every]))
    outcome, exog = within[:, 0], within[:, 1:]
    kept = _independent(exog, np.sqrt(np.einsum("ij,ij->j", every, every)))
    groups = pd.factorize(rows["cluster"] if "cluster" in rows else rows["unit"])[0]
    years, number = int(rows["year"].nunique()), columns.shape[1]
    estimate, spread = np.full(number, np.nan), np.full((number, number), np.nan)
    freedom = float(groups.max())
    if not kept or len(outcome) <= len(kept) + years or freedom < 1:
        return Coefficients(estimate, spread, freedom)
    model = library("statsmodels.regression.linear_model").OLS(outcome, exog[:, kept])
    with one_thread():
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    wider = (len(outcome) - len(kept)) / (len(outcome) - len(kept) - years)
    asked = [place for place, column in enumerate(kept) if column < number]
    at = [kept[place] for place in asked]
    estimate[at] = np.asarray(fit.params)[asked]
    spread[np.ix_(at, at)] = wider * np.asarray(fit.cov_params())[np.ix_(asked, asked)]
    return Coefficients(estimate, spread, freedom)


def _within(rows: pd.DataFrame, values: Array) -> Array:
    """Take out unit and year effects."""
    names = [f"v{place}" for place in range(values.shape[1])]
    frame = pd.DataFrame(values, columns=pd.Index(names)).assign(
        unit=rows["unit"].to_numpy(), year=rows["year"].to_numpy()
    )
    said: list[str] = []
    with heard(said):
        done = library("diff_diff.utils").within_transform(
            frame, names, "unit", "year", suffix="_", tol=1e-12
        )
    return done[[f"{name}_" for name in names]].to_numpy("float64")


def _independent(exog: Array, size: Array) -> list[int]:
    """Return the columns that aren't combinations of those before them."""
    size = np.where(size > 0, size, 1.0)
    with one_thread():
        gram = (exog / size).T @ (exog / size)
    kept: list[int] = []
    for column in range(exog.shape[1]):
        left = gram[column, column]
        if kept:
            across = gram[kept, column]
            left -= float(across @ np.linalg.solve(gram[np.ix_(kept, kept)], across))
        if left > 1e-9:
            kept.append(column)
    return kept


def bacon(rows: Panel) -> tuple[pd.DataFrame, float]:
    """Return the comparisons with weights and estimates, and the coefficient that they average to; none where nothing changes."""
    said: list[str] = []
    entered = rows.rows["entered"]
    if not (((entered > 0) & (rows.rows["year"] >= entered)).any() and entered.nunique() > 1):
        columns = ["treated_group", "control_group", "kind", "weight", "estimate"]
        return pd.DataFrame(columns=pd.Index(columns)), math.nan
    with heard(said):
        found = (
            library("diff_diff")
            .BaconDecomposition(weights="exact")
            .fit(
                rows.rows[["unit", "year", "entered", "outcome"]],
                outcome="outcome",
                unit="unit",
                time="year",
                first_treat="entered",
            )
        )
    table = pd.DataFrame(
        [
            {
                "treated_group": int(pair.treated_group),
                "control_group": 0 if pair.comparison_type == "treated_vs_never" else int(pair.control_group),
                "kind": KINDS[pair.comparison_type],
                "weight": float(pair.weight),
                "estimate": float(pair.estimate),
            }
            for pair in found.comparisons
        ]
    )
    order = ["treated_group", "control_group", "kind"]
    return table.sort_values(order, ignore_index=True), float(found.twfe_estimate)


def shares(pairs: pd.DataFrame) -> pd.DataFrame:
    """Add up weights by kind, with the average estimate of each."""
    made: list[dict[str, object]] = []
    for kind in KINDS.values():
        own = pairs[pairs["kind"] == kind]
        weight = float(own["weight"].sum())
        average = float((own["weight"] * own["estimate"]).sum()) / weight if weight > 0 else math.nan
        made.append({"kind": kind, "weight": weight, "estimate": average})
    return pd.DataFrame(made)
