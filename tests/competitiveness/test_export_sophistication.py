"""PRODY and EXPY: worked by hand, against written-out sums on real trade, and with gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import technopole as tp
from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption

TRADE = pd.DataFrame({"exporter": list("AABBCC"), "product": list("xyxyxy"), "value": [8, 2, 3, 7, 5, 5]})
INCOME = pd.DataFrame({"place": list("ABC"), "income": [10.0, 40.0, 20.0]})
expy = tp.competitiveness.export_sophistication


def contract_case() -> dict[str, object]:
    return {"income": pd.DataFrame({"place": [f"C{i}" for i in range(7)], "income": [9, 8, 7, 5, 4, 2, 1]})}


def test_three_countries_by_hand() -> None:
    """The design's oracle 11.5: PRODY 18.75 and 28.571429; EXPY 20.714286, 25.625, 23.660714."""
    found = expy(TRADE, income=INCOME)
    assert found.products["prody"].tolist() == pytest.approx([18.75, 200 / 7], rel=1e-12)
    assert found.table["expy"].tolist() == pytest.approx([145 / 7, 25.625, 23.6607142857142857], rel=1e-12)
    assert found.table["covered"].tolist() == [1.0, 1.0, 1.0]
    assert found.summary().startswith("The exports of B are the most like those of rich countries")


def test_the_same_by_hand_with_an_exporter_of_unknown_income() -> None:
    """A and B alone make PRODY: x (.8 10 + .3 40) / 1.1 = 200/11, y (.2 10 + .7 40) / .9 = 100/3."""
    found = expy(TRADE, income=INCOME.head(2))
    assert found.products["prody"].tolist() == pytest.approx([200 / 11, 100 / 3], rel=1e-12)
    assert found.products["places"].tolist() == [2, 2]
    third = found.table.set_index("exporter").loc["C"]
    assert third["expy"] == pytest.approx((200 / 11 + 100 / 3) / 2, rel=1e-12) and np.isnan(third["income"])
    assert any("1 exporters have no known income" in said for said in found.warnings)


def test_a_product_only_of_exporters_without_income_has_no_prody() -> None:
    more = pd.concat([TRADE, pd.DataFrame({"exporter": ["C", "D"], "product": ["z", "z"], "value": [10, 4]})])
    found = expy(more, income=INCOME.head(2))
    last = found.products.iloc[-1]
    assert last["product"] == "z" and np.isnan(last["prody"]) and "known income" in last["undefined"]
    table = found.table.set_index("exporter")
    assert table.loc["C", "covered"] == 0.5
    assert table.loc["C", "expy"] == pytest.approx((200 / 11 + 100 / 3) / 2, rel=1e-12)
    assert found.table.iloc[-1][["exporter", "undefined"]].tolist() == [
        "D",
        "none of its products has a PRODY",
    ]
    assert any("31.82%" in said for said in found.warnings)


@pytest.mark.slow
def test_an_exporter_of_nothing_is_stated() -> None:
    more = pd.concat([TRADE, pd.DataFrame({"exporter": ["D"], "product": ["x"], "value": [0]})])
    last = expy(more, income=INCOME).table.iloc[-1]
    assert last["exporter"] == "D" and last["undefined"] == "it exports nothing"


@pytest.mark.slow
def test_provinces_against_the_worlds_prody() -> None:
    """PRODY from the world's exporters, EXPY of places of another table: .25 18.75 + .75 28.571429."""
    jobs = pd.DataFrame({"place": ["P", "P"], "industry": ["x", "y"], "employment": [25, 75]})
    found = expy(jobs, reference=TRADE, income=INCOME)
    assert found.table["expy"].tolist() == pytest.approx([0.25 * 18.75 + 0.75 * 200 / 7], rel=1e-12)
    assert list(found.table.columns)[:2] == ["place", "year"] and "industry" in found.products


