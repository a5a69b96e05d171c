"""Oracles: shares and rules worked by hand, the published list of benchmark clusters."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import establishments

import technopole as tp
from technopole.errors import TechnopoleError, UnknownName, WrongOption
from technopole.result import Result
from technopole.tables import Establishments, Firms, classification

ROOT = Path(__file__).resolve().parents[2]
classify: Any = tp.clusters.classify  # takes frames too
OPTICS = {"333314": 60.0, "334516": 30.0, "339115": 10.0}


def found(industries: dict[str, float] | None = None, shares: dict[str, float] | None = None) -> Result:
    """One cluster of places A and B, as clusters.delineate returns it."""
    held = industries or OPTICS
    parts = pd.DataFrame(
        {
            "cluster": 1,
            "industry": list(held),
            "in_sector": [(shares or {}).get(code, 1.0) for code in held],
            "value": list(held.values()),
        }
    )
    members = pd.DataFrame({"cluster": 1, "place": ["A", "B"]})
    table = pd.DataFrame({"cluster": [1], "name": ["Valley"]})
    return Result.of(table, text="made by hand", fields={}, members=members, industries=parts)


def district(jobs: list[float], **columns: Any) -> Establishments:
    frame = pd.DataFrame(
        {
            "establishment_id": [f"e{i}" for i in range(len(jobs))],
            "industry": "333314",
            "place": "A",
            "employment": jobs,
        }
    )
    return Establishments.of(frame.assign(**columns))


def contract_case() -> dict[str, Any]:
    return {
        "clusters": found({"26.70": 20.0, "27.31": 5.0}),
        "classification": "NACE-2",
        "establishments": Establishments.of(establishments()),
    }


def row(result: Result) -> dict[Any, Any]:
    return result.table.iloc[0].to_dict()


def markusen(table: Establishments | None, **options: Any) -> dict[Any, Any]:
    return row(classify(found(), establishments=table, scheme="markusen", **options))


def test_technology_by_hand() -> None:
    """NACE 26 is high-tech, 27 medium-high-tech, 10 low-tech; 41 is in no list."""
    made = found({"26.70": 50.0, "27.31": 20.0, "10.10": 10.0, "41.20": 20.0})
    got = row(classify(made, scheme="technology", classification="NACE-2"))
    assert got["class"] == "high-tech"
    assert got["score"] == pytest.approx(50 / 80, rel=1e-12)
    assert got["confidence"] == pytest.approx(0.8, rel=1e-12)
    assert "20% of the cluster is in no list" in got["missing"]
    assert got["evidence_against"] == "25% medium-high-tech, 12% traditional"
    old = row(classify(found({"10.10": 9.0, "26.70": 1.0}), scheme="technology", classification="NACE-2"))
    assert (old["class"], old["score"]) == ("traditional", pytest.approx(0.9, rel=1e-12))


def test_two_classes_are_named_where_none_has_the_majority() -> None:
    made = found({"26.70": 4.0, "27.31": 3.0, "10.10": 3.0})
    got = row(classify(made, scheme="technology", classification="NACE-2"))
    assert got["class"] == "high-tech with medium-high-tech" and got["score"] == pytest.approx(0.4)
    lower = row(classify(made, scheme="technology", classification="NACE-2", thresholds={"majority": 0.4}))
    assert lower["class"] == "high-tech" and "yours" in lower["evidence_for"]


def test_little_known_codes_cannot_be_told() -> None:
    got = row(classify(found({"26.70": 4.0, "41.20": 6.0}), scheme="technology", classification="NACE-2"))
    assert got["class"] == "cannot tell" and pd.isna(got["score"]) and "60%" in got["undefined"]
    for scheme in ("technology", "benchmark"):
        unnamed = row(classify(found(), scheme=scheme))
        assert unnamed["class"] == "cannot tell" and unnamed["undefined"]


def test_benchmark_by_hand() -> None:
    """333314 and 334516 against the published list: optics falls apart over two of Porter's clusters."""
    named = {item["naics"]: item["cluster"] for item in classification.rows("benchmark_clusters.csv")}
    shares: dict[str, float] = {}
    for code, value in OPTICS.items():
        shares[named[code]] = shares.get(named[code], 0.0) + value / 100
    got = row(classify(found(), scheme="benchmark", classification="NAICS-2017"))
    assert named["334516"] == "Information Technology and Analytical Instruments"
    assert got["score"] == pytest.approx(max(shares.values()), rel=1e-12)
    assert got["class"] == max(shares, key=lambda name: shares[name])


