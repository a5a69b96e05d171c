"""Oracles: Proposition 99 and the Basque Country as published, diff-diff's own synthetic control, noiseless mixtures by hand."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from diff_diff import SyntheticControl

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, TechnopoleError, UnknownName, WrongOption

synthetic_control: Any = tp.effects.synthetic_control  # takes frames too


def contract_case() -> dict[str, object]:
    return {"treated": "f045", "start": 2017, "outcome": "log_sales"}


def regions(count: int = 8, years: int = 12, effect: float = 3.0, seed: int = 2) -> pd.DataFrame:
    """Regions of which r0 is 0.6 r1 + 0.4 r2, without noise, and `effect` higher from year 8 on."""
    random = np.random.default_rng(seed)
    paths = random.normal(0, 1, (count, years)).cumsum(axis=1) + random.normal(10, 2, (count, 1))
    paths[0] = 0.6 * paths[1] + 0.4 * paths[2] + effect * (np.arange(years) >= 8)
    rows = itertools.product(range(count), range(years))
    return pd.DataFrame([(f"r{i}", 2000 + t, paths[i, t], paths[i, 0] + i) for i, t in rows],
                        columns=["firm", "year", "jobs", "size"])  # fmt: skip


def basque(shared_data: Path) -> pd.DataFrame:
    """Schooling in shares, the two highest levels together, as in R's Synth."""
    table = pd.read_csv(shared_data / "causal-synthetic-control" / "basque.csv.gz")
    table["school.high"] += table.pop("school.post.high")
    school = ["school.illit", "school.prim", "school.med", "school.high"]
    table[school] = 100 * table[school].div(table[school].sum(axis=1, min_count=4), axis=0)
    return table.drop(columns="regionno").rename(columns={"regionname": "firm"})


def basque_case(table: pd.DataFrame) -> dict[str, Any]:
    sectors = {name: [1961, 1963, 1965, 1967, 1969] for name in table if str(name).startswith("sec.")}
    others = {
        name: list(range(1964, 1970)) for name in table if str(name).startswith("school.") or name == "invest"
    }
    return {
        "treated": "Basque Country (Pais Vasco)",
        "start": 1975,
        "outcome": "gdpcap",
        "predictors": {**others, "gdpcap": list(range(1960, 1970)), **sectors, "popdens": [1969]},
        "fit_years": [1960, 1969],
        "exclude": ["Spain (Espana)"],
    }


def test_noiseless_mixture_is_found() -> None:
    found = synthetic_control(regions(), treated="r0", start=2008, outcome="jobs")
    weights = dict(found.weights.to_numpy().tolist())
    assert weights["r1"] == pytest.approx(0.6, rel=1e-9)
    assert weights["r2"] == pytest.approx(0.4, rel=1e-9)
    assert found.estimate == pytest.approx(3, rel=1e-9)
    assert found.table["estimate"].tolist() == pytest.approx([3.0] * 4, rel=1e-9)
    assert found.table["event_time"].tolist() == [0, 1, 2, 3]
    assert found.p_value == 1 / 8
    assert found.permutation["rank"].iloc[0] == 1
    assert found.paths["gap"].tolist()[:8] == pytest.approx([0.0] * 8, abs=1e-9)
    assert "not an effect" in found.text  # the gap in levels stands beside
    assert "r0 alone" in found.text and "60 % r1" in found.text and "p = 0.12" in found.text
    assert any("can't be below 1/8" in said for said in found.warnings)


def test_against_diff_diff() -> None:
    """Same weights, gaps, ratio, p-value and confidence set as diff-diff 3.13 with every pre-period outcome and equal importance."""
    table = regions(24, effect=0.0, seed=4)
    table.loc[(table["firm"] == "r0"), "jobs"] += np.random.default_rng(1).normal(0, 0.05, 12)
    table.loc[(table["firm"] == "r0") & (table["year"] >= 2008), "jobs"] += 2
    own = synthetic_control(table, treated="r0", start=2008, outcome="jobs", level=0.9)
    library: Any = SyntheticControl(v_method="custom", custom_v=[1.0] * 8, standardize="none").fit(
        table.assign(now=((table["firm"] == "r0") & (table["year"] >= 2008)).astype(int)),
        outcome="jobs", treatment="now", unit="firm", time="year", pre_period_outcomes="all",
    )  # fmt: skip
    assert own.estimate == pytest.approx(library.att, rel=1e-8)
    assert own.paths["gap"].tolist() == pytest.approx(list(library.gap_path.values()), abs=1e-8)
    placebos = library.in_space_placebo().set_index("unit")["rmspe_ratio"]
    mine = own.placebos.drop_duplicates("unit").set_index("unit")["ratio"]
    assert mine.to_numpy() == pytest.approx(placebos[mine.index].to_numpy(), rel=1e-7)
    assert own.p_value == pytest.approx(library.placebo_p_value)
    library.confidence_set(gamma=0.1)
    theirs = library.effect_confidence_set
    ends = own.permutation[["set_low", "set_high"]].iloc[0].tolist()
    assert theirs["status"] == "ran"
    assert ends == pytest.approx([theirs["lower"], theirs["upper"]], rel=1e-6)


