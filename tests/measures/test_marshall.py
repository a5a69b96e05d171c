"""Oracles: numpy lstsq on the pairs, the sandwich over pairs of pairs, a case by hand, and economies with known slopes."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cases import twin

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.measures import coagglomeration, input_output_links, marshall

FORCES = ["input_output", "labour", "knowledge"]


def contract_case() -> dict[str, Any]:
    return {"replications": 99}


def economy(industries: int = 9, places: int = 30, seed: int = 2) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    cells = itertools.product([f"p{p:02d}" for p in range(places)], [f"i{i:02d}" for i in range(industries)])
    frame = pd.DataFrame(cells, columns=["place", "industry"])
    return frame.assign(employment=random.integers(1, 90, len(frame)))


def links_of(jobs: pd.DataFrame, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    found = coagglomeration(jobs).table[["industry_a", "industry_b", "coagglomeration"]]
    mixed = random.normal(size=(len(found), 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.3], [0, 0, 1]])
    mixed[:, 0] += 20 * found["coagglomeration"]
    mixed = (mixed - mixed.min(axis=0)) / np.ptp(mixed, axis=0)
    return found[["industry_a", "industry_b"]].assign(**dict(zip(FORCES, mixed.T, strict=True)))


@pytest.mark.slow
def test_coefficients_are_those_of_least_squares_on_standardised_pairs() -> None:
    jobs = economy()
    links = links_of(jobs)
    found = marshall(jobs, links=links, replications=50)
    frame = coagglomeration(jobs).table.merge(links, on=["industry_a", "industry_b"])
    z = frame[["coagglomeration", *FORCES]]
    z = (z - z.mean()) / z.std()
    x = np.column_stack([np.ones(len(z)), z[FORCES]])
    beta, rest, *_ = np.linalg.lstsq(x, z["coagglomeration"], rcond=None)
    table = found.table.set_index("force")
    np.testing.assert_allclose(table.loc[FORCES, "coefficient"], beta[1:], rtol=1e-10)
    assert found.model["r_squared"].iloc[0] == pytest.approx(1 - rest[0] / (len(z) - 1), rel=1e-10)
    assert found.model["n_pairs"].iloc[0] == 36 and found.model["n_industries"].iloc[0] == 9
    assert table["share"].sum() == pytest.approx(1, rel=1e-12)
    assert ((table["share_low"] >= 0) & (table["share_low"] < table["share_high"])).all()
    assert (table["share_high"] <= 1).all()
    alone = found.univariate.set_index("force")
    np.testing.assert_allclose(
        alone.loc[FORCES, "coefficient"], z.corr().loc["coagglomeration", FORCES], rtol=1e-10
    )
    np.testing.assert_allclose(alone["r_squared"], alone["coefficient"] ** 2, rtol=1e-10)


@pytest.mark.slow
def test_standard_errors_by_name() -> None:
    jobs = economy(industries=20)
    links = links_of(jobs)
    frame = coagglomeration(jobs).table.merge(links, on=["industry_a", "industry_b"])
    z = frame[["coagglomeration", *FORCES]]
    z = (z - z.mean()) / z.std()
    x = np.column_stack([np.ones(len(z)), z[FORCES]])
    beta = np.linalg.lstsq(x, z["coagglomeration"], rcond=None)[0]
    rest = (z["coagglomeration"] - x @ beta).to_numpy()
    bread = np.linalg.inv(x.T @ x)
    ends = frame[["industry_a", "industry_b"]].to_numpy()
    shares = np.array([[bool(set(d) & set(e)) for e in ends] for d in ends])
    same = np.eye(len(z), dtype=bool)
    for errors, related, scale in (("dyadic", shares, 1.0), ("robust", same, 190 / 186)):
        meat = x.T @ (np.outer(rest, rest) * related * scale) @ x
        expected = np.sqrt(np.diag(bread @ meat @ bread)[1:])
        table = marshall(jobs, links=links, errors=errors, replications=20).table.set_index("force")
        np.testing.assert_allclose(table.loc[FORCES, "std_error"], expected, rtol=1e-9)
    classical = marshall(jobs, links=links, errors="classical", replications=20).table.set_index("force")
    expected = np.sqrt(np.diag(bread)[1:] * (rest @ rest) / 186)
    np.testing.assert_allclose(classical.loc[FORCES, "std_error"], expected, rtol=1e-9)
    drawn = marshall(jobs, links=links, errors="bootstrap", replications=200).table
    assert (drawn["low"] < drawn["high"]).all() and drawn["p_value"].between(1 / 201, 1).all()


@pytest.mark.slow
def test_a_link_given_both_ways_counts_with_the_larger_value() -> None:
    jobs = economy()
    links = links_of(jobs)[["industry_a", "industry_b", "input_output"]]
    turned = links.rename(columns={"industry_a": "industry_b", "industry_b": "industry_a"})
    lower = turned.assign(input_output=turned["input_output"] / 2)
    itself = pd.DataFrame({"industry_a": ["i00"], "industry_b": ["i00"], "input_output": [1.0]})
    both = pd.concat([lower, links, itself])
    columns = ["coefficient", "std_error", "share"]
    once, twice = (marshall(jobs, links=frame, replications=20).table[columns] for frame in (links, both))
    pd.testing.assert_frame_equal(once, twice, rtol=1e-12)


def test_forces_that_are_not_there_are_said() -> None:
    jobs = economy()
    links = links_of(jobs).assign(knowledge=np.nan)[["industry_a", "industry_b", "input_output", "knowledge"]]
    found = marshall(jobs, links=links, replications=20)
    assert found.table["force"].tolist() == ["input_output", "knowledge", "labour"]
    assert found.table["undefined"].ne("").tolist() == [False, True, True]
    assert "labour and knowledge" in found.text and "not cause" in found.text
    assert any("not estimated" in said for said in found.warnings)


@pytest.mark.slow
def test_links_without_differences_and_links_that_repeat() -> None:
    jobs = economy()
    links = links_of(jobs).assign(labour=0.5)
    found = marshall(jobs, links=links, replications=20).table.set_index("force")
    assert found.loc["labour", "undefined"] == "the link is the same for all pairs"
    assert found.loc["input_output", "undefined"] == ""
    repeated = marshall(jobs, links=links.assign(labour=links["knowledge"]), replications=20)
    assert set(repeated.table["undefined"]) == {"the links are combinations of one another"}
    assert repeated.univariate["undefined"].eq("").all()


def test_errors_that_do_not_exist_are_said() -> None:
    jobs = economy(industries=5)
    found = marshall(
        jobs, links=links_of(jobs)[["industry_a", "industry_b", "labour"]], errors="dyadic", replications=20
    )
    table = pd.concat([found.table[found.table["n_pairs"] > 0], found.univariate])
    assert (table["std_error"].isna() == table["undefined"].ne("")).all()


def test_pairs_without_a_link_are_left_out_and_counted() -> None:
    jobs = economy()
    links = links_of(jobs).iloc[5:]
    found = marshall(jobs, links=links, replications=20)
    assert found.model["n_pairs"].iloc[0] == 31
    assert any(said.startswith("5 of 36 pairs") for said in found.warnings)


@pytest.mark.slow
def test_sector_year_and_controls() -> None:
    jobs = pd.concat([economy().assign(year=2018), economy(seed=9).assign(year=2019)])
    last = economy(seed=9)
    inside = last[~last["industry"].isin(["i00", "i08"])]
    links = links_of(last).assign(nature=lambda t: t["labour"] ** 2)
    sector = tp.sector("some", scheme="mine", codes=["i01", "i02", "i03", "i04", "i05", "i06", "i07"])
    found = marshall(jobs, links=links, sector=sector, controls=["nature"], replications=20)
    alone = marshall(inside, links=links, controls=["nature"], replications=20)
    columns = ["force", "coefficient", "std_error", "n_pairs"]
    pd.testing.assert_frame_equal(found.table[columns], alone.table[columns], rtol=1e-11)
    assert set(found.table["force"]) == {*FORCES, "nature"} and set(found.table["year"]) == {2019}


@pytest.mark.slow
def test_what_it_refuses() -> None:
    jobs = economy()
    links = links_of(jobs)
    with pytest.raises(EmptyTable, match="no pair"):
        marshall(jobs, links=links.assign(industry_a="x" + links["industry_a"]))
    with pytest.raises(UnknownName, match="none of Marshall's forces"):
        marshall(jobs, links=links[["industry_a", "industry_b"]].assign(other=1.5))
    with pytest.raises(MissingColumn):
        marshall(jobs, links=links, controls=["nature"])
    with pytest.raises(WrongOption, match="further column"):
        marshall(jobs, links=links, controls=["labour"])
    with pytest.raises(UnknownName, match="no such year"):
        marshall(jobs, links=links, year=1999)
    with pytest.raises(WrongOption, match="level"):
        marshall(jobs, links=links, level=95)


@pytest.mark.slow
def test_us_manufacturing(shared_data: Path) -> None:
    """The coefficient of goods as printed on the methods page."""
    us_links = twin("measures.input_output_links").us_links
    cells = pd.read_parquet(
        shared_data / "us-county-business-patterns" / "cbp_county_naics4_2017_2021.parquet"
    )
    names = {"place": "fips", "industry": "naics", "employment": "emp", "establishments": "est"}
    jobs = tp.read_activity(cells, columns=names, year=2019)
    made = tp.sector("manufacturing", scheme="NAICS-2017", codes=["31", "32", "33"])
    row = marshall(jobs, links=us_links(shared_data), sector=made).table.iloc[0]
    assert row["n_pairs"] == 3655
    assert row["coefficient"] == pytest.approx(0.176, abs=5e-4)
    assert (row["low"], row["high"]) == pytest.approx((0.119, 0.234), abs=5e-4)


@pytest.mark.slow
def test_links_made_from_accounts_are_taken_as_they_are() -> None:
    jobs = economy()
    codes = sorted(jobs["industry"].unique())
    random = np.random.default_rng(1)
    flows = pd.DataFrame(itertools.product(codes, codes), columns=["row", "column"])
    made = input_output_links(flows.assign(value=random.integers(0, 50, len(flows))))
    assert marshall(jobs, links=made, replications=20).model["n_pairs"].iloc[0] == 36


@pytest.mark.slow
def test_links_that_do_not_differ_are_undefined_and_pairs_given_both_ways_are_said() -> None:
    random = np.random.default_rng(5)
    codes = [f"0{i}" for i in range(7)]
    rows = [(f"p{p}", code, int(random.integers(5, 200))) for p in range(20) for code in codes]
    jobs = pd.DataFrame(rows, columns=["place", "industry", "employment"])
    pairs = pd.DataFrame(itertools.combinations(codes, 2), columns=["industry_a", "industry_b"])
    same = tp.measures.marshall(jobs, links=pairs.assign(labour=0.5))
    assert same.table["coefficient"].isna().all() and (same.table["undefined"] != "").all()
    assert same.univariate["r_squared"].isna().all()
    few = tp.measures.marshall(jobs, links=pairs.assign(labour=random.uniform(size=len(pairs))).head(3))
    assert (few.table["undefined"] != "").all()
    one = pairs.assign(labour=random.uniform(0, 0.4, len(pairs)))
    other = one.rename(columns={"industry_a": "industry_b", "industry_b": "industry_a"}).assign(labour=0.2)
    both = tp.measures.marshall(jobs, links=pd.concat([one, other]), replications=50)
    assert any("the larger of both counts" in said for said in both.warnings)
    largest = tp.measures.marshall(
        jobs, links=one.assign(labour=one["labour"].clip(lower=0.2)), replications=50
    )
    assert both.table["coefficient"].iloc[0] == largest.table["coefficient"].iloc[0]
