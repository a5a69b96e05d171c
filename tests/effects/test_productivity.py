"""Oracles: R's plm on Grunfeld's data; Stata's xtreg and R's fixest on simulated data; dummy variables written out; a known truth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.effects._within import within
from technopole.errors import EmptyTable, MissingColumn, TechnopoleError, WrongOption

productivity: Any = tp.effects.productivity  # takes frames too

# R: set.seed(0); rnorm(40)
NORMAL = [
    1.2629542848807933, -0.3262333607056494, 1.3297992629225008, 1.2724293214294047, 0.41464143445640844, -1.53995004190371,
    -0.9285670347135383, -0.29472044679056025, -0.005767172747536954, 2.4046533888579513, 0.7635934611404596, -0.7990092489893682,
    -1.1476570092363514, -0.2894615736882234, -0.2992151178973162, -0.41151083279506706, 0.2522234481561323, -0.8919211272845686,
    0.43568329935571876, -1.2375384219299579, -0.22426788527830935, 0.377395645981701, 0.1333363608148414, 0.8041895097449078,
    -0.05710677438380874, 0.503607972233726, 1.0857693621456865, -0.6909538396968307, -1.2845993538721885, 0.04672617218835198,
    -0.23570655643950122, -0.5428882550102544, -0.4333103174567824, -0.649471646796233, 0.7267507473854512, 1.1519117540872004,
    0.9921603654457977, -0.4295131094918814, 1.2383041008533806, -0.2793462818542693,
]  # fmt: skip


def contract_case() -> dict[str, Any]:
    return {"outcome": "log_sales", "rd": "patents", "labour": "employment"}


def panel(firms: int = 60, years: int = 6, *, zeros: bool = False, seed: int = 1) -> pd.DataFrame:
    """Sales = firm x K^0.3 x L^0.5 x R^(0.1 outside, 0.25 inside), with noise; half enter in 2003; a third of the rows is missing."""
    random = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(firms), years), np.tile(np.arange(2001, 2001 + years), firms)
    entered = np.where(unit % 2, 2003, 0)
    inside = (entered > 0) & (year >= entered)
    capital, labour, rd = (random.lognormal(3, 1, len(unit)) for _ in range(3))
    if zeros:
        rd[random.random(len(unit)) < 0.3] = 0
    log_rd = np.log(np.where(rd > 0, rd, 1))
    log_sales = 0.05 * unit + 0.3 * np.log(capital) + 0.5 * np.log(labour) + (0.1 + 0.15 * inside) * log_rd
    log_sales += random.normal(0, 0.1, len(unit)) + 0.02 * year + 0.2 * inside - 0.4 * (rd == 0)
    rows = pd.DataFrame(
        {"firm": [f"f{i:02d}" for i in unit], "year": year, "entered": entered, "sales": np.exp(log_sales), "capital": capital,
         "labour": labour, "rd": rd}
    )  # fmt: skip
    return rows[random.random(len(rows)) < 2 / 3]


def test_grunfeld() -> None:
    """plm's test_Estimators.Rout.save, effect = "twoways", Grunfeld's 10 firms: value 0.117716, capital 0.357916."""
    data = pytest.importorskip("statsmodels.datasets.grunfeld").load_pandas().data
    rows = data[data["firm"] != "American Steel"].assign(unit=lambda t: pd.factorize(t["firm"])[0])
    fit = within(rows, "invest", ["value", "capital"])
    assert [round(float(b), 6) for b in fit.params] == [0.117716, 0.357916]
    assert fit.freedom == 9


def test_clustered_errors_of_xtreg_and_fixest() -> None:
    """fixest's vignette "On standard-errors": feols(y ~ x | id + time) on these 20 rows has 0.165385, as Stata's xtreg, fe vce(cluster)."""
    rows = pd.DataFrame(
        {"unit": list(range(4)) * 5, "year": np.repeat(range(5), 4), "y": NORMAL[:20], "x": NORMAL[20:]}
    )
    fit = within(rows, "y", ["x"])
    assert round(math.sqrt(fit.covariance[0, 0]), 6) == 0.165385


def test_dummy_variables_written_out() -> None:
    """The unbalanced panel, least squares with a dummy for every firm and year; k counts neither the firms' dummies nor the zeros."""
    rows = panel().reset_index(drop=True)
    rows = rows[rows.groupby("firm")["year"].transform("size") > 1].reset_index(drop=True)
    found = productivity(rows, outcome="sales", rd="rd", capital="capital", labour="labour")
    inside = ((rows["entered"] > 0) & (rows["year"] >= rows["entered"])).to_numpy(float)
    logs = np.log(rows[["capital", "labour", "rd"]].to_numpy())
    own = np.column_stack([logs, inside, inside * (logs[:, 2] - logs[:, 2].mean())])
    dummies = [pd.get_dummies(rows[name], dtype=float).to_numpy() for name in ("firm", "year")]
    design = np.column_stack([own, dummies[0], dummies[1][:, 1:]])
    y = np.log(rows["sales"].to_numpy())
    bread = np.linalg.inv(design.T @ design)
    beta = bread @ design.T @ y
    scores = pd.DataFrame(design * (y - design @ beta)[:, None]).groupby(rows["firm"]).sum().to_numpy()
    firms, k, n = rows["firm"].nunique(), 5 + rows["year"].nunique(), len(rows)
    variance = bread @ scores.T @ scores @ bread * firms / (firms - 1) * (n - 1) / (n - k)
    table = found.table.set_index("term")
    assert table.loc["capital", "estimate"] == pytest.approx(beta[0], rel=1e-8)
    assert table.loc["R&D, outside parks", "estimate"] == pytest.approx(beta[2], rel=1e-8)
    assert table.loc["in a park, at mean R&D", "std_error"] == pytest.approx(
        math.sqrt(variance[3, 3]), rel=1e-7
    )
    assert (found.estimate, found.std_error) == pytest.approx((beta[4], math.sqrt(variance[4, 4])), rel=1e-7)
    both = math.sqrt(variance[2, 2] + variance[4, 4] + 2 * variance[2, 4])
    assert table.loc["R&D, in a park", "std_error"] == pytest.approx(both, rel=1e-7)


