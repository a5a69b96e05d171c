"""`tp.read_<table>`: a file or a frame in, a checked table out."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from technopole.errors import EmptyTable, WrongOption
from technopole.sources import sdmx
from technopole.sources.files import READS, Source, locate
from technopole.sources.request import Request
from technopole.tables import (
    Activity,
    Collaborations,
    Crosswalk,
    Establishments,
    Figures,
    Firms,
    InputOutput,
    Links,
    Parks,
    Patents,
    Places,
    Schema,
    Studies,
    Table,
    Trade,
    noun,
)
from technopole.tables.checking.raw import Raw, from_frame
from technopole.tables.checking.validation import Options, validate

T = TypeVar("T", bound=Table)
Covariant = TypeVar("Covariant", bound=Table, covariant=True)
HOMES = {"text": "delimited", "parquet": "parquet"}


class Reader(Protocol[Covariant]):
    """The signature all readers share."""

    def __call__(
        self,
        source: Any,
        *,
        columns: Mapping[str, str] | None = None,
        crs: str | None = None,
        year: int | None = None,
        sheet: str | int | None = None,
        layer: str | None = None,
        encoding: str | None = None,
        pad: Mapping[str, int] | None = None,
        decimal: Literal[".", ","] | None = None,
        header: int | None = None,
    ) -> Covariant: ...


def arrived(schema: Schema, source: Any, options: Options, request: Request) -> tuple[Raw, Options]:
    """Return the cells of a file or frame unchecked, and the options completed by what the format itself says."""
    if not isinstance(source, (str, Path)):
        return from_frame(source), options
    file = locate(source)
    _refuse_what_it_has_not(file, request)
    wanted = frozenset((*schema.names, *options.columns.values()))
    read = importlib.import_module(f"technopole.sources.{HOMES.get(file.format, 'capped')}").read
    raw: Raw = read(file, replace(request, wanted=wanted))
    if sdmx.is_sdmx(raw.names):
        options = replace(options, columns=sdmx.columns_of(raw.names, schema, options.columns))
    return raw, options


def _refuse_what_it_has_not(file: Source, request: Request) -> None:
    for option, value, formats in (
        ("sheet", request.sheet, ("workbook",)),
        ("layer", request.layer, ("vector", "duckdb", "sqlite")),
        ("header", request.header, ("text", "workbook")),
    ):
        if value is not None and file.format not in formats:
            raise WrongOption(
                f"this file has no {option}", value=value, where=file.name, fix=f"leave {option}= out"
            )


def reader(kind: type[T]) -> Reader[T]:
    """Return the reader of a kind of table."""

    def read(
        source: Any,
        *,
        columns: Mapping[str, str] | None = None,
        crs: str | None = None,
        year: int | None = None,
        sheet: str | int | None = None,
        layer: str | None = None,
        encoding: str | None = None,
        pad: Mapping[str, int] | None = None,
        decimal: Literal[".", ","] | None = None,
        header: int | None = None,
    ) -> T:
        options = Options(columns=columns or {}, crs=crs, year=year, pad=pad or {}, decimal=decimal)
        request = Request(sheet=sheet, layer=layer, encoding=encoding, header=header)
        raw, options = arrived(kind.schema, source, options, request)
        table = validate(kind, raw, options)
        if table.rows == 0:
            raise EmptyTable(
                f"the {kind.schema.name} table has headers but no rows",
                where=raw.file,
                fix="export it again, or check that the table isn't on another sheet",
            )
        return table

    read.__name__ = read.__qualname__ = f"read_{kind.schema.name}"
    read.__doc__ = _docstring(kind.schema)
    return read


def read_table(name: str, source: Any, **options: Any) -> Table:
    """Read a table by the name of its kind: ``read_table("activity", "jobs.csv", year=2019)``.

    Raises
    ------
    UnknownName
        There is no such kind of table.
    """
    return reader(noun(name))(source, **options)


def _docstring(schema: Schema) -> str:
    columns = "\n".join(
        f"        {c.name}{' (required)' if c.required else ''}: {c.meaning}{f' [{c.unit}]' if c.unit else ''}."
        for c in schema.columns
    )
    key = ", ".join(schema.key)
    unique = f"No two rows have the same {key}." if key else "Rows may repeat."
    return f"""Read {schema.title}.

    {unique} Its columns:

{columns}

    Parameters
    ----------
    source : path or frame
        {READS}; or anything that speaks Arrow: pandas, GeoPandas, Polars, Arrow, Ibis, a DuckDB relation.
    columns : mapping of str to str, optional
        Standard name -> your header. What isn't mapped is taken by its standard name; other columns are kept.
    crs : str, optional
        Reference system of x, y or geometry: an EPSG code, or "planar-km". Left out = what the file says.
    year : int, optional
        The year of a table without a year column; of one with it, the rows to keep.
    sheet : str or int, optional
        Sheet of a workbook, by name or number (from 1). Left out = the first that isn't hidden.
    layer : str, optional
        Layer of a GeoPackage or zip, or table of a DuckDB or SQLite file.
    encoding : str, optional
        Encoding of a text file. Left out = found out.
    pad : mapping of str to int, optional
        Column -> number of digits, for codes that lost their leading zeros.
    decimal : {{".", ","}}, optional
        Decimal sign of numbers in text, where it can't be told from them.
    header : int, optional
        Row that holds the headers (from 1). Left out = found out.

    Returns
    -------
    {schema.name.capitalize()}
        `.warnings` says what reading changed, filled or left out.

    Raises
    ------
    BadInput
        With every problem found, by file, sheet, row, column and value.
    MissingColumn
        A column the table needs isn't there.
    UnreadableFile
        The file isn't there, is damaged, isn't what its name says, or is too big to be opened safely.
    """


read_activity = reader(Activity)
read_establishments = reader(Establishments)
read_places = reader(Places)
read_parks = reader(Parks)
read_figures = reader(Figures)
read_firms = reader(Firms)
read_trade = reader(Trade)
read_links = reader(Links)
read_input_output = reader(InputOutput)
read_crosswalk = reader(Crosswalk)
read_studies = reader(Studies)
read_collaborations = reader(Collaborations)
read_patents = reader(Patents)
