"""Oracles: least squares with all dummies and the variance of the paper's theorem 3 written out; diff-diff's averages; panels without noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import firms
from staggered_cases import LATER, NO_NEVER, mpdta, without_noise

import technopole as tp
from technopole.errors import TechnopoleError
from technopole.libraries import heard

imputation: Any = tp.effects.imputation  # takes frames too


def contract_case() -> dict[str, Any]:
    return {"outcome": "log_sales"}


def written_out(rows: pd.DataFrame, outcome: str) -> tuple[float, float]:
    """Average effect and conservative standard error by dense matrices: weights v, residuals around the mean of each cell."""
    inside = ((rows["entered"] > 0) & (rows["year"] >= rows["entered"])).to_numpy()
    design = np.column_stack(
        [pd.get_dummies(rows["firm"]).to_numpy(float), pd.get_dummies(rows["year"]).to_numpy(float)[:, 1:]]
    )
    y = rows[outcome].to_numpy(float)
    free = design[~inside]
    effect = y - design @ np.linalg.solve(free.T @ free, free.T @ y[~inside])
    weight = inside / inside.sum()
    v = weight.copy()
    v[~inside] = -free @ np.linalg.solve(free.T @ free, design[inside].T @ weight[inside])
    cell = pd.Series(effect).groupby([rows["entered"].to_numpy(), rows["year"].to_numpy()])
    error = np.where(inside, effect - cell.transform("mean").to_numpy(), effect)
    scores = pd.Series(v * error).groupby(rows["firm"].to_numpy()).sum()
    return float(effect[inside].mean()), float(np.sqrt((scores**2).sum()))


@pytest.mark.slow
def test_mpdta_written_out(shared_data: Path) -> None:
    """The estimate is also that of extended two-way fixed effects without covariates, -0.0477 (Wooldridge; etwfe and jwdid documentation)."""
    rows = mpdta(shared_data)
    found = imputation(rows, outcome="lemp")
    estimate, error = written_out(rows, "lemp")
    assert found.estimate == pytest.approx(estimate, abs=1e-9) and round(estimate, 4) == -0.0477
    assert found.std_error == pytest.approx(error, abs=1e-8)


@pytest.mark.slow
def test_unbalanced_panel_written_out() -> None:
    rows = firms().sample(frac=0.85, random_state=5).sort_values(["firm", "year"])
    first = rows.groupby("firm")["year"].transform("min")
    kept = rows[(rows["entered"] == 0) | (rows["entered"] > first)].reset_index(drop=True)
    found = imputation(rows, outcome="log_sales")
    estimate, error = written_out(kept, "log_sales")
    assert found.estimate == pytest.approx(estimate, abs=1e-9)
    assert found.std_error == pytest.approx(error, abs=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("leave_one_out", [False, True])
def test_averages_as_in_the_library(leave_one_out: bool) -> None:
    diff_diff = pytest.importorskip("diff_diff")
    rows = firms()
    found = imputation(rows, outcome="log_sales", cluster="region", leave_one_out=leave_one_out)
    model = diff_diff.ImputationDiD(
        cluster="region", leave_one_out=leave_one_out, pretrends=True, df_convention="cluster"
    )
    said: list[str] = []
    with heard(said):
        fitted = model.fit(rows, outcome="log_sales", unit="firm", time="year", first_treat="entered")
        groups, events = (fitted.aggregate(name).to_dataframe() for name in ("group", "event_study"))
        test = fitted.pretrend_test()
    assert found.estimate == pytest.approx(fitted.overall_att, rel=1e-10)
    assert found.std_error == pytest.approx(fitted.overall_se, rel=1e-10)
    mine = found.aggregate("group").table
    np.testing.assert_allclose(mine["estimate"], groups["att"], rtol=1e-10)
    np.testing.assert_allclose(mine["std_error"], groups["se"], rtol=1e-10)
    theirs = events.set_index("event_time").drop(index=-1)
    own = found.aggregate("event").table.set_index("event_time").loc[theirs.index]
    np.testing.assert_allclose(own["estimate"], theirs["att"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(own["std_error"], theirs["se"], rtol=0, atol=1e-8)
    assert found.pre_trends["statistic"].iloc[0] == pytest.approx(test["f_stat"], rel=1e-6)


@pytest.mark.slow
def test_trends_before_entry_are_tested_apart(shared_data: Path) -> None:
    """Diff-diff's test of leads on mpdta (equation 9 of the paper): F = 1.8381 with 3 and 499 degrees of freedom."""
    found = imputation(mpdta(shared_data), outcome="lemp")
    test = found.pre_trends.iloc[0]
    assert (test["freedom"], test["freedom_below"]) == (3, 499)
    assert test["statistic"] == pytest.approx(1.8380922189315896, rel=1e-7)
    assert test["p_value"] == pytest.approx(0.13926699327415581, rel=1e-7)
    signs = np.sign(found.covariance[["event_time_a", "event_time_b"]] + 0.5).prod(axis=1)
    assert (signs > 0).all(), "no covariance between the two sides of entry"
    moved = mpdta(shared_data)
    early = (moved["entered"] > 0) & (moved["year"] < moved["entered"] - 1)
    assert (
        imputation(moved.assign(lemp=moved["lemp"] + early), outcome="lemp").pre_trends["p_value"].iloc[0]
        < 1e-6
    )