def test_truth_is_found() -> None:
    found = productivity(panel(200, zeros=True), outcome="sales", rd="rd", capital="capital", labour="labour")
    table = found.table.set_index("term")
    for term, truth in {
        "R&D, outside parks": 0.1,
        "R&D, in a park": 0.25,
        "capital": 0.3,
        "labour": 0.5,
    }.items():
        assert abs(table.loc[term, "estimate"] - truth) < 4 * table.loc[term, "std_error"] < 0.1
    assert "significantly higher in parks" in found.text
    assert any("without R&D have an intercept" in said for said in found.warnings)
    assert found.outcome == "log_sales"


def test_logarithms_already_taken() -> None:
    rows = panel()
    logs = rows.assign(log_sales=np.log(rows["sales"]), ln_rd=np.log(rows["rd"]))
    a = productivity(rows, outcome="sales", rd="rd").table
    b = productivity(logs, outcome="log_sales", rd="ln_rd").table
    assert np.allclose(a["estimate"], b["estimate"], rtol=1e-10)


def test_zeros() -> None:
    rows = panel(zeros=True)
    dropped = productivity(rows, outcome="sales", rd="rd", zeros="drop")
    plain = productivity(rows[rows["rd"] > 0], outcome="sales", rd="rd")
    assert dropped.estimate == pytest.approx(plain.estimate, rel=1e-12)
    assert any("zeros='drop'" in said for said in dropped.warnings)
    one = productivity(
        rows.assign(rd=np.expm1(rows["rd"].clip(upper=5))), outcome="sales", rd="rd", zeros="plus_one"
    )
    straight = productivity(rows.assign(log_rd=rows["rd"].clip(upper=5)), outcome="sales", rd="log_rd")
    assert one.estimate == pytest.approx(straight.estimate, rel=1e-9)


def test_parks_that_firms_never_enter_within_the_panel() -> None:
    rows = panel().assign(entered=lambda t: np.where(t["entered"] > 0, 1990, 0))
    found = productivity(rows, outcome="sales", rd="rd")
    assert "in a park, at mean R&D" not in set(found.table["term"])
    assert any("no firm is seen both in a park and outside" in said for said in found.warnings)


def test_errors() -> None:
    rows = panel()
    with pytest.raises(MissingColumn):
        productivity(rows, outcome="sales", rd="patents")
    with pytest.raises(EmptyTable, match="no firm has R&D"):
        productivity(rows.assign(rd=0.0), outcome="sales", rd="rd")
    with pytest.raises(EmptyTable, match="nothing to compare"):
        productivity(rows.assign(entered=0), outcome="sales", rd="rd")
    with pytest.raises(EmptyTable, match="no row is left"):
        productivity(rows.assign(sales=-1.0), outcome="sales", rd="rd")
    with pytest.raises(TechnopoleError, match="doesn't vary"):
        productivity(rows.assign(capital=2.0), outcome="sales", rd="rd", capital="capital")
    with pytest.raises(WrongOption):
        productivity(rows, outcome="sales", rd="rd", level=2)
    with pytest.raises(WrongOption, match="twice"):
        productivity(rows, outcome="sales", rd="rd", capital="rd")


def test_years_that_no_unit_links() -> None:
    """Units seen in 2001-2002 and others in 2003-2004: as if both pairs of years were panels of their own with one slope."""
    random = np.random.default_rng(8)
    rows = pd.DataFrame(
        {
            "unit": np.repeat(range(10), 2),
            "year": [2001, 2002] * 5 + [2003, 2004] * 5,
            "x": random.normal(size=20),
        }
    )
    rows["y"] = random.normal(size=20)
    change = rows.groupby("unit")[["x", "y"]].agg(lambda v: v.iloc[1] - v.iloc[0])
    change -= change.groupby([0] * 5 + [1] * 5).transform("mean")
    assert within(rows, "y", ["x"]).params[0] == pytest.approx(
        (change["x"] * change["y"]).sum() / (change["x"] ** 2).sum(), rel=1e-10
    )
