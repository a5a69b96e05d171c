"""Oracles: readings and rules worked by hand; entropy written out; simulated lives whose stages are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import activity
from hand_made import clusters, counts, life

import technopole as tp
from technopole.clusters._life_cycle_observables import of_patents
from technopole.clusters._life_cycle_scheme import by_rules, load_scheme
from technopole.errors import MissingColumn, UnknownName, UnreadableFile, WrongOption
from technopole.tables import Activity

STAGES = ["emergence", "growth", "sustainment", "decline", "renewal"]
ONE = clusters({"valley": ["A"]}, {"valley": "Optics Valley"})
REST = {"A": 5000, "B": 90_000}
life_cycle: Any = tp.clusters.life_cycle  # takes frames too


def contract_case() -> dict[str, Any]:
    return {
        "clusters": clusters({"one": ["00", "01"], "two": ["05"]}),
        "activity": Activity.of(activity(years=(2016, 2017, 2018, 2019))),
        "industry": "3100",
    }


def lives(series: list[float], **more: Any) -> Any:
    table = counts({"A": series, "B": [9000 - series[0]] * len(series)}, REST, **more)
    return life_cycle(ONE, activity=table, industry="optics")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("series", "stage"),
    [
        ([12, 13, 15, 17, 20, 23], "emergence"),
        ([600, 660, 730, 800, 880, 970, 1060], "growth"),
        ([1000, 1005, 998, 1002, 1000, 1003], "sustainment"),
        ([1000, 930, 865, 805, 750, 700], "decline"),
        ([1000, 930, 865, 805, 750, 700, 650, 700, 755, 815, 880], "renewal"),
    ],
)
def test_plain_lives(series: list[float], stage: str) -> None:
    row = lives(series).table.iloc[0]
    assert row["stage"] == stage and row["undefined"] == ""
    assert row[STAGES].sum() == pytest.approx(1, rel=1e-9)
    assert row["confidence"] in (pytest.approx(row[stage]), pytest.approx(row[stage] / 2))


def test_readings_by_hand() -> None:
    """Growth of the cluster's share of the industry in logs, percent a year, over five years or what there is from two on."""
    optics = {"A": [100, 110, 120, 130, 140, 150, 160], "B": [900, 910, 900, 890, 900, 890, 900]}
    path = life_cycle(ONE, activity=counts(optics, REST), industry="optics").path.sort_values("year")
    share = np.array(optics["A"]) / (np.array(optics["A"]) + optics["B"])
    assert path["establishment_growth"].isna().tolist() == [True, True] + [False] * 5
    assert path["establishment_growth"].iloc[2] == pytest.approx(50 * np.log(share[2] / share[0]), rel=1e-12)
    assert path["establishment_growth"].iloc[6] == pytest.approx(20 * np.log(share[6] / share[1]), rel=1e-12)
    assert path["net_entry"].iloc[6] == pytest.approx(20 * np.log(160 / 110), rel=1e-12)
    quotient = (160 / 1060) / (5160 / (5160 + 90_900))
    assert path["location_quotient"].iloc[6] == pytest.approx(quotient, rel=1e-12)
    assert path["employment_growth"].isna().all()


def test_flows_are_used_where_given() -> None:
    path = lives([100, 110, 120], entries=[12, 22, 30], exits=[8, 11, 24]).path.sort_values("year")
    np.testing.assert_allclose(path["entry_rate"], [12, 20, 25], rtol=1e-12)
    np.testing.assert_allclose(path["net_entry"], [4, 10, 5], rtol=1e-12)


def test_rebound_after_a_fall() -> None:
    """The share falls from 10 to 8 percent, a fifth, and comes back to 10: a quarter above its lowest."""
    series = [1000, 900, 800, 900, 1000]
    rest = [9000, 9100, 9200, 9100, 9000]
    table = counts({"A": series, "B": rest}, REST)
    path = life_cycle(ONE, activity=table, industry="optics").path.sort_values("year")
    assert path["rebound"].iloc[4] == pytest.approx(25, rel=1e-12)
    assert path["rebound"].iloc[3] == pytest.approx(12.5, rel=1e-12)


