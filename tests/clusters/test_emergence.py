"""Oracles: the binomial test of scipy; births worked by hand; simulated series with a known year."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import activity
from hand_made import clusters, counts
from scipy.stats import binomtest

import technopole as tp
from technopole.errors import MissingColumn, UnknownName, WrongOption
from technopole.result import Result
from technopole.tables import Activity

REST = {"A": 1000, "B": 9000}
emergence: Any = tp.clusters.emergence  # takes frames too
ONE = clusters({"valley": ["A"]}, {"valley": "Optics Valley"})


def contract_case() -> dict[str, Any]:
    return {
        "clusters": clusters({"one": ["00", "01"], "two": ["05"]}),
        "activity": Activity.of(activity(years=(2016, 2017, 2018, 2019))),
        "industry": "3100",
        "simulations": 99,
    }


def born(series: list[float], **options: Any) -> Result:
    return emergence(
        ONE, activity=counts({"A": series, "B": [90] * len(series)}, REST), industry="optics", **options
    )


def row(result: Result) -> dict[str, Any]:
    return result.table.iloc[0].to_dict()


def test_yearly_test_against_scipy() -> None:
    yearly = born([4, 10, 17, 40], threshold=1.25).yearly.sort_values("year")
    years: list[Any] = list(yearly.itertuples())
    for at in years:
        x, k, share = int(at.value), int(at.value) + 90, (1000 + at.value) / (10090 + at.value)
        assert at.expected == pytest.approx(k * share, rel=1e-12)
        assert at.location_quotient == pytest.approx(x / k / share, rel=1e-12)
        tails = [binomtest(x, k, 1.25 * share, side).pvalue for side in ("less", "greater")]
        assert at.p_value == pytest.approx(min(1, 2 * min(tails)), rel=1e-9)
        interval = binomtest(x, k, share).proportion_ci(0.95, "exact")
        assert (at.low, at.high) == pytest.approx((interval.low / share, interval.high / share), rel=1e-9)
        assert at.significant == (at.low > 1.25)


def test_born_in_the_year_of_the_jump() -> None:
    found = row(born([3, 2, 3, 2, 60, 60, 70, 80]))
    assert (found["born"], found["born_low"], found["born_high"], found["until"]) == (2004, 2004, 2004, 2007)
    assert (found["censored"], found["undefined"], found["years_significant"]) == ("", "", 4)
    assert found["false_birth"] < 0.05


def test_a_slow_birth_has_a_wide_interval_around_it() -> None:
    found = row(born([2, 2, 4, 5, 9, 13, 17, 21, 25, 30, 36, 42]))
    assert 2002 <= found["born_low"] < found["born"] <= found["born_high"]


def test_left_censored() -> None:
    result = born([60, 60, 70, 80])
    found = row(result)
    assert (found["born"], found["born_high"], found["censored"]) == (2000, 2000, "left")
    assert pd.isna(found["born_low"]) and found["undefined"].endswith("born 2000 or before")
    assert "from the first year, 2000, on" in result.summary()
    assert result.yearly["label"].iloc[0] == "Optics Valley, ≤2000"


def test_right_censored() -> None:
    found = row(born([10, 10, 10, 60, 60]))
    assert pd.isna(found["born"]) and found["censored"] == "right"
    assert found["undefined"].startswith("significant since 2003, which is 2 of the 3 years")
    assert row(born([10] * 5))["undefined"] == "in no year significantly above 1.25"
    assert row(born([10, 60, 10, 60, 10]))["undefined"].startswith("significant in 2 of 5 years")


def test_a_run_that_ends_is_a_birth_and_says_until_when() -> None:
    found = row(born([5, 60, 60, 60, 5, 5]))
    assert (found["born"], found["until"]) == (2001, 2003)


def test_early_years_that_exclude_nothing_leave_low_undefined() -> None:
    found = row(born([15, 16, 15, 17, 60, 60, 60]))
    assert found["born"] == 2004 and pd.isna(found["born_low"]) and "nothing excludes" in found["undefined"]


def test_a_missing_year_widens_the_interval() -> None:
    """2003 isn't comparable and left out: the birth shown in 2004 may have been in 2003."""
    table = counts({"A": [3, 2, 3, 2, 60, 60, 70, 80], "B": [90] * 8}, REST)
    found = row(emergence(ONE, activity=table[table["year"] != 2003], industry="optics"))
    assert (found["born"], found["born_low"], found["born_high"]) == (2004, 2003, 2004)


