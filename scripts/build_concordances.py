"""Compile src/technopole/data/concordances/{links.parquet,codes.parquet,tables.csv} from official tables.

The tables stay outside this project: `RAW` is a folder with them under the names in SOURCES below (where each was published and
taken from: src/technopole/data/concordances/SOURCE.md). What no publisher offers as a table was compiled by hand and lies in
scripts/concordances. Same input, same bytes:

    python scripts/build_concordances.py RAW [OUT]
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineWorkbook

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "src" / "technopole" / "data" / "concordances"
OWN = ROOT / "scripts" / "concordances"
UNSD, WITS, CENSUS = "United Nations Statistics Division", "World Bank, WITS", "U.S. Census Bureau"
YEARS = ("1992", "1996", "2002", "2007", "2012", "2017", "2022")
# (newer, older) -> workbook of the United Nations with a correlation sheet (all links) and a conversion sheet (one target a code).
WORKBOOKS = {
    **{
        (f"HS-{new}", f"HS-{old}"): f"HS{new}toHS{old}ConversionAndCorrelationTables.xlsx"
        for new in YEARS[5:]
        for old in YEARS
        if old < new
    },
    **{
        (f"HS-{new}", f"HS-{old}"): f"HS {new} to HS {old} Correlation and conversion tables.xls"
        for new in YEARS[3:5]
        for old in YEARS
        if old < new
    },
    **{
        (f"HS-{new}", f"HS-{old}"): f"HS{new} to HS{old} - Correlation and conversion tables.xls"
        for new in YEARS[1:3]
        for old in YEARS
        if old < new
    },
    **{
        (f"HS-{new}", f"SITC-{revision}"): f"HS{new}toSITC{revision}ConversionAndCorrelationTables.xlsx"
        for new in YEARS[5:]
        for revision in "1234"
    },
    **{
        ("HS-2012", f"SITC-{revision}"): f"HS 2012 to SITC{revision} Correlation and conversion tables.xls"
        for revision in "123"
    },
    ("HS-2012", "SITC-4"): "HS 2012 to SITC Rev.4 Correlation and conversion tables.xls",
    **{
        (f"SITC-{new}", f"SITC-{old}"): f"SITC{new} to SITC{old} Conversion and Correlation Tables.xls"
        for new, old in (("2", "1"), ("3", "1"), ("3", "2"))
    },
}  # fmt: skip
# WITS: one target a code.
CONVERSIONS = {
    **{
        (f"HS-{year}", to): f"JobID-{job}_Concordance_H{vintage}_to_{short}.CSV"
        for vintage, (year, jobs) in enumerate(
            zip(YEARS, ((5, 6, 9, 10, 11, 12), (18, 19, 22, 23, 24, 25), (32, 33, 36, 37, 38, 39), (47, 48, 51, 52, 53, 54)), strict=False)
        )
        for job, (short, to) in zip(
            jobs,
            (("I2", "ISIC-2"), ("I3", "ISIC-3"), ("S1", "SITC-1"), ("S2", "SITC-2"), ("S3", "SITC-3"), ("S4", "SITC-4")),
            strict=True,
        )
    },
    ("SITC-2", "ISIC-2"): "JobID-73_Concordance_S2_to_I2.CSV",
}  # fmt: skip


class Link(NamedTuple):
    """A link; `main` where the publisher's conversion table names this target."""

    a: str
    b: str
    main: bool


class Source(NamedTuple):
    """A table: its schemes, who published which edition, the file, and how its links are read."""

    a: str
    b: str
    publisher: str
    title: str
    file: str
    read: Callable[[Path], Iterable[Link]]


