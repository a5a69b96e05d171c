"""Oracles: LaLonde's experiment, one binary covariate by hand, a simulated survey in the form of Lindelof & Lofsten, and designs written out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import TechnopoleError, WrongOption
from technopole.kernels import matching as kernel
from technopole.libraries import library

METHODS = (
    "nearest", "propensity", "coarsened_exact", "entropy_balancing", "inverse_probability", "doubly_robust",
)  # fmt: skip
ON = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75", "u74", "u75"]


def contract_case() -> dict[str, Any]:
    return {"outcome": ["log_sales", "patents"], "on": ["log_size", "employment"], "exact": ["own_rd"]}


def survey(on_park: int = 134, off_park: int = 139, *, seed: int = 11) -> pd.DataFrame:
    """Lindelof & Lofsten (2004): 134 new technology-based firms on parks, 139 off; links and growth differ, profitability doesn't."""
    random = np.random.default_rng(seed)
    number = on_park + off_park
    inside = np.arange(number) < on_park
    age = random.gamma(4, 1.5, number).round() + 1
    size = np.exp(random.normal(2.2 + 0.3 * inside, 0.6))
    link = random.uniform(size=number) < 1 / (1 + np.exp(0.9 - 1.0 * inside - 0.1 * np.log(size)))
    return pd.DataFrame(
        {
            "firm": [f"n{i:03d}" for i in range(number)],
            "year": 1998,
            "park": np.where(inside, "a park", None),
            "link": link.astype(int),
            "sales_growth": 10 + 9 * inside - 0.4 * age + 2 * np.log(size) + random.normal(0, 12, number),
            "jobs_growth": 5 + 6 * inside - 0.2 * age + random.normal(0, 9, number),
            "profitability": 8 + 1.5 * np.log(size) + random.normal(0, 10, number),
            "age": age,
            "log_size": np.log(size),
            "industry": random.choice(["electronics", "software", "services"], number),
        }
    )


def lalonde(folder: Path, controls: str) -> tp.tables.Firms:
    treated = pd.read_csv(folder / "causal-lalonde" / "nsw_mixtape.csv.gz")
    if controls == "cps":
        others = pd.read_csv(folder / "causal-lalonde" / "cps_mixtape.csv.gz")
        treated = pd.concat([treated[treated["treat"] == 1], others], ignore_index=True)
    people = treated.assign(
        firm=[f"p{i:05d}" for i in range(len(treated))],
        year=1978,
        entered=treated["treat"].map({1: 1976, 0: 0}).astype(int),
        u74=(treated["re74"] == 0).astype(int),
        u75=(treated["re75"] == 0).astype(int),
    )
    return tp.tables.Firms.of(people)


@pytest.mark.slow
def test_lalonde(shared_data: Path) -> None:
    """The experiment says 1794.34; raw, the CPS says -8497.52; every method comes back to within its interval of the truth."""
    truth = tp.effects.level_gap(lalonde(shared_data, "nsw"), outcome="re78")
    assert truth.estimate == pytest.approx(1794.34, abs=0.005)
    people = lalonde(shared_data, "cps")
    for method in METHODS:
        found = tp.effects.matched_comparison(people, outcome="re78", on=ON, method=method)  # type: ignore[arg-type]
        assert found.level_gap == pytest.approx(-8497.52, abs=0.005)
        assert found.low < 1794.34 < found.high
        assert abs(found.estimate - 1794.34) < 1500, method
        assert found.balance["difference_after"].abs().max() < 0.12, method
    pairs = tp.effects.matched_comparison(
        people, outcome="re78", on=ON, method="propensity", replace=False, caliper=0.2, adjust=False
    )
    assert int(pairs.overall["controls"].iloc[0]) == 185 and pairs.low < 1794.34 < pairs.high


@pytest.mark.slow
def test_lindelof_lofsten_survey() -> None:
    """The pattern of the study: links more often, sales and jobs grow faster; profitability is a row of its own, not pooled."""
    outcomes = ["link", "sales_growth", "jobs_growth", "profitability"]
    found = tp.effects.matched_comparison(
        survey(), outcome=outcomes, on=["age", "log_size"], exact=["industry"], method="doubly_robust"
    )
    assert found.overall[["treated", "controls"]].iloc[0].tolist() == [134, 139]
    rows = found.outcomes.set_index("outcome")
    assert rows.loc["link", "odds_ratio_low"] > 1 and rows.loc["link", "p_value"] < 0.05
    assert (rows.loc[["sales_growth", "jobs_growth"], "estimate"] > 0).all()
    assert (rows.loc[["sales_growth", "jobs_growth"], "p_holm"] < 0.05).all()
    assert rows.loc["profitability", "p_value"] > 0.05
    p_values = rows["p_value"].sort_values()
    holm = np.maximum.accumulate(np.minimum(p_values.to_numpy() * np.arange(4, 0, -1), 1))
    np.testing.assert_allclose(rows.loc[p_values.index, "p_holm"], holm, rtol=1e-12)
    odds = rows.loc["link", ["odds_ratio"]].iloc[0]
    count = survey().assign(on=lambda d: d["park"].notna()).groupby("on")["link"].agg(["sum", "count"])
    yes, no = count["sum"], count["count"] - count["sum"]
    assert odds == pytest.approx(yes[True] * no[False] / (no[True] * yes[False]), rel=1e-12)
    balance = found.balance.set_index("covariate")
    assert (
        abs(balance.loc["log_size", "difference_before"])
        > 0.25
        > 0.1
        > abs(balance.loc["log_size", "difference_after"])
    )


