"""Oracles: Nickell's formula on simulated panels; dummy variables written out; the jackknife by hand; Pitman and Morgan's test; known truths."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import technopole as tp
from technopole.effects import _beta as beta
from technopole.effects import _dispersion as dispersion
from technopole.errors import EmptyTable, MissingColumn, WrongOption

convergence: Any = tp.effects.convergence  # takes frames too


def contract_case() -> dict[str, Any]:
    return {"outcome": "log_sales", "covariates": ["patents"], "bootstrap": 99}


def closing(b: float, units: int = 6, years: int = 6) -> pd.DataFrame:
    """Every gap closes by b a year, without noise."""
    rows = [(f"p{i}", 2000 + t, math.exp(1 + i * (1 + b) ** t)) for i in range(units) for t in range(years)]
    return pd.DataFrame(rows, columns=["firm", "year", "y"])


def noisy(
    units: int = 30, years: int = 8, *, rho: float = 0.6, own: float = 1.0, seed: int = 2
) -> pd.DataFrame:
    """An autoregression around a level of each unit's own, in its stationary state."""
    random = np.random.default_rng(seed)
    level = own * random.normal(size=units)
    y = np.zeros((units, years + 40))
    for t in range(1, years + 40):
        y[:, t] = (1 - rho) * level + rho * y[:, t - 1] + 0.3 * random.normal(size=units)
    grid = pd.DataFrame(
        {"firm": np.repeat(np.arange(units), years), "year": np.tile(np.arange(years) + 2000, units)}
    )
    return grid.assign(firm=[f"p{i:04d}" for i in grid["firm"]], log_y=y[:, 40:].ravel())


def spec(result: Any, name: str) -> dict[str, Any]:
    return result.table.set_index("specification").loc[name].to_dict()


@pytest.mark.parametrize(
    ("b", "speed", "half_life"),
    [(-0.1, 0.105361, 6.5788), (-0.2, 0.223144, 3.1063), (-0.3, 0.356675, 1.9434)],
)
def test_speed_and_half_life(b: float, speed: float, half_life: float) -> None:
    """domain.md 11.7; the ten-year difference gives the same speed."""
    found = convergence(closing(b), outcome="y")
    for name in ("unconditional", "conditional", "conditional, bias corrected", "first to last year"):
        row = spec(found, name)
        assert round(row["speed"], 6) == speed and round(row["half_life"], 4) == half_life, name
    assert spec(found, "unconditional")["estimate"] == pytest.approx(b, rel=1e-10)
    assert spec(found, "first to last year")["estimate"] == pytest.approx((1 + b) ** 5 - 1, rel=1e-10)


def test_steps_of_several_years() -> None:
    row = spec(convergence(closing(-0.1, years=9), outcome="y", years=2), "unconditional")
    assert row["estimate"] == pytest.approx(0.81 - 1, rel=1e-10) and row["speed"] == pytest.approx(
        -math.log(0.9), rel=1e-10
    )


def test_dummy_variables_written_out() -> None:
    rows = noisy(12, 6)
    found = convergence(rows, outcome="log_y")
    rows = rows.assign(initial=rows.groupby("firm")["log_y"].shift()).dropna().reset_index(drop=True)
    y = (rows["log_y"] - rows["initial"]).to_numpy()
    years = pd.get_dummies(rows["year"], dtype=float).to_numpy()
    firms = pd.get_dummies(rows["firm"], dtype=float).to_numpy()
    for name, design, k in (
        ("unconditional", np.column_stack([rows["initial"], years]), 6),
        ("conditional", np.column_stack([rows["initial"], years[:, 1:], firms]), 6),
    ):
        bread = np.linalg.inv(design.T @ design)
        b = bread @ design.T @ y
        scores = pd.DataFrame(design * (y - design @ b)[:, None]).groupby(rows["firm"]).sum().to_numpy()
        variance = (bread @ scores.T @ scores @ bread)[0, 0] * 12 / 11 * (len(y) - 1) / (len(y) - k)
        row = spec(found, name)
        assert row["estimate"] == pytest.approx(b[0], rel=1e-8)
        assert row["std_error"] == pytest.approx(math.sqrt(variance), rel=1e-7)


@pytest.mark.slow
def test_jackknife_by_hand() -> None:
    """Twice the whole less the mean of both halves of the years (Dhaene and Jochmans 2015, eq. 2.3)."""
    rows = noisy(20, 9)
    pieces = [rows, rows[rows["year"] <= 2004], rows[rows["year"] >= 2004]]
    whole, first, second = (
        spec(convergence(piece, outcome="log_y"), "conditional")["estimate"] for piece in pieces
    )
    corrected = spec(convergence(rows, outcome="log_y"), "conditional, bias corrected")
    assert corrected["estimate"] == pytest.approx(2 * whole - (first + second) / 2, rel=1e-10)


