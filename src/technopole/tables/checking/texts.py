"""Text and code cells: Unicode in one form, spaces at the ends gone, codes kept as text with their zeros."""

from __future__ import annotations

from collections.abc import Mapping

from technopole.tables.checking.reading import Reading, counted, quoted
from technopole.tables.schema import Column

SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r\n"
INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060"
WIDE = "".join(chr(i) for i in range(0xFF01, 0xFF5F))
BROKEN = r"#(N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|ERROR!)|=[^\"].*"
NARROW = "".join(chr(i) for i in range(0x21, 0x7F))
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")  # fmt: skip


def is_fraction(kind: str) -> bool:
    """Say whether a DuckDB type holds numbers with decimals."""
    return kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL")


def is_text(kind: str) -> bool:
    """Say whether a DuckDB type holds text."""
    return kind == "VARCHAR" or kind.startswith("ENUM")


def is_unclean(cell: str) -> str:
    """Return the SQL that tells which cells of text may need cleaning."""
    return (
        f"{cell} <> '' AND (strlen({cell}) <> length({cell}) OR left({cell}, 1) <= ' ' OR right({cell}, 1) <= ' ' "
        f"OR contains({cell}, chr(10)) OR contains({cell}, chr(9)))"
    )


def is_broken(clean: str) -> str:
    """Return the SQL that tells spreadsheet errors, and formulas without a result."""
    return f"left({clean}, 1) IN ('#', '=') AND regexp_full_match({clean}, '{BROKEN}')"


def text(reading: Reading, cell: str) -> str:
    """Return the SQL of a cell as clean text: NFC, no invisible characters, no spaces at the ends, null where empty."""
    if not is_text(reading.types[cell]):
        return f"CAST({cell} AS VARCHAR)"
    if not reading.count(is_unclean(cell)):
        return f"nullif({cell}, '')"
    spaced = f"translate(nfc_normalize({cell}), {quoted(SPACES + INVISIBLE)}, {quoted(' ' * len(SPACES))})"
    return f"nullif(trim({spaced}), '')"


def note_spaces(reading: Reading, name: str, cell: str, clean: str) -> None:
    """Say where spaces or invisible characters were taken away."""
    if clean.startswith("nullif(trim("):
        changed = reading.count(f"{clean} <> nfc_normalize({cell})")
        if changed:
            reading.warn(
                f"{name}: spaces or invisible characters were removed from {counted(changed, 'cell')}"
            )


def output_text(reading: Reading, column: Column, cell: str) -> str:
    """Return the SQL of a text column."""
    clean = text(reading, cell)
    _refuse_errors(reading, column, cell, clean)
    if column.required:
        require(reading, column, cell, clean)
    return clean


def _refuse_errors(reading: Reading, column: Column, cell: str, clean: str) -> None:
    """Note spreadsheet errors, and formulas without a result, among texts and codes."""
    if is_text(reading.types[cell]):
        reading.refuse(
            is_broken(clean),
            clean,
            "is a spreadsheet error, or a formula without its result",
            column=reading.called(column.name, cell),
            allowed=column.allowed,
            fix="correct the formula, or write the value",
        )


def output_choice(reading: Reading, column: Column, cell: str) -> str:
    """Return the SQL of a column that takes one of a few words, whatever their case."""
    clean = f"lower({text(reading, cell)})"
    allowed = ", ".join(quoted(choice) for choice in column.choices)
    for row, value, count in reading.examples(f"{clean} NOT IN ({allowed})", clean):
        reading.problem(
            "isn't one of the allowed words",
            column=reading.called(column.name, cell),
            row=row,
            value=value,
            allowed=column.allowed,
            fix="write one of the allowed words, or leave the cell empty",
            count=count,
        )
    return clean


def output_code(reading: Reading, column: Column, cell: str, pad: Mapping[str, int]) -> str:
    """Return the SQL of a code column, with the repairs that are certain and warnings where zeros seem lost."""
    kind = reading.types[cell]
    clean = _number_code(reading, column, cell) if is_fraction(kind) else _text_code(reading, column, cell)
    _refuse_errors(reading, column, cell, clean)
    if column.name in pad:
        clean = _padded(reading, column.name, clean, pad[column.name])
    else:
        _lost_zeros(reading, column.name, clean)
    if column.required:
        require(reading, column, cell, clean)
    return clean


def require(reading: Reading, column: Column, cell: str, clean: str) -> None:
    """Note empty cells of a required column."""
    reading.refuse(
        f"{clean} IS NULL",
        f"CAST({cell} AS VARCHAR)",
        "the cell is empty",
        column=reading.called(column.name, cell),
        allowed=column.allowed,
        fix=f"fill it in, or {column.instead}"
        + (
            "; of merged cells only the first holds the value: write it into each"
            if reading.raw.sheet
            else ""
        ),
    )


