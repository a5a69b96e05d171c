"""composition.csv and the Taiwan tables: what is made where."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from optical_valleys.tabular import Row, read, rules

COLUMNS = ("place", "industry", "year", "output", "firms", "named_fields", "unit", "basis", "source")
TAIWAN_COLUMNS = ("place", "industry", "year", "output", "unit", "period", "basis", "note", "source")
PERIOD_COLUMNS = (*TAIWAN_COLUMNS, "months")
NAMED = "product fields named by the source, equal weight; not output"
PUBLISHED = "published output and firms"
LIKE_FOR_LIKE = ("2016-01/2016-10", "2017-01/2017-10", "2020-01/2020-10", "2022-01/2022-10")


def compile_composition(figures: list[Row]) -> list[Row]:
    """Return published output and firms by segment, then the coded product fields."""
    return [*_published(figures), *_named()]


def _published(figures: list[Row]) -> list[Row]:
    segments = {row["segment"] for row in rules("segments")}
    cells: dict[tuple[str, str, str, str], Row] = {}
    for row in figures:
        if row["scope"] in segments and row["indicator"] in ("output", "firms"):
            key = (row["place"], row["scope"], row["year"], row["source"])
            cell = cells.setdefault(key, _cell(*key, PUBLISHED))
            cell[row["indicator"]] = row["value"]
            if row["indicator"] == "output":
                cell["unit"] = row["unit"]
    return list(cells.values())


def _named() -> list[Row]:
    order = {row["park"]: position for position, row in enumerate(rules("parks"))}
    place = [row["segment"] for row in rules("segments")]
    counts = Counter(
        (row["place"], row["segment"], row["year"], row["source"])
        for row in rules("named_fields")
        if row["segment"]
    )
    ordered = sorted(counts, key=lambda key: (order[key[0]], key[2], place.index(key[1])))
    return [_cell(*key, NAMED) | {"named_fields": str(counts[key])} for key in ordered]


def _cell(place: str, segment: str, year: str, source: str, basis: str) -> Row:
    known = {"place": place, "industry": segment, "year": year, "basis": basis, "source": source}
    return dict.fromkeys(COLUMNS, "") | known


def compile_taiwan(data: Path) -> list[Row]:
    """Return revenue by park and industry for every reporting period."""
    parks = {row["source_place"]: row["park"] for row in rules("places")}
    found: list[Row] = []
    for row in read(data / "taiwan-science-parks" / "revenue_by_park_industry.csv"):
        period = f"{row['period_start']}/{row['period_end']}"
        found.append(
            {
                "place": parks[row["park"]],
                "industry": row["industry"],
                "year": row["period_start"][:4],
                "output": row["revenue_billion_twd"],
                "unit": "billion TWD",
                "months": row["months"],
                "period": period,
                "basis": "revenue",
                "note": _misprint(row, period),
                "source": row["source_url"],
            }
        )
    found.sort(key=lambda row: (row["period"], row["place"], row["industry"]))
    return found


def like_for_like(rows: list[Row]) -> list[Row]:
    """Return the January-to-October periods, the only ones that compare over years."""
    return [{name: row[name] for name in TAIWAN_COLUMNS} for row in rows if row["period"] in LIKE_FOR_LIKE]


def _misprint(row: Row, period: str) -> str:
    if row["row_adds_up"] == "0":
        return "misprint in the source: the three parks do not add up to the printed total of this industry"
    if row["park"] == "HSP" and period == "2016-01/2016-10":
        return "the industries add up to 847.557, the text of the source says 844.557"
    return ""
