"""Oracles: the regression with year dummies, a published two-by-two table, sums by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.effects._gap import gap
from technopole.effects._panel import panel
from technopole.errors import MissingColumn, TechnopoleError, WrongOption
from technopole.libraries import library


def contract_case() -> dict[str, Any]:
    return {"outcome": "log_sales", "covariates": ["log_size"]}


def firms(number: int = 40, years: int = 5) -> pd.DataFrame:
    random = np.random.default_rng(5)
    unit = np.repeat(np.arange(number), years)
    year = np.tile(np.arange(2010, 2010 + years), number)
    entered = np.repeat(random.choice([0, 2009, 2012, 2013], number), years)
    size = random.normal(size=number)[unit]
    sales = (
        size + 0.3 * (year - 2010) + 0.5 * ((entered > 0) & (year >= entered)) + random.normal(size=len(unit))
    )
    return pd.DataFrame(
        {"firm": [f"f{i:02d}" for i in unit], "year": year, "entered": entered, "sales": sales, "size": size}
    ).assign(region=[f"r{i % 7}" for i in unit])


@pytest.mark.slow
@pytest.mark.parametrize("covariates", [(), ("size",)])
@pytest.mark.parametrize("cluster", [None, "region"])
def test_regression_with_year_dummies(covariates: tuple[str, ...], cluster: str | None) -> None:
    """statsmodels, all columns written out."""
    table = firms().sample(frac=0.8, random_state=1)
    found = tp.effects.level_gap(table, outcome="sales", covariates=covariates, cluster=cluster)
    api = library("statsmodels.api")
    inside = ((table["entered"] > 0) & (table["year"] >= table["entered"])).astype(float)
    design = pd.concat(
        [inside.rename("inside"), table[list(covariates)], pd.get_dummies(table["year"], dtype=float)], axis=1
    )
    groups = pd.factorize(table[cluster or "firm"])[0]
    fit = api.OLS(table["sales"], design).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
    expected = [fit.params["inside"], fit.bse["inside"], *fit.conf_int().loc["inside"], fit.pvalues["inside"]]
    ours = [found.estimate, found.std_error, found.low, found.high, found.p_value]
    assert ours == pytest.approx(expected, rel=1e-9)


def test_by_hand() -> None:
    """Two years, mean gaps 2 and 4, two firms on each side: 3, and 2 and 4 by year."""
    table = pd.DataFrame(
        {
            "firm": list("abcd") * 2,
            "year": [2001] * 4 + [2002] * 4,
            "park": ["N", "N", None, None] * 2,
            "y": [3.0, 5, 1, 3, 10, 8, 4, 6],
        }
    )
    found = tp.effects.level_gap(table, outcome="y", by="year")
    assert found.estimate == pytest.approx(3, rel=1e-12)
    assert found.table["estimate"].tolist() == pytest.approx([2, 4], rel=1e-12)
    last = found.standardised.iloc[0]
    assert last["time"] == 2002 and last["cohen_d"] == pytest.approx(4 / np.sqrt(2), rel=1e-12)
    assert "not an effect" in found.summary() and found.overall["estimand"].iloc[0].startswith(
        "difference in levels, not an effect"
    )


def test_odds_ratio_of_a_published_table() -> None:
    """Smoking and lung cancer, Doll & Hill (1950): 647 of 649 cases and 622 of 649 controls smoked; odds ratio 14.04."""
    table = pd.DataFrame(
        {"firm": np.arange(1298).astype(str), "year": 1950, "entered": [1949] * 649 + [0] * 649}
    )
    table["smoked"] = [1] * 647 + [0] * 2 + [1] * 622 + [0] * 27
    last = tp.effects.level_gap(table, outcome="smoked").standardised.iloc[0]
    assert last["odds_ratio"] == pytest.approx(647 * 27 / (2 * 622), rel=1e-12)
    error = np.sqrt(1 / 647 + 1 / 2 + 1 / 622 + 1 / 27)
    reach = np.exp(1.959963984540054 * error)
    assert last["odds_ratio_low"] == pytest.approx(last["odds_ratio"] / reach, rel=1e-9)


def test_who_has_left_is_neither_inside_nor_outside() -> None:
    table = firms()
    table["park"] = np.where((table["entered"] > 0) & (table["year"] >= table["entered"]), "N", None)
    gone = (table["firm"] < "f10") & (table["year"] == 2014)
    table.loc[gone, "park"] = None
    told = table.assign(left=np.where(table["firm"] < "f10", 2014, 0))
    by_park = tp.effects.level_gap(table.drop(columns="entered"), outcome="sales")
    by_year = tp.effects.level_gap(told.drop(columns="park"), outcome="sales")
    assert by_park.estimate == pytest.approx(by_year.estimate, rel=1e-12)
    assert any("left the park" in warning for warning in by_park.warnings)


def test_an_exact_gap_has_no_error() -> None:
    table = firms().assign(sales=lambda d: 1.0 + 2.0 * ((d["entered"] > 0) & (d["year"] >= d["entered"])))
    found = gap(panel(tp.tables.Firms.of(table), outcome="sales", always_treated="keep"), level=0.95)
    assert found.estimate == pytest.approx(2, rel=1e-12) and np.isnan(found.std_error)
    assert found.undefined.startswith("level_gap: outcomes don't vary")


def test_refusals() -> None:
    table = firms()
    with pytest.raises(MissingColumn, match="who is inside"):
        tp.effects.level_gap(table.drop(columns="entered"), outcome="sales")
    with pytest.raises(TechnopoleError, match="no firms"):
        tp.effects.level_gap(table.assign(entered=0), outcome="sales")
    with pytest.raises(WrongOption, match="level"):
        tp.effects.level_gap(table, outcome="sales", level=95.0)
    same = tp.effects.level_gap(table.assign(one=1.0), outcome="sales", covariates=["one"])
    assert np.isnan(same.estimate) and "combination" in same.overall["undefined"].iloc[0]
    assert "can't be told" in same.summary()
