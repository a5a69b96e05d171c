"""Number cells: what notation the column is in, and what in it isn't a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from technopole.tables.checking.explanations import explain
from technopole.tables.checking.reading import Reading, counted, quoted
from technopole.tables.checking.texts import NARROW, WHOLE, WIDE, is_fraction, require, text
from technopole.tables.schema import Column

Decimal = Literal[".", ","]

PLAIN = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
GROUPED = r"[+-]?\d{1,3}([ ''’_]\d{3})+([.,]\d+)?"
EITHER = r"[+-]?[1-9]\d{0,2},\d{3}"
ENGLISH = r"[+-]?[1-9]\d{0,2}(,\d{3}(,\d{3})+|(,\d{3})+\.\d+)"
EUROPEAN = r"[+-]?(\d+,\d+|[1-9]\d{0,2}(\.\d{3})+,\d+|[1-9]\d{0,2}\.\d{3}(\.\d{3})+)"
DOTTED = r"[+-]?\d+\.\d+([eE][+-]?\d+)?"
UNSURE_DOT = r"[+-]?[1-9]\d{0,2}\.\d{3}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """How a column's cells become numbers: the SQL of the cell as shown, of the number, and of what fails.

    `known` cells are numbers, from `least` to `most`; `whole` says that every one is whole and exact, `digits` that
    each is written in digits only.
    """

    shown: str
    number: str
    bad: str
    known: int
    least: float | None
    most: float | None
    whole: bool
    digits: bool = False


def numbers(
    reading: Reading,
    name: str,
    cell: str,
    *,
    decimal: Decimal | None = None,
    marker: str = "false",
    grouped: bool = False,
) -> Numbers:
    """Find out how to read a column as numbers; cells for which the SQL `marker` ($ = the cell) holds are no numbers.

    With `grouped`, thousands may be parted by dots (1.234 beside 987), which nobody can tell from three decimals.
    """
    kind = reading.types[cell]
    if kind in WHOLE:
        known, least, most = reading.one(f"count({cell})", f"min({cell})", f"max({cell})")
        exact = least is None or (least >= -(2**63) and most < 2**63)
        return Numbers(cell, cell, "false", known, least, most, exact, digits=exact)
    if is_fraction(kind):
        number = f"CASE WHEN NOT isnan(CAST({cell} AS DOUBLE)) THEN CAST({cell} AS DOUBLE) END"
        return _measured(reading, cell, number, f"isinf(CAST({cell} AS DOUBLE))")
    clean = text(reading, cell)
    if decimal != ",":
        odd, not_digits = reading.one(
            f"count(*) FILTER (NOT regexp_full_match({clean}, '{PLAIN}'))",
            f"count(*) FILTER (NOT regexp_full_match({clean}, '[+-]?\\d{{1,18}}'))",
        )
        if not odd and not (
            grouped and not_digits and decimal is None and _dots_part_thousands(reading, clean)
        ):
            if grouped and not_digits and decimal is None:
                _say_three_decimals(reading, name, clean)
            return _measured(reading, clean, f"TRY_CAST({clean} AS DOUBLE)", "false", digits=not not_digits)
    return _decorated(reading, name, _bare(reading, name, clean), decimal, marker, grouped)


def _dots_part_thousands(reading: Reading, bare: str) -> bool:
    """Say whether every dot has three digits behind it and up to three before, beside whole numbers without a dot."""
    thousands, dots, whole = reading.one(
        f"count(*) FILTER (regexp_full_match({bare}, '{UNSURE_DOT}'))",
        f"count(*) FILTER (regexp_matches({bare}, '^[^A-Za-z]*\\.[^A-Za-z]*$'))",
        f"count(*) FILTER (regexp_full_match({bare}, '[+-]?\\d{{1,3}}') AND {bare} <> '0')",
    )
    return bool(thousands and thousands == dots and whole)


def _say_three_decimals(reading: Reading, name: str, bare: str) -> None:
    dotted = f"regexp_full_match({bare}, '{UNSURE_DOT}')"
    odd, count = reading.one(
        f"count(*) FILTER (NOT {dotted} AND regexp_matches({bare}, '\\d'))", f"count(*) FILTER ({dotted})"
    )
    if count and not odd:
        row, value = reading.first(dotted, bare)[0]
        reading.warn(
            f"{name}: every number has three decimals; {value!r} (row {row}) was read as {float(value):g}; if the dot parts "
            "thousands, say decimal=','"
        )


def _measured(reading: Reading, shown: str, number: str, bad: str, *, digits: bool = False) -> Numbers:
    known, least, most, parts = reading.one(
        f"count({number})",
        f"min({number})",
        f"max({number})",
        f"count(*) FILTER (({number}) <> floor({number}) OR abs({number}) >= 9007199254740992)",
    )
    return Numbers(shown, number, bad, int(known), least, most, not parts, digits)


def _decorated(
    reading: Reading, name: str, bare: str, decimal: Decimal | None, marker: str, grouped: bool
) -> Numbers:
    """Read a text column in which some cells are no plain numbers."""
    marked = marker.replace("$", bare)
    notation, unsure = _notation(reading, bare, marked, decimal)
    if notation == "plain" and grouped and decimal is None and _dots_part_thousands(reading, bare):
        unsure = (UNSURE_DOT,)
    elif notation == "plain" and grouped and decimal is None:
        _say_three_decimals(reading, name, bare)
    as_plain = {
        "plain": bare,
        ".": f"CASE WHEN regexp_full_match({bare}, '{EITHER}|{ENGLISH}') THEN replace({bare}, ',', '') ELSE {bare} END",
        ",": f"CASE WHEN regexp_full_match({bare}, '[+-]?[0-9.]*,?[0-9]*') "
        f"THEN replace(replace({bare}, '.', ''), ',', '.') END",
    }[notation]
    number = f"CASE WHEN regexp_full_match({as_plain}, '{PLAIN}') THEN TRY_CAST({as_plain} AS DOUBLE) END"
    doubtful = " OR ".join(f"regexp_full_match({bare}, '{pattern}')" for pattern in unsure) or "false"
    bad = f"{bare} IS NOT NULL AND NOT ({marked}) AND (({number}) IS NULL OR {doubtful})"
    if notation != "plain" and not unsure:
        _say(reading, name, notation, bare, number)
    digits = notation == "plain" and not reading.count(
        f"({number}) IS NOT NULL AND NOT regexp_full_match({bare}, '[+-]?\\d{{1,18}}')"
    )
    return _measured(reading, bare, number, bad, digits=digits)


def _say(reading: Reading, name: str, notation: str, bare: str, number: str) -> None:
    where = f"({bare} LIKE '%,%' OR {bare} LIKE '%.%.%') AND ({number}) IS NOT NULL"
    shown = reading.first(where, bare, number)
    if not shown:
        return
    row, value, said = shown[0]
    style = "decimal commas" if notation == "," else "commas between thousands"
    reading.warn(f"{name}: numbers are written with {style}; {value!r} (row {row}) was read as {said:g}")


def _bare(reading: Reading, name: str, clean: str) -> str:
    """Return the SQL of the cell without what only decorates a number: full-width digits, spaces between thousands."""
    wide, grouped = reading.one(
        f"count(*) FILTER (regexp_matches({clean}, '[\uff01-\uff5e\u2212]'))",
        f"count(*) FILTER (regexp_full_match({clean}, '{GROUPED}'))",
    )
    if wide:
        clean = f"translate({clean}, {quoted(WIDE + chr(0x2212))}, {quoted(NARROW + '-')})"
        reading.warn(f"{name}: full-width digits or signs in {counted(wide, 'cell')} were read as ASCII")
        grouped = reading.count(f"regexp_full_match({clean}, '{GROUPED}')")
    if grouped:
        clean = f"CASE WHEN regexp_full_match({clean}, '{GROUPED}') THEN regexp_replace({clean}, '[ ''’_]', '', 'g') ELSE {clean} END"
        reading.warn(
            f"{name}: spaces or apostrophes between thousands in {counted(grouped, 'cell')} were removed"
        )
    return clean


def _notation(
    reading: Reading, bare: str, marked: str, decimal: Decimal | None
) -> tuple[Literal["plain", ".", ","], Sequence[str]]:
    """Return the notation of the column, and patterns that can't be told apart in it."""
    if decimal:
        return decimal, ()
    if not reading.count(f"regexp_matches({bare}, '^[^,]*\\d,\\d|\\.\\d+\\.') AND NOT ({marked})"):
        return "plain", ()
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
    any_bad = found.bad != "false" and reading.count(found.bad)
    for row, value, count in reading.examples(found.bad, found.shown) if any_bad else ():
        why, fix = explain(value, column.instead)
        reading.problem(
            why, column=called, row=row, value=value, allowed=column.allowed, fix=fix, count=count
        )
    for bound, where, why in (
        (column.low, "<", "is negative" if column.low == 0 else "is too small"),
        (column.high, ">", "is too big"),
    ):
        if bound is None or found.least is None or found.most is None:
            continue
        if found.least < bound if where == "<" else found.most > bound:
            reading.refuse(
                f"({found.number}) {where} {bound!r}", found.shown, why,
                column=called, allowed=column.allowed, fix="correct it",
            )  # fmt: skip
    if column.required:
        require(reading, column, cell, found.shown)
    return f"CAST({found.number} AS DOUBLE)" if fraction else whole_or_fraction(found)


def whole_or_fraction(found: Numbers) -> str:
    """Return the SQL of the numbers as BIGINT where every one is whole and exact, else as DOUBLE."""
    if found.digits:
        return f"CASE WHEN ({found.number}) IS NOT NULL THEN TRY_CAST({found.shown} AS BIGINT) END"
    return f"CAST({found.number} AS {'BIGINT' if found.whole else 'DOUBLE'})"