def sources() -> list[Source]:
    """Every table that is bundled."""
    made = [
        Source(
            a, b, UNSD, "correlation and conversion table", file, lambda path, a=a, b=b: workbook(path, a, b)
        )
        for (a, b), file in WORKBOOKS.items()
    ]
    made += [Source(a, b, WITS, "product concordance", file, lambda path, a=a, b=b: columns(path, a, b, 0, 2)) for (a, b), file in CONVERSIONS.items()]  # fmt: skip
    isic = "correspondence table"
    naics, census = "NAICS to ISIC Rev. 4 technical concordance", "NAICS concordance"
    return [
        *made,
        Source("ISIC-3", "SITC-3", UNSD, isic, "ISIC REV. 3 - SITC REV. 3_20200617_214657.csv", run_together),
        Source("ISIC-3", "ISIC-2", UNSD, isic, "ISIC3-ISIC2.txt", lambda p: columns(p, "ISIC-3", "ISIC-2", 0, 2)),
        Source("ISIC-3.1", "ISIC-3", UNSD, isic, "ISIC_Rev_31-ISIC_Rev_3_correspondence.txt", lambda p: columns(p, "ISIC-3.1", "ISIC-3", 0, 2)),
        Source("ISIC-4", "ISIC-3.1", UNSD, isic, "ISIC4_ISIC31.txt", lambda p: columns(p, "ISIC-4", "ISIC-3.1", 0, 2)),
        Source("NAICS-2012", "ISIC-4", CENSUS, naics, "2012 NAICS_to_ISIC_4.xlsx", lambda p: naics_to_isic(p, "NAICS-2012", 0, 2)),
        Source("NAICS-2017", "ISIC-4", CENSUS, naics, "2017_NAICS_to_ISIC_4.xlsx", lambda p: naics_to_isic(p, "NAICS-2017", 1, 4)),
        Source("NAICS-2017", "NAICS-2012", CENSUS, census, "2017_to_2012_NAICS.xlsx", lambda p: columns(p, "NAICS-2017", "NAICS-2012", 0, 2)),
        Source("HS-2017", "NAICS-2017", CENSUS, "export concordance (Schedule B) of 2019", "hs-10d-2019-exp-code.txt", schedule_b),
        Source("IPC", "WIPO-35", "World Intellectual Property Organization", "IPC-technology concordance (Schmoch 2008), edition of 2018", "ipc_technology.csv", fields),
        Source("CPC", "WIPO-35", "World Intellectual Property Organization", "IPC-technology concordance (Schmoch 2008), edition of 2018, read for CPC", "ipc_technology.csv", fields),
        Source("NACE-2", "NAICS-2017", "Eurostat", "correspondence table", "NAICS2017_NACE.csv", lambda p: columns(p, "NACE-2", "NAICS-2017", 1, 0)),
        Source("NACE-2", "ISIC-4", "compiled for Technopole", "NACE classes within ISIC classes (Regulation (EC) No 1893/2006)", "nace2_isic4.csv", own),
        Source("OKVED-2", "NACE-2", "compiled for Technopole", "OK 029-2014 classes, built on NACE Rev. 2", "okved2_nace2.csv", own),
        Source("GB/T-4754-2017", "ISIC-4", "compiled for Technopole", "GB/T 4754-2017 divisions and groups, by their titles", "gbt4754_isic4.csv", own),
    ]  # fmt: skip


def code(value: Any, scheme: str) -> str:
    """A cell's code as bare digits, with its leading zeros; "" where it holds none."""
    text = str(int(value)) if isinstance(value, float) else str(value).strip()
    bare = text.replace(".", "").replace(" ", "")
    family = scheme.partition("-")[0]
    length = {"HS": 6, "ISIC": 4, "NACE": 4, "NAICS": 6}.get(family, 0)
    if family == "SITC":
        return bare if re.fullmatch(r"\d{3,5}", bare) else ""
    if (
        family in ("ISIC", "NAICS", "HS")
        and bare.isdigit()
        and int(bare)
        and length - 1 <= len(bare) <= length
    ):
        return "" if family == "NAICS" and len(bare) < 6 else bare.zfill(length)
    return bare if family == "NACE" and re.fullmatch(r"\d{4}", bare) else ""


def rows(path: Path, sheet: str = "") -> Iterator[list[Any]]:
    """Every row of a text file or of a workbook's sheet."""
    if path.suffix.lower().startswith(".xls"):
        book = CalamineWorkbook.from_path(str(path))
        name = next((name for name in book.sheet_names if sheet in name), book.sheet_names[0])
        yield from book.get_sheet_by_name(name).to_python()
        return
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        yield from csv.reader(file)


def workbook(path: Path, a: str, b: str) -> Iterator[Link]:
    """Links of a United Nations workbook: every pair of the correlations, `main` where the conversions have it."""
    pairs: dict[str, set[tuple[str, str]]] = {"Correlation": set(), "Conversion": set()}
    for sheet, found in pairs.items():
        for row in rows(path, sheet):
            cells = [cell for cell in row if cell != "" and str(cell).strip(" .") != "ex"]
            if len(cells) >= 2 and code(cells[0], a) and code(cells[1], b):
                found.add((code(cells[0], a), code(cells[1], b)))
    for one, other in pairs["Correlation"] | pairs["Conversion"]:
        yield Link(one, other, (one, other) in pairs["Conversion"])


def naics_to_isic(path: Path, a: str, first: int, second: int) -> Iterator[Link]:
    """NAICS to ISIC 4; a class lost its leading zero in the workbook, and where no such class is, a group was meant (331)."""
    listed = {row[0] for row in rows(path.with_name("ISIC4_ISIC31.txt"))}
    for link in columns(path, a, "ISIC-4", first, second):
        yield link if link.b in listed else link._replace(b=link.b.removeprefix("0"))


