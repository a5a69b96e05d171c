"""Photonics products of the bundled sector in world trade by heading, against the same sums in plain SQL."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import technopole as tp

HEADINGS = "trade-country-product/trade_hs4_1962_1980_2017.parquet"
COLUMNS = {"exporter": "country", "value": "export_usd"}
SUMS = """
    select country, year, sum(export_usd * case product when '9001' then 0.6 when '8541' then 0.5 else 1 end)
    from read_parquet(?) where product in ('8541', '9001', '9002', '9005', '9011', '9013') group by all
"""


@pytest.mark.slow
def test_shares_of_photonics_and_where_growth_came_from_follow_the_weights(shared_data: Path) -> None:
    file = shared_data / HEADINGS
    rows = duckdb.execute(SUMS, [str(file)]).fetchall()
    sums = {(country, int(year)): float(value) for country, year, value in rows}
    world = {when: sum(value for (_, year), value in sums.items() if year == when) for when in (1980, 2017)}
    trade = tp.read_trade(file, columns=COLUMNS)
    photonics = tp.sector("photonics_products", scheme="HS-2007")
    shares = tp.competitiveness.market_share(trade, sector=photonics, exporters=["chn", "jpn"]).table
    found = {(row.exporter, row.year): row.share for row in shares.itertuples() if row.year != 1962}
    assert found == pytest.approx({(c, y): sums[c, y] / world[y] for c in ("chn", "jpn") for y in world})
    growth = tp.competitiveness.constant_market_share(
        trade, exporter="chn", from_=1980, to=2017, products=photonics
    ).table.iloc[0]
    assert growth["start"] == pytest.approx(sums["chn", 1980], rel=1e-12)
    assert growth["total"] == pytest.approx(sums["chn", 2017] - sums["chn", 1980], rel=1e-12)
    assert growth["world"] == pytest.approx((world[2017] / world[1980] - 1) * sums["chn", 1980], rel=1e-12)
