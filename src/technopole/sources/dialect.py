"""How a text file separates its cells: the delimiter that gives rows of one width, the quote, the header."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

from technopole.errors import UnreadableFile
from technopole.sources.headers import find_header, is_merged
from technopole.sources.request import Request

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Dialect:
    """Delimiter, headers, and how many lines stand above the first row of data."""

    delimiter: str
    names: tuple[str, ...]
    skip: int
    warnings: tuple[str, ...]


def sniff(text: str, whole: bool, file: str, request: Request) -> Dialect:
    """Find the dialect from the start of a file (`whole` says that `text` is all of it)."""
    if not whole:
        text = text[: text.rfind("\n") + 1] or text
    separated = text.split("\n", 1)[0].strip().lower()
    text, extra = (text.split("\n", 1)[1], 1) if separated.startswith("sep=") and "\n" in text else (text, 0)
    ranked = sorted(DELIMITERS, key=lambda delimiter: _fitness(text, delimiter, request), reverse=True)
    delimiter = separated[4:5] if extra and separated[4:5] in DELIMITERS else ranked[0]
    rows = list(_rows(text, delimiter))
    if not any(cell.strip() for row in rows for cell in row):
        raise UnreadableFile("the file holds no cells", value=file, fix="export it again")
    at = request.header - 1 - extra if request.header else find_header(rows, request.wanted)
    if not 0 <= at < len(rows):
        raise UnreadableFile(
            f"header= names row {request.header}, but the file has {len(rows)} rows",
            value=file,
            fix="name a row that is there",
        )
    names = tuple(cell.strip().lstrip("\ufeff") for cell in rows[at])
    below = next((row for row in rows[at + 1 :] if any(row)), [])
    if is_merged(names, below) and not request.header:
        raise UnreadableFile(
            f"the header stands in more than one row: row {at + 1 + extra} has blank cells above words in the next row",
            value=" | ".join(names)[:80],
            where=file,
            fix="write one header row with a name in every cell, or name the row with header=",
        )
    names = _as_wide_as_data(names, rows[at + 1 :])
    warnings = []
    if at and not request.header:
        warnings.append(f"the header was taken from row {at + 1 + extra}; the rows above it were skipped")
    return Dialect(delimiter, names, _lines_through(text, delimiter, at) + extra, tuple(warnings))


def _rows(text: str, delimiter: str, limit: int = 400) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False):
            rows.append(row)
            if len(rows) >= limit:
                break
    except csv.Error:
        pass
    return rows


def _fitness(text: str, delimiter: str, request: Request) -> tuple[float, int]:
    """Return (wanted headers found, how many rows share one width of two or more cells, that width)."""
    rows = [row for row in _rows(text, delimiter, 200) if any(cell.strip() for cell in row)]
    if not rows:
        return 0.0, 0
    header = rows[min(find_header(rows, request.wanted), len(rows) - 1)]
    known = {name.casefold() for name in request.wanted}
    hits = sum(cell.strip().casefold() in known for cell in header)
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    same = count / len(rows) if width > 1 else 0.0
    fits = 1.0 if len(header) == width else 0.0
    return hits + same + fits * same, width


def _as_wide_as_data(names: tuple[str, ...], rows: list[list[str]]) -> tuple[str, ...]:
    """A header narrower or wider than the data by blank cells only is cut or filled with blank names."""
    widths = Counter(len(row) for row in rows if any(row))
    if not widths:
        return names
    width = widths.most_common(1)[0][0]
    while len(names) > max(widths) and not names[-1]:
        names = names[:-1]
    if width > len(names) and not any(cell.strip() for row in rows for cell in row[len(names) :]):
        names = names + ("",) * (width - len(names))
    return names


def _lines_through(text: str, delimiter: str, at: int) -> int:
    """Return how many lines of text the first `at` + 1 rows take."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    for i, _ in enumerate(reader):
        if i == at:
            break
    return reader.line_num
