"""Year cells: 2019, "2019年", a full date; nothing that has to be guessed."""

from __future__ import annotations

import re

from technopole.tables.checking.reading import Reading, counted, quoted
from technopole.tables.checking.texts import NARROW, WHOLE, WIDE, is_fraction, is_text, require, text
from technopole.tables.schema import Column

FIRST, LAST = 1500, 2100
BARE = r"(\d{4})(\.0+)?"
DRESSED = (
    r"(\d{4})\s*(年|年度|年份|년|г\.?|год|yil|-yil|-?йил)",
    r"FY\s*(\d{4})",
    r"(\d{4})[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?:[T ].*)?",
    r"(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](\d{4})",
    r"(\d{4})(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])",
    r"(\d{4})年\s*(?:0?[1-9]|1[0-2])月(?:.*日)?",
)

NEVER = (
    "never", "no", "none", "-", "–", "—", "нет", "никогда", "не входил", "не входила", "не вошел", "не вошла", "无", "没有",
    "否", "未", "从未", "未入园", "yo'q", "yo‘q", "yoʻq", "yo`q", "йўқ", "hech qachon",
)  # fmt: skip


def output_year(reading: Reading, column: Column, cell: str) -> str:
    """Return the SQL of a year column as BIGINT."""
    kind = reading.types[cell]
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        reading.warn(f"{column.name}: the year was taken from full dates")
        # Times with a zone come here only from Parquet, which keeps them as UTC; the machine's own zone must not matter.
        local = f"({cell} AT TIME ZONE 'UTC')" if kind.endswith("TIME ZONE") else cell
        shown, year = f"CAST({cell} AS VARCHAR)", f"year({local})"
    elif kind in WHOLE:
        shown, year = cell, f"CAST({cell} AS BIGINT)"
    elif is_fraction(kind):
        usable = f"CAST({cell} AS DOUBLE)"
        shown = f"CASE WHEN NOT isnan({usable}) THEN {cell} END"
        year = f"CASE WHEN {usable} = floor({usable}) AND abs({usable}) < 1e6 THEN CAST({cell} AS BIGINT) END"
    else:
        shown, year = _written(reading, column, cell)
    _check(reading, column, cell, shown, year)
    return f"coalesce({year}, 0)" if column.name == "year" and not column.required else year


def _written(reading: Reading, column: Column, cell: str) -> tuple[str, str]:
    name, clean = column.name, text(reading, cell)
    if is_text(reading.types[cell]) and reading.count(f"regexp_matches({clean}, '[\uff10-\uff19]')"):
        clean = f"translate({clean}, {quoted(WIDE)}, {quoted(NARROW)})"
    if column.low == 0:
        clean = _never(reading, name, clean)
    if not reading.count(f"NOT regexp_full_match({clean}, '\\d{{4}}|0')"):
        return clean, f"TRY_CAST({clean} AS BIGINT)"
    plain = (
        f"CASE WHEN regexp_full_match({clean}, '{BARE}|0') THEN CAST(CAST({clean} AS DOUBLE) AS BIGINT) END"
    )
    dressed = " OR ".join(f"regexp_full_match({clean}, '(?i){pattern}')" for pattern in DRESSED)
    odd = reading.examples(f"({plain}) IS NULL AND ({dressed})", clean, limit=1)
    if not odd:
        return clean, plain
    row, value, _ = odd[0]
    count = reading.count(f"({plain}) IS NULL AND ({dressed})")
    reading.warn(f"{name}: {counted(count, 'cell')} such as {value!r} (row {row}) read as their year")
    picks = " ".join(
        f"WHEN regexp_full_match({clean}, '(?i){p}') THEN CAST(regexp_extract({clean}, '(?i)^{p}$', 1) AS BIGINT)"
        for p in DRESSED
    )
    return clean, f"CASE WHEN ({plain}) IS NOT NULL THEN ({plain}) {picks} END"


def _never(reading: Reading, name: str, clean: str) -> str:
    """Read words such as "нет" as 0 in a column where 0 is never."""
    word = f"lower({clean}) IN ({', '.join(map(quoted, NEVER))})"
    found = reading.first(word, clean)
    if not found:
        return clean
    row, value = found[0]
    reading.warn(
        f"{name}: {counted(reading.count(word), 'cell')} such as {value!r} (row {row}) read as never"
    )
    return f"CASE WHEN {word} THEN '0' ELSE {clean} END"


def _check(reading: Reading, column: Column, cell: str, shown: str, year: str) -> None:
    nonzero, strange, unread = reading.one(
        f"count(*) FILTER (({year}) <> 0)",
        f"count(*) FILTER (({year}) <> 0 AND ({year}) NOT BETWEEN {FIRST} AND {LAST})",
        f"count({shown}) - count({year})",
    )
    zero = f"AND ({year}) <> 0" if column.low == 0 or not nonzero else ""
    bad = f"{shown} IS NOT NULL AND (({year}) IS NULL OR (({year}) NOT BETWEEN {FIRST} AND {LAST} {zero}))"
    zeros = not zero and reading.count(f"({year}) = 0")
    for row, value, count in reading.examples(bad, shown) if strange or unread or zeros else ():
        why, fix = _explain(value)
        if column.low == 0:
            fix += "; 0 or an empty cell where there is none"
        if column.low == 0 and value == "1":
            why, fix = (
                "says whether, not when",
                "write the first year in which it is 1 in all the firm's rows; 0 = never",
            )
        reading.problem(
            why,
            column=reading.called(column.name, cell),
            row=row,
            value=value,
            allowed=column.allowed,
            fix=fix,
            count=count,
        )
    if column.required or (column.name == "year" and nonzero):
        require(reading, column, cell, shown)


def _explain(value: str) -> tuple[str, str]:
    if re.fullmatch(r"'?\d{2}", value):
        century = "19" if value[-2:] > "50" else "20"
        return "has two digits only", f"write four digits ({century}{value[-2:]}?)"
    if re.fullmatch(r"\d{4}\s*[-/–]\s*\d{2,4}", value):
        return "names two years, or a month", f"write one year ({value[:4]}?)"
    if re.fullmatch(r"(?i)\d{4}\s*-?\s*[QHMW].*|[QHMW]\d.*\d{4}", value):
        return "is a part of a year", "add the parts up to whole years"
    if re.fullmatch(r"-?\d+(\.0+)?", value):
        return "isn't a year", f"write a year between {FIRST} and {LAST}"
    return "isn't a year", "write the year with four digits"