@pytest.mark.slow
def test_figures_by_year() -> None:
    two = pd.concat([TRADE.assign(year=2000), TRADE.assign(year=2010)])
    rows = [
        (place, year, income * (1 if year == 2000 else 2))
        for place, income in zip("ABC", (10, 40, 20), strict=True)
        for year in (2000, 2010)
    ]
    figures = pd.DataFrame(rows, columns=["place", "year", "value"]).assign(
        indicator="gdp_per_head", unit="USD", source="https://example.org"
    )
    table = expy(two, income=figures, income_column="gdp_per_head").table
    assert table.loc[table["year"] == 2010, "expy"].to_numpy() == pytest.approx(
        2 * table.loc[table["year"] == 2000, "expy"].to_numpy(), rel=1e-12
    )
    again = pd.concat([figures, figures.head(1)])
    with pytest.raises(WrongOption, match="more than one gdp_per_head in 2000"):
        expy(two, income=again, income_column="gdp_per_head")
    with pytest.raises(MissingColumn, match="gdp_per_head"):
        expy(two, income=figures)
    with pytest.raises(UnknownName, match="A in 1990"):
        expy(TRADE.assign(year=1990), income=figures, income_column="gdp_per_head")


def test_a_minimum_keeps_small_exporters_out_of_the_words_but_not_out_of_the_table() -> None:
    found = expy(TRADE.assign(value=[80, 20, 3, 7, 50, 50]), income=INCOME, minimum=50)
    assert found.leading["exporter"].tolist() == ["C", "A"] and len(found.table) == 3
    assert (
        found.summary().startswith("The exports of C are")
        and "2 exporters with 50 or more" in found.summary()
    )
    assert (
        expy(TRADE, income=INCOME, minimum=1e9).summary()
        == "No exporter with 1,000,000,000 or more has an EXPY."
    )


def test_bad_input() -> None:
    with pytest.raises(WrongOption, match="isn't above 0"):
        expy(TRADE, income=INCOME.assign(income=[1, -1, 2]))
    with pytest.raises(MissingColumn, match="gdp"):
        expy(TRADE, income=INCOME, income_column="gdp")
    with pytest.raises(UnknownName, match="known income"):
        expy(TRADE, income=INCOME.assign(place=["CHN", "DEU", "USA"]))
    with pytest.raises(EmptyTable):
        expy(TRADE.iloc[:0], income=INCOME)


@pytest.mark.slow
def test_world_trade_of_2017(shared_data) -> None:
    """224 exporters x 1,222 headings, income per head of the World Bank: against pandas, written out."""
    folder = shared_data / "trade-country-product"
    rows = pd.read_parquet(folder / "trade_hs4_1962_1980_2017.parquet").query("year == 2017")
    rows = rows.rename(columns={"country": "exporter", "export_usd": "value"})
    income = pd.read_csv(folder / "gdp_population_2017.csv.gz").rename(columns={"country": "place"})
    found = expy(rows, income=income, income_column="gdp_pc_usd")
    wide = rows.pivot(index="exporter", columns="product", values="value").fillna(0.0)
    share = wide.div(wide.sum(axis=1), axis=0)
    known = income.dropna(subset="gdp_pc_usd").set_index("place")["gdp_pc_usd"]
    both = share.index.intersection(known.index)
    prody = share.loc[both].mul(known[both], axis=0).sum() / share.loc[both].sum()
    assert found.products.set_index("product")["prody"].reindex(prody.index).to_numpy() == pytest.approx(
        prody.to_numpy(), rel=1e-10
    )
    table = found.table.set_index("exporter")
    assert table["expy"].reindex(share.index).to_numpy() == pytest.approx(
        share.mul(prody, axis=1).sum(axis=1).to_numpy(), rel=1e-10
    )
    large = table[table["exports"] > 1e10].dropna(subset="income")
    assert np.corrcoef(np.log(large["expy"]), np.log(large["income"]))[0, 1] > 0.7