def yes_no() -> pd.DataFrame:
    """Inside 2 small and 3 big (mean 6.4); outside 4 small (mean 2) and 2 big (mean 6), so in the proportions of those inside 4.4."""
    return pd.DataFrame(
        {
            "firm": list("abcdefghijk"),
            "year": 2020,
            "entered": [2019] * 2 + [0] * 4 + [2019] * 3 + [0] * 2,
            "big": [0] * 6 + [1] * 5,
            "y": [3.0, 5, 1, 2, 3, 2, 7, 8, 9, 4, 8],
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_one_yes_no_covariate_by_hand(method: str) -> None:
    """With one binary covariate all methods are the same average."""
    found = tp.effects.matched_comparison(yes_no(), outcome="y", on=["big"], method=method)  # type: ignore[arg-type]
    assert found.estimate == pytest.approx(2.0, rel=1e-8)
    assert found.balance["difference_after"].iloc[0] == pytest.approx(0, abs=1e-8)
    assert found.level_gap == pytest.approx(6.4 - 20 / 6, rel=1e-12)


@pytest.mark.slow
def test_pairs_without_replacement() -> None:
    """The mean of the pairs' differences d, error sqrt(sum (d - mean)^2 / n^2 n / (n - 1) (2n - 1) / (2n - 2)): clustered by pair."""
    table, options = survey(), {"outcome": "sales_growth", "on": ["age", "log_size"], "replace": False}
    found = tp.effects.matched_comparison(table, adjust=False, **options)
    inside = table["park"].notna().to_numpy()
    place = kernel.scaled(table[["age", "log_size"]].to_numpy("float64"), "mahalanobis")
    links = kernel.pairs(place, inside, np.zeros(273, dtype=np.int64))
    y = table["sales_growth"].to_numpy()
    apart, n = y[links.focal] - y[links.partner], 134
    squares = ((apart - apart.mean()) ** 2).sum()
    error = np.sqrt(squares / n**2 * n / (n - 1) * (2 * n - 1) / (2 * n - 2))
    assert (found.estimate, found.std_error) == pytest.approx((apart.mean(), error), rel=1e-9)
    adjusted = tp.effects.matched_comparison(table, **options)
    assert adjusted.estimate != found.estimate and abs(adjusted.estimate - found.estimate) < found.std_error
    near = tp.effects.matched_comparison(table, adjust=False, caliper=0.05, **options)
    assert near.overall["treated"].iloc[0] == near.overall["controls"].iloc[0] < 134
    assert near.sides["effective_size"].tolist() == pytest.approx(near.sides["used"].tolist())


@pytest.mark.slow
def test_before_and_change() -> None:
    """Matched on 2015, compared in 2017: who was inside by 2015 is out, and the change is 2017 less 2015."""
    random = np.random.default_rng(8)
    unit, year = np.repeat(np.arange(200), 4), np.tile(np.arange(2014, 2018), 200)
    entered = np.repeat(random.choice([0, 0, 2015, 2016, 2017], 200), 4)
    size = random.normal(size=200)[unit]
    sales = 3 * size + 0.4 * ((entered > 0) & (year >= entered)) + random.normal(0, 0.1, 800)
    table = pd.DataFrame(
        {"firm": [f"f{i:03d}" for i in unit], "year": year, "entered": entered, "sales": sales, "size": size}
    )
    found = tp.effects.matched_comparison(
        table, outcome="sales", on=["size"], before=2, change=True, method="inverse_probability"
    )
    assert found.sample["units"].tolist()[-1] == int((entered[::4] != 2015).sum())
    wide = table.pivot(index="firm", columns="year", values="sales")
    first = table.groupby("firm")["entered"].first()
    kept = first[first != 2015].index
    change = (wide[2017] - wide[2015])[kept]
    gap = change[first[kept] > 0].mean() - change[first[kept] == 0].mean()
    assert found.table.set_index("comparison").loc["as they are", "estimate"] == pytest.approx(gap, rel=1e-9)
    assert found.estimate == pytest.approx(0.4, abs=0.06) and found.std_error < 0.03
    lagged = tp.effects.matched_comparison(table, outcome="sales", on=["sales", "size"], before=2)
    assert "sales" in set(lagged.balance["covariate"])


@pytest.mark.slow
def test_clusters_sum_influence() -> None:
    """Every firm twice, clustered by original: the error of the original up to the factor of clusters."""
    once = survey().drop(columns="park").assign(entered=lambda d: np.where(d.index < 134, 1997, 0))
    twice = pd.concat([once, once.assign(firm=once["firm"] + "b")], ignore_index=True)
    twice["original"] = twice["firm"].str[:4]
    options: dict[str, Any] = {
        "outcome": "sales_growth",
        "on": ["age", "log_size"],
        "method": "doubly_robust",
    }
    one = tp.effects.matched_comparison(once, **options)
    two = tp.effects.matched_comparison(twice, cluster="original", **options)
    assert (two.estimate, two.std_error) == pytest.approx((one.estimate, one.std_error), rel=1e-8)
    assert tp.effects.matched_comparison(twice, **options).std_error < 0.8 * one.std_error


@pytest.mark.slow
def test_entropy_weights_against_the_library() -> None:
    table = survey()
    found = tp.effects.matched_comparison(
        table, outcome="sales_growth", on=["age", "log_size"], method="entropy_balancing"
    )
    inside = table["park"].notna().to_numpy()
    x = table[["age", "log_size"]].to_numpy()
    weight = library("diff_diff.balancing").entropy_balance(x[~inside], x[inside].mean(axis=0))[0]
    y = table["sales_growth"].to_numpy()
    assert found.estimate == pytest.approx(y[inside].mean() - weight @ y[~inside], rel=1e-7)
    assert found.sides["effective_size"].iloc[1] == pytest.approx(1 / (weight @ weight), rel=1e-6)


@pytest.mark.slow
def test_row_order_and_names_change_nothing() -> None:
    table = survey()
    one = tp.effects.matched_comparison(table, outcome="link", on=["age", "log_size"], exact=["industry"])
    two = tp.effects.matched_comparison(
        table.sample(frac=1, random_state=1), outcome="link", on=["age", "log_size"], exact=["industry"]
    )
    pd.testing.assert_frame_equal(one.overall, two.overall)


@pytest.mark.slow
def test_trim_and_flat_covariates_are_said() -> None:
    table = survey().assign(flat=1.0)
    found = tp.effects.matched_comparison(
        table, outcome="sales_growth", on=["age", "log_size", "flat"], method="inverse_probability", trim=0.3
    )
    assert any("same for all" in text for text in found.warnings)
    assert any("below 0.3" in text for text in found.warnings)
    assert found.sides["chance_low"].min() > 0.2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"on": []}, "at least one"),
        ({"on": ["y"]}, "matched on in the year"),
        ({"on": ["big"], "before": 1}, "no such year"),
        ({"on": ["big"], "change": True}, "earlier year"),
        ({"on": ["big"], "year": 1999}, "no such year"),
        ({"on": ["big"], "method": "doubly_robust", "caliper": 0.1}, "about partners"),
        ({"on": ["big"], "cluster": "firm"}, "can't be clustered"),
        ({"on": ["big"], "replace": False, "estimand": "all"}, "without replacement"),
        ({"on": ["big"], "ratio": 0}, "ratio"),
        ({"on": ["big"], "trim": 0.7}, "trim"),
        ({"on": ["big"], "level": 1.5}, "level"),
        ({"on": ["big"], "caliper": -1.0}, "caliper"),
        ({"on": ["big"], "bins": 1, "method": "coarsened_exact"}, "bins"),
    ],
)
def test_refused_options(options: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongOption, match=said):
        tp.effects.matched_comparison(yes_no(), outcome="y", **options)


