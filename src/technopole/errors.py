"""One base error. Each says what is wrong, which value, where, what exists, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class TechnopoleError(Exception):
    """The user's input or request can't be served; the message is written for the user."""

    def __init__(
        self,
        what: str,
        *,
        value: object = None,
        where: str = "",
        exists: Iterable[object] = (),
        fix: str = "",
    ) -> None:
        self.what, self.value, self.where, self.fix = what, value, where, fix
        self.exists = tuple(str(item) for item in exists)
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what if self.value is None else f"{self.what}: {self.value!r}"]
        if self.where:
            lines.append(f"  where:    {self.where}")
        if self.exists:
            shown = ", ".join(self.exists[:20])
            more = f" … and {len(self.exists) - 20} more" if len(self.exists) > 20 else ""
            lines.append(f"  there is: {shown}{more}")
        if self.fix:
            lines.append(f"  to do:    {self.fix}")
        return "\n".join(lines)


class MissingColumn(TechnopoleError):
    """A column the table or the function needs isn't there."""


class EmptyTable(TechnopoleError):
    """There is no row to compute from."""


class WrongOption(TechnopoleError):
    """An argument has a value outside what is allowed."""


class UnknownName(TechnopoleError):
    """A name (table, sector, code, park, step ...) that nobody defined."""


class UnreadableFile(TechnopoleError):
    """The file isn't there, isn't what its name says, or is too big to be read safely."""


class StoreError(TechnopoleError):
    """The results folder can't be written or is in use."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a user's table, in the user's own terms.

    `row` is the row as the user sees it (1-based, header rows counted) or None for the whole column or table;
    `count` is how many rows have the same problem in the same column.
    """

    file: str
    sheet: str
    row: int | None
    column: str
    value: str
    problem: str
    allowed: str
    fix: str
    count: int = 1

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.file,
                f"sheet {self.sheet}" if self.sheet else "",
                f"row {self.row}" if self.row is not None else "",
                f"column {self.column}" if self.column else "",
            )
            if part
        )
        more = f" ({self.count} rows)" if self.count > 1 else ""
        said = f"{place}: {self.problem}{f' {self.value!r}' if self.value else ''}{more}"
        return "; ".join(filter(None, (said, self.allowed and f"allowed: {self.allowed}", self.fix)))


class BadInput(TechnopoleError):
    """A table that can't be used as it stands; `.problems` lists everything that is wrong with it."""

    def __init__(self, what: str, problems: Sequence[Problem], *, where: str = "", fix: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__(what, where=where, fix=fix)

    def __str__(self) -> str:
        shown = "\n".join(f"  - {problem}" for problem in self.problems[:10])
        more = f"\n  … and {len(self.problems) - 10} more" if len(self.problems) > 10 else ""
        return f"{super().__str__()}\n{shown}{more}"
