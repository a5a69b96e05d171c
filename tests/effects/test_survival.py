"""Survival: Miller's leukaemia data as R has them, hazards by hand, immortal time, what must be refused."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, TechnopoleError, WrongOption

# Weeks to relapse or censoring (0), maintained chemotherapy or not (Miller 1981, p. 49; `aml` of R's survival)
MAINTAINED = [
    (9, 1),
    (13, 1),
    (13, 0),
    (18, 1),
    (23, 1),
    (28, 0),
    (31, 1),
    (34, 1),
    (45, 0),
    (48, 1),
    (161, 0),
]
OTHERS = [
    (5, 1),
    (5, 1),
    (8, 1),
    (8, 1),
    (12, 1),
    (16, 0),
    (23, 1),
    (27, 1),
    (30, 1),
    (33, 1),
    (43, 1),
    (45, 1),
]


@cache
def leukaemia() -> pd.DataFrame:
    """Patients as firms, weeks as years from 1901; the maintained are in a "park" from the start."""
    rows = [
        {
            "firm": f"{inside}{i:02d}",
            "year": 1901 + week,
            "entered": 1901 * inside,
            "closed": 1900 + weeks if dies else 0,
        }
        for inside, group in ((1, MAINTAINED), (0, OTHERS))
        for i, (weeks, dies) in enumerate(group)
        for week in range(weeks)
    ]
    return pd.DataFrame(rows)


@cache
def world() -> pd.DataFrame:
    return tp.simulate_firms("survival", firms=300, years=6, cohorts=2, effect=0.5, seed=3).firms


def contract_case() -> dict[str, Any]:
    return {"firms": tp.read_firms(world()), "covariates": ["log_size"], "closed": "closed"}


def test_cox_and_curves_are_those_r_prints_for_leukaemia() -> None:
    """R survival, tests/doaml.Rout.save: Breslow 0.9042, log-rank 3.4, curves; Efron 0.916 and p = 0.0653 as R prints them elsewhere."""
    for ties, coefficient in (("breslow", 0.904), ("efron", 0.916)):
        found = tp.effects.survival(leukaemia(), closed="closed", model="cox", ties=ties, at_risk=1)
        assert round(-found.estimate, 3) == coefficient
    assert round(float(found.log_rank["chi_square"].iloc[0]), 2) == 3.40
    assert round(float(found.log_rank["p_value"].iloc[0]), 4) == 0.0653
    curve = found.curves.set_index(["status", "lived"])["survival"]
    printed = {9: 0.909, 13: 0.818, 18: 0.716, 23: 0.614, 31: 0.491, 34: 0.368}
    assert {week: round(curve["inside", week], 3) for week in printed} == printed
    printed = {5: 0.8333, 8: 0.6667, 12: 0.5833, 23: 0.4861, 27: 0.3889, 30: 0.2917, 33: 0.1944, 43: 0.0972}
    assert {week: round(curve["outside", week], 4) for week in printed} == printed


def test_intervals_of_the_curve_are_log_log_with_greenwood() -> None:
    """R survival, tests/doaml.Rout.save: standard error 0.1397 at week 18, S = 0.7159."""
    found = tp.effects.survival(leukaemia(), closed="closed", at_risk=1)
    row = found.curves.set_index(["status", "lived"]).loc[("inside", 18)]
    reach = 1.959964 * 0.1397 / (0.7159 * abs(np.log(0.7159)))
    assert row["low"] == pytest.approx(0.7159 ** np.exp(reach), abs=2e-4)
    assert row["high"] == pytest.approx(0.7159 ** np.exp(-reach), abs=2e-4)


def test_log_rank_p_values_go_below_the_smallest_difference_from_one() -> None:
    """chi-squared on one degree of freedom at x is 2 (1 - normal(sqrt x)); 1 - 0.9999999999999999 would be no p-value at all."""
    found = tp.effects.survival(two_years((2000, 100), (2000, 600)), closed="closed")
    chi_square, p_value = found.log_rank[["chi_square", "p_value"]].iloc[0]
    # (expected 350) hypergeometric variance = 2000 x 2000 x 700 x 3300 / (4000^2 x 3999)
    assert chi_square == pytest.approx(250**2 / (700 * 3300 / 4 / 3999), rel=1e-12)
    assert p_value == pytest.approx(math.erfc(math.sqrt(chi_square / 2)), rel=1e-9) and p_value < 1e-50


def two_years(inside: tuple[int, int], outside: tuple[int, int]) -> pd.DataFrame:
    """Firms seen once; of each group so many close."""
    rows = []
    for entered, (number, dead) in ((2000, inside), (0, outside)):
        rows += [
            {"firm": f"{entered}{i:03d}", "year": 2000, "entered": entered, "closed": 2000 * (i < dead)}
            for i in range(number)
        ]
    return pd.DataFrame(rows)


def test_discrete_hazard_ratio_by_hand() -> None:
    """One year, 10 of 50 close inside and 20 of 50 outside: b = log(log(1 - 0.2) / log(1 - 0.4)); its variance by the delta method."""
    found = tp.effects.survival(two_years((50, 10), (50, 20)), closed="closed", at_risk=1)
    assert found.estimate == pytest.approx(np.log(np.log(0.8) / np.log(0.6)), rel=1e-9)

    def variance(p: float) -> float:
        return p * (1 - p) / 50 / ((1 - p) * np.log(1 - p)) ** 2

    # statsmodels' clustered covariance carries n / (n - 1) x (n - 1) / (n - k)
    factor = np.sqrt(100 / 99 * 99 / 98)
    assert found.std_error == pytest.approx(np.sqrt(variance(0.2) + variance(0.4)) * factor, rel=1e-6)
    assert found.level_gap == pytest.approx(found.estimate, rel=1e-9)
    assert found.table["hazard_ratio"].iloc[0] == pytest.approx(np.log(0.8) / np.log(0.6), rel=1e-9)


def test_years_lived_by_hand() -> None:
    """One year: everybody lives it, so nothing differs; two years: what differs is the share that sees the second."""
    found = tp.effects.survival(two_years((50, 10), (50, 20)), closed="closed", at_risk=1)
    assert found.years_lived["years"].tolist() == pytest.approx([1, 1, 0])
    second = two_years((50, 10), (50, 20)).query("closed == 0").assign(year=2001)
    both = pd.concat([two_years((50, 10), (50, 20)), second])
    found = tp.effects.survival(both, closed="closed", at_risk=1)
    assert found.years_lived["years"].tolist() == pytest.approx([1.8, 1.6, 0.2])
    error = np.hypot(np.sqrt(0.8 * 0.2 / 50), np.sqrt(0.6 * 0.4 / 50))
    assert found.years_lived["std_error"].iloc[-1] == pytest.approx(error, rel=1e-9)


@pytest.mark.slow
def test_having_lived_long_enough_to_enter_is_no_effect() -> None:
    """All close at the same rate; counting entrants as inside from birth would make parks look like lifesavers."""
    firms = tp.simulate_firms("null", firms=4000, death_rate=0.15, treated_share=0.5, seed=1).firms
    entrants = firms["entered"].where(firms.groupby("firm")["year"].transform("max") >= firms["entered"], 0)
    honest = firms.assign(entered=entrants)
    naive = honest.assign(entered=np.where(honest["entered"] > 0, 2010, 0))
    right = tp.effects.survival(honest, closed="closed")
    wrong = tp.effects.survival(naive, closed="closed")
    assert right.low < 0 < right.high
    assert wrong.high < -0.5


@pytest.mark.slow
def test_the_true_hazard_ratio_lies_in_the_interval() -> None:
    drawn = tp.simulate_firms("survival", firms=4000, effect=0.4, seed=1)
    true = np.log(drawn.true("hazard_ratio", outcome="closing"))
    for given in (
        {"born": "born", "closed": "closed"},
        {"born": "born", "model": "cox"},
        {"cluster": "region"},
    ):
        found = tp.effects.survival(drawn.firms, **given)
        assert found.low < true < found.high, given


def test_disappearing_is_closing_unless_it_is_the_last_year() -> None:
    firms = world().drop(columns="closed")
    found = tp.effects.survival(firms)
    last = firms.groupby("firm")["year"].max()
    assert f"rests on {int((last < firms['year'].max()).sum())} closings" in found.text
    assert any("moved, merged" in said for said in found.warnings)
    assert any("the last year" in said for said in found.warnings)
    stated = world()
    stated = stated.assign(closed=stated["closed"].where(stated["closed"] < stated["year"].max(), 0))
    stated = stated[stated["year"] < stated["year"].max()]
    assert tp.effects.survival(stated, closed="closed").estimate == pytest.approx(found.estimate, rel=1e-9)


def test_rows_after_closing_are_dropped_and_counted() -> None:
    firms = world()
    ghost = firms[firms["closed"] == 2012].drop_duplicates("firm").assign(year=2014)
    found = tp.effects.survival(pd.concat([firms, ghost]), closed="closed")
    assert found.estimate == tp.effects.survival(firms, closed="closed").estimate
    assert "after the year of closing" in set(found.sample["reason"])


@pytest.mark.slow
def test_covariates_have_rows_of_their_own_and_clusters_change_only_the_error() -> None:
    plain = tp.effects.survival(world(), covariates=["log_size", "own_rd"], closed="closed")
    assert plain.table["term"].tolist() == ["in a park", "log_size", "own_rd"]
    grouped = tp.effects.survival(
        world(), covariates=["log_size", "own_rd"], closed="closed", cluster="region"
    )
    assert grouped.estimate == pytest.approx(plain.estimate) and grouped.std_error != plain.std_error


def test_too_few_at_risk_leaves_the_ratio_and_says_why_there_are_no_curves() -> None:
    found = tp.effects.survival(world(), closed="closed", at_risk=10_000)
    assert np.isfinite(found.estimate) and found.curves.empty and found.years_lived.empty
    assert "10,000 firms at risk" in found.overall["undefined"].iloc[0]


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda f: f.assign(closed=0), TechnopoleError, "no firm closes"),
        (lambda f: f.assign(entered=0), TechnopoleError, "seen in a park"),
        (lambda f: f.assign(entered=2010), TechnopoleError, "seen outside parks"),
        (
            lambda f: f.assign(closed=f["closed"].where(f["entered"] == 0, 0)),
            TechnopoleError,
            "closes in a park",
        ),
        (lambda f: f.assign(log_size=1.0), WrongOption, "doesn't vary"),
        (lambda f: f.rename(columns={"log_size": "lived"}), TechnopoleError, "log_size"),
    ],
)
def test_what_can_t_be_compared_is_refused_in_words(change: Any, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        tp.effects.survival(change(world()), closed="closed", covariates=["log_size"])


def test_options_out_of_range_and_reserved_names() -> None:
    with pytest.raises(WrongOption, match="share between"):
        tp.effects.survival(world(), level=95)
    with pytest.raises(WrongOption, match="at_risk"):
        tp.effects.survival(world(), at_risk=0)
    with pytest.raises(WrongOption, match="part of the design"):
        tp.effects.survival(world().assign(lived=1), covariates=["lived"])


def test_no_year_with_closings_and_survivors_inside_and_outside() -> None:
    firms = two_years((5, 5), (5, 5))
    with pytest.raises(EmptyTable, match="in no year"):
        tp.effects.survival(firms, closed="closed")
