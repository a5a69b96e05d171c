"""Oracles: standardised differences by hand; weights that balance by construction; simulated selection."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from worlds import drawn, estimate

import technopole as tp
from technopole.errors import TechnopoleError, WrongOption
from technopole.tables import Firms

compare: Any = tp.effects.matched_comparison
balance: Any = tp.checks.balance


def survey() -> pd.DataFrame:
    random = np.random.default_rng(4)
    inside = np.arange(200) < 80
    size = random.normal(1.0 * inside, 1)
    return pd.DataFrame(
        {
            "firm": [f"f{i:03d}" for i in range(200)],
            "year": 2020,
            "entered": np.where(inside, 2018, 0),
            "size": size,
            "age": random.normal(size=200),
            "y": size + random.normal(size=200),
        }
    )


def contract_case() -> dict[str, Any]:
    return {"effect": compare(survey(), outcome="y", on=["size", "age"])}


def test_by_hand() -> None:
    """Inside 1, 3, 5 (mean 3, variance 4), outside 0, 1, 2 (mean 1, variance 1): d = 2 / sqrt(2.5), ratio 4."""
    table = pd.DataFrame(
        {"firm": list("abcdef"), "year": 2020, "entered": [2019] * 3 + [0] * 3, "x": [1.0, 3, 5, 0, 1, 2]}
    ).assign(y=[1.0, 2, 4, 1, 0, 2])
    rows = balance(compare(table, outcome="y", on=["x"], adjust=False)).table.iloc[0]
    assert rows["difference_before"] == pytest.approx(2 / np.sqrt(2.5), rel=1e-12)
    assert rows["variance_ratio_before"] == pytest.approx(4, rel=1e-12)
    assert rows["mean_outside_after"] == pytest.approx((1 + 2 + 2) / 3, rel=1e-12)
    assert rows["difference_after"] == pytest.approx((3 - 5 / 3) / np.sqrt(2.5), rel=1e-12)


@pytest.mark.slow
def test_answers() -> None:
    found = compare(survey(), outcome="y", on=["size", "age"], method="entropy_balancing")
    even = balance(found)
    assert even.passed is True and even.statistic < 1e-6
    raw = abs(float(found.balance["difference_before"].abs().max()))
    assert raw > 0.5
    far = compare(survey(), outcome="y", on=["size", "age"], replace=False)
    assert balance(far).passed is False and "rests on how" in balance(far).summary()
    at = balance(far).statistic
    between = balance(far, good=at / 2, fair=at * 1.1)
    assert between.passed is None and between.finding["undefined"].iloc[0].startswith("a difference between")


@pytest.mark.slow
def test_staggered_designs_are_compared_in_the_year_before_entry() -> None:
    """Cohort by cohort against those never inside, in that cohort's last year before; weights by the odds of a logit balance the means."""
    firms = drawn("selection", count=400, years=6)
    effect = estimate(firms, outcome="log_sales", covariates=["log_size"])
    found = balance(effect, firms)
    rows = firms.to_pandas()
    seen = rows.groupby("firm")["year"].transform("min")
    rows = rows[(rows["entered"] == 0) | (rows["entered"] > seen)]
    parts = []
    for cohort in sorted(set(rows["entered"]) - {0}):
        part = rows[(rows["year"] == cohort - 1) & rows["entered"].isin([0, cohort])]
        parts.append(part.assign(inside=part["entered"] == cohort))
    stacked = pd.concat(parts)
    groups = stacked.groupby("inside")["log_size"]
    gap = groups.mean()[True] - groups.mean()[False]
    spread = np.sqrt((groups.var()[True] + groups.var()[False]) / 2)
    assert found.table["difference_before"].iloc[0] == pytest.approx(gap / spread, rel=1e-9)
    assert found.passed is True


def opposite_selection() -> pd.DataFrame:
    """Large firms enter in 2012, small ones in 2013, so that entry at any time says nothing of size."""
    random = np.random.default_rng(6)
    size = random.normal(size=600)
    entered = np.select(
        [
            random.random(600) < 0.25 / (1 + np.exp(-2 * size)),
            random.random(600) < 0.25 / (1 + np.exp(2 * size)),
        ],
        [2012, 2013],
        0,
    )
    rows = [(f"f{i:03d}", year, entered[i], size[i]) for i in range(600) for year in range(2010, 2015)]
    table = pd.DataFrame(rows, columns=["firm", "year", "entered", "size"])
    return table.assign(y=random.normal(size=len(table)))


@pytest.mark.slow
def test_every_cohort_has_odds_of_its_own() -> None:
    table = Firms.of(opposite_selection())
    effect = estimate(table, outcome="y", covariates=["size"])
    weighted = []
    rows = table.to_pandas()
    for cohort in (2012, 2013):
        one = Firms.of(rows[rows["entered"].isin([0, cohort])])
        found = balance(estimate(one, outcome="y", covariates=["size"]), one).table.iloc[0]
        assert abs(found["difference_before"]) > 0.5 and abs(found["difference_after"]) < 0.1
        weighted.append(found["mean_outside_after"])
    number = rows.drop_duplicates("firm")["entered"].value_counts()[[2012, 2013]]
    both = balance(effect, table).table.iloc[0]
    assert both["mean_outside_after"] == pytest.approx(np.average(weighted, weights=number), rel=1e-9)


def test_an_effect_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Firms.of(opposite_selection())
    effect = estimate(table, outcome="y", covariates=["size"])
    first = balance(effect, table)
    monkeypatch.setattr("technopole.checks._comparable.panel", None)
    assert balance(effect, table).table.equals(first.table)
    assert tp.checks.overlap(effect, table).passed is True


@pytest.mark.slow
def test_refusals() -> None:
    firms = drawn("effect", count=200)
    with pytest.raises(TechnopoleError, match="without covariates"):
        balance(estimate(firms, outcome="log_sales"), firms)
    effect = estimate(firms, outcome="log_sales", covariates=["log_size"])
    with pytest.raises(TechnopoleError, match="needs the table"):
        balance(effect)
    with pytest.raises(WrongOption, match="thresholds"):
        balance(contract_case()["effect"], good=0.3)
    assert tp.checks.balance in tp.checks.applicable(effect)
