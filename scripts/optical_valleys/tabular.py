"""Reading and writing the small tables of the study."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

RULES = Path(__file__).parent / "tables"

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    """Return the rows of a CSV file, plain or gzipped, as text."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def rules(name: str) -> list[Row]:
    """Return the rows of one reviewed table."""
    return read(RULES / f"{name}.csv")


def write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows as CSV with these columns and no others."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")


def said(*parts: str) -> str:
    """Return the non-empty parts as one note, each once."""
    return "; ".join(dict.fromkeys(part for part in parts if part))


def number(value: float, digits: int) -> str:
    """Return a number as short decimal text."""
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