def test_a_coarse_code_is_split_by_the_codes_below_it() -> None:
    named = {item["naics"]: item["cluster"] for item in classification.rows("benchmark_clusters.csv")}
    below = [cluster for code, cluster in named.items() if code.startswith("33451")]
    got = row(classify(found({"33451": 10.0}), scheme="benchmark", classification="NAICS-2017"))
    assert len(below) > 5 and len(set(below)) > 1
    assert got["score"] == pytest.approx(max(below.count(one) for one in set(below)) / len(below), rel=1e-12)
    high = tp.sector("high-tech", scheme="NAICS-2017")
    six = [r["code"] for r in classification.rows("codes.csv") if r["scheme"] == "NAICS-2017" and r["code"].startswith("3345") and len(r["code"]) == 6]  # fmt: skip
    tech = row(classify(found({"3345": 10.0}), scheme="technology", classification="NAICS-2017"))
    assert tech["score"] * tech["confidence"] == pytest.approx(
        sum(high.weight(code) for code in six) / len(six), rel=1e-12
    )


def test_the_sector_alone_or_the_whole_economy() -> None:
    made = found({"26.70": 10.0, "10.10": 90.0}, {"10.10": 0.0})
    assert row(classify(made, scheme="technology", classification="NACE-2"))["class"] == "high-tech"
    whole = row(classify(made, scheme="technology", classification="NACE-2", of="economy"))
    assert whole["class"] == "traditional" and whole["score"] == pytest.approx(0.9)


