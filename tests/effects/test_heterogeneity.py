"""Oracles: the estimator on rows filtered by hand; Benjamini & Hochberg and Cochran's Q written out; a world whose truth is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import firms
from scipy import stats

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, WrongOption

heterogeneity: Any = tp.effects.heterogeneity  # takes frames too
group_time_effects: Any = tp.effects.group_time_effects


def contract_case() -> dict[str, Any]:
    return {"outcome": "log_sales", "by": "own_rd"}


def exact() -> pd.DataFrame:
    """Without noise but for what the effect is: 1 for small firms, 3 for large, 2010 to 2013, entry in 2012."""
    rows = [
        (
            f"{size}{new}{i}",
            year,
            2012 * new,
            size,
            10 * i + year + (1 + 2 * (size == "large")) * (new and year >= 2012),
        )
        for size in ("large", "small")
        for new in (0, 1)
        for i in range(6)
        for year in range(2010, 2014)
    ]
    return pd.DataFrame(rows, columns=["firm", "year", "entered", "size", "sales"]).astype({"sales": float})


@pytest.fixture(scope="module")
def found() -> Any:
    return heterogeneity(firms(), outcome="log_sales", by=["own_rd", "employment"])


def test_truth_by_hand() -> None:
    made = heterogeneity(exact(), outcome="sales", by="size")
    table = made.table.set_index("subgroup")
    assert table.loc["large", "estimate"] == pytest.approx(3, rel=1e-12)
    assert table.loc["small", "estimate"] == pytest.approx(1, rel=1e-12)
    assert made.estimate == pytest.approx(2, rel=1e-12)


@pytest.mark.slow
def test_the_estimator_on_filtered_rows(found: Any) -> None:
    rows = firms()
    for value in (0, 1):
        alone = group_time_effects(rows[rows["own_rd"] == value], outcome="log_sales")
        row = found.table[found.table["subgroup"] == str(value)].iloc[0]
        assert (row["estimate"], row["std_error"]) == pytest.approx(
            (alone.estimate, alone.std_error), rel=1e-12
        )
        assert row["n"] == alone.overall["treated"].iloc[0]
    whole = group_time_effects(rows, outcome="log_sales")
    assert found.estimate == whole.estimate and found.level_gap == whole.level_gap


@pytest.mark.slow
def test_contrast_and_false_discovery(found: Any) -> None:
    table, contrast = found.table.set_index("subgroup"), found.contrast
    row = contrast[contrast["subgroup_of"] == "own_rd"].iloc[0]
    error = math.hypot(table.loc["0", "std_error"], table.loc["1", "std_error"])
    difference = table.loc["0", "estimate"] - table.loc["1", "estimate"]
    assert (row["difference"], row["std_error"]) == pytest.approx((difference, error), rel=1e-12)
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(abs(difference) / error), rel=1e-9)
    p = contrast["p_value"].to_numpy()
    order = np.argsort(p)
    by_hand = np.minimum.accumulate((p[order] * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
    assert contrast["q_value"].to_numpy()[order] == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.slow
def test_equality(found: Any) -> None:
    own = found.table[found.table["subgroup_of"] == "employment"]
    weight = 1 / own["std_error"] ** 2
    mean = (weight * own["estimate"]).sum() / weight.sum()
    row = found.equality.set_index("subgroup_of").loc["employment"]
    assert row["q"] == pytest.approx((weight * (own["estimate"] - mean) ** 2).sum(), rel=1e-10)
    assert row["p_value"] == pytest.approx(stats.chi2.sf(row["q"], 2), rel=1e-10)


@pytest.mark.slow
def test_clusters_across_subgroups() -> None:
    """Regions have firms with and without R&D: the difference gets the largest standard error it can have."""
    made = heterogeneity(firms(), outcome="log_sales", by="own_rd", cluster="region")
    assert made.contrast["std_error"].iloc[0] == pytest.approx(made.table["std_error"].sum(), rel=1e-12)
    assert "several subgroups" in made.equality["undefined"].iloc[0]
    assert any("6 clusters have firms in several subgroups of own_rd" in said for said in made.warnings)


@pytest.mark.slow
def test_what_firms_were_before_entry() -> None:
    """Small firms that the park makes large stay small; a first value that is missing gives way to the next."""
    rows = exact()
    grown = rows.assign(size=rows["size"].where((rows["entered"] == 0) | (rows["year"] < 2012), "large"))
    late = grown.assign(size=grown["size"].where(grown["year"] > 2010))
    for changed in (grown, late):
        table = heterogeneity(changed, outcome="sales", by="size").table.set_index("subgroup")
        assert table["n"].tolist() == [6, 6] and table.loc["small", "estimate"] == pytest.approx(1, rel=1e-12)


@pytest.mark.slow
def test_cuts() -> None:
    rows = exact().assign(jobs=lambda t: np.where(t["size"] == "small", 9, 10))
    made = heterogeneity(rows, outcome="sales", by="jobs", cuts={"jobs": [10]}).table
    assert made["subgroup"].tolist() == ["below 10", "10 or more"]
    assert made["estimate"].tolist() == pytest.approx([1, 3], rel=1e-12)
    three = heterogeneity(rows, outcome="sales", by="jobs", cuts={"jobs": [5, 10]}).table
    assert three["subgroup"].tolist() == [
        "5 to below 10",
        "10 or more",
        "below 5",
    ]  # nobody is below 5: undefined, last
    assert three["undefined"].iloc[-1]


@pytest.mark.slow
def test_tertiles() -> None:
    rows = exact().assign(jobs=lambda t: pd.factorize(t["firm"])[0] + 1.0)
    made = heterogeneity(rows, outcome="sales", by="jobs").table
    assert sorted(made["subgroup"]) == ["16.3 or more", "8.67 to below 16.3", "below 8.67"]
    assert made["units"].sum() == 24


@pytest.mark.slow
def test_other_estimator_and_options() -> None:
    rows = firms()
    made = heterogeneity(
        rows,
        outcome="log_sales",
        by="own_rd",
        estimator="group_time_effects",
        options={"control": "not_yet_treated"},
    )
    alone = group_time_effects(rows[rows["own_rd"] == 1], outcome="log_sales", control="not_yet_treated")
    assert made.table["estimate"].iloc[1] == pytest.approx(alone.estimate, rel=1e-12)


def test_errors() -> None:
    rows = exact()
    with pytest.raises(MissingColumn):
        heterogeneity(rows, outcome="sales", by="tier")
    for wrong in (
        {"by": []},
        {"by": ["size", "size"]},
        {"by": "entered"},
        {"by": "size", "cuts": {"size": [1]}},
        {"by": "size", "cuts": {"sales": [1]}},
        {"by": "size", "options": {"colour": "red"}},
        {"by": "size", "options": {"outcome": "year"}},
        {"by": "sales", "cuts": {"sales": [math.nan]}},
    ):
        with pytest.raises(WrongOption):
            heterogeneity(rows, outcome="sales", **wrong)
    with pytest.raises(WrongOption, match="rising"):
        heterogeneity(rows, outcome="sales", by="sales", cuts={"sales": [2, 1]})
    unknown = rows.assign(rd=[0.0 if year >= 2012 else math.nan for year in rows["year"]])
    with pytest.raises(EmptyTable, match="before it enters"):
        heterogeneity(unknown[unknown["entered"] > 0], outcome="sales", by="rd")
