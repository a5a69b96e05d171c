"""Imputed outcomes without entry: the cells of cohorts and years, their scores, their averages with fixed weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.effects import _staggered as staggered
from technopole.effects import _staggered_input as given
from technopole.effects._panel import Panel
from technopole.errors import TechnopoleError
from technopole.kernels import group_time_aggregation as kernel
from technopole.kernels.threads import one_thread
from technopole.libraries import heard, library

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fitted:
    model: Any
    data: dict[str, Any]  # what the library keeps of a fit, by the names of its own parameters
    scale: float  # of outcomes: it fits them in standard deviations, as its tolerances are absolute
    warnings: list[str]


def fit(rows: Panel, anticipation: int, leave_one_out: bool) -> Fitted:
    said: list[str] = []
    model = library("diff_diff").ImputationDiD(
        anticipation=anticipation,
        cluster="cluster" if "cluster" in rows.rows else None,
        leave_one_out=leave_one_out,
        rank_deficient_action="silent",
    )
    table, scale = given.in_standard_deviations(rows)
    try:
        with heard(said), one_thread():
            model.fit(
                table,
                outcome="outcome",
                unit="unit",
                time="year",
                first_treat="entered",
                covariates=[name for name in map(str, table) if name.startswith("covariate ")] or None,
            )
    except (ValueError, np.linalg.LinAlgError) as error:
        raise TechnopoleError(
            "outcomes without entry can't be imputed from so few untreated rows",
            fix="anticipation=0 and fewer covariates ask less of the data",
        ) from error
    warnings = [text for text in said if text.startswith("leave_one_out")]
    return Fitted(model, model._fit_data, scale, warnings)


def cells_of(fitted: Fitted, inference: staggered.Inference) -> tuple[pd.DataFrame, Array]:
    """Return the table of cells, and one score per cluster (or unit) and cell; squared, they add up to the variance."""
    data = fitted.data
    used = data["df"]
    inside = data["omega_1_mask"]
    treated = used.loc[inside, ["entered", "year", "_tau_hat"]]
    names = ["group", "time"]
    keys = treated.groupby(["entered", "year"], sort=True)
    table = keys["_tau_hat"].agg(estimate="mean", n="count", seen="size").reset_index()
    table = table.rename(columns={"entered": "group", "year": "time"}).astype(dict.fromkeys(names, "int64"))
    table.insert(2, "event_time", table["time"] - table["group"])
    table = table[table["event_time"] >= 0].reset_index(drop=True)
    table["estimate"] *= fitted.scale
    score = _scores(fitted, table, treated) * fitted.scale
    error = np.sqrt(np.einsum("ij,ij->j", score, score))
    lost = "no untreated unit in this year, or none of its units is seen before entry"
    table["undefined"] = [
        lost if n == 0 else staggered.reason(own, np.array([n]), np.zeros(1, bool), inference.scale)
        for own, n in zip(error, table["n"], strict=True)
    ]
    table["std_error"] = np.where(table["undefined"] == "", error, np.nan)
    return table, score


def _scores(fitted: Fitted, table: pd.DataFrame, treated: pd.DataFrame) -> Array:
    """Sum by cluster what each row adds to the error of each cell: its weight times its residual.

    Weights are equal within a cell, so a residual is the same whichever cell is asked for, and is asked for once.
    """
    model, data = fitted.model, fitted.data
    used, inside = data["df"], data["omega_1_mask"].to_numpy(bool)
    effects = ("unit_fe", "time_fe", "grand_mean", "delta_hat")
    names = [data[name] for name in ("outcome", "unit", "time")]
    values = [data[name] for name in effects]
    codes, labels = pd.factorize(used[data["cluster_var"]], sort=True)
    tau = treated["_tau_hat"].to_numpy("float64")
    counted = treated.groupby(["entered", "year"])["_tau_hat"].transform("count").to_numpy("float64")
    equal = np.where(np.isfinite(tau), 1 / np.maximum(counted, 1), 0.0)
    said: list[str] = []
    with heard(said), one_thread():
        of_treated = model._compute_auxiliary_residuals_treated(
            used[inside], *names, data["first_treat"], data["covariates"], *values, equal
        )
        of_others = model._compute_residuals_untreated(used[~inside], *names, data["covariates"], *values)
        projection = model._build_untreated_projection(
            used[~inside],
            used[inside],
            *names[1:],
            data["covariates"] or [],
            kept_cov_mask=data["kept_cov_mask"],
        )
        entered, year = treated["entered"].to_numpy(), treated["year"].to_numpy()
        score = np.zeros((len(labels), len(table)))
        for column, (group, time) in enumerate(zip(table["group"], table["time"], strict=True)):
            weight = np.where((entered == group) & (year == time), equal, 0.0)
            added = np.zeros(len(used))
            added[inside] = np.nan_to_num(weight * of_treated)
            added[~inside] = np.nan_to_num(model._solve_untreated_v(projection, weight) * of_others)
            score[:, column] = np.bincount(codes, added, len(labels))
    return score


def averages(
    table: pd.DataFrame, score: Array, rows: Panel, inference: staggered.Inference
) -> list[staggered.Average]:
    known = table["estimate"].notna().to_numpy()
    cells, score = table[known].reset_index(drop=True), score[:, known]
    sizes = rows.units["entered"].value_counts()
    made: list[staggered.Average] = []
    for name in staggered.AVERAGES:
        column = staggered.KEYS.get(name)
        key = cells[column].to_numpy("int64") if column else np.zeros(len(cells), "int64")
        keys = np.unique(key)
        weight = np.array([np.where(key == value, cells["n"], 0) for value in keys], "float64")
        weight = weight.reshape(len(keys), len(cells))
        weight /= weight.sum(axis=1, keepdims=True)
        over = (
            np.array([sizes[int(value)] for value in keys], "float64")
            if name == "group"
            else np.ones(len(keys))
        )
        whole = (over / over.sum()) @ weight if len(keys) else np.zeros(len(cells))
        made.append(_average(name, keys, weight, whole, cells, score, inference))
    return made


def _average(
    name: str,
    keys: npt.NDArray[np.int64],
    weight: Array,
    whole: Array,
    cells: pd.DataFrame,
    score: Array,
    inference: staggered.Inference,
) -> staggered.Average:
    estimate, n = cells["estimate"].to_numpy("float64"), cells["n"].to_numpy("int64")
    with one_thread():
        error = np.sqrt(np.diag(kernel.covariance(score @ weight.T)))
        own = float(np.sqrt(((score @ whole) ** 2).sum()))
    rows = [np.flatnonzero(line) for line in weight]
    why = [
        staggered.reason(error[i], n[at], np.zeros(len(at), bool), inference.scale)
        for i, at in enumerate(rows)
    ]
    missing = "no row since entry can be compared with an imputed one"
    return staggered.Average(
        name, keys, weight @ estimate, np.where([text == "" for text in why], error, np.nan),
        [int(cells.iloc[at].groupby("group")["n"].max().sum()) for at in rows], why,
        float(whole @ estimate) if len(keys) else math.nan, own,
        staggered.reason(own, n, np.zeros(len(n), bool), inference.scale) if len(keys) else missing,
    )  # fmt: skip


def left_out(table: pd.DataFrame) -> list[str]:
    missing = int(table["estimate"].isna().sum())
    some = int((table["seen"] - table["n"])[table["estimate"].notna()].sum())
    said: list[str] = []
    if missing:
        said.append(
            f"{missing} of {len(table)} cells can't be imputed and are in no average: in their years nobody is untreated"
        )
    if some:
        said.append(f"{some:,} unit-years since entry can't be imputed: their units aren't seen before entry")
    return said
