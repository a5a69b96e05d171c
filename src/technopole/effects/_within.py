"""Regressions with effects of units and years, taken out exactly, in unbalanced panels too; errors clustered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.effects._overall import LOGS, intervals
from technopole.effects._panel import Panel
from technopole.errors import TechnopoleError
from technopole.libraries import library

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients by name, their covariance, Student's degrees of freedom (clusters less one), and what each cluster adds to them."""

    names: tuple[str, ...]
    params: Array
    covariance: Array
    freedom: float
    dropped: tuple[str, ...]
    influence: pd.DataFrame

    def combination(self, weights: Mapping[str, float]) -> tuple[float, float]:
        """Return a sum of coefficients and its standard error."""
        at = np.array([weights.get(name, 0.0) for name in self.names])
        return float(at @ self.params), float(np.sqrt(max(at @ self.covariance @ at, 0.0)))

    def rows(self, said: Mapping[str, Mapping[str, float]], *, level: float) -> pd.DataFrame:
        """Return one row per named combination: term, estimate, std_error, low, high, p_value."""
        found = [self.combination(weights) for weights in said.values()]
        table = pd.DataFrame(
            {"term": list(said), "estimate": [a for a, _ in found], "std_error": [b for _, b in found]}
        )
        return pd.concat(
            [table, intervals(table["estimate"], table["std_error"], level=level, freedom=self.freedom)],
            axis=1,
        )


def within(
    rows: pd.DataFrame,
    outcome: str,
    columns: Sequence[str],
    *,
    units: bool = True,
    may_drop: Sequence[str] = (),
) -> Fit:
    """Regress on the columns, effects of years and (`units`) of units; clusters are those of the panel, or its units.

    Deviations from unit means plus the overall mean, with year dummies and a constant: the small-sample factor is G / (G - 1) (n - 1) / (n - k),
    k counting the columns, the years and the constant but not the units, which are nested in clusters (as xtreg, reghdfe and fixest count).
    """
    groups, labels = pd.factorize(rows["cluster"] if "cluster" in rows else rows["unit"])
    years = pd.get_dummies(rows["year"], dtype="float64", drop_first=True).to_numpy()
    own = rows[list(columns)].to_numpy("float64")
    target = rows[outcome].to_numpy("float64")
    if units:
        number = pd.factorize(rows["unit"])[0]
        own, years, target = (_less_means(part, number) for part in (own, years, target))
    one, numbered = np.ones((len(rows), 1)), [str(i) for i in range(years.shape[1])]
    apart = _independent(one, years, numbered, numbered)  # years that no unit links to others give fewer
    fixed = np.column_stack([one, years[:, apart]])
    kept = _independent(fixed, own, columns, may_drop)
    design = np.column_stack([own[:, kept], fixed])
    if groups.max() < 1 or len(rows) <= design.shape[1]:
        raise TechnopoleError(
            "too few units for this regression", value=f"{groups.max() + 1} clusters, {len(rows)} rows"
        )
    model = library("statsmodels.regression.linear_model").OLS(target, design)
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    count = len(kept)
    scores = pd.DataFrame(design * np.asarray(fit.resid)[:, None]).groupby(labels[groups]).sum()
    influence = scores @ np.asarray(fit.normalized_cov_params)[:, :count]
    return Fit(
        tuple(columns[i] for i in kept),
        np.asarray(fit.params)[:count],
        np.asarray(fit.cov_params())[:count, :count],
        float(groups.max()),
        tuple(name for i, name in enumerate(columns) if i not in kept),
        influence.set_axis([columns[i] for i in kept], axis=1),
    )


def _less_means(part: Array, number: npt.NDArray[np.intp]) -> Array:
    """Take out unit means, put the overall mean back."""
    flat = part.reshape(len(part), -1)
    size = np.bincount(number)
    out = np.empty_like(flat)
    for j in range(flat.shape[1]):
        out[:, j] = flat[:, j] - (np.bincount(number, weights=flat[:, j]) / size)[number] + flat[:, j].mean()
    return out.reshape(part.shape)


def _independent(fixed: Array, own: Array, columns: Sequence[str], may_drop: Sequence[str]) -> list[int]:
    """Return the columns that aren't combinations of earlier ones and of the effects; refuse others unless they may be dropped."""
    basis = np.linalg.qr(fixed)[0]
    kept: list[int] = []
    for j, name in enumerate(columns):
        left = own[:, j] - basis @ (basis.T @ own[:, j])
        left -= basis @ (basis.T @ left)
        size = float(np.linalg.norm(left))
        if size > 1e-9 * max(float(np.linalg.norm(own[:, j])), 1e-300):
            kept.append(j)
            basis = np.column_stack([basis, left / size])
        elif name not in may_drop:
            raise TechnopoleError(
                "a column doesn't vary beyond what the effects of units and years and the other columns explain",
                value=name,
                fix="leave it out, or use data in which it varies within units",
            )
    return kept


def take_log(made: Panel, column: str, name: str) -> str:
    """Take the logarithm of a column unless its name says that it is one; rows of 0 or less are dropped and counted. Return its name."""
    if name.startswith(LOGS):
        return name
    made.keep(
        made.rows[column] > 0, step=f"{name} above 0", reason=f"{name} is 0 or less, which has no logarithm"
    )
    made.rows[column] = np.log(made.rows[column])
    return f"log_{name}"


def drop_singles(made: Panel) -> None:
    """Drop units seen once: their own effect takes up all they say."""
    seen = made.rows.groupby("unit")["year"].transform("size")
    made.keep(seen > 1, step="seen twice", reason="units seen in one year only")