@pytest.mark.slow
def test_nickell_formula() -> None:
    """Nickell (1981), eq. 18: for two years of growth -(1 + rho) / 2 exactly; on 6,000 simulated units within their error."""
    for rho in (-0.5, 0.0, 0.4, 0.9):
        assert beta.nickell_bias(rho, 2) == pytest.approx(-(1 + rho) / 2, rel=1e-12)
    panel = noisy(6_000, 6, rho=0.6, own=0.0).rename(columns={"firm": "unit", "log_y": "outcome"})
    rows, _ = beta.conditional(beta.growth(panel, 1, ()), (), 1, 0.95)
    assert rows[0]["estimate"] == pytest.approx(
        -0.4 + beta.nickell_bias(0.6, 5), abs=4 * rows[0]["std_error"]
    )
    assert abs(rows[1]["estimate"] + 0.4) < abs(rows[0]["estimate"] + 0.4) / 3


@pytest.mark.slow
def test_jackknife_error_against_simulation() -> None:
    """The standard error is the spread of the estimate over 80 panels, within a quarter."""
    found: list[tuple[float, float]] = []
    for seed in range(80):
        panel = noisy(60, 9, seed=seed).rename(columns={"firm": "unit", "log_y": "outcome"})
        row = beta.conditional(beta.growth(panel, 1, ()), (), 1, 0.95)[0][1]
        found.append((row["estimate"], row["std_error"]))
    estimates, errors = zip(*found, strict=True)
    assert np.mean(errors) == pytest.approx(np.std(estimates, ddof=1), rel=0.25)


def test_sigma_against_pitman_and_morgan() -> None:
    """p of scipy's correlation of sums with differences; at an end of the interval, the same test gives 1 - level."""
    rows = noisy()
    found = convergence(rows, outcome="log_y").sigma.set_index("test").loc["2007 over 2000"]
    wide = rows.pivot(index="firm", columns="year", values="log_y")
    x, y = wide[2000].to_numpy(), wide[2007].to_numpy()
    assert found["estimate"] == pytest.approx(y.std() / x.std(), rel=1e-12)
    assert found["p_value"] == pytest.approx(stats.pearsonr(x + y, x - y)[1], rel=1e-10)
    for end in ("low", "high"):
        scaled = x * found[end]
        assert stats.pearsonr(scaled + y, scaled - y)[1] == pytest.approx(0.05, rel=1e-8)


def test_trend_against_a_jackknife_written_out() -> None:
    """Leave out one unit at a time; polyfit the standard deviations that are left."""
    rows = noisy()
    found = convergence(rows, outcome="log_y").sigma.set_index("test").loc["trend per year"]

    def slope(part: pd.DataFrame) -> float:
        return float(np.polyfit(range(8), part.groupby("year")["log_y"].std().to_numpy(), 1)[0])

    without = np.array([slope(rows[rows["firm"] != firm]) for firm in rows["firm"].unique()])
    count = len(without)
    error = math.sqrt((count - 1) / count * ((without - without.mean()) ** 2).sum())
    assert found["estimate"] == pytest.approx(slope(rows), rel=1e-10)
    assert found["std_error"] == pytest.approx(error, rel=1e-10)
    reach = stats.t.ppf(0.975, count - 1) * error
    assert found["high"] - found["estimate"] == pytest.approx(reach, rel=1e-10)


def test_trend_where_units_change_against_a_jackknife_written_out() -> None:
    rows = noisy(5)
    rows = rows[~((rows["year"] - 2000) % 5 == rows["firm"].str[-1].astype(int))]
    found = convergence(rows, outcome="log_y").sigma.set_index("test").loc["trend per year"]

    def slope(part: pd.DataFrame) -> float:
        return float(np.polyfit(range(8), part.groupby("year")["log_y"].std().to_numpy(), 1)[0])

    without = np.array([slope(rows[rows["firm"] != firm]) for firm in rows["firm"].unique()])
    assert found["std_error"] == pytest.approx(
        math.sqrt(4 / 5 * ((without - without.mean()) ** 2).sum()), rel=1e-10
    )


