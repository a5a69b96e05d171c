"""Checks a table against its schema: every problem by row, column and value; nothing changed without a warning."""

from __future__ import annotations

import weakref
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import ibis
import pyarrow.parquet as pq

from technopole import engine
from technopole.errors import BadInput, EmptyTable, MissingColumn, Problem, UnreadableFile, WrongOption
from technopole.tables.checking import digest, geometry
from technopole.tables.checking.ahead import ask_ahead
from technopole.tables.checking.columns import outputs_of
from technopole.tables.checking.coordinates import check_points, system
from technopole.tables.checking.names import match
from technopole.tables.checking.numbers import Decimal
from technopole.tables.checking.raw import Raw
from technopole.tables.checking.reading import Reading, counted, quoted
from technopole.tables.checking.rows import refuse_duplicates, refuse_non_data
from technopole.tables.checking.scratch import scratch, scratch_file
from technopole.tables.checking.trade_rows import check_trade
from technopole.tables.checking.years import output_year
from technopole.tables.schema import Schema
from technopole.tables.table import Table

T = TypeVar("T", bound=Table)

# Above this many cells the checked table goes to a temporary Parquet file instead of memory.
CELLS_IN_MEMORY = 30_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """How the user said a table is to be read."""

    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    crs: str | None = None
    year: int | None = None
    pad: Mapping[str, int] = field(default_factory=dict[str, int])
    decimal: Decimal | None = None


def validate(kind: type[T], raw: Raw, options: Options) -> T:
    """Return the cells as a table of this kind.

    Raises
    ------
    BadInput
        With all its problems.
    MissingColumn
        A column the table needs isn't there.
    """
    with engine.alone, _forgotten(raw):
        return _validated(kind, raw, options)


@contextmanager
def _forgotten(raw: Raw) -> Generator[None, None, None]:
    """Remove the cells' temporary file, if they are in one, when they have been read."""
    try:
        yield
    except duckdb.Error as error:
        raise _explained(raw, error) from error
    finally:
        if isinstance(raw.data, Path) and raw.data.parent == scratch():
            raw.data.unlink(missing_ok=True)


def _validated(kind: type[T], raw: Raw, options: Options) -> T:
    schema = kind.schema
    reading, outputs, crs = examine(schema, raw, options)
    if reading.missing is not None:
        raise reading.missing
    if reading.problems:
        n = sum(problem.count for problem in reading.problems)
        raise BadInput(
            f"this can't be read as {schema.name}: {counted(n, 'problem')}",
            reading.problems,
            where=raw.file + (f", sheet {raw.sheet}" if raw.sheet else ""),
        )
    return _made(kind, reading, outputs, crs, options)


def problems(kind: type[Table], raw: Raw, options: Options) -> tuple[Problem, ...]:
    """Return everything that is wrong with the cells as a table of this kind."""
    with engine.alone, _forgotten(raw):
        reading, _, _ = examine(kind.schema, raw, options)
        empty = reading.missing is None and not reading.problems and not reading.count("true")
    if reading.missing is not None and not reading.problems:
        raise reading.missing
    if empty:
        reading.problem("the table has headers but no rows", allowed="one row or more", fix="export it again")
    return tuple(reading.problems)


def _explained(raw: Raw, error: duckdb.Error) -> UnreadableFile:
    return UnreadableFile(
        "the cells can't be checked",
        value=raw.file,
        where=str(error).splitlines()[0][:200],
        fix="export the table as CSV (UTF-8) or Parquet, with text, numbers and dates only",
    )


def examine(schema: Schema, raw: Raw, options: Options) -> tuple[Reading, dict[str, str], str | None]:
    """Return the reading with what was found in it, the SQL of each output column, and the coordinate system."""
    if not raw.names:
        raise EmptyTable("the table has no columns", where=raw.file, fix="export it again")
    raw, crs = geometry.prepare(raw, schema, options.columns, system(options.crs))
    reading = Reading(raw)
    try:
        found = match(reading, schema, options.columns)
    except MissingColumn as error:
        reading.missing = error
        return reading, {}, None
    if reading.missing is not None:
        return reading, {}, None
    _known(options.pad, found, raw)
    ask_ahead(reading, schema, found)
    data_rows = refuse_non_data(reading, schema, found)
    if data_rows:
        reading.keep = f"{reading.keep} AND {data_rows}"
    _keep_year(reading, schema, found, options)
    outputs = outputs_of(reading, schema, found, options.pad, options.decimal)
    if "year" in schema and "year" not in outputs:
        outputs["year"] = f"CAST({int(options.year or 0)} AS BIGINT)"
    outputs = {name: outputs[name] for name in (*schema.key, *outputs) if name in outputs}
    if schema.name == "trade":
        check_trade(reading, found, outputs)
    crs = check_points(reading, schema, outputs, crs)
    refuse_duplicates(reading, schema, outputs)
    return reading, outputs, crs