def test_rules_by_hand() -> None:
    scheme = load_scheme()
    grown = {
        "establishments": 80.0,
        "location_quotient": 2.0,
        "employment_growth": 4.0,
        "establishment_growth": 5.0,
        "net_entry": 2.0,
    }
    stage, scores = by_rules(grown, scheme)
    assert stage == "growth"
    assert scores["growth"] == pytest.approx((1 + 1 + 0.5 + 0.5) / 3.5, rel=1e-12)
    assert scores["sustainment"] == pytest.approx((1 + 0.5 - 1 - 1) / 4, rel=1e-12)
    assert scores["emergence"] == pytest.approx(-2 / 3.5, rel=1e-12)
    assert by_rules({"location_quotient": 2.0}, scheme)[0] == "cannot tell"
    assert by_rules(grown, load_scheme({"faster": 6, "slower": -6}))[0] == "sustainment"


def test_new_technologies_raise_variety() -> None:
    years = np.arange(2000, 2010)
    old = [(f"t{k}", year, 20.0) for k in range(3) for year in years]
    new = [(f"n{k}", year, 20.0) for k in range(4) for year in years if year >= 2007]
    held = pd.DataFrame(old + new, columns=["technology", "year", "patents"])
    found = of_patents(held, years, 10, load_scheme().settings)
    assert found["new_classes"].loc[2006] == 0 and found["new_classes"].loc[2009] == pytest.approx(
        400 / 7, rel=1e-12
    )
    assert found["heterogeneity_rise"].loc[2009] > 5 > 1 > abs(found["heterogeneity_rise"].loc[2005])
    assert found["heterogeneity"].loc[2006] == pytest.approx((np.log(3) + 2 / 360) / np.log(10), rel=1e-12)


def test_patents_tell_renewal_from_growth() -> None:
    """A fall, then growth: with new technologies the posterior of renewal is higher."""
    series = [1000, 980, 960, 950, 940, 960, 990, 1030, 1075, 1120]
    table = counts({"A": series, "B": [9000] * 10}, REST)
    rows = [("A", f"t{k}", 2000 + t, 40) for k in range(3) for t in range(10)]
    rows += [("A", f"n{k}", 2000 + t, 25) for k in range(6) for t in range(6, 10)]
    rows += [("B", f"n{k}", 2000 + t, 40) for k in range(6) for t in range(10)]
    patents = pd.DataFrame(rows, columns=["place", "technology", "year", "patents"])
    with_them = life_cycle(ONE, activity=table, industry="optics", patents=patents)
    without = life_cycle(ONE, activity=table, industry="optics")
    assert with_them.table["renewal"].iloc[0] > without.table["renewal"].iloc[0]
    assert "variety of technologies" not in with_them.table["missing"].iloc[0]
    assert "variety of technologies" in without.table["missing"].iloc[0]


def test_too_little_is_said_not_guessed() -> None:
    short = lives([100, 110]).table.iloc[0]
    assert (short["stage"], short["undefined"]) == (
        "cannot tell",
        "1 yearly changes are known, 2 are needed",
    )
    assert short[STAGES].sum() == pytest.approx(1) and pd.isna(short["confidence"])
    noisy = lives([11, 12, 11, 12]).table.iloc[0]
    assert noisy["stage"] == "emergence" or noisy["undefined"].startswith("nothing tells")
    assert lives([3, 2, 0, 0]).table["undefined"].iloc[0] == "nothing of the sector is there"
    few = lives([100, 110, 120])
    assert any("rests mainly on the prior" in said for said in few.warnings)
    assert few.parameters["prior_share"].min() > 0.9


def test_evidence_lists_every_rule_once() -> None:
    result = lives([600, 660, 730, 800, 880, 970, 1060])
    evidence = result.evidence
    assert len(evidence) == len(load_scheme().rules)
    assert set(evidence.loc[evidence["reading"].isna(), "verdict"]) == {"missing"}
    assert "growth of establishments less the industry's 8.61" in result.table["evidence_for"].iloc[0]


