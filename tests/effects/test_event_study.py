"""Oracles: R `did` on mpdta (a saturated regression is differences of means); least squares with all dummies; staggered entry without noise."""

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

event_study: Any = tp.effects.event_study  # takes frames too
TWO_WAY = "two_way_fixed_effects"


def contract_case() -> dict[str, Any]:
    return {"outcome": "log_sales"}


def test_cells_are_those_of_group_time_effects(shared_data: Path) -> None:
    """Without covariates d(g, e) is ATT(g, g + e) from the year before entry; errors differ by the regression's small-sample factor."""
    rows = mpdta(shared_data)
    found = event_study(rows, outcome="lemp").table
    want = tp.effects.group_time_effects(rows, outcome="lemp", base="universal").table
    both = found.merge(want, on=["group", "time"], suffixes=("", "_want"))
    assert len(both) == len(found) == 15
    np.testing.assert_allclose(both["estimate"], both["estimate_want"], rtol=0, atol=1e-12)
    factor = np.sqrt(500 / 499 * 2499 / (2500 - 12 - 5))  # clusters; rows less 12 cells, 5 years
    known = both["std_error"].notna()
    np.testing.assert_allclose(
        both["std_error"][known], both["std_error_want"][known] * factor, rtol=0, atol=1e-10
    )


def test_event_times_and_average_of_mpdta_as_in_r(shared_data: Path) -> None:
    """R did, aggte(type = "dynamic" and "simple"), never treated: the same averages (r_ref/ref_aggte.csv of d2cml-ai/csdid)."""
    found = event_study(mpdta(shared_data), outcome="lemp")
    events = found.aggregate("event").table
    since = events[events["event_time"] >= 0]["estimate"]
    want = [-0.0199318167892593, -0.0509573670651939, -0.137258738889403, -0.100811363085404]
    np.testing.assert_allclose(since, want, rtol=0, atol=1e-12)
    assert found.estimate == pytest.approx(-0.0399512751551763, abs=1e-12)
    assert found.aggregate("event").estimate == pytest.approx(-0.0772398214573151, abs=1e-12)
    assert events["event_time"].tolist() == [-4, -3, -2, 0, 1, 2, 3, -1]
    assert events["undefined"].iloc[-1].endswith("0 by definition")


def with_all_dummies(
    rows: pd.DataFrame, columns: list[np.ndarray[Any, Any]], outcome: str
) -> tuple[Any, Any]:
    """Least squares with a dummy for every unit and year, standard errors by unit."""
    dummies = [
        pd.get_dummies(rows["firm"]).to_numpy(float),
        pd.get_dummies(rows["year"]).to_numpy(float)[:, 1:],
    ]
    exog = np.column_stack([*columns, *dummies])
    y = rows[outcome].to_numpy(float)
    inverse = np.linalg.inv(exog.T @ exog)
    beta = inverse @ exog.T @ y
    scored = exog * (y - exog @ beta)[:, None]
    by_unit = pd.DataFrame(scored).groupby(rows["firm"].to_numpy()).sum().to_numpy()
    units, n, own = rows["firm"].nunique(), len(rows), len(columns) + rows["year"].nunique()
    factor = units / (units - 1) * (n - 1) / (n - own)
    spread = inverse @ by_unit.T @ by_unit @ inverse * factor
    return beta, np.sqrt(np.diag(spread))


@pytest.mark.slow
def test_two_way_coefficient_against_all_dummies() -> None:
    rows = firms().sample(frac=0.85, random_state=4).reset_index(drop=True)
    seen = rows.groupby("firm")["year"].transform("min") < rows["entered"].where(rows["entered"] > 0, 9999)
    kept = rows[seen].reset_index(drop=True)
    now = ((kept["entered"] > 0) & (kept["year"] >= kept["entered"])).to_numpy(float)
    found = event_study(rows, outcome="log_sales", method=TWO_WAY, covariates=["employment"])
    beta, error = with_all_dummies(kept, [now, kept["employment"].to_numpy(float)], "log_sales")
    assert found.estimate == pytest.approx(beta[0], rel=1e-8)
    assert found.std_error == pytest.approx(error[0], rel=1e-7)
    leads = sorted({int(e) for e in found.table["event_time"]} - {-1})
    event = (kept["year"] - kept["entered"]).where(kept["entered"] > 0)
    columns = [(event == e).to_numpy(float) for e in leads] + [kept["employment"].to_numpy(float)]
    beta, error = with_all_dummies(kept, columns, "log_sales")
    table = found.table.set_index("event_time").loc[leads]
    np.testing.assert_allclose(table["estimate"], beta[: len(leads)], rtol=0, atol=1e-8)
    np.testing.assert_allclose(table["std_error"], error[: len(leads)], rtol=0, atol=1e-7)


def test_two_way_coefficient_of_mpdta(shared_data: Path) -> None:
    """`did` documentation and Baker et al.: -0.0365 (0.0133) by unit."""
    found = event_study(mpdta(shared_data), outcome="lemp", method=TWO_WAY)
    assert (round(found.estimate, 4), round(found.std_error, 4)) == (-0.0365, 0.0133)
    assert found.bacon["weight"].sum() == pytest.approx(1, abs=1e-12)
    assert (found.bacon["weight"] * found.bacon["estimate"]).sum() == pytest.approx(found.estimate, abs=1e-12)


