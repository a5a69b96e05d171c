"""Constant market share: the project's oracle 11.4 from a table, what isn't identified, and China's optical products 1980 to 2017."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import technopole as tp
from technopole.errors import EmptyTable, UnknownName, WrongOption
from technopole.tables import Trade

cms = tp.competitiveness.constant_market_share
PARTS = ["world", "commodity", "market", "competitiveness"]
OPTICS = ["9001", "9002", "9005", "9006", "9007", "9008", "9010", "9011", "9012", "9013", "8541"]


def contract_case() -> dict[str, object]:
    return {"exporter": "C0", "from_": 2015, "to": 2016}


def exports(year: int, world: list[list[float]], own: list[list[float]]) -> pd.DataFrame:
    """Rows of exporter A, and of all others as B, to two markets."""
    rows = [
        (who, f"J{j}", f"P{p}", year, value)
        for p, j in itertools.product(range(2), range(2))
        for who, value in (("A", own[p][j]), ("B", world[p][j] - own[p][j]))
    ]
    return pd.DataFrame(rows, columns=["exporter", "importer", "product", "year", "value"])


ORACLE = pd.concat(
    [
        exports(2000, [[100, 200], [300, 100]], [[10, 20], [15, 10]]),
        exports(2010, [[150, 220], [330, 180]], [[18, 20], [20, 12]]),
    ]
)
WITHOUT = ORACLE.groupby(["exporter", "product", "year"], as_index=False)["value"].sum()
CHECKED, CHECKED_WITHOUT = Trade.of(ORACLE), Trade.of(WITHOUT)


def run(table: Any = CHECKED, **options: Any) -> Any:
    return cms(table, **{"exporter": "A", "from_": 2000, "to": 2010, **options})


def test_oracle() -> None:
    """Oracle 11.4, both orders and their mean."""
    table = run().table.set_index("order")
    assert table.loc["commodity first", PARTS].tolist() == pytest.approx(
        [99 / 7, -0.267857142857143, 2.625, -1.5]
    )
    assert table.loc["market first", PARTS].tolist() == pytest.approx([99 / 7, 1.5, 6 / 7, -1.5], rel=1e-12)
    half = (table.loc["commodity first", PARTS] + table.loc["market first", PARTS]) / 2
    assert table.loc["Shapley mean", PARTS].tolist() == pytest.approx(half.tolist(), rel=1e-12)
    assert table["total"].tolist() == [15.0] * 3
    assert table[PARTS].sum(axis=1).tolist() == pytest.approx([15.0] * 3, rel=1e-12)


def test_products_and_markets_add_up_to_the_mean() -> None:
    result = run()
    mean = result.table.iloc[2]
    for part in (result.products, result.markets):
        assert part[PARTS].sum().tolist() == pytest.approx(mean[PARTS].tolist(), rel=1e-12)
    assert result.products.set_index("product").loc["P0", "share_start"] == pytest.approx(0.1, rel=1e-12)


def test_without_importers_the_market_effect_is_null_with_its_reason() -> None:
    table = run(CHECKED_WITHOUT).table
    assert table["market"].isna().all() and table["undefined"].str.contains("importers").all()
    assert table["competitiveness"].tolist() == pytest.approx(
        [15 - 99 / 7 + 0.267857142857143] * 3, rel=1e-12
    )
    assert run(CHECKED_WITHOUT).products["undefined"].str.contains("no importers").all()


def test_everything_in_the_table_as_the_world() -> None:
    """Product P1 alone against all trade: 400 -> 510 for it, 700 -> 880 for all; 25 -> 32 for A."""
    table = run(CHECKED_WITHOUT, products=["P1"], world="table").table.iloc[2]
    assert table["world"] == pytest.approx(180 / 700 * 25, rel=1e-12)
    assert table["commodity"] == pytest.approx((110 / 400 - 180 / 700) * 25, rel=1e-12)
    assert table["competitiveness"] == pytest.approx(32 - 25 * 510 / 400, rel=1e-12)


def test_without_own_exports_the_world_is_all_others() -> None:
    """All others: 645 -> 810."""
    table = run(exclude_own=True).table
    assert table["world"].tolist() == pytest.approx([165 / 645 * 55] * 3, rel=1e-12)
    assert table[PARTS].sum(axis=1).tolist() == pytest.approx([15.0] * 3, rel=1e-12)


@pytest.mark.slow
def test_year_by_year_is_the_sum_of_its_steps() -> None:
    between = exports(2005, [[120, 200], [310, 150]], [[15, 21], [15, 11]])
    three = pd.concat([ORACLE, between])
    result = run(three, method="dynamic")
    parts = [run(three, from_=2000, to=2005).table.iloc[2], run(three, from_=2005).table.iloc[2]]
    for name in PARTS:
        assert result.table.iloc[2][name] == pytest.approx(parts[0][name] + parts[1][name], rel=1e-12)
    assert result.steps["from_year"].tolist() == [2000, 2005]
    assert run(three).table.iloc[2]["world"] != pytest.approx(result.table.iloc[2]["world"])


@pytest.mark.slow
def test_a_sector_s_weights_apply() -> None:
    whole = run(products=["P0"]).table[PARTS].to_numpy()
    half = run(products=tp.sector("half", scheme="mine", codes={"P0": 0.5})).table[PARTS].to_numpy()
    np.testing.assert_allclose(half, whole / 2, rtol=1e-12)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.booleans())
def test_closes_on_random_tables(seed: int, importers: bool, exclude_own: bool) -> None:
    """Whatever appears or vanishes: the effects known add up to the change in every order."""
    random = np.random.default_rng(seed)
    keys = itertools.product(["A", "B", "C"], ["J", "K"], ["p", "q", "r"], [2000, 2010])
    table = pd.DataFrame(keys, columns=["exporter", "importer", "product", "year"])
    table["value"] = random.lognormal(3, 2, len(table)) * (random.uniform(size=len(table)) < 0.6)
    table = pd.concat(
        [table, pd.DataFrame([["B", "J", "p", year, 1.0] for year in (2000, 2010)], columns=table.columns)]
    )
    keep = ["exporter", "importer", "product", "year"] if importers else ["exporter", "product", "year"]
    found = run(table.groupby(keep, as_index=False)["value"].sum(), exclude_own=exclude_own).table
    size = found[[*PARTS, "start", "end"]].abs().sum(axis=1)
    assert ((found[PARTS].sum(axis=1) - found["total"]).abs() <= 1e-12 * size).all()


@pytest.mark.slow
def test_nothing_at_the_start_and_a_world_without_trade_are_said() -> None:
    new = ORACLE[~((ORACLE["exporter"] == "A") & (ORACLE["year"] == 2000))]
    result = run(new)
    assert result.table["competitiveness"].tolist() == [70.0] * 3 and "nothing to grow from" in result.text
    alone = ORACLE[(ORACLE["exporter"] == "A") | (ORACLE["year"] == 2010)]
    result = run(alone, exclude_own=True)
    assert result.table[PARTS].isna().all(axis=None) and (result.table["undefined"] != "").all()
    assert "can't be decomposed" in result.text


@pytest.mark.slow
def test_codes_of_one_year_only_are_warned_of() -> None:
    mixed = ORACLE.assign(product=ORACLE["product"].where(ORACLE["year"] == 2000, "N" + ORACLE["product"]))
    result = run(mixed)
    assert sum("change of codes" in said for said in result.warnings) == 2
    assert result.table["competitiveness"].tolist() == pytest.approx([70 + 55 / 700 * 700 - 55] * 3)


def test_refused_in_words() -> None:
    with pytest.raises(WrongOption, match="before"):
        run(from_=2010, to=2000)
    with pytest.raises(UnknownName, match="year"):
        run(from_=1999)
    with pytest.raises(UnknownName, match="exporter"):
        run(exporter="Z")
    with pytest.raises(UnknownName, match="product"):
        run(products=["P9"])
    with pytest.raises(WrongOption, match="importer"):
        run(pd.concat([ORACLE, WITHOUT]))
    with pytest.raises(EmptyTable):
        run(ORACLE.iloc[:0])


@pytest.mark.slow
def test_china_s_optical_products_1980_to_2017(shared_data: Path) -> None:
    """Exports of 7.1 million grew to 82.9 billion US dollars; checked against sums of the raw file."""
    raw = pd.read_parquet(shared_data / "trade-country-product" / "trade_hs4_1962_1980_2017.parquet")
    table = raw.rename(columns={"country": "exporter", "export_usd": "value"})
    result = cms(table[table["year"] > 1962], exporter="chn", from_=1980, to=2017, products=OPTICS)
    mean = result.table.iloc[2]
    own = raw[(raw["country"] == "chn") & raw["product"].isin(OPTICS)].groupby("year")["export_usd"].sum()
    world = raw[raw["product"].isin(OPTICS)].groupby("year")["export_usd"].sum()
    assert (mean["start"], mean["end"]) == pytest.approx((own[1980], own[2017]), rel=1e-12)
    assert mean["world"] == pytest.approx((world[2017] / world[1980] - 1) * own[1980], rel=1e-12)
    assert mean[["world", "commodity", "competitiveness"]].sum() == pytest.approx(mean["total"], rel=1e-12)
    assert mean["competitiveness"] / mean["total"] == pytest.approx(0.9989, abs=5e-5)
    paasche = result.bases.set_index("base").loc["last"]
    assert paasche["competitiveness"] / paasche["total"] == pytest.approx(0.0356, abs=5e-5)
    assert "1980" in result.text and "or the choice of markets 99.9%" in result.text
