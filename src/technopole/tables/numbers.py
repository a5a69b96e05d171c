"""Number cells: what notation the column is in, and what in it isn't a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from technopole.tables.reading import Reading, quoted
from technopole.tables.schema import Column
from technopole.tables.texts import NARROW, WHOLE, WIDE, is_fraction, require, text

Decimal = Literal[".", ","]

PLAIN = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
GROUPED = r"[+-]?\d{1,3}([ ''’_]\d{3})+([.,]\d+)?"
EITHER = r"[+-]?[1-9]\d{0,2},\d{3}"
ENGLISH = r"[+-]?[1-9]\d{0,2}(,\d{3}(,\d{3})+|(,\d{3})+\.\d+)"
EUROPEAN = r"[+-]?(\d+,\d+|[1-9]\d{0,2}(\.\d{3})+,\d+|[1-9]\d{0,2}\.\d{3}(\.\d{3})+)"
DOTTED = r"[+-]?\d+\.\d+([eE][+-]?\d+)?"
UNSURE_DOT = r"[+-]?[1-9]\d{0,2}\.\d{3}"
UNITS = r"%|‰|[$€£¥₽元]|万|亿|萬|億|млн|млрд|тыс|mln|mlrd|million|billion|thousand"


@dataclass(frozen=True, slots=True)
class Numbers:
    """How a column's cells become numbers: the SQL of the cell as plain text, of the number, and where it fails."""

    shown: str
    number: str
    bad: str
    known: int


def numbers(
    reading: Reading,
    name: str,
    cell: str,
    *,
    decimal: Decimal | None = None,
    marker: str = "false",
) -> Numbers:
    """Find out how to read a column as numbers; cells for which the SQL `marker` ($ = the cell) holds are no numbers."""
    kind = reading.types[cell]
    if kind in WHOLE:
        return Numbers(cell, cell, "false", int(reading.one(f"count({cell})")[0]))
    if is_fraction(kind):
        number = f"CASE WHEN NOT isnan(CAST({cell} AS DOUBLE)) THEN CAST({cell} AS DOUBLE) END"
        return Numbers(
            cell, number, f"isinf(CAST({cell} AS DOUBLE))", int(reading.one(f"count({number})")[0])
        )
    bare = _bare(reading, name, cell)
    marked = marker.replace("$", bare)
    notation, unsure = _notation(reading, bare, marked, decimal)
    as_plain = {
        "plain": bare,
        ".": f"CASE WHEN regexp_full_match({bare}, '{EITHER}|{ENGLISH}') THEN replace({bare}, ',', '') ELSE {bare} END",
        ",": f"CASE WHEN regexp_full_match({bare}, '[+-]?[0-9.]*,?[0-9]*') "
        f"THEN replace(replace({bare}, '.', ''), ',', '.') END",
    }[notation]
    number = f"CASE WHEN regexp_full_match({as_plain}, '{PLAIN}') THEN TRY_CAST({as_plain} AS DOUBLE) END"
    doubtful = " OR ".join(f"regexp_full_match({bare}, '{pattern}')" for pattern in unsure) or "false"
    bad = f"{bare} IS NOT NULL AND NOT ({marked}) AND (({number}) IS NULL OR {doubtful})"
    known = int(reading.one(f"count({number})")[0])
    if notation != "plain" and not unsure:
        _say(reading, name, notation, bare, number)
    return Numbers(bare, number, bad, known)


def _say(reading: Reading, name: str, notation: str, bare: str, number: str) -> None:
    where = f"({bare} LIKE '%,%' OR {bare} LIKE '%.%.%') AND ({number}) IS NOT NULL"
    shown = reading.first(where, bare, number)
    if not shown:
        return
    row, value, said = shown[0]
    style = "decimal commas" if notation == "," else "commas between thousands"
    reading.warn(f"{name}: numbers are written with {style}; {value!r} (row {row}) was read as {said:g}")


def _bare(reading: Reading, name: str, cell: str) -> str:
    """Return the SQL of the cell without what only decorates a number: full-width digits, spaces between thousands."""
    clean = text(reading, cell)
    wide, grouped = reading.one(
        f"count(*) FILTER (regexp_matches({clean}, '[\uff01-\uff5e\u2212]'))",
        f"count(*) FILTER (regexp_full_match({clean}, '{GROUPED}'))",
    )
    if wide:
        clean = f"translate({clean}, {quoted(WIDE + chr(0x2212))}, {quoted(NARROW + '-')})"
        reading.warn(f"{name}: full-width digits or signs in {wide:,} cells were read as ASCII")
        grouped = reading.count(f"regexp_full_match({clean}, '{GROUPED}')")
    if grouped:
        clean = f"CASE WHEN regexp_full_match({clean}, '{GROUPED}') THEN regexp_replace({clean}, '[ ''’_]', '', 'g') ELSE {clean} END"
        reading.warn(f"{name}: spaces or apostrophes between thousands in {grouped:,} cells were removed")
    return clean


