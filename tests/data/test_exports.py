"""The bundled exports: every country, and the same shares and advantages as in the whole source."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import technopole as tp

FOLDER = Path(__file__).resolve().parents[2] / "src" / "technopole" / "data" / "optical_valleys"
EXPORTS = FOLDER / "exports.csv"
SOURCE = "trade-country-product/trade_hs2_baci_2024.csv.gz"
CODES = {
    "China": "CHN",
    "Germany": "DEU",
    "France": "FRA",
    "Japan": "JPN",
    "South Korea": "KOR",
    "Taiwan": "S19",
    "United States": "USA",
}


def test_every_exporter_has_its_chapters_once() -> None:
    table = tp.read_trade(EXPORTS)
    frame = table.to_pandas()
    assert table.warnings == ()
    assert set(CODES) < set(frame["exporter"]) and frame["exporter"].nunique() == 226
    assert set(frame["product"]) == {"84", "85", "90", "other"} and set(frame["year"]) == {2024}
    assert not frame.duplicated(["exporter", "product"]).any()
    assert EXPORTS.stat().st_size < 50_000


def test_totals_are_those_of_the_source(shared_data: Path) -> None:
    query = """
        select if(hs2 in ('84', '85', '90'), hs2, 'other') as p, sum(export_kusd) * 1000
        from read_csv(?, types = {'hs2': 'VARCHAR'}) group by p
    """
    expected = dict(duckdb.execute(query, [str(shared_data / SOURCE)]).fetchall())
    found = tp.read_trade(EXPORTS).to_pandas().groupby("product")["value"].sum().to_dict()
    assert found == pytest.approx(expected, abs=226)


def shares_and_advantages(file: Path, exporter: str, product: str, value: str) -> dict[str, list[float]]:
    """Return the share of the world and the comparative advantage of each exporter in chapters 84, 85 and 90."""
    query = f"""
        with cells as (select {exporter} as c, {product} as p, {value} as x
                       from read_csv(?, types = {{'{product}': 'VARCHAR'}})),
             totals as (select c, sum(x) as x from cells group by c), world as (select sum(x) as x from cells),
             chapters as (select p, sum(x) as x from cells group by p)
        select c || ' ' || p, [cells.x / chapters.x, cells.x / totals.x / (chapters.x / world.x)]
        from cells join totals using (c) join chapters using (p), world where p in ('84', '85', '90')
    """
    return dict(duckdb.execute(query, [str(file)]).fetchall())


def test_shares_and_advantages_are_those_of_the_source(shared_data: Path) -> None:
    whole = shares_and_advantages(shared_data / SOURCE, "country_iso3", "hs2", "export_kusd")
    bundled = shares_and_advantages(EXPORTS, "exporter", "product", "value")
    assert len(whole) == len(bundled)
    for name, code in CODES.items():
        for chapter in ("84", "85", "90"):
            expected, found = whole[f"{code} {chapter}"], bundled[f"{name} {chapter}"]
            assert found == pytest.approx(expected, rel=1e-8)