def test_staggered_entry_without_noise() -> None:
    found = imputation(without_noise(*LATER), outcome="y")
    assert found.table["estimate"].tolist() == pytest.approx([1, 2, 3, 4, 1, 2], rel=1e-9)
    assert found.estimate == pytest.approx(13 / 6, rel=1e-9)
    assert found.table["std_error"].isna().all()


@pytest.mark.slow
def test_without_never_treated_units_late_years_are_missing() -> None:
    found = imputation(without_noise(*NO_NEVER), outcome="y")
    known = found.table[found.table["estimate"].notna()]
    assert known["time"].tolist() == [2002, 2003]
    assert known["estimate"].tolist() == pytest.approx([1, 2], rel=1e-8)
    missing = found.table[found.table["estimate"].isna()]
    assert len(missing) == 4 and missing["undefined"].str.contains("no untreated unit").all()
    assert any("4 of 6 cells can't be imputed" in said for said in found.warnings)
    assert found.pre_trends["undefined"].iloc[0]


@pytest.mark.slow
def test_averages_with_weights_by_hand() -> None:
    found = imputation(firms(), outcome="log_sales")
    cells = found.table
    weighted = (cells["estimate"] * cells["n"]).sum() / cells["n"].sum()
    assert found.estimate == pytest.approx(weighted, rel=1e-12)
    years = (cells["estimate"] * cells["n"]).groupby(cells["time"]).sum() / cells.groupby("time")["n"].sum()
    np.testing.assert_allclose(found.aggregate("calendar").table["estimate"], years, rtol=1e-12)
    assert found.aggregate("calendar").estimate == pytest.approx(years.mean(), rel=1e-12)
    groups = cells.groupby("group")["estimate"].mean()
    assert found.aggregate("group").estimate == pytest.approx(groups.mean(), rel=1e-12)  # 15 firms each
    assert found.low < 0.3 < found.high


@pytest.mark.slow
def test_rows_that_cant_be_imputed_are_counted() -> None:
    rows = firms().assign(x=lambda t: t["employment"])
    found = imputation(rows, outcome="log_sales", covariates=["x"], anticipation=1)
    assert (found.table["event_time"] >= 0).all()
    fixed = imputation(rows, outcome="log_sales", covariates=["log_size"])
    assert any("log_size: the same in all years of a unit" in said for said in fixed.warnings)
    assert fixed.estimate == pytest.approx(imputation(rows, outcome="log_sales").estimate, rel=1e-8)
    with pytest.raises(TechnopoleError, match="no unit enters"):
        imputation(rows.assign(entered=0), outcome="log_sales")
    still = imputation(rows.assign(y=1.0), outcome="y")
    assert np.isnan(still.std_error) and "don't vary" in still.overall["undefined"].iloc[0]
