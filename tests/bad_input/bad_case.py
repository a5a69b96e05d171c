"""What a bad input is: how it is made, how it is read, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEAD = "place,industry,year,employment\n"


@dataclass(frozen=True)
class Case:
    """One input. `error` None = it must be read, with `cells` in the table and `says` in the warnings."""

    kind: str
    name: str
    make: Callable[[Path], Any]
    says: tuple[str, ...] = ()
    error: type[Exception] | None = None
    table: str = "activity"
    options: Mapping[str, Any] = field(default_factory=dict)
    cells: Mapping[str, list[Any]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


def text(content: str | bytes, name: str = "jobs.csv", encoding: str = "utf-8") -> Callable[[Path], Path]:
    """Make a text file."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return make


def rows(*lines: str, head: str = HEAD, name: str = "jobs.csv") -> Callable[[Path], Path]:
    """Make a CSV file of these lines under the usual header."""
    return text(head + "\n".join(lines) + "\n", name)


def workbook(
    sheets: Mapping[str, list[list[Any]]], name: str = "jobs.xlsx", merge: str = ""
) -> Callable[[Path], Path]:
    """Make an Excel workbook of these sheets."""

    def make(folder: Path) -> Path:
        from openpyxl import Workbook

        book = Workbook()
        book.remove(book.active)
        for title, cells in sheets.items():
            sheet = book.create_sheet(title)
            for row in cells:
                sheet.append(row)
            if merge:
                sheet.merge_cells(merge)
        book.save(folder / name)
        return folder / name

    return make
