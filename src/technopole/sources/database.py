"""A table in a DuckDB or SQLite file (in the child process)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from technopole.sources.refused import Refused

BATCH = 50_000


def prepare() -> None:
    """Load the libraries before memory is capped."""
    import sqlite3  # noqa: F401

    import duckdb  # noqa: F401


def read(order: dict[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
    """Read one table or view; the file is opened for reading only."""
    return _duckdb(order) if order["format"] == "duckdb" else _sqlite(order)


def _duckdb(order: dict[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
    import duckdb

    try:
        with duckdb.connect(
            order["path"], read_only=True, config={"threads": 1, "memory_limit": "600MB"}
        ) as con:
            names = [
                name if schema == "main" else f"{schema}.{name}"
                for schema, name in con.execute(
                    "SELECT table_schema, table_name FROM information_schema.tables ORDER BY ALL"
                ).fetchall()
            ]
            name = _choose(names, order)
            table = con.sql(f"SELECT * FROM {'.'.join(map(_quoted, name.split('.')))}").to_arrow_table()
    except duckdb.Error as error:
        raise _damaged(error) from error
    return _renamed(table), {"names": table.column_names, "sheet": name}


def _sqlite(order: dict[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
    import sqlite3

    try:
        con = sqlite3.connect(f"{Path(order['path']).absolute().as_uri()}?mode=ro", uri=True)
        found = con.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        name = _choose([row[0] for row in found], order)
        cursor = con.execute(f"SELECT * FROM {_quoted(name)}")
        names = [column[0] for column in cursor.description]
        columns: list[list[Any]] = [[] for _ in names]
        while rows := cursor.fetchmany(BATCH):
            for held, more in zip(columns, zip(*rows, strict=True), strict=True):
                held.extend(more)
    except sqlite3.Error as error:
        raise _damaged(error) from error
    arrays = [_array(held) for held in columns]
    return pa.Table.from_arrays(arrays, names=[f"c{i}" for i in range(len(arrays))]), {
        "names": names,
        "sheet": name,
    }


def _array(cells: list[Any]) -> pa.Array:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {int} or kinds <= {int, float}:
        return pa.array(cells, pa.int64() if kinds <= {int} else pa.float64())
    if kinds <= {bytes}:
        return pa.array(cells, pa.binary())
    return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())


def _renamed(table: pa.Table) -> pa.Table:
    return table.rename_columns([f"c{i}" for i in range(table.num_columns)])


def _choose(names: list[str], order: dict[str, Any]) -> str:
    asked = order.get("inside")
    if not names:
        raise Refused(error="the database has no table", fix="name the file with the table")
    if asked is None and len(names) == 1:
        return names[0]
    if asked not in names:
        what = "the database has no such table" if asked else "the database has several tables"
        raise Refused(
            unknown=what, value=asked, exists=names, fix="name one of these with layer=, or as FILE::table"
        )
    return asked


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _damaged(error: Exception) -> Refused:
    why = (str(error).splitlines() or [type(error).__name__])[0][:160]
    return Refused(error="the database is damaged or in use by another program", where=why, fix="close the other program, or export the table as Parquet")  # fmt: skip