@pytest.mark.slow
def test_nobody_is_comparable() -> None:
    apart = yes_no().assign(big=lambda d: (d["entered"] > 0).astype(int))
    with pytest.raises(TechnopoleError, match="without error"):
        tp.effects.matched_comparison(apart, outcome="y", on=["big"], method="doubly_robust")
    with pytest.raises(TechnopoleError, match="no weights"):
        tp.effects.matched_comparison(apart, outcome="y", on=["big"], method="entropy_balancing")
    with pytest.raises(TechnopoleError, match="no stratum"):
        tp.effects.matched_comparison(apart, outcome="y", on=["big"], method="coarsened_exact")
    with pytest.raises(TechnopoleError, match="caliper"):
        tp.effects.matched_comparison(apart, outcome="y", on=["big"], caliper=0.1)
    with pytest.raises(TechnopoleError, match="outside"):
        tp.effects.matched_comparison(yes_no().assign(entered=2019), outcome="y", on=["big"])
    with pytest.raises(TechnopoleError, match="combination"):
        tp.effects.matched_comparison(
            survey().assign(two=lambda d: 2 * d["age"]), outcome="link", on=["age", "two"]
        )
    with pytest.raises(TechnopoleError, match="is the same"):
        tp.effects.matched_comparison(
            yes_no().assign(own=list("aabbbbaaabb")), outcome="y", on=["big"], exact=["own"]
        )
