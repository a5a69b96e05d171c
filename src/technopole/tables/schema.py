"""How a table is described: its columns, their kinds and units, its key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["code", "text", "number", "year", "date", "longitude", "latitude", "geometry", "choice"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its standard name, what it holds, what is allowed.

    A ``code`` is text whose leading zeros count. A ``number`` lies in [`low`, `high`]. A ``choice`` is one of `choices`.
    `left_out` says what it means that a row isn't there.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    left_out: str = ""

    @property
    def instead(self) -> str:
        """What to do with a cell that has no number, in words."""
        if not self.required:
            return "leave the cell empty"
        return "delete the row" + (f" ({self.left_out})" if self.left_out else "")

    @property
    def allowed(self) -> str:
        """What the column takes, in words."""
        if self.kind == "choice":
            return " | ".join(self.choices)
        if self.kind == "year":
            return "a year of four digits, or 0" if self.low == 0 else "a year of four digits"
        if self.low is not None or self.high is not None:
            low = "" if self.low is None else f"{self.low:g} "
            high = "" if self.high is None else f" {self.high:g}"
            return f"a number, {low}to{high}" if low and high else f"a number, {low.strip()} or more"
        return {"code": "a code (text)", "text": "text", "number": "a number", "date": "a date"}.get(
            self.kind, self.kind
        )


@dataclass(frozen=True, slots=True)
class Schema:
    """A noun: its name, columns and key.

    Parameters
    ----------
    name : str
        The word used everywhere: ``read_<name>``, ``check --as <name>``.
    key : tuple of str
        Columns that together identify a row; () where rows may repeat.
    columns : tuple of Column
        The standard columns.
    value_columns : bool
        True where further numeric columns are values with bounds (`<value>_low`, `<value>_high`, `<value>_flag`).
    """

    name: str
    title: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    value_columns: bool = False

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """The standard column names."""
        return tuple(column.name for column in self.columns)
