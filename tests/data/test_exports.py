"""The bundled exports by chapter: complete, and the same advantages as in the whole source."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

import technopole as tp

FOLDER = Path(__file__).resolve().parents[2] / "src" / "technopole" / "data" / "optical_valleys"
EXPORTS = FOLDER / "exports.csv"
CODES = {
    "China": "CHN",
    "Germany": "DEU",
    "France": "FRA",
    "Japan": "JPN",
    "South Korea": "KOR",
    "Taiwan": "S19",
    "United States": "USA",
}


def test_every_chapter_of_eight_exporters_is_there_once() -> None:
    table = tp.read_trade(EXPORTS)
    frame = table.to_pandas()
    assert table.warnings == ()
    assert set(frame["exporter"]) == {*CODES, "all others"}
    assert sorted(frame["product"].unique()) == [f"{n:02d}" for n in range(1, 98) if n != 77]
    assert len(frame) == 8 * 96 and set(frame["year"]) == {2024}
    assert EXPORTS.stat().st_size < 50_000


def test_totals_are_those_of_the_source(shared_data: Path) -> None:
    source = shared_data / "trade-country-product" / "trade_hs2_baci_2024.csv.gz"
    query = "select hs2, sum(export_kusd) * 1000 from read_csv(?, types = {'hs2': 'VARCHAR'}) group by hs2"
    expected = dict(duckdb.execute(query, [str(source)]).fetchall())
    found: dict[str, float] = defaultdict(float)
    for row in tp.read_trade(EXPORTS).to_pandas().itertuples():
        found[str(row.product)] += float(row.value)  # type: ignore[arg-type]
    assert found == pytest.approx(expected, abs=5)


def advantages(file: Path, exporter: str, value: str, code: str) -> dict[str, float]:
    """Return each chapter's share of one exporter's total over its share of everybody's."""
    query = f"""
        with cells as (select {exporter} as c, {code} as p, {value} as x from read_csv(?, types = {{'{code}': 'VARCHAR'}})),
             totals as (select c, sum(x) as x from cells group by c), world as (select sum(x) as x from cells),
             chapters as (select p, sum(x) as x from cells group by p)
        select c || ' ' || p, cells.x / totals.x / (chapters.x / world.x)
        from cells join totals using (c) join chapters using (p), world
    """
    return dict(duckdb.execute(query, [str(file)]).fetchall())


def test_advantages_are_those_of_all_226_countries(shared_data: Path) -> None:
    whole = advantages(
        shared_data / "trade-country-product" / "trade_hs2_baci_2024.csv.gz",
        "country_iso3",
        "export_kusd",
        "hs2",
    )
    bundled = advantages(EXPORTS, "exporter", "value", "product")
    for name, code in CODES.items():
        expected = {key[4:]: value for key, value in whole.items() if key.startswith(f"{code} ")}
        found = {key[-2:]: value for key, value in bundled.items() if key.startswith(f"{name} ")}
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)
