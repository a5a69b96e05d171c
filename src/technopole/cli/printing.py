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
    show_frame(result.table, format_=format_, fields=result.fields)
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
    import pandas as pd
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for name in frame.columns:
        number = pd.api.types.is_numeric_dtype(frame[name])
        grid.add_column(
            Text(str(name)), justify="right" if number else "left", overflow="ellipsis", max_width=48
        )
    for row in frame.head(rows).itertuples(index=False):
        grid.add_row(
            *(
                Text(_shown(value, fields.get(str(name))))
                for name, value in zip(frame.columns, row, strict=True)
            )
        )
    Console(highlight=False).print(grid)
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