@pytest.mark.slow
def test_trend_holds_none_where_there_is_none() -> None:
    """Units wander (0.9 a year) about a steady dispersion: a series so smooth that ten years look like a trend."""
    held: list[bool] = []
    for seed in range(200):
        random = np.random.default_rng(seed)
        y = [random.standard_normal(30)]
        for _ in range(9):
            y.append(0.9 * y[-1] + math.sqrt(0.19) * random.standard_normal(30))
        wide = pd.DataFrame(np.array(y), index=range(2000, 2010)).rename_axis("year")
        rows = wide.melt(ignore_index=False, var_name="unit", value_name="outcome").reset_index()
        row = dispersion.sigma(rows, 0.95).set_index("test").loc["trend per year"]
        held.append(row["low"] <= 0 <= row["high"])
    assert 0.91 <= np.mean(held) <= 0.99


def test_covariates_of_this_and_the_year_before() -> None:
    """Growth = -0.2 initial + 0.5 fdi now + 0.3 scale before, exactly, around the units' own levels."""
    random = np.random.default_rng(4)
    rows: list[tuple[str, int, float, float, float]] = []
    for i in range(8):
        y, scale = float(i), 0.0
        for t in range(7):
            fdi, before = random.normal(), scale
            scale = random.normal()
            y = y if t == 0 else 0.8 * y + 0.5 * fdi + 0.3 * before + 0.1 * i
            rows.append((f"p{i}", 2000 + t, y, fdi, scale))
    table = pd.DataFrame(rows, columns=["firm", "year", "log_y", "fdi", "scale"])
    found = convergence(table, outcome="log_y", covariates=["fdi"], lagged=["scale"])
    assert spec(found, "conditional")["estimate"] == pytest.approx(-0.2, rel=1e-8)
    assert found.terms.set_index("term")["estimate"].to_dict() == pytest.approx(
        {"fdi": 0.5, "scale": 0.3}, rel=1e-8
    )


def test_inequality_with_and_without_parks() -> None:
    """Regions of 1, 2 and 4 a head without parks; the parks lift all to 4: inequality is 0 with them."""
    rows = pd.DataFrame(
        {
            "firm": ["a", "b", "c"],
            "year": 2000,
            "gdp": [40.0, 80.0, 40.0],
            "people": [10, 20, 10],
            "park_gdp": [30.0, 40, 0],
        }
    )
    found = convergence(rows, outcome="gdp", per="people", in_parks="park_gdp").inequality.set_index("index")
    assert found["with_parks"].tolist() == pytest.approx([0, 0, 0], abs=1e-12)
    assert found.loc["gini", "without_parks"] == pytest.approx((1 + 2 + 3) / (3 * 7), rel=1e-12)
    assert found.loc["variance_of_logs", "without_parks"] == pytest.approx(math.log(2) ** 2, rel=1e-12)
    assert (found["high"] <= 0).all()


def test_the_interval_of_inequality_is_a_bootstrap() -> None:
    random = np.random.default_rng(1)
    rows = pd.DataFrame({"firm": range(200), "year": 2000, "gdp": random.lognormal(0, 0.5, 200)})
    rows["park_gdp"] = rows["gdp"] * 0.3 * (rows["gdp"] < 1)
    found = convergence(rows, outcome="gdp", in_parks="park_gdp")
    gini = found.inequality.set_index("index").loc["gini"]
    assert gini["low"] < gini["difference"] < gini["high"] < 0
    assert "parks hold back inequality" in found.text
    assert convergence(rows, outcome="gdp", in_parks="park_gdp").inequality.equals(found.inequality)


def test_undefined_is_said() -> None:
    apart = convergence(closing(0.1), outcome="y")
    assert spec(apart, "unconditional")["undefined"] == "half_life: no convergence"
    assert "fall further back" in apart.text
    short = convergence(closing(-0.1, years=2), outcome="y")
    assert spec(short, "conditional, bias corrected")["undefined"]
    assert "needs three years" in short.sigma.set_index("test").loc["trend per year", "undefined"]


def test_changing_units_are_said() -> None:
    rows = noisy(10)
    found = convergence(rows[~((rows["firm"] == "p0000") & (rows["year"] == 2003))], outcome="log_y")
    assert found.dispersion["units"].eq(9).all()
    assert any("1 others are left out" in said for said in found.warnings)


def test_errors() -> None:
    rows = closing(-0.1)
    for wrong in ({"level": 1.0}, {"years": 0}, {"bootstrap": 5}):
        with pytest.raises(WrongOption):
            convergence(rows, outcome="y", **wrong)
    with pytest.raises(WrongOption, match="logarithm"):
        convergence(noisy(), outcome="log_y", in_parks="log_y")
    with pytest.raises(MissingColumn):
        convergence(rows, outcome="y", in_parks="park_gdp")
    with pytest.raises(EmptyTable):
        convergence(rows.assign(y=-1.0), outcome="y")
