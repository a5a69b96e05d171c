"""One table being checked: its cells in a DuckDB of their own, and what has been found so far."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from technopole.errors import MissingColumn, Problem
from technopole.tables.checking.raw import Raw

# Tables up to this many cells are copied: each of many questions is then answered in two thirds of the time.
COPIED = 1_000_000


def quoted(text: str) -> str:
    """Return `text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


@cache
def _database() -> Any:
    # Separate from the engine: parsing and checking add nothing up, so it may use every core.
    base = duckdb.connect(":memory:")
    base.execute("SET memory_limit = '640MB'")
    base.execute(f"SET temp_directory = {quoted(tempfile.gettempdir())}")
    base.execute("SET enable_geoparquet_conversion = false")
    base.execute("SET enable_progress_bar = false")
    return base


def cursor() -> Any:
    """Return a connection to the database that reads and checks."""
    return _database().cursor()


class Reading:
    """Cells `c0, c1 ...` to ask questions of, and the problems and warnings found in them."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.problems: list[Problem] = list(raw.problems)
        self.warnings: list[str] = list(raw.warnings)
        self.missing: MissingColumn | None = None
        self._answers: dict[str, tuple[Any, ...]] = {}
        self._never: set[str] = set()
        self.con = cursor()
        columns = ", ".join(f"c{i}" for i in range(len(raw.names)))
        if isinstance(raw.data, Path):
            scan = f"read_parquet({quoted(str(raw.data))}"
            self.cells = f"(SELECT * FROM {scan}) AS t({columns}))"
            self.numbered = f"(SELECT * FROM {scan}, file_row_number = true) AS t({columns}{', ' if columns else ''}position))"
        else:
            self.con.register("given", raw.data)
            small = raw.data.num_rows * raw.data.num_columns <= COPIED
            self.con.execute(f"CREATE TEMP {'TABLE' if small else 'VIEW'} arrived AS SELECT * FROM given")
            self.cells = "arrived"
            self.numbered = "(SELECT *, row_number() OVER () - 1 AS position FROM arrived)"
        self.types = {name: kind for name, kind, *_ in self.rows(f"DESCRIBE SELECT * FROM {self.cells}")}
        self.keep = "true"
        not_blank = self._not_blank()
        if self.count(f"NOT ({not_blank})"):
            self.keep = not_blank

    def _not_blank(self) -> str:
        blank = [
            f"coalesce({name}, '') = ''" if kind == "VARCHAR" else f"{name} IS NULL"
            for name, kind in self.types.items()
        ]
        return f"NOT ({' AND '.join(blank)})" if blank else "true"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.con.execute(query).fetchall()

    def one(self, *parts: str, where: str = "true") -> tuple[Any, ...]:
        """Return aggregates over the cells; the same question is asked once."""
        query = f"SELECT {', '.join(parts)} FROM {self.cells} WHERE {self.keep} AND {where}"
        if query not in self._answers:
            self._answers[query] = self.rows(query)[0]
        return self._answers[query]

    def rule_out(self, conditions: Iterable[str]) -> None:
        """Ask at once which conditions no row fulfils; `count` then knows, whichever rows are kept."""
        asked = list(dict.fromkeys(conditions))
        if asked:
            counts = self.rows(
                f"SELECT {', '.join(f'count(*) FILTER ({item})' for item in asked)} FROM {self.cells}"
            )[0]
            self._never.update(item for item, count in zip(asked, counts, strict=True) if not count)

    def count(self, where: str) -> int:
        """Return how many rows fulfil a condition."""
        return 0 if where in self._never else int(self.one("count(*)", where=where)[0])

    def first(self, where: str, *shown: str, limit: int = 1) -> list[tuple[Any, ...]]:
        """Return the first rows that fulfil a condition: the row the user sees, then the expressions asked for."""
        found = self.rows(
            f"SELECT position, {', '.join(shown)} FROM {self.numbered} WHERE {self.keep} AND ({where}) "
            f"ORDER BY position LIMIT {limit}"
        )
        return [(self.raw.row(position), *values) for position, *values in found]

    def examples(self, where: str, shown: str, limit: int = 60) -> list[tuple[int, str, int]]:
        """Return (first row, value, how many rows) of each different value among the rows that fulfil a condition."""
        found = self.rows(
            f"SELECT min(position) AS p, CAST({shown} AS VARCHAR) AS v, count(*) FROM {self.numbered} "
            f"WHERE {self.keep} AND ({where}) GROUP BY v ORDER BY p LIMIT {limit}"
        )
        return [(self.raw.row(position), "" if value is None else value, n) for position, value, n in found]

    def problem(
        self,
        problem: str,
        *,
        column: str = "",
        row: int | None = None,
        value: object = "",
        allowed: str = "",
        fix: str = "",
        count: int = 1,
    ) -> None:
        """Note a problem."""
        shown = "" if value is None else str(value)
        self.problems.append(
            Problem(self.raw.file, self.raw.sheet, row, column, shown, problem, allowed, fix, count)
        )

    def refuse(self, where: str, shown: str, problem: str, *, column: str, allowed: str, fix: str) -> bool:
        """Note the rows that fulfil `where` as one problem, shown by the first of them; say whether there are any."""
        count = self.count(where)
        if count:
            row, value = self.first(where, shown)[0]
            self.problem(problem, column=column, row=row, value=value, allowed=allowed, fix=fix, count=count)
        return count > 0

    def warn(self, text: str) -> None:
        """Note what was changed, filled or left out."""
        self.warnings.append(text)

    def called(self, name: str, cell: str) -> str:
        """Return the column in the user's terms: the header, and the standard name where it differs."""
        header = self.raw.names[int(cell[1:])]
        return name if header == name else f"{header} (read as {name})"


def counted(count: int, what: str) -> str:
    """Return a count in words: "1 cell", "2,000 cells"."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
