"""exports.csv: what seven countries and all others together exported in 2024, by chapter of the Harmonized System.

Every chapter is kept and the other countries are one row, so that totals, and with them comparative advantages, are those of the
whole file. Taiwan has no code of its own in the United Nations' statistics: its trade is what they book as other Asia.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from optical_valleys.tabular import Row, read, rules

EXPORTS = "trade-country-product/trade_hs2_baci_2024.csv.gz"
OTHERS = "all others"
COLUMNS = ("exporter", "product", "year", "value")


def compile_exports(data: Path) -> list[Row]:
    """Return US dollars by exporter and chapter, whole dollars."""
    names = {row["country_iso3"]: row["exporter"] for row in rules("exporters")}
    cells: dict[tuple[str, str, str], float] = defaultdict(float)
    for row in read(data / EXPORTS):
        exporter = names.get(row["country_iso3"], OTHERS)
        cells[exporter, row["hs2"], row["year"]] += 1000 * float(row["export_kusd"])
    return [
        dict(zip(COLUMNS, (*key, str(round(value))), strict=True)) for key, value in sorted(cells.items())
    ]