@pytest.mark.slow
def test_proposition_99(shared_data: Path) -> None:
    """-19.5 packs a head without covariates; the seven states' weights of diff-diff to 1e-6. Arkhangelsky et al. (2021), table 1, print -19.6
    (9.9) with a small ridge penalty and a placebo standard error whose donors leave California out."""
    table = pd.read_csv(shared_data / "causal-synthetic-control" / "california_prop99.csv.gz")
    table = table.rename(columns={"State": "firm", "Year": "year", "PacksPerCapita": "packs"}).drop(
        columns="treated"
    )
    found = synthetic_control(table, treated="California", start=1989, outcome="packs")
    assert found.estimate == pytest.approx(-19.5136, abs=1e-4)
    assert round(found.estimate, 1) == -19.5
    weights = dict(found.weights.to_numpy().tolist())
    published = {"Utah": 0.394, "Montana": 0.232, "Nevada": 0.205, "Connecticut": 0.109}
    assert {name: round(weights[name], 3) for name in published} == published
    assert found.p_value == pytest.approx(3 / 39)
    assert 8 < found.std_error < 12
    as_places = table.rename(columns={"firm": "place"}).assign(industry="tobacco")
    again = synthetic_control(tp.read_activity(as_places), treated="California", start=1989, outcome="packs")
    assert again.estimate == found.estimate


@pytest.mark.slow
def test_basque_country(shared_data: Path) -> None:
    """-0.70 thousand 1986 dollars a head over 1975-1997, Catalonia 0.851, Madrid 0.149: Abadie & Gardeazabal (2003); R Synth and pysyncon
    (weights 0.850816306 and 0.149183694 in its tests)."""
    table = basque(shared_data)
    found = synthetic_control(table, **basque_case(table))
    weights = dict(found.weights.to_numpy().tolist())
    assert weights["Cataluna"] == pytest.approx(0.850816306, abs=5e-6)
    assert weights["Madrid (Comunidad De)"] == pytest.approx(0.149183694, abs=5e-6)
    assert found.estimate == pytest.approx(-0.69956, abs=1e-5)
    assert "Spain (Espana)" not in weights
    assert found.permutation["pre_rmspe"].iloc[0] ** 2 == pytest.approx(
        0.0088645, abs=1e-7
    )  # loss V of R's Synth: 0.008864606
    assert found.sample["units"].tolist() == [18, 17, 17]


@pytest.mark.slow
def test_importance_given_equal_and_searched() -> None:
    table = regions()
    case: dict[str, Any] = {"treated": "r0", "start": 2008, "outcome": "jobs", "predictors": ["jobs", "size"]}
    nested = synthetic_control(table, **case)
    more = synthetic_control(table, **case, starts=5)
    equal = synthetic_control(table, **case, importance="equal")
    given = synthetic_control(table, **case, importance={"jobs": 1, "size": 1})
    assert equal.table.equals(given.table)
    assert equal.predictors["importance"].tolist() == [0.5, 0.5]
    assert nested.permutation["pre_rmspe"].iloc[0] <= equal.permutation["pre_rmspe"].iloc[0]
    assert more.permutation["pre_rmspe"].iloc[0] <= nested.permutation["pre_rmspe"].iloc[0] + 1e-12


def test_donors_with_holes_or_parks_of_their_own_are_dropped_and_counted() -> None:
    table = regions().assign(entered=0)
    table.loc[table["firm"] == "r5", "entered"] = 2005
    table.loc[table["firm"] == "r0", "entered"] = 2008
    table = table[~((table["firm"] == "r6") & (table["year"] == 2003))]
    found = synthetic_control(table, treated="r0", start=2008, outcome="jobs", exclude=["r7"])
    assert set(found.weights["unit"]) == {"r1", "r2", "r3", "r4"}
    assert found.sample["units"].tolist() == [8, 7, 6, 5, 5]
    assert any("entered a park themselves" in said for said in found.warnings)
    assert any("1 donors: jobs missing in one of the 12 years" in said for said in found.warnings)


