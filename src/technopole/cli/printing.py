"""Prints results: a table that fits the terminal, or everything as CSV or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import typer

if TYPE_CHECKING:
    import pandas as pd

    from technopole.result import Field, Result

Format = Literal["table", "csv", "json"]
ROWS = 25
WIDTH = 160  # where the output isn't a terminal
LONGEST = 48


def show(result: Result, *, title: str, format_: Format) -> None:
    """Print a result; as CSV or JSON only its table goes to standard output."""
    if format_ != "table":
        show_frame(result.table, format_=format_)
        for warning in result.warnings:
            typer.echo(f"note: {warning}", err=True)
        return
    typer.echo(title)
    if result.text:
        typer.echo(f"\n{result.text}")
    typer.echo("")
    table = result.table
    if "because" in table:  # sentences are to be read whole
        for sentence in table.pop("because"):
            typer.echo(f"- {sentence}")
        typer.echo("")
    show_frame(table, format_=format_, fields=result.fields)
    for warning in result.warnings:
        typer.echo(f"note: {warning}")
    if result.citation:
        typer.echo(f"method: {result.citation}")


def show_frame(
    frame: pd.DataFrame, *, format_: Format, fields: Mapping[str, Field] | None = None, rows: int = ROWS
) -> None:
    """Print a frame: as a table its first `rows` rows, otherwise all."""
    if format_ == "csv":
        typer.echo(frame.to_csv(index=False, lineterminator="\n"), nl=False)
    elif format_ == "json":
        typer.echo(_json(frame))
    else:
        _table(frame, fields or {}, rows)


def _json(frame: pd.DataFrame) -> str:
    import json

    whole = frame.astype(object).where(frame.notna(), None)
    return json.dumps(whole.to_dict("records"), ensure_ascii=False, indent=2, default=str, allow_nan=False)


def _table(frame: pd.DataFrame, fields: Mapping[str, Field], rows: int) -> None:
    """Print what fits: long texts are cut, and columns that have no room are named below."""
    import pandas as pd
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    room = console.width if console.is_terminal else WIDTH
    grid = Table(box=None, pad_edge=False, header_style="bold")
    shown: list[list[str]] = []
    left_out: list[str] = []
    for name in (column for column in map(str, frame.columns) if column != "geometry"):
        cells = [_shown(value, fields.get(name)) for value in frame[name].head(rows)]
        width = min(max(cell_len(text) for text in [name, *cells]), max(LONGEST, cell_len(name)))
        if left_out or width > room:
            left_out.append(name)
            continue
        room -= width + 2
        right = pd.api.types.is_numeric_dtype(frame[name])
        grid.add_column(
            Text(name), justify="right" if right else "left", no_wrap=True, overflow="ellipsis", width=width
        )
        shown.append(cells)
    for row in zip(*shown, strict=True):
        grid.add_row(*map(Text, row))
    Console(highlight=False, width=console.width if console.is_terminal else WIDTH).print(grid)
    if left_out:
        typer.echo(f"not shown for want of room: {', '.join(left_out)}")
    if len(frame) > rows:
        typer.echo(f"… {len(frame) - rows} more rows; all of them with --format csv or json")


def _shown(value: Any, field: Field | None) -> str:
    import pandas as pd

    if isinstance(value, str):
        return " ".join(value.split())
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:,.{field.digits}f}" if field and field.digits is not None else f"{value:.6g}"
    return str(value)
