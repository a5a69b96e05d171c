"""`technopole convert`: a table from one classification to another, with what is mapped, split and lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from technopole.cli.pairs import digits as numbers
from technopole.cli.pairs import pairs
from technopole.cli.printing import Format

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".csv", ".parquet")


def convert(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file; FILE::table for a database.")],
    as_: Annotated[str, typer.Option("--as", metavar="TABLE", help="trade, activity or patents.")],
    from_: Annotated[str, typer.Option("--from", metavar="SCHEME", help="Classification of the file's codes: HS-2007 ...")],
    to: Annotated[str, typer.Option("--to", metavar="SCHEME", help="Classification to convert to: NAICS-2017 ...")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where the table goes: .csv or .parquet.")] = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", help="Where the report by code goes: .csv or .parquet.")] = None,
    weights: Annotated[Literal["main", "equal"], typer.Option(help="Split over the publisher's main targets, or over all.")] = "main",
    through: Annotated[list[str] | None, typer.Option(metavar="SCHEME", help="A classification the chain has to pass.")] = None,
    digits: Annotated[int | None, typer.Option(min=1, help="Length the new codes are cut to.")] = None,
    value: Annotated[str | None, typer.Option(metavar="COLUMN", help="The value that shares are counted by.")] = None,
    column: Annotated[list[str] | None, typer.Option("--column", metavar="STANDARD=YOURS", help="Which of your columns is which.")] = None,
    pad: Annotated[list[str] | None, typer.Option(metavar="COLUMN=DIGITS", help="Codes to pad with zeros.")] = None,
    year: Annotated[int | None, typer.Option(help="The year of a table without a year column.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, by name or number.")] = None,
    layer: Annotated[str | None, typer.Option(help="Layer or table inside the file.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of a text file.")] = None,
    decimal: Annotated[str | None, typer.Option(help="The decimal sign: . or ,")] = None,
    header: Annotated[int | None, typer.Option(help="The row that holds the headers.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="How the report is printed.")] = "table",
) -> None:  # fmt: skip
    """Convert a table to another classification; say what is mapped, split and lost."""
    for path, option in ((out, "--out"), (report, "--report")):
        if path is not None and path.suffix.lower() not in ENDINGS:
            raise typer.BadParameter(f"ends in {' or '.join(ENDINGS)}, not {path.name!r}", param_hint=option)
    from technopole import tables
    from technopole.cli.printing import show_frame
    from technopole.sources import read_table

    how: dict[str, Any] = {
        "columns": pairs(column or (), "--column"),
        "year": year,
        "sheet": sheet,
        "layer": layer,
        "encoding": encoding,
        "pad": numbers(pad or (), "--pad"),
        "decimal": decimal,
        "header": header,
    }
    table: Any = read_table(as_, file, **how)
    done = tables.convert(
        table, from_=from_, to=to, weights=weights, through=through or (), digits=digits, value=value
    )
    if out is not None:
        _write(out, done.table.to_pandas())
    if report is not None:
        _write(report, done.report)
    if format_ != "table":
        show_frame(done.report, format_=format_)
        for warning in (done.text, *done.warnings):
            typer.echo(f"note: {warning}", err=True)
        return
    typer.echo(f"{done.text}\n")
    show_frame(
        done.report.sort_values(["lost", "value", "code"], ascending=[False, False, True]), format_="table"
    )
    for warning in (*table.warnings, *done.warnings):
        typer.echo(f"note: {warning}")
    for source in done.sources:
        typer.echo(f"source: {source}")
    if out is not None:
        typer.echo(f"{out}: {done.table.rows:,} {'row' if done.table.rows == 1 else 'rows'}")


def _write(path: Path, frame: pd.DataFrame) -> None:
    from technopole import writing

    if path.suffix.lower() == ".csv":
        writing.write_text(path, frame.to_csv(index=False, lineterminator="\n"))
        return
    import pyarrow as pa

    writing.write_parquet(path, pa.Table.from_pandas(frame, preserve_index=False))