def test_suppressed_parts_are_unknown_not_zero() -> None:
    rows = [
        (place, industry, 2000 + t, 10.0 * place + t)
        for place, industry, t in itertools.product(range(1, 6), "xy", range(6))
    ]
    table = pd.DataFrame(rows, columns=["place", "industry", "year", "employment"]).astype({"place": str})
    table.loc[
        (table["place"] == "5") & (table["industry"] == "y") & (table["year"] == 2001), "employment"
    ] = None
    found = synthetic_control(tp.read_activity(table), treated="2", start=2004, outcome="employment")
    assert set(found.weights["unit"]) == {"1", "3", "4"}
    one = synthetic_control(
        tp.read_activity(table), treated="2", start=2004, outcome="employment", industry="x"
    )
    assert set(one.weights["unit"]) == {"1", "3", "4", "5"}


def test_without_placebos_there_is_no_p_value() -> None:
    found = synthetic_control(regions(), treated="r0", start=2008, outcome="jobs", placebos=False)
    assert math.isnan(found.p_value) and math.isnan(found.std_error)
    assert "no placebos" in found.overall["undefined"].iloc[0]
    assert found.placebos.empty and "no placebo says" in found.text


def test_row_order_changes_nothing() -> None:
    table = regions()
    one = synthetic_control(table, treated="r0", start=2008, outcome="jobs", predictors=["size"])
    other = synthetic_control(
        table.sample(frac=1, random_state=1), treated="r0", start=2008, outcome="jobs", predictors=["size"]
    )
    for name, frame in one.frames.items():
        pd.testing.assert_frame_equal(frame, other.frames[name], check_exact=True)


@pytest.mark.parametrize(
    ("changed", "kind", "words"),
    [
        ({"treated": "nowhere"}, UnknownName, "no such unit"),
        ({"start": 1990}, WrongOption, "2001 to 2011"),
        ({"start": 2030}, WrongOption, "2001 to 2011"),
        ({"start": 2001}, WrongOption, "1 year before 2001"),
        ({"donors": ["r0", "r1"]}, WrongOption, "can't be a donor"),
        ({"exclude": ["r0"]}, WrongOption, "can't be excluded"),
        ({"donors": ["r9"]}, UnknownName, "no such unit"),
        ({"outcome": "sales"}, MissingColumn, "sales"),
        ({"outcome": "name"}, WrongOption, "not a column of numbers"),
        ({"predictors": ["none"]}, EmptyTable, "empty for every unit"),
        ({"predictors": {"size": 2003}}, WrongOption, "list of years"),
        ({"predictors": {"size": [1950]}}, EmptyTable, "1950"),
        ({"predictors": ["size"], "importance": {"jobs": 1}}, WrongOption, "importance names each"),
        ({"predictors": ["size"], "importance": {"size": -1}}, WrongOption, "zero or more"),
        ({"importance": {"jobs": 1}}, WrongOption, "there are none"),
        ({"fit_years": [2005, 2009]}, WrongOption, "fit_years"),
        ({"fit_years": [1990, 1995]}, WrongOption, "fewer than two years"),
        ({"level": 1.0}, WrongOption, "level"),
        ({"starts": 0}, WrongOption, "starts"),
        ({"industry": "x"}, WrongOption, "activity"),
        ({"donors": ["r6"]}, EmptyTable, "no donor is left"),
    ],
)  # fmt: skip
def test_bad_input(changed: dict[str, Any], kind: type[TechnopoleError], words: str) -> None:
    table = regions().assign(name="x", none=np.nan)
    table = table[~((table["firm"] == "r6") & (table["year"] == 2003))]
    with pytest.raises(kind, match=words):
        synthetic_control(table, **{"treated": "r0", "start": 2008, "outcome": "jobs", **changed})


def test_infinite_is_unknown() -> None:
    table = regions()
    table.loc[(table["firm"] == "r6") & (table["year"] == 2003), "jobs"] = np.inf
    found = synthetic_control(table, treated="r0", start=2008, outcome="jobs")
    assert "r6" not in set(found.weights["unit"])
    assert "missing" in " ".join(found.sample["reason"])


def test_no_such_industry() -> None:
    table = pd.DataFrame({"place": ["a", "b"], "industry": "x", "year": [2000, 2001], "employment": [1, 2]})
    with pytest.raises(UnknownName, match="industry"):
        synthetic_control(
            tp.read_activity(table), treated="a", start=2001, outcome="employment", industry="y"
        )