@pytest.mark.parametrize(
    ("case", "coefficient", "forbidden"), [(LATER, 1.5, 1 / 6), (NO_NEVER, 1 / 6, 2 / 3)]
)
def test_two_way_fixed_effects_go_wrong_where_the_truth_is_known(
    case: tuple[dict[str, int], range], coefficient: float, forbidden: float
) -> None:
    """Domain.md 11.8: the mean effect is 13/6 in both panels."""
    rows = without_noise(*case)
    inside = (rows["entered"] > 0) & (rows["year"] >= rows["entered"])
    assert (rows["year"] - rows["entered"] + 1)[inside].mean() == pytest.approx(13 / 6)
    wrong = event_study(rows, outcome="y", method=TWO_WAY)
    assert wrong.estimate == pytest.approx(coefficient, rel=1e-10)
    shares = wrong.bacon_shares.set_index("kind")
    assert shares["weight"]["later against earlier, already in"] == pytest.approx(forbidden, rel=1e-10)
    assert shares["estimate"]["later against earlier, already in"] == pytest.approx(-0.5, rel=1e-10)
    assert any("already treated" in said for said in wrong.warnings)
    assert "no average of their effects" in wrong.text


@pytest.mark.slow
def test_weights_of_two_by_two_comparisons_by_hand() -> None:
    """Goodman-Bacon (2021), equations 10e-10g: one unit each entering 2003 and 2005, one never, six years (D = 4/6 and 2/6)."""
    found = event_study(without_noise(*LATER), outcome="y", method=TWO_WAY).bacon
    third = 1 / 3
    early, late = 4 / 6, 2 / 6
    within = [
        (2 * third) ** 2 * 0.25 * early * (1 - early),
        ((2 * third) * (1 - late)) ** 2 * 0.25 * (early - late) / (1 - late) * (1 - early) / (1 - late),
        (2 * third) ** 2 * 0.25 * late * (1 - late),
        ((2 * third) * early) ** 2 * 0.25 * late / early * (early - late) / early,
    ]
    assert found["weight"].tolist() == pytest.approx([w / sum(within) for w in within], rel=1e-10)
    assert found["estimate"].tolist() == pytest.approx([2.5, 1.5, 1.5, -0.5], rel=1e-10)


def test_sun_abraham_is_right_where_the_truth_is_known() -> None:
    found = event_study(without_noise(*LATER), outcome="y")
    since = found.table[found.table["event_time"] >= 0].sort_values(["group", "time"])
    assert since["estimate"].tolist() == pytest.approx([1, 2, 3, 4, 1, 2], rel=1e-10)
    assert found.estimate == pytest.approx(13 / 6, rel=1e-10)


@pytest.mark.slow
def test_last_cohort_as_comparison() -> None:
    rows = without_noise(*NO_NEVER)
    with pytest.raises(TechnopoleError, match="last_treated"):
        event_study(rows, outcome="y")
    found = event_study(rows, outcome="y", control="last_treated")
    assert found.table.query("event_time >= 0")["estimate"].tolist() == pytest.approx([1, 2], rel=1e-10)
    assert any("nobody is left to compare with" in said for said in found.warnings)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["sun_abraham", TWO_WAY])
def test_covariance_belongs_to_the_event_times(method: str) -> None:
    found = event_study(firms(), outcome="log_sales", method=method, cluster="region")
    events = found.aggregate("event").table
    events = events[events["undefined"] == ""].sort_values("event_time")
    wide = found.covariance.pivot(index="event_time_a", columns="event_time_b", values="covariance")
    assert wide.index.tolist() == events["event_time"].tolist()
    np.testing.assert_allclose(np.sqrt(np.diag(wide)), events["std_error"], rtol=1e-10)
    since = wide.index >= 0
    assert found.aggregate("event").std_error == pytest.approx(
        np.sqrt(wide.to_numpy()[np.ix_(since, since)].sum()) / since.sum(), rel=1e-10
    )


@pytest.mark.slow
def test_what_cant_be_estimated_is_said() -> None:
    rows = firms()
    with pytest.raises(TechnopoleError, match="same in every row"):
        event_study(rows.assign(x=1.0), outcome="log_sales", covariates=["x"])
    with pytest.raises(TechnopoleError, match="no unit enters"):
        event_study(rows.assign(entered=0), outcome="log_sales", method=TWO_WAY)
    still = event_study(rows.assign(y=2.0), outcome="y", method=TWO_WAY)
    assert np.isnan(still.std_error) and "don't vary" in still.overall["undefined"].iloc[0]
    fixed = event_study(rows, outcome="log_sales", covariates=["log_size"])
    assert any("log_size: the same in all years of a unit" in said for said in fixed.warnings)
    uneven = event_study(rows.iloc[1:], outcome="log_sales", method=TWO_WAY, covariates=["employment"])
    assert any("balanced" in said for said in uneven.warnings)
    assert any("without covariates" in said for said in uneven.warnings)


def test_a_regression_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from technopole.effects import _sun_abraham

    monkeypatch.setattr(_sun_abraham, "CELLS_AT_MOST", 1000)
    with pytest.raises(TechnopoleError, match="group_time_effects"):
        event_study(firms(), outcome="log_sales")
