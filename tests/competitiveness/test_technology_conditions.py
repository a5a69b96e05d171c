"""The figures of docs/methods/technology_conditions.md: patents of countries by field, and universities' research by field."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import technopole as tp

pytestmark = pytest.mark.slow
SEVEN = ["CHN", "DEU", "FRA", "JPN", "KOR", "TWN", "USA"]


@pytest.fixture(scope="module")
def extract(shared_data: Path) -> pd.DataFrame:
    frame = pd.read_parquet(
        shared_data / "patents-country-technology" / "patents_inventor_year_country_tech.parquet"
    )
    names = {"country_iso_code": "place", "tech": "technology", "count": "patents"}
    frame = frame.rename(columns=names)[["place", "technology", "year", "patents"]]
    return frame[frame["place"].str.strip() != ""]


@pytest.fixture(scope="module")
def patents(extract: pd.DataFrame) -> pd.DataFrame:
    return extract[extract["year"].between(1976, 2019)]


@pytest.fixture(scope="module")
def together(patents: pd.DataFrame) -> pd.DataFrame:
    """Five years up to 1990, 2000, 2009 and 2019."""
    parts = [
        patents[patents["year"].between(end - 4, end)]
        .groupby(["place", "technology"], as_index=False)["patents"]
        .sum()
        .assign(year=end)
        for end in (1990, 2000, 2009, 2019)
    ]
    return pd.concat(parts, ignore_index=True)


def advantage(frame: pd.DataFrame, **options: object) -> pd.DataFrame:
    table = tp.competitiveness.technological_advantage(frame, window=5, **options).table
    return table.pivot_table(index=["technology", "year"], columns="place", values="rta")


def test_breaks_of_the_register_are_said(extract: pd.DataFrame) -> None:
    recent = extract[extract["year"].between(1970, 2020)]
    said = " ".join(tp.competitiveness.technological_advantage(recent, places=["CHN"]).warnings)
    assert "CHN 213 in 1992, 37,810 in 1993; CHN 612,720 in 2009, 16,763 in 2010" in said
    assert "2020 has 9% of the mean of the three years before" in said
    said = " ".join(tp.competitiveness.technological_advantage(recent, places=["KOR"]).warnings)
    assert "KOR 18 in 1980, 705 in 1981" in said and "KOR 105,111 in 2000, 14,855 in 2001" in said


def test_advantage_in_fields_of_photonics(patents: pd.DataFrame) -> None:
    fields = ["Optics", "Semiconductors", "Telecommunications", "Measurement"]
    found = advantage(patents, technologies=fields, places=SEVEN).round(1)
    assert found.loc[("Optics", 2000)].tolist() == [0.3, 0.4, 0.5, 2.4, 0.8, 0.5, 0.9]
    assert found.loc[("Optics", 2009)].tolist() == [0.5, 0.5, 0.5, 2.5, 1.4, 1.5, 0.9]
    assert found.loc[("Optics", 2019)].tolist() == [1.4, 0.6, 0.6, 2.6, 1.2, 1.6, 0.6]
    assert found.loc[("Semiconductors", 2000)].tolist() == [0.1, 0.3, 0.3, 1.7, 2.4, 4.1, 0.9]
    assert found.loc[("Semiconductors", 2019)].tolist() == [1.0, 0.6, 0.4, 1.7, 1.5, 3.1, 0.8]
    assert found.loc[("Telecommunications", 2000)].tolist() == [0.4, 0.5, 0.8, 1.2, 1.5, 0.8, 1.2]
    assert found.loc[("Telecommunications", 2019)].tolist() == [1.7, 0.5, 0.8, 0.9, 1.3, 1.1, 1.1]
    assert found.loc[("Measurement", 2019), "DEU"] == 1.3 and found.loc[("Optics", 2014), "CHN"] == 0.7
    without = advantage(
        patents[patents["place"] != "CHN"], technologies=["Optics"], places=["JPN"], year=2009
    )
    assert without["JPN"].iloc[0] == pytest.approx(2.2, abs=0.05)


def test_advantage_equals_the_plain_formula(patents: pd.DataFrame) -> None:
    """pandas, all 221 countries and 35 fields of 2015 to 2019."""
    counts = patents[patents["year"] >= 2015].pivot_table(
        index="place", columns="technology", values="patents", aggfunc="sum", fill_value=0
    )
    plain = counts.div(counts.sum(axis="columns"), axis="index") / (counts.sum() / counts.to_numpy().sum())
    found = tp.competitiveness.technological_advantage(patents, window=5, year=2019)
    mine = found.table.pivot_table(index="place", columns="technology", values="rta")
    np.testing.assert_allclose(mine, plain.loc[mine.index], rtol=1e-10)
    japan = found.table.set_index(["place", "technology"]).loc[("JPN", "Optics")]
    rounded = mine.round(1)
    strong = ["Mechanical elements", "Transport", "Machine tools", "Measurement"]
    assert rounded.loc["DEU", strong].tolist() == [2.2, 1.9, 1.8, 1.3]
    assert rounded.loc["FRA", ["Transport", "Engines, pumps, turbines", "Measurement"]].tolist() == [
        2.2,
        2.2,
        1.3,
    ]
    american = ["IT methods for management", "Medical technology", "Computer technology"]
    assert rounded.loc["USA", american].tolist() == [1.6, 1.6, 1.5]
    assert (round(japan["low"], 2), round(japan["high"], 2)) == (2.55, 2.58)


def test_stocks_and_diversity(patents: pd.DataFrame) -> None:
    found = tp.competitiveness.patent_stock(patents, technologies=["Optics"], places=SEVEN).table
    stock = found.pivot_table(index="year", columns="place", values="stock").round(-2)
    assert stock.loc[2019].tolist() == [20_500, 18_700, 8_700, 138_000, 67_700, 32_400, 74_700]
    assert stock.loc[2009, "CHN"] == 28_700
    assert (found[found["year"] == 2019]["initial_share"] < 0.001).all()
    found = tp.competitiveness.technological_diversity(patents, window=5, places=SEVEN).table
    het = found.pivot_table(index="year", columns="place", values="heterogeneity").round(2)
    assert het.loc[2019].tolist() == [0.85, 0.94, 0.94, 0.90, 0.92, 0.86, 0.89]
    assert het.loc[2000, "USA"] == 0.94


def test_relatedness(together: pd.DataFrame) -> None:
    last = together[together["year"] == 2019]
    pairs = tp.competitiveness.product_proximity(last).table
    mine = pairs[(pairs["technology_a"] == "Optics") | (pairs["technology_b"] == "Optics")]
    mine = mine.assign(
        other=mine["technology_a"].where(mine["technology_a"] != "Optics", mine["technology_b"])
    )
    near = mine.set_index("other")["proximity"].sort_values(ascending=False).head(3).round(2)
    assert near.to_dict() == {"Semiconductors": 0.37, "Machine tools": 0.32, "Audio-visual technology": 0.27}
    found = tp.competitiveness.relatedness_density(last, exporters=SEVEN, products=["Optics"]).table
    density = found.set_index("place")["density"].round(2)
    assert density.loc[SEVEN].tolist() == [0.44, 0.48, 0.42, 0.60, 0.53, 0.55, 0.24]


def test_complexity_of_broad_fields_has_no_sign(together: pd.DataFrame) -> None:
    complexity = tp.competitiveness.economic_complexity
    result = complexity(together, minimum_total=5000)
    table = result.table[result.table["eci"].notna()]
    linked = {
        year: round(float(np.corrcoef(own["eci"], own["diversity"])[0, 1]), 2)
        for year, own in table.groupby("year")
    }
    assert linked == {1990: 0.07, 2000: 0.28, 2009: 0.35, 2019: 0.62}
    assert sum("hardly rises with diversity" in said for said in result.warnings) == 2
    drawn = complexity(together, minimum_total=5000, stability="products").table.set_index(["place", "year"])
    ranks = drawn[["rank", "rank_low", "rank_high"]]
    assert ranks.loc[("DEU", 2009)].tolist() == [1, 1, 32] and ranks.loc[("NOR", 2019)].tolist() == [1, 1, 24]
    optics = result.products[result.products["technology"] == "Optics"].set_index("year")["pci"].round(1)
    assert (optics[1990], optics[2000]) == (2.5, -5.1)
    last = table[table["year"] == 2019].sort_values("eci")
    assert len(last) == 43 and last["place"].iloc[0] == "CHN" and last["place"].iloc[-1] == "NOR"
    assert np.abs(last.set_index("place")["eci"] - _by_brute_force(together)).max() < 1e-12
    fit = complexity(together, minimum_total=5000, method="fitness", year=2019)
    rank = fit.table[fit.table["fitness"].notna()].sort_values("fitness", ascending=False)["place"].tolist()
    assert rank[:4] == ["AUT", "JPN", "TWN", "KOR"] and rank.index("USA") == 31
    first = fit.products.sort_values("complexity", ascending=False)["technology"].head(3).tolist()
    assert first == ["Optics", "Semiconductors", "Electrical machinery, apparatus, energy"]


def _by_brute_force(together: pd.DataFrame) -> pd.Series:
    counts = together[together["year"] == 2019].pivot_table(
        index="place", columns="technology", values="patents", fill_value=0
    )
    counts = counts[counts.sum(axis="columns") >= 5000]
    world = counts.sum() / counts.to_numpy().sum()
    has = (counts.div(counts.sum(axis="columns"), axis="index") / world >= 1).to_numpy(float)
    step = (has / has.sum(axis=0)) @ has.T / has.sum(axis=1, keepdims=True)
    values, vectors = np.linalg.eig(step)
    second = vectors[:, np.argsort(-values.real)[1]].real
    second = (second - second.mean()) / second.std()
    return pd.Series(second * np.sign(np.corrcoef(second, has.sum(axis=1))[0, 1]), index=counts.index)


def test_research_by_field(shared_data: Path) -> None:
    frame = pd.read_parquet(
        shared_data / "us-regional-innovation" / "univ_rd_institution_field_2010_2017.parquet"
    )
    totals = frame[(frame["field_broad"] == "Total") & (frame["year"] == 2017)]
    assert round(totals["total_rd"].sum() / 1e6, 1) == 66.1
    rows = frame[(frame["field_broad"] != "Total") & (frame["field_detail"] != "Total")]
    key = ["univ_code", "univ_name", "year", "field_broad", "field_detail"]
    once = rows.sort_values([*key, "stco_code"]).drop_duplicates(key)
    once = once.assign(industry=once["field_broad"] + ": " + once["field_detail"])
    names = {"stco_code": "place", "total_rd": "output"}
    table = once.rename(columns=names).groupby(["place", "industry", "year"], as_index=False)
    table = table[["output", "federal"]].sum()
    nation = table.groupby("year")[["output", "federal"]].sum()
    assert round(nation.loc[2017, "output"] / 1e6, 1) == 62.4
    paid = (nation["federal"] / nation["output"]).round(2)
    assert (paid[2010], paid[2017]) == (0.61, 0.53)
    mine = table[table["place"] == "36055"].groupby("year")["output"].sum() / 1000
    assert (round(mine[2010]), round(mine[2017])) == (453, 404)
    found = tp.measures.location_quotient(table, value="output").table.set_index(
        ["place", "industry", "year"]
    )
    row = found.loc[("36055", "Physical sciences: Physics", 2017)]
    assert round(row["location_quotient"], 1) == 7.0 and np.isnan(row["low"])
