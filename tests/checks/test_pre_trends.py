"""Oracles: a Wald statistic worked by hand; Roth's published slope; simulated worlds; size and power by simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2, f, ncx2
from worlds import by_hand, effect, estimate

import technopole as tp
from technopole.checks._event_times import as_library_takes_it, event_times
from technopole.errors import TechnopoleError, WrongOption
from technopole.libraries import library

pre_trends: Any = tp.checks.pre_trends

# He and Wang (2017), Figure 2C, as the R package pretrends carries it (README, MIT licence): estimates and covariance before entry.
HE_WANG = {
    -4: 0.06670314818620682,
    -3: -0.007701792288571596,
    -2: -0.03076905384659767,
    0: 0.08403065800666809,
}
HE_WANG_COVARIANCE = [
    [0.008906571194529533, 0.0044883135706186295, 0.0014587024925276637, 0.0012157688615843654],
    [0.0044883135706186295, 0.005936916917562485, 0.002750079147517681, 0.001350585836917162],
    [0.0014587024925276637, 0.002750079147517681, 0.00303862476721406, 0.0009056166163645685],
    [0.0012157688615843654, 0.001350585836917162, 0.0009056166163645685, 0.003924740944057703],
]


def contract_case() -> dict[str, Any]:
    return {"effect": effect("effect", count=120)}


def test_wald_by_hand() -> None:
    """b = (1, 2), V = [[2, 1], [1, 2]]: V^-1 = [[2, -1], [-1, 2]] / 3, b' V^-1 b = (2 - 4 + 8) / 3 = 2; p = exp(-1)."""
    found = pre_trends(by_hand({-3: 1.0, -2: 2.0, 0: 3.0}, [[2, 1, 0], [1, 2, 0], [0, 0, 1]]))
    assert found.statistic == pytest.approx(2.0, rel=1e-12)
    assert found.finding["p_value"].iloc[0] == pytest.approx(np.exp(-1), rel=1e-12)


def test_detectable_slope_by_hand() -> None:
    """One year before entry, se 1: a slope of c is found with power 1 - F(3.84; nc = c^2), and adds c at event time 0."""
    found = pre_trends(by_hand({-2: 0.1, 0: 3.0}, np.diag([1.0, 1.0])), power=0.8)
    row = found.power.set_index("power").loc[0.8]
    assert ncx2.sf(3.841458820694124, 1, row["slope"] ** 2) == pytest.approx(0.8, abs=1e-9)
    assert row["bias"] == pytest.approx(row["slope"], rel=1e-12)
    assert row["slope"] == pytest.approx(2.8015818, rel=1e-7)


def test_trend_against_the_year_before_is_the_same_in_every_year() -> None:
    """base="varying": each year before entry shows the slope itself, so with independent years it is found sqrt(2) earlier."""
    one = pre_trends(by_hand({-2: 0.1, 0: 3.0}, np.diag([1.0, 1.0]), base="varying"))
    two = pre_trends(by_hand({-2: 0.1, -1: 0.1, 0: 3.0}, np.diag([1.0, 1.0, 1.0]), base="varying"))
    slopes = [float(found.power.set_index("power").loc[0.8, "slope"]) for found in (one, two)]
    assert two.table["event_time"].tolist() == [-2, -1]
    nc = [
        ncx2.sf(critical, df, df * slope**2)
        for critical, df, slope in zip((3.8414588, 5.9914645), (1, 2), slopes, strict=True)
    ]
    assert nc == pytest.approx([0.8, 0.8], abs=1e-6)


def test_roths_published_slope() -> None:
    """README of the R package pretrends: slope_for_power(targetPower = 0.5) of He and Wang's Figure 2C is 0.05205871."""
    found = event_times(by_hand(HE_WANG, HE_WANG_COVARIANCE))
    model = library("diff_diff").PreTrendsPower(
        power=0.5, violation_type="custom", violation_weights=found.trend[:3], pretest_form="nis"
    )
    fitted = model.fit(as_library_takes_it(found), pre_periods=[-4, -3, -2])
    assert fitted.mdv / np.linalg.norm(found.trend[:3]) == pytest.approx(0.05205871, rel=2e-4)