def test_jobs_are_tested_as_plants() -> None:
    """Ten times as many jobs as plants, evenly: the same p-values as the plants themselves."""
    table = counts({"A": [10, 30, 30, 30], "B": [90] * 4}, REST).assign(
        employment=lambda t: t["establishments"] * 10
    )
    jobs = emergence(ONE, activity=table, industry="optics", value="employment")
    plants = emergence(ONE, activity=table, industry="optics")
    np.testing.assert_allclose(jobs.yearly["p_value"], plants.yearly["p_value"], rtol=1e-12)
    assert any("too small" in said for said in jobs.warnings)
    with pytest.raises(MissingColumn, match="establishments"):
        emergence(ONE, activity=table.drop(columns="establishments"), industry="optics", value="employment")


def test_sector_is_the_sum_of_its_codes() -> None:
    table = counts({"A": [10, 60, 60, 60], "B": [90] * 4}, REST)
    half = table[table["industry"] == "optics"].assign(establishments=lambda t: t["establishments"] / 2)
    split = pd.concat(
        [table[table["industry"] == "rest"], half.assign(industry="o1"), half.assign(industry="o2")]
    )
    sector = tp.sector("optics", scheme="mine", codes=["o"])
    one = emergence(ONE, activity=table, industry="optics")
    two = emergence(ONE, activity=split, sector=sector)
    pd.testing.assert_frame_equal(one.table, two.table)


def test_undefined_years_break_a_run_and_sort_last() -> None:
    table = counts({"A": [60, 60, 0, 60, 60, 60], "B": [90, 90, 0, 90, 90, 90]}, REST)
    result = emergence(ONE, activity=table, industry="optics")
    assert result.yearly["undefined"].iloc[-1] == "the sector isn't in the country"
    assert row(result)["born"] == 2003


def test_order_and_names_of_clusters_change_nothing() -> None:
    table = counts(
        {"A": [10, 14, 25, 30, 30], "B": [30, 20, 30, 60, 70], "C": [300] * 5}, {**REST, "C": 30000}
    )
    one = emergence(clusters({"a": ["A"], "b": ["B"]}), activity=table, industry="optics")
    two = emergence(
        clusters({"z": ["A"], "b": ["B"]}), activity=table.sample(frac=1, random_state=1), industry="optics"
    )
    renamed = two.table.assign(
        cluster=two.table["cluster"].replace("z", "a"), name=two.table["name"].replace("z", "a")
    )
    pd.testing.assert_frame_equal(
        one.table.sort_values("cluster", ignore_index=True), renamed.sort_values("cluster", ignore_index=True)
    )


def test_bad_input() -> None:
    table = counts({"A": [1, 2], "B": [3, 4]}, REST)
    for wrong in (
        {"threshold": 0.0},
        {"sustained": 0},
        {"persistence": 1.0},
        {"simulations": 5},
        {"level": 5.0},
    ):
        with pytest.raises(WrongOption):
            born([1, 2, 3], **wrong)
    with pytest.raises(WrongOption, match="either"):
        emergence(ONE, activity=table)
    with pytest.raises(UnknownName, match="industry"):
        emergence(ONE, activity=table, industry="lenses")
    with pytest.raises(UnknownName, match="place"):
        emergence(clusters({"x": ["nowhere"]}), activity=table, industry="optics")
    with pytest.raises(MissingColumn, match="members"):
        emergence(Result.of(pd.DataFrame(), text="", fields={}), activity=table, industry="optics")
    lost = emergence(clusters({"x": ["A", "Q"]}), activity=table, industry="optics")
    assert any("1 member places" in said and "Q" in said for said in lost.warnings)


@pytest.mark.slow
def test_rochester_and_tucson(shared_data) -> None:
    """US counties 2018-2021 (2017 isn't comparable): photonics in and around Rochester and in Tucson."""
    frame = pd.read_parquet(
        shared_data / "us-county-business-patterns" / "cbp_county_naics6_2017_2021.parquet"
    )
    frame = frame[frame["year"] >= 2018].rename(
        columns={"fips": "place", "naics": "industry", "est": "establishments"}
    )
    found = emergence(
        clusters({"Rochester": ["36055", "36069", "36117", "36037", "36051", "36073"], "Tucson": ["04019"]}),
        activity=frame[["place", "industry", "year", "establishments"]],
        sector=tp.sector("photonics", scheme="NAICS-2017"),
        simulations=199,
    )
    table = found.table.set_index("cluster")
    assert table.loc["Rochester", "censored"] == "left" and table.loc["Rochester", "born"] == 2018


def test_no_cluster_is_no_error() -> None:
    """A study that finds no cluster goes on."""
    result = tp.clusters.emergence(
        clusters({}), activity=Activity.of(counts({"A": [1, 2]}, {"A": 9})), industry="optics"
    )
    assert result.table.empty and result.yearly.empty
    assert result.summary() == "There is no cluster to date."
