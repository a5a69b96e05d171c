"""Oracles: the same panel in other units, or without the rows that can't count, gives the same answer; refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import TechnopoleError, WrongOption

E: Any = tp.effects  # take frames too


def firms(count: int = 60, cohorts: tuple[int, ...] = (0, 0, 2012, 2014)) -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows = [
        (f"f{i:02d}", year, cohorts[i % len(cohorts)]) for i in range(count) for year in range(2010, 2016)
    ]
    table = pd.DataFrame(rows, columns=["firm", "year", "entered"])
    inside = (table["entered"] > 0) & (table["year"] >= table["entered"])
    table["size"] = random.normal(size=count).repeat(6)
    table["y"] = random.normal(size=count).repeat(6) + 0.5 * inside + 0.2 * random.normal(size=len(table))
    return table


@pytest.mark.slow
@pytest.mark.parametrize("name", ["group_time_effects", "event_study", "imputation"])
def test_units_of_outcome_and_covariate_change_nothing(name: str) -> None:
    estimator = getattr(E, name)
    plain = estimator(firms(), outcome="y", covariates=["size"])
    other = firms().assign(y=lambda d: d["y"] * 1e-12, size=lambda d: d["size"] * 1e12 + 1e13)
    tiny = estimator(other, outcome="y", covariates=["size"])
    assert tiny.estimate * 1e12 == pytest.approx(plain.estimate, rel=1e-6)
    assert tiny.std_error * 1e12 == pytest.approx(plain.std_error, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["group_time_effects", "event_study", "imputation", "level_gap"])
def test_infinite_values_are_dropped_and_counted(name: str) -> None:
    estimator = getattr(E, name)
    broken, whole = firms(), firms()
    broken.loc[[3, 40], "y"] = -np.inf
    broken.loc[77, "size"] = np.inf
    found = estimator(broken, outcome="y", covariates=["size"])
    want = estimator(whole.drop(index=[3, 40, 77]), outcome="y", covariates=["size"])
    assert found.estimate == pytest.approx(want.estimate, rel=1e-12)
    assert any("y infinite" in said for said in found.warnings)


def test_names_that_panels_use_themselves_are_refused() -> None:
    table = firms().rename(columns={"size": "outcome"})
    for name in ("outcome", "unit", "cluster"):
        with pytest.raises(WrongOption, match="can't have this name"):
            E.group_time_effects(table.assign(unit=1.0, cluster=2.0), outcome="y", covariates=[name])


def test_numbers_too_large_to_square_are_refused() -> None:
    with pytest.raises(WrongOption, match="beyond 1e\\+100"):
        E.group_time_effects(firms().assign(y=lambda d: d["y"] * 1e200), outcome="y")


@pytest.mark.parametrize("method", ["sun_abraham", "two_way_fixed_effects"])
def test_cohorts_without_their_year_of_reference_are_left_out(method: str) -> None:
    found = E.event_study(firms(), outcome="y", anticipation=2, method=method)
    want = E.event_study(firms().query("entered != 2012"), outcome="y", anticipation=2, method=method)
    assert found.estimate == pytest.approx(want.estimate, rel=1e-9)
    assert any("cohorts not seen 3 years before entry" in said for said in found.warnings)
    with pytest.raises(TechnopoleError, match="no cohort is seen in the year"):
        E.event_study(firms(), outcome="y", anticipation=10, method=method)


@pytest.mark.slow
def test_nothing_after_entry_is_said() -> None:
    before = firms().query("entered == 0 or year < entered")
    assert (
        "no cohort has a year after entry" in E.event_study(before, outcome="y").overall["undefined"].iloc[0]
    )
    two_way = E.event_study(before, outcome="y", method="two_way_fixed_effects")
    assert two_way.overall["undefined"].iloc[0] and two_way.frames["bacon"].empty
    with pytest.raises(TechnopoleError, match="so few untreated rows"):
        E.imputation(before, outcome="y")
    for alone in (
        E.imputation(firms(cohorts=(2012,)), outcome="y"),
        E.imputation(firms(), outcome="y", anticipation=10),
    ):
        assert np.isnan(alone.estimate) and alone.overall["undefined"].iloc[0]


def test_one_comparison_unit_is_said() -> None:
    alone = firms().query("entered > 0 or firm == 'f00'")
    assert any("one unit never enters" in said for said in E.group_time_effects(alone, outcome="y").warnings)


def test_outcomes_that_do_not_vary_have_no_standard_error() -> None:
    same = firms().assign(y=1e9)
    for found in (E.level_gap(same, outcome="y"), E.matched_comparison(same, outcome="y", on=["size"])):
        row = found.overall.iloc[0]
        assert np.isnan(row["std_error"]) and row["undefined"]