def test_benchmark_list_is_the_published_one(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "us-benchmark-clusters" / "naics_to_cluster.csv"
    with source.open(encoding="utf-8", newline="") as file:
        published = {item["naics"]: (item["cluster"], item["traded_local"]) for item in csv.DictReader(file)}
    bundled = classification.rows("benchmark_clusters.csv")
    assert len(bundled) == 975
    assert all(
        published[r["naics"]] == (r["cluster"], "Traded" if r["traded"] == "1" else "Local") for r in bundled
    )
    assert len({r["cluster"] for r in bundled if r["traded"] == "1"}) == 51
    out = tmp_path / "again.csv"
    script = ROOT / "scripts" / "build_benchmark_clusters.py"
    subprocess.run([sys.executable, str(script), str(source), str(out)], check=True, capture_output=True)
    folder = ROOT / "src" / "technopole" / "data" / "classifications"
    assert out.read_bytes() == (folder / "benchmark_clusters.csv").read_bytes()


def test_marshallian_many_local_firms_that_trade() -> None:
    table = district(
        [10.0] * 20,
        firm=[f"f{i}" for i in range(20)],
        headquarters=["A"] * 16 + ["B"] + ["Z"] * 3,
        local_trade=0.4,
    )
    got = markusen(table)
    assert (got["class"], got["score"], got["confidence"]) == ("Marshallian", 1.0, 1.0)
    assert "share of the four largest firms 0.20 [below 0.3: ours, configurable]" in got["evidence_for"]
    assert "share of jobs in firms with their head office here 0.85" in got["evidence_for"]
    assert "public" in got["missing"]


def test_hub_and_spoke_may_be_state_anchored_too() -> None:
    jobs = [400.0, 300.0, 100.0, 50.0, *[5.0] * 30]
    hubs = [0.5] * 4 + [0.0] * 30
    table = district(
        jobs,
        firm=[f"f{i}" for i in range(34)],
        local_purchases=hubs,
        export_share=[0.9] * 4 + [0.1] * 30,
        public=[1, *[0] * 33],
    )
    got = markusen(table)
    assert got["class"] == "hub-and-spoke and state-anchored"
    assert "0.85 [above 0.5" in got["evidence_for"] and "0.40 [above 0.3" in got["evidence_for"]


def test_satellite_branch_plants_that_hardly_trade() -> None:
    firms = Firms.of(
        pd.DataFrame(
            {
                "firm": [f"f{i}" for i in range(10)],
                "year": 2020,
                "headquarters": ["Z"] * 7 + ["A"] * 3,
                "local_trade": 0.05,
            }
        )
    )
    table = district([10.0] * 10, firm=[f"f{i}" for i in range(10)])
    got = markusen(table, firms=firms)
    assert got["class"] == "satellite"
    assert "Marshallian: share of jobs in firms with their head office here 0.30" in got["evidence_against"]


def test_none_of_the_four_and_cannot_tell_are_results() -> None:
    known = {"firm": [f"f{i}" for i in range(10)], "headquarters": ["A"] * 5 + ["Z"] * 5, "local_trade": 0.2, "public": 0.0, "local_purchases": 0.1, "export_share": 0.1}  # fmt: skip
    assert markusen(district([10.0] * 10, **known))["class"] == "none of the four"
    for table in (None, district([10.0] * 10), district([0.0] * 3)):
        got = markusen(table)
        assert got["class"] == "cannot tell" and pd.isna(got["confidence"]) and got["undefined"]


def test_without_firms_four_establishments_bound_four_firms_from_below() -> None:
    large = markusen(district([300.0, 200, 100, 50, *[5.0] * 20], local_purchases=0.6, export_share=0.8))
    assert large["class"] == "hub-and-spoke" and "0.87 to 1.00" in large["evidence_for"]
    small = markusen(district([10.0] * 40, headquarters="A", local_trade=0.5))
    assert small["class"] == "Marshallian" and small["confidence"] == pytest.approx(
        2 / 3
    )  # four firms may be 0.1 to 1


def test_an_unknown_head_office_may_be_anywhere() -> None:
    table = district(
        [10.0] * 10, firm=[f"f{i}" for i in range(10)], headquarters=["Z"] * 5 + [None] * 5, local_trade=0.0
    )
    assert markusen(table)["class"] == "cannot tell"  # between 0.5 and 1 of the jobs in branch plants


def test_own_thresholds() -> None:
    table = district([10.0] * 10, firm=[f"f{i}" for i in range(10)], public=[1, 1, *[0] * 8])
    assert markusen(table)["class"] == "cannot tell"
    got = markusen(table, thresholds={"publicly_carried": 0.15})
    assert got["class"] == "state-anchored" and "yours" in got["evidence_for"]
    with pytest.raises(UnknownName, match="no such threshold"):
        classify(found(), thresholds={"majorty": 0.4})
    with pytest.raises(WrongOption, match="share from 0 to 1"):
        classify(found(), thresholds={"majority": 40})


def test_wrong_calls() -> None:
    with pytest.raises(WrongOption, match="no clusters"):
        classify(Result.of(pd.DataFrame({"x": [1]}), text="", fields={}))
    with pytest.raises(TechnopoleError):
        classify(found(), establishments=district([1.0], public=7.0), scheme="markusen")


@pytest.mark.slow
@pytest.mark.parametrize("crs", ["degrees", "planar-km"])
def test_clusters_of_single_establishments_are_classed_by_those_within_the_outline(crs: str) -> None:
    """Town and country share one place; only the town is the cluster."""
    random = np.random.default_rng(3)
    town, rest = random.normal([0, 0], 0.5, (20, 2)), random.uniform(-60, 60, (380, 2))
    x, y = np.vstack([town, rest]).T
    names = ("x", "y") if crs == "planar-km" else ("longitude", "latitude")
    frame = pd.DataFrame(
        {
            "establishment_id": [f"e{i:03d}" for i in range(400)],
            "industry": ["333314"] * 30 + ["445110"] * 370,
        }
    ).assign(place="all", employment=10.0, public=[0.0] * 20 + [1.0] * 380)
    scale = 1.0 if crs == "planar-km" else 0.01
    frame = frame.assign(**{names[0]: x * scale, names[1]: y * scale})
    table = Establishments.of(frame, crs=crs if crs == "planar-km" else None)
    made = tp.clusters.delineate(
        table, industry="333314", method="cluster_index", radius_km=5, permutations=199
    )
    assert made.table["members"].tolist() == [20]
    got = row(classify(made, establishments=table, scheme="markusen"))
    assert "share of jobs in public bodies 0.00" in got["evidence_against"]
