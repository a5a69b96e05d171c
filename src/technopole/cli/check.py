"""`technopole check`: is my file fit to be read as this kind of table?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from technopole.cli.pairs import digits, pairs
from technopole.cli.printing import Format

if TYPE_CHECKING:
    from technopole.tables import Table

MOST = 0.5  # share of codes from which on a classification is named


def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file; FILE::table for a database.")],
    as_: Annotated[
        str, typer.Option("--as", metavar="TABLE", help="activity, establishments, parks, figures ...")
    ],
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="STANDARD=YOURS", help="Which of your columns is which."),
    ] = None,
    crs: Annotated[str | None, typer.Option(help="An EPSG code, or planar-km.")] = None,
    year: Annotated[int | None, typer.Option(help="The year of a table without a year column.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, by name or number.")] = None,
    layer: Annotated[str | None, typer.Option(help="Layer or table inside the file.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of a text file.")] = None,
    pad: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=DIGITS", help="Codes to pad with zeros.")
    ] = None,
    decimal: Annotated[str | None, typer.Option(help="The decimal sign: . or ,")] = None,
    header: Annotated[int | None, typer.Option(help="The row that holds the headers.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="How the problems are printed.")] = "table",
) -> None:
    """Say everything that is wrong with a file as a table of one kind, or what was read."""
    from technopole.sources import check as find_problems
    from technopole.sources import read_table

    options: dict[str, Any] = {
        "columns": pairs(column or (), "--column"),
        "crs": crs,
        "year": year,
        "sheet": sheet,
        "layer": layer,
        "encoding": encoding,
        "pad": digits(pad or (), "--pad"),
        "decimal": decimal,
        "header": header,
    }
    problems = find_problems(file, as_=as_, **options)
    if len(problems):
        _show_problems(problems, format_)
        raise typer.Exit(1)
    _show_table(read_table(as_, file, **options))


def _show_problems(problems: Any, format_: Format) -> None:
    if format_ != "table":
        from technopole.cli.printing import show_frame

        show_frame(problems, format_=format_)
        return
    from technopole.errors import Problem

    for row in problems.astype(object).where(problems.notna(), None).to_dict("records"):
        typer.echo(str(Problem(**row)))
    count = int(problems["count"].sum())
    typer.echo(f"\n{count:,} {'problem' if count == 1 else 'problems'}")


def _show_table(table: Table) -> None:
    typer.echo(
        f"{table.source} reads as {table.schema.name}: {table.rows:,} {'row' if table.rows == 1 else 'rows'}"
    )
    typer.echo(f"columns: {', '.join(table.columns)}")
    if "year" in table.columns:
        first, last = (getattr(table.expr.year, side)().to_pyarrow().as_py() for side in ("min", "max"))
        if last:
            typer.echo(f"years: {first}" if first == last else f"years: {first} to {last}")
    if table.crs:
        typer.echo(f"coordinates: {table.crs}")
    for warning in table.warnings:
        typer.echo(f"note: {warning}")
    _show_classification(table)
    _show_guesses(table)


def _show_classification(table: Table) -> None:
    """Say which classification the codes fit, where most of them fit one."""
    from technopole.tables import recognise
    from technopole.tables.conversion.convert import CODES

    column = CODES.get(table.schema.name)
    if column is None:
        return
    listed = table.expr.select(column).distinct().order_by(column).to_pyarrow()[column].to_pylist()
    codes = [code for code in listed if code]
    fits = list(recognise(codes).items())
    if not fits or fits[0][1] < MOST:
        return
    equal = [name for name, share in fits if share == fits[0][1]]
    outside = round(len(codes) * (1 - fits[0][1]))
    said = f"{column} codes: {len(codes) - outside:,} of {len(codes):,} fit {', '.join(equal[:8])}"
    if outside:
        also = [f"{name} ({share:.1%})" for name, share in fits if share < fits[0][1]][:3]
        said += (
            f"; {outside:,} {'doesn' if outside == 1 else 'don'}'t: another edition, national codes, or mistakes?"
            + (f" Next best: {', '.join(also)}" if also else "")
        )
    typer.echo(said)


def _show_guesses(table: Table) -> None:
    """Name optional columns that aren't there while another header looks like them."""
    from technopole.tables.checking.names import guess

    others = [name for name in table.columns if name not in table.schema]
    for column in table.schema.columns:
        near = guess(column.name, others) if column.name not in table.columns else []
        if near:
            typer.echo(
                f"note: no column {column.name} ({column.meaning}); is it {near[0]!r}? {table.advice(column.name)}"
            )
