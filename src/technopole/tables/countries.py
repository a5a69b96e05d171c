"""Countries by name: a column of three-letter codes (ISO 3166-1) with the English short names instead."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TypeVar

import pyarrow as pa

from technopole import engine
from technopole.engine import sql
from technopole.tables.table import Table

T = TypeVar("T", bound=Table)


@cache
def names() -> MappingProxyType[str, str]:
    """Return code -> short name of every country, former ones too."""
    file = resources.files("technopole") / "data" / "classifications" / "countries.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return MappingProxyType({row["code"]: row["name"] for row in rows})


def named(table: T, columns: Sequence[str]) -> T:
    """Return the table with names for the codes in these columns, in capitals or not; what is no such code stays.

    Two codes of one country stay as they are too, so that no rows come together.

    Raises
    ------
    MissingColumn
        There is no such column.
    """
    table.require(*columns)
    rows = table.expr.order_by([sql._[column] for column in table.columns]).to_pyarrow()
    for column in columns:
        codes = rows[column].to_pylist()
        said = _unambiguous(codes)
        at = rows.schema.get_field_index(column)
        rows = rows.set_column(at, column, pa.array([said.get(code, code) for code in codes], pa.string()))
    engine.connection()
    return type(table)(
        sql.memtable(rows),
        source=table.source,
        digest=hashlib.sha256(repr((table.digest, "countries", tuple(columns))).encode()).hexdigest(),
        rows=table.rows,
        warnings=table.warnings,
        crs=table.crs,
    )


def _unambiguous(codes: Iterable[str | None]) -> dict[str | None, str]:
    there = {code for code in codes if code}
    said = {code: names().get(code.upper(), code) for code in there}
    many = list(said.values())
    return {code: name for code, name in said.items() if many.count(name) == 1}