def _known(pad: Mapping[str, int], found: Mapping[str, str], raw: Raw) -> None:
    for name in pad:
        if name not in found:
            raise WrongOption("pad names a column that isn't there", value=name, where=raw.file, exists=found)


def _keep_year(reading: Reading, schema: Schema, found: Mapping[str, str], options: Options) -> None:
    """With year= given and a year column there, keep that year's rows only."""
    if options.year is None or "year" not in schema or "year" not in found:
        return
    year = output_year(reading, schema["year"], found["year"])
    before = reading.count("true")
    kept = reading.count(f"({year}) = {int(options.year)}")
    if before and not kept:
        there = [row[0] for row in reading.rows(f"SELECT DISTINCT {year} FROM {reading.cells} ORDER BY 1")]
        raise WrongOption("no row is of this year", value=options.year, where=reading.raw.file, exists=there)
    if kept < before:
        reading.warn(f"year={options.year} keeps {kept:,} of {before:,} rows")
        reading.keep = f"{reading.keep} AND ({year}) = {int(options.year)}"


def _made(kind: type[T], reading: Reading, outputs: dict[str, str], crs: str | None, options: Options) -> T:
    query = (
        f"SELECT {', '.join(f'{sql} AS {_identifier(name)}' for name, sql in outputs.items())} "
        f"FROM {reading.cells} WHERE {reading.keep}"
    )
    rows = reading.count("true")
    blank = (
        0
        if reading.keep == "true"
        else int(reading.rows(f"SELECT count(*) FROM {reading.cells}")[0][0]) - rows
    )
    raw = reading.raw
    if blank and options.year is None:
        reading.warn(f"{counted(blank, 'empty row')} left out")
    if rows == 0:
        reading.warn(f"{raw.file} has no rows")
    signed = digest.of_file(raw.digest, _said(kind, raw, options)) if raw.digest else ""
    path = None
    if rows * len(outputs) <= CELLS_IN_MEMORY:
        arrow = reading.con.sql(query).to_arrow_table()
        signed = signed or digest.of_content(arrow)
        engine.connection()
        expr = ibis.memtable(arrow)
    else:
        path = _spill(reading, query)
        signed = signed or digest.of_content(pq.read_table(path))
        expr = engine.connection().read_parquet(path)
    table = kind(
        expr,
        source=raw.file,
        digest=signed,
        rows=rows,
        warnings=tuple(_together(reading.warnings)),
        crs=crs,
    )
    if path is not None:
        weakref.finalize(expr.op(), path.unlink, missing_ok=True)
    return table


def _together(warnings: Sequence[str]) -> list[str]:
    """Say once, with the columns' names, what is said of several columns' decimal signs."""
    style = ": numbers are written with decimal commas; "
    columns = [said.partition(style)[0] for said in warnings if style in said]
    said: dict[str, None] = {}
    for warning in warnings:
        name, found, example = warning.partition(style)
        if found and len(columns) > 1:
            shown = ", ".join(columns[:3]) + (" ..." if len(columns) > 3 else "")
            warning = f"numbers are written with decimal commas in {len(columns)} columns ({shown}); in {columns[0]}, {example}"
            if name != columns[0]:
                continue
        said[warning] = None
    return list(said)


def _said(kind: type[Table], raw: Raw, options: Options) -> dict[str, Any]:
    return {
        "table": kind.schema.name,
        "sheet": raw.sheet,
        "columns": dict(options.columns),
        "crs": options.crs,
        "year": options.year,
        "pad": dict(options.pad),
        "decimal": options.decimal,
    }


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _spill(reading: Reading, query: str) -> Path:
    path = scratch_file(".parquet")
    reading.con.execute(f"COPY ({query}) TO {quoted(str(path))} (FORMAT parquet, COMPRESSION snappy)")
    return path