def _number_code(reading: Reading, column: Column, cell: str) -> str:
    usable = f"CASE WHEN isfinite(CAST({cell} AS DOUBLE)) THEN {cell} END"
    parts = reading.count(f"{usable} <> floor({usable})")
    if parts:
        row, value = reading.first(f"{usable} <> floor({usable})", cell)[0]
        reading.warn(
            f"{column.name}: {counted(parts, 'code')} came as numbers with decimals (first {value} in row {row}); zeros at the "
            "end may have been lost (26.7 for 26.70): store the column as text"
        )
        return f"CASE WHEN {usable} = floor({usable}) THEN CAST(CAST({usable} AS BIGINT) AS VARCHAR) ELSE CAST({usable} AS VARCHAR) END"
    return f"CAST(CAST({usable} AS BIGINT) AS VARCHAR)"


def _text_code(reading: Reading, column: Column, cell: str) -> str:
    clean = text(reading, cell)
    if not is_text(reading.types[cell]):
        return clean
    note_spaces(reading, column.name, cell, clean)
    marks = """^=?"(.*)"$|^''(.+)$"""
    is_ascii = not clean.startswith("nullif(trim(")
    dressed, wide, floats, all_codes = reading.one(
        f"count(*) FILTER (left({clean}, 1) IN (chr(39), '=', '\"'))",
        "0" if is_ascii else f"count(*) FILTER (regexp_matches({clean}, '[\uff01-\uff5e]'))",
        f"count(*) FILTER (right({clean}, 2) = '.0')",
        f"count({clean})",
    )
    if wide:
        clean = f"translate({clean}, {quoted(WIDE)}, {quoted(NARROW)})"
        reading.warn(f"{column.name}: full-width characters in {counted(wide, 'code')} were read as ASCII")
    dressed = dressed and reading.count(f"regexp_matches({clean}, '{marks}')")
    if dressed:
        clean = f"nullif(regexp_replace({clean}, '{marks}', '\\1\\2'), '')"
        reading.warn(f"{column.name}: the marks '…' or =\"…\" around {counted(dressed, 'code')} were removed")
    if floats and floats == all_codes == reading.count(f"regexp_full_match({clean}, '\\d+\\.0')"):
        clean = f"regexp_replace({clean}, '\\.0$', '')"
        reading.warn(f"{column.name}: all codes ended in .0 (read as numbers once); the .0 was removed")
    return clean


def _padded(reading: Reading, name: str, clean: str, length: int) -> str:
    short = f"regexp_full_match({clean}, '\\d+') AND length({clean}) < {length}"
    count = reading.count(short)
    if count:
        reading.warn(f"{name}: {counted(count, 'code')} padded with zeros to {length} digits")
    return f"CASE WHEN {short} THEN lpad({clean}, {length}, '0') ELSE {clean} END"


def _lost_zeros(reading: Reading, name: str, clean: str) -> None:
    """Warn where digits-only codes have two lengths, L - 1 and L, no zero leads, and the short aren't a higher level."""
    shortest, longest, odd = reading.one(
        f"min(length({clean}))",
        f"max(length({clean}))",
        f"count(*) FILTER (starts_with({clean}, '0') OR NOT regexp_full_match({clean}, '\\d+'))",
    )
    if odd or shortest is None or longest < 3 or shortest != longest - 1:
        return
    codes = (
        f"(SELECT DISTINCT {clean} AS code FROM {reading.cells} WHERE {reading.keep} AND {clean} IS NOT NULL)"
    )
    n_short, n_long, parents, example = reading.rows(
        f"WITH codes AS {codes}, long AS (SELECT code FROM codes WHERE length(code) = {longest}), "
        f"short AS (SELECT code FROM codes WHERE length(code) = {shortest}), "
        f"parents AS (SELECT DISTINCT left(code, {shortest}) AS code FROM long) "
        "SELECT (SELECT count(*) FROM short), (SELECT count(*) FROM long), "
        "(SELECT count(*) FROM short SEMI JOIN parents USING (code)), (SELECT min(code) FROM short)"
    )[0]
    if 2 * parents < n_short:
        reading.warn(
            f"{name}: {counted(n_short, 'code')} of {shortest} digits, {n_long:,} of {longest}: leading zeros may have been "
            f"lost ({example} for 0{example}); pad={{{name!r}: {longest}}} restores them"
        )
