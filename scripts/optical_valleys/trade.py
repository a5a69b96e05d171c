"""exports.csv: what every country exported in 2024 in the chapters of the Harmonized System that hold photonics, and in all others.

All countries are in and everything else they export is one row, so that shares of the world, and with them comparative advantages and
concentration, are those of the whole file. Taiwan has no code of its own in the United Nations' statistics: its trade is what they
book as other Asia.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from optical_valleys.tabular import Row, read, rules

EXPORTS = "trade-country-product/trade_hs2_baci_2024.csv.gz"
CHAPTERS = ("84", "85", "90")
COLUMNS = ("exporter", "product", "year", "value")


def compile_exports(data: Path) -> list[Row]:
    """Return US dollars by exporter and chapter, whole dollars."""
    names = {row["country_iso3"]: row["exporter"] for row in rules("exporters")}
    cells: dict[tuple[str, str, str], float] = defaultdict(float)
    for row in read(data / EXPORTS):
        exporter = names.get(row["country_iso3"], row["country_name"])
        chapter = row["hs2"] if row["hs2"] in CHAPTERS else "other"
        cells[exporter, chapter, row["year"]] += 1000 * float(row["export_kusd"])
    return [
        dict(zip(COLUMNS, (*key, str(round(value))), strict=True)) for key, value in sorted(cells.items())
    ]