@pytest.mark.slow
def test_simulated_lives_are_recovered() -> None:
    """Four economies of 24 clusters over 24 years, stages known, parameters not the scheme's."""
    right, named, by_rule = [], [], []
    for seed in (11, 12, 13, 14):
        table, truth = life(seed)
        result = life_cycle(
            clusters({c: [c] for c in truth["cluster"].unique()}), activity=table, industry="optics"
        )
        both = result.path.merge(truth, on=["cluster", "year"])
        told = both[both["stage"] != "cannot tell"]
        right.append((told["stage"] == told["truth"]).mean())
        named.append(len(told) / len(both))
        by_rule.append((told["stage_by_rule"] == told["truth"]).mean())
        assert (
            told.loc[told[STAGES].max(axis=1) > 0.9].pipe(lambda t: t["stage"] == t["truth"])
        ).mean() > 0.85
    print("accuracy", np.round(right, 3), "named", np.round(named, 3), "rules", np.round(by_rule, 3))
    assert np.mean(right) > 0.85 and np.mean(named) > 0.8
    assert np.mean(right) > np.mean(by_rule) + 0.1


def test_thresholds_can_be_set_and_wrong_ones_are_refused(tmp_path: Any) -> None:
    table = counts({"A": [100, 104, 108, 112], "B": [9000] * 4}, REST)
    file = tmp_path / "mine.toml"
    file.write_text("[thresholds]\nsmall = 500\n", encoding="utf-8")
    result = life_cycle(ONE, activity=table, industry="optics", thresholds=str(file))
    mine = result.thresholds.set_index("threshold").loc["small"]
    assert (mine["value"], mine["basis"]) == (500, "yours")
    with pytest.raises(UnknownName, match="smal"):
        life_cycle(ONE, activity=table, industry="optics", thresholds={"smal": 3})
    with pytest.raises(WrongOption, match="number"):
        life_cycle(ONE, activity=table, industry="optics", thresholds={"small": "many"})
    with pytest.raises(UnreadableFile):
        life_cycle(ONE, activity=table, industry="optics", thresholds="nowhere.toml")
    with pytest.raises(WrongOption, match="level"):
        life_cycle(ONE, activity=table, industry="optics", level=2.0)
    with pytest.raises(MissingColumn, match="establishments"):
        life_cycle(ONE, activity=table.rename(columns={"establishments": "output"}), industry="optics")


@pytest.mark.slow
def test_rochester_and_tucson(shared_data: Any) -> None:
    """Four comparable years and a few dozen establishments: the rules may speak, the posterior says that nothing is sure."""
    frame = pd.read_parquet(
        shared_data / "us-county-business-patterns" / "cbp_county_naics6_2017_2021.parquet"
    )
    names = {"fips": "place", "naics": "industry", "est": "establishments", "emp": "employment"}
    frame = frame[frame["year"] >= 2018].rename(columns=names)
    result = life_cycle(
        clusters({"Rochester": ["36055", "36069", "36117", "36037", "36051", "36073"], "Tucson": ["04019"]}),
        activity=frame[["place", "industry", "year", "establishments", "employment"]],
        sector=tp.sector("photonics", scheme="NAICS-2017"),
    )
    table = result.table.set_index("cluster")
    assert table.loc["Rochester", "stage_by_rule"] == "growth"
    assert (table[STAGES].max(axis=1) < 0.6).all()
    assert any("rests mainly on the prior" in said for said in result.warnings)


def test_no_cluster_is_no_error() -> None:
    """A study that finds no cluster goes on."""
    result = tp.clusters.life_cycle(
        clusters({}), activity=Activity.of(counts({"A": [1, 2]}, {"A": 9})), industry="optics"
    )
    assert result.table.empty and list(result.table)[:4] == ["cluster", "name", "year", "stage"]
    assert "no cluster" in result.summary()