def _notation(
    reading: Reading, bare: str, marked: str, decimal: Decimal | None
) -> tuple[Literal["plain", ".", ","], Sequence[str]]:
    """Return the notation of the column, and patterns that can't be told apart in it."""
    if not reading.count(f"regexp_matches({bare}, '^[^,]*\\d,\\d|\\.\\d+\\.') AND NOT ({marked})"):
        return "plain", ()
    if decimal:
        return decimal, ()
    either, english, european, dotted, unsure_dot = reading.one(
        *(
            f"count(*) FILTER (regexp_full_match({bare}, '{pattern}'))"
            for pattern in (EITHER, ENGLISH, EUROPEAN, DOTTED, UNSURE_DOT)
        )
    )
    european -= either
    dotted -= unsure_dot
    if european and not english and not dotted:
        return ",", (UNSURE_DOT,) if unsure_dot else ()
    if (english or dotted) and not european:
        return ".", ()
    if either and not european:
        return ".", (EITHER, UNSURE_DOT)
    return ".", ()


def output_number(
    reading: Reading, column: Column, cell: str, found: Numbers, *, fraction: bool = False
) -> str:
    """Return the SQL of a checked number column: int64 where all are whole, else float64."""
    called = reading.called(column.name, cell)
    for row, value, count in reading.examples(found.bad, found.shown):
        why, fix = explain(value)
        reading.problem(
            why, column=called, row=row, value=value, allowed=column.allowed, fix=fix, count=count
        )
    if column.low is not None:
        below = f"({found.number}) < {column.low!r}"
        what = "is negative" if column.low == 0 else "is too small"
        reading.refuse(below, found.shown, what, column=called, allowed=column.allowed, fix="correct it")
    if column.high is not None:
        above = f"({found.number}) > {column.high!r}"
        reading.refuse(
            above, found.shown, "is too big", column=called, allowed=column.allowed, fix="correct it"
        )
    if column.required:
        require(reading, column, cell, found.shown)
    return f"CAST({found.number} AS DOUBLE)" if fraction else whole_or_fraction(reading, found, cell)


def whole_or_fraction(reading: Reading, found: Numbers, cell: str) -> str:
    """Return the SQL of the numbers as BIGINT where every one is whole and exact, else as DOUBLE."""
    if reading.types[cell] in WHOLE:
        beyond = "abs(CAST(c AS HUGEINT)) > 9223372036854775807".replace("c", cell, 1)
        fits = reading.types[cell] not in ("HUGEINT", "UHUGEINT", "UBIGINT") or not reading.count(beyond)
        return f"CAST({cell} AS {'BIGINT' if fits else 'DOUBLE'})"
    digits = f"regexp_full_match(CAST({found.shown} AS VARCHAR), '[+-]?\\d{{1,18}}')"
    usable = f"({found.number}) IS NOT NULL"
    not_digits = reading.count(f"{usable} AND NOT {digits}")
    if not not_digits:
        return f"CASE WHEN {usable} THEN CAST({found.shown} AS BIGINT) END"
    parts = reading.count(
        f"({found.number}) <> floor({found.number}) OR abs({found.number}) >= 9007199254740992"
    )
    return f"CAST({found.number} AS {'DOUBLE' if parts else 'BIGINT'})"


def explain(value: str) -> tuple[str, str]:
    """Return why a cell isn't a number, and what to do."""
    tests = (
        (r"[+-]?inf(inity)?|nan", "isn't a finite number", "leave the cell empty where the value is unknown"),
        (r"#[A-Z/0!?]+.*", "is a spreadsheet error", "correct the formula, or leave the cell empty"),
        (r"\(\s*[\d.,]+\s*\)", "is in brackets, which in accounts means negative", "write it with a minus sign"),
        (r"[+-]?[\d.,]+,\d+|[+-]?\d+,\d{3}|[+-]?\d{1,3}\.\d{3}|[\d.,]+", "could be read with a decimal comma or with commas between thousands",
         "say which: decimal=',' or decimal='.'"),
        (rf".*({UNITS}).*", "has a unit or sign in the cell", "write the bare number, and the unit in the header"),
        (r"[~≈<>≤≥=]\s*[\d.,]+.*", "is a bound, not a number", "write the number; bounds belong in columns …_low and …_high"),
        (r"\d+\s*[-–—]\s*\d+", "is a range, not a number", "write one number; bounds belong in columns …_low and …_high"),
        (r"=.*", "is a formula", "write its value"),
        (r"[\dOoIl.,]*[OoIl][\dOoIl.,]*", "has a letter among the digits", "write digits (0 and 1, not O and l)"),
    )  # fmt: skip
    for pattern, why, fix in tests:
        if re.fullmatch(pattern, value, flags=re.IGNORECASE | re.DOTALL):
            return why, fix
    return "isn't a number", "write a number, or leave the cell empty"
