"""Delimited text: CSV, TSV and their relatives, in any of the usual encodings."""

from __future__ import annotations

import codecs
import csv
import io
import os
from pathlib import Path
from typing import Any

import duckdb

from technopole.errors import Problem, UnreadableFile
from technopole.sources.dialect import Dialect, sniff
from technopole.sources.encodings import detect
from technopole.sources.files import Source, sha256
from technopole.sources.request import Request
from technopole.tables.checking.raw import Raw
from technopole.tables.checking.reading import cursor, quoted
from technopole.tables.checking.scratch import scratch_file

START = 262_144
IN_MEMORY = 64_000_000
BLOCK = 4_000_000
SPREADSHEET = "open it in a spreadsheet to see the row"


def read(source: Source, request: Request) -> Raw:
    """Read a delimited text file; a row with too few or too many cells is a problem, not a guess."""
    encoding = detect(source.path, request.encoding)
    path = _as_utf8(source.path, encoding)
    with path.open("rb") as file:
        start = file.read(START)
    whole = len(start) < START
    text = codecs.getincrementaldecoder("utf-8")().decode(start, final=whole).lstrip("\ufeff")
    dialect = sniff(text.replace("\r\n", "\n").replace("\r", "\n"), whole, source.name, request)
    raw = Raw(
        data=path,
        names=dialect.names,
        file=source.name,
        first_row=dialect.skip + 1,
        text=True,
        digest=sha256(source.path),
        warnings=list(dialect.warnings),
    )
    if encoding not in ("utf-8", "ascii"):
        raw.warnings.append(f"the text was read as {encoding}")
    raw.blanks = _blank_rows(path, dialect)
    _parse(raw, path, dialect)
    if path != source.path:
        path.unlink()
    return raw


def _as_utf8(path: Path, encoding: str) -> Path:
    """Return the file itself if it is sound UTF-8 with usual line ends, else a copy that is."""
    usual = encoding in ("utf-8", "ascii") and not _old_line_ends(path)
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
    copy = path if usual else scratch_file(".csv")
    lines = 1
    with path.open("rb") as file, Path(os.devnull if usual else copy).open("wb") as target:
        while True:
            block = file.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line = lines + error.object[: error.start].count(b"\n")
                raise UnreadableFile(
                    f"row {line} holds bytes that aren't {encoding}: {error.object[error.start : error.end]!r}",
                    value=path.name,
                    fix=f"correct row {line}, or name the encoding with encoding=",
                ) from error
            if "\0" in text:
                row = lines + text[: text.index("\0")].count("\n")
                raise UnreadableFile(
                    f"row {row} holds a zero byte, which no text has",
                    value=path.name,
                    fix="export the file again",
                )
            lines += text.count("\n")
            if not usual:
                target.write(text.replace("\r\n", "\n").replace("\r", "\n").encode())
            if not block:
                return copy


def _old_line_ends(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(START)
    return b"\r" in start.rstrip(b"\r").replace(b"\r\n", b"")


def _blank_rows(path: Path, dialect: Dialect) -> tuple[int, ...]:
    """Return blank rows below the header as a spreadsheet numbers them; of big files none, their rows shift."""
    if path.stat().st_size > IN_MEMORY or len(dialect.names) == 1:
        return ()
    text = path.read_bytes()
    if b"\n\n" not in text and b"\n\r\n" not in text:
        return ()
    lines = io.StringIO(text.decode("utf-8-sig"), newline="")
    for _ in range(dialect.skip):
        lines.readline()
    try:
        rows = enumerate(csv.reader(lines, delimiter=dialect.delimiter), dialect.skip + 1)
        return tuple(number for number, row in rows if not row)
    except csv.Error:
        return ()


def _parse(raw: Raw, path: Path, dialect: Dialect) -> None:
    columns = ", ".join(f"c{i}: 'VARCHAR'" for i in range(len(dialect.names)))
    scan = (
        f"SELECT * FROM read_csv({quoted(str(path))}, auto_detect = false, header = false, skip = {dialect.skip}, "
        f"delim = {quoted(dialect.delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}}, "
        "store_rejects = true, rejects_limit = 1000)"
    )
    con = cursor()
    try:
        if path.stat().st_size <= IN_MEMORY:
            raw.data = con.sql(scan).to_arrow_table()
        else:
            raw.data = scratch_file(".parquet")
            con.execute(f"COPY ({scan}) TO {quoted(str(raw.data))} (FORMAT parquet, COMPRESSION snappy)")
        raw.problems += _ragged(con, raw, dialect)
    except duckdb.Error as error:
        raise UnreadableFile(
            "the text can't be read as a table",
            value=raw.file,
            where=str(error).splitlines()[0][:200],
            fix="check quotes and delimiters, or export it again as CSV (UTF-8)",
        ) from error


def _ragged(con: Any, raw: Raw, dialect: Dialect) -> list[Problem]:
    width = len(dialect.names)
    try:
        rejects = con.execute(
            "SELECT line, error_type, csv_line, count(DISTINCT line) OVER (PARTITION BY error_type) FROM reject_errors ORDER BY line"
        ).fetchall()
    except duckdb.CatalogException:
        return []
    said: dict[str, str] = {
        "MISSING COLUMNS": "the row has too few cells",
        "TOO MANY COLUMNS": "the row has too many cells",
        "UNQUOTED VALUE": "a quote opens or closes in the wrong place",
        "INVALID ENCODING": "the row holds bytes that aren't text",
        "LINE SIZE OVER MAXIMUM": "the row is longer than 2 MB; a quote may be left open",
    }
    found: list[Problem] = []
    for kind in dict.fromkeys(reject[1] for reject in rejects):
        mine = [reject for reject in rejects if reject[1] == kind]
        line, _, content, count = mine[0]
        cells = len((content or "").strip("\r\n").split(dialect.delimiter))
        counted = f" ({cells}; the header has {width})" if "COLUMNS" in kind else ""
        comma = (
            "; a comma inside a cell, or a decimal comma, needs quotes" if dialect.delimiter == "," else ""
        )
        found.append(
            Problem(
                raw.file,
                "",
                int(line),
                "",
                (content or "").strip("\r\n")[:60],
                (said.get(kind) or str(kind).lower()) + counted,
                f"{width} cells in each row, text with {dialect.delimiter!r} in quotes",
                f"correct the row{comma}" if "COLUMNS" in kind else f"correct the quotes; {SPREADSHEET}",
                int(count),
            )
        )
    return found