@pytest.mark.slow
def test_worlds() -> None:
    assert pre_trends(effect("pre_trend")).passed is False
    assert pre_trends(effect("effect", count=600)).passed is True
    small = pre_trends(effect("null", count=80))
    assert small.passed is None and "says little" in small.text


@pytest.mark.slow
def test_what_matters_can_be_said() -> None:
    null = effect("null", count=600)
    assert pre_trends(null).passed is None
    assert pre_trends(null, smallest=0.5).passed is True


def test_singular_covariance_cannot_tell() -> None:
    found = pre_trends(by_hand({-3: 1.0, -2: 1.0, 0: 3.0}, [[1, 1, 0], [1, 1, 0], [0, 0, 1]]))
    assert found.passed is None and found.finding["undefined"].iloc[0]


def test_refused() -> None:
    with pytest.raises(TechnopoleError, match="no year before entry"):
        pre_trends(by_hand({0: 1.0, 1: 2.0}, np.eye(2)))
    with pytest.raises(WrongOption, match="power"):
        pre_trends(by_hand({-2: 0.1, 0: 3.0}, np.eye(2)), power=1.0)


@pytest.mark.slow
def test_size_under_parallel_trends() -> None:
    """In null worlds about 5 in 100 are said to have moved apart: of 30, at most 6 in 998 of 1,000 series."""
    firms: Any = tp.simulate_firms
    rejected = 0
    for seed in range(30):
        found = estimate(
            firms("null", firms=160, years=6, cohorts=2, seed=seed).firms,
            outcome="log_sales",
            base="universal",
        )
        rejected += pre_trends(found).passed is False
    assert rejected <= 6


def _clustered(seed: int) -> tuple[Any, Any]:
    firms = tp.simulate_firms("null", firms=300, years=8, regions=24, seed=seed).firms
    return tp.effects.group_time_effects(firms, outcome="log_sales", cluster="region"), firms


@pytest.mark.slow
def test_few_clusters_are_held_against_hotelling() -> None:
    """12 regions of 24 have a park. By chi-squared half of all worlds without a trend are refused (the reason for this test)."""
    found = [pre_trends(*_clustered(seed)) for seed in range(12)]
    first, years, clusters = found[0], len(found[0].table), 12
    scaled = first.statistic * (clusters - years) / (years * (clusters - 1))
    assert first.finding["p_value"].iloc[0] == pytest.approx(f.sf(scaled, years, clusters - years), rel=1e-12)
    assert sum(check.finding["passed"].iloc[0] == "no" for check in found) <= 3
    assert sum(check.statistic > chi2.ppf(0.95, years) for check in found) >= 3


@pytest.mark.slow
def test_clustered_trends_need_the_table() -> None:
    effect, firms = _clustered(0)
    with pytest.raises(TechnopoleError, match="needs the table"):
        pre_trends(effect)
    few = firms.assign(
        region=firms["region"].where(firms["entered"] == 0, "r" + firms["entered"].astype(str))
    )
    same = tp.effects.group_time_effects(few, outcome="log_sales", cluster="region")
    assert pre_trends(same, few).passed is None


def test_few_units_are_held_against_hotelling() -> None:
    """F with the units beyond each cohort's mean, worked here; chi-squared from 100 units on."""
    world = tp.simulate_firms("selection", firms=300, seed=3).firms
    inside = world.loc[world["entered"] > 0, "firm"].unique()[:24]
    few = world[(world["entered"] == 0) | world["firm"].isin(inside)]
    cohorts = few.loc[few["entered"] > 0, "entered"].nunique()
    check = pre_trends(
        tp.effects.group_time_effects(tp.read_firms(few), outcome="log_sales", base="universal")
    )
    years, units = len(check.table), len(inside) - cohorts + 1
    by_hand = f.sf(check.statistic * (units - years) / (years * (units - 1)), years, units - years)
    p_value = float(check.finding["p_value"].iloc[0])
    assert p_value == pytest.approx(by_hand, rel=1e-12)
    assert p_value > chi2.sf(check.statistic, years)