def columns(path: Path, a: str, b: str, first: int, second: int) -> Iterator[Link]:
    """Links of two columns."""
    for row in rows(path):
        if len(row) > max(first, second) and code(row[first], a) and code(row[second], b):
            yield Link(code(row[first], a), code(row[second], b), False)


def run_together(path: Path) -> Iterator[Link]:
    """ISIC 3 to SITC 3, a file that came without line ends."""
    for one, other in re.findall(r'"(\d{4})","(\d{3}\.?\d{0,2})"', path.read_text(encoding="utf-8")):
        yield Link(one, code(other, "SITC-3"), False)


def schedule_b(path: Path) -> Iterator[Link]:
    """HS subheading to NAICS industry; `main` is the industry that most of its ten-digit lines go to."""
    lines: dict[str, Counter[str]] = defaultdict(Counter)
    for line in path.read_text(encoding="latin-1").splitlines():
        naics = re.search(r"(\d{6}|\d{3,5}X+)\s+\d\d\s*$", line)
        if naics and line[:6] < "98" and naics[1] < "9":  # 9..: scrap and used goods, no industries
            lines[line[:6]][naics[1].rstrip("X")] += 1
    for subheading, found in lines.items():
        most = max(found.values())
        for naics, count in found.items():
            yield Link(subheading, naics, count == most)


def fields(path: Path) -> Iterator[Link]:
    """IPC subclass or main group (four digits) to field; symbols that the IPC moved in 2023 go where they came from."""
    for row in rows(path):
        symbol = re.fullmatch(r"([A-H]\d\d[A-Z])\s*(\d+)?/?%", row[7].strip()) if len(row) > 7 else None
        if symbol:
            yield Link(symbol[1] + (symbol[2] or "").zfill(4 if symbol[2] else 0), row[0].zfill(2), False)
    for symbol in ("H10B", "H10D", "H10F", "H10H", "H10K", "H10N"):
        yield Link(symbol, "08", False)
    for symbol in ("H04N0023", "H04N0025"):
        yield Link(symbol, "02", False)


def own(path: Path) -> Iterator[Link]:
    """A table compiled by hand: columns a, b, main."""
    for a, b, main in list(rows(path))[1:]:
        yield Link(a.replace(".", ""), b.replace(".", ""), main == "1")


def finest(codes: set[str]) -> list[tuple[str]]:
    """The codes that none of the others begins with."""
    coarser = {code[:size] for code in codes for size in range(1, len(code))}
    return [(code,) for code in sorted(codes - coarser)]


def spread_of(links: dict[tuple[str, str], bool], side: int) -> float:
    """Mean number of targets a code has: its main ones where it has any, else all."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pair, main in links.items():
        counts[pair[side]][main] += 1
    return sum(main or others for others, main in counts.values()) / len(counts)


def write(path: Path, columns: list[tuple[str, pa.DataType]], groups: list[list[Any]]) -> None:
    """A Parquet file with one row group per table, so that a single one can be read."""
    schema = pa.schema(columns)
    packed = {name: "DELTA_BYTE_ARRAY" for name, kind in columns if pa.types.is_string(kind)}
    with pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=19, use_dictionary=False, column_encoding=packed, write_statistics=False
    ) as writer:  # fmt: skip
        for rows in groups:
            arrays = [
                pa.array(part, kind) for part, (_, kind) in zip(zip(*rows, strict=True), columns, strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema), row_group_size=len(rows))


def main() -> None:
    """Compile the three files."""
    raw = Path(sys.argv[1])
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else OUT
    listed: list[list[Any]] = []
    tables: list[list[tuple[str, str, bool]]] = []
    codes: dict[str, set[str]] = defaultdict(set)
    for source in sources():
        folder = OWN if (OWN / source.file).is_file() else raw
        found: dict[tuple[str, str], bool] = {}
        for link in source.read(folder / source.file):
            found[link.a, link.b] = found.get((link.a, link.b), False) or link.main
        if not found:
            raise SystemExit(f"no link in {source.file}")
        tables.append(sorted((a, b, main) for (a, b), main in found.items()))
        codes[source.a] |= {a for a, _ in found}
        codes[source.b] |= {b for _, b in found}
        spread = [f"{spread_of(found, side):.3f}" for side in (0, 1)]
        listed.append([source.a, source.b, len(found), *spread, source.publisher, source.title, source.file])
    write(out / "links.parquet", [("a", pa.string()), ("b", pa.string()), ("main", pa.bool_())], tables)
    write(out / "codes.parquet", [("code", pa.string())], [finest(codes[scheme]) for scheme in sorted(codes)])
    with (out / "tables.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["a", "b", "links", "spread", "spread_back", "publisher", "title", "file"])
        lines.writerows(listed)
    print(f"{len(listed)} tables, {sum(row[2] for row in listed):,} links")


if __name__ == "__main__":
    main()
