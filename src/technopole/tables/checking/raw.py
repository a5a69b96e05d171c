"""A table as it came in: nothing checked, nothing converted, every cell still where the user sees it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from technopole.errors import Problem, WrongOption


@dataclass(slots=True)
class Raw:
    """Cells and headers as they came in.

    Attributes
    ----------
    data : pyarrow.Table or Path
        The cells, or a Parquet file that holds them; columns by position.
    names : sequence of str
        The headers, as written; they may repeat.
    sheets : sequence of str
        All sheets of the workbook.
    first_row : int
        The number the user sees beside the first row of cells.
    blanks : sequence of int
        Blank rows (as the user numbers them) that were left out, ascending.
    text : bool
        True where every cell came as text, so that a column's kind must be found out.
    digest : str
        SHA-256 of the file, "" for a frame (its content is hashed instead).
    """

    data: pa.Table | Path
    names: Sequence[str]
    file: str = "frame"
    sheet: str = ""
    sheets: Sequence[str] = ()
    first_row: int = 1
    blanks: Sequence[int] = ()
    text: bool = False
    crs: str | None = None
    digest: str = ""
    warnings: list[str] = field(default_factory=list[str])
    problems: list[Problem] = field(default_factory=list[Problem])

    def row(self, position: int) -> int:
        """Return the row number the user sees for the cell row at `position` (0-based)."""
        row = position + self.first_row
        for blank in self.blanks:
            if blank > row:
                break
            row += 1
        return row


def from_frame(frame: Any, source: str = "frame") -> Raw:
    """Take anything that speaks Arrow: pandas, GeoPandas, Polars, DuckDB, Ibis, pyarrow."""
    crs = None
    if hasattr(frame, "to_wkb") and hasattr(frame, "crs"):
        crs = str(frame.crs) if frame.crs is not None else None
        frame = frame.to_wkb()
    arrow, names = (
        _pandas(frame) if getattr(frame, "ndim", 0) == 2 and hasattr(frame, "iloc") else _arrow(frame)
    )
    crs = crs or next(filter(None, map(_field_crs, arrow.schema)), None)
    return Raw(positional(arrow), names, file=source, crs=crs)


def positional(arrow: pa.Table) -> pa.Table:
    """Name the columns c0, c1 ...: headers may repeat or differ by case only. Extension types become plain ones, times those of their own zone."""
    columns: list[Any] = []
    for column in arrow.columns:
        kind = column.type
        if isinstance(kind, pa.ExtensionType):
            columns.append(column.cast(kind.storage_type))
        elif pa.types.is_null(kind):
            columns.append(column.cast(pa.string()))
        elif pa.types.is_timestamp(kind) and kind.tz:
            columns.append(pc.call_function("local_timestamp", [column]))
        else:
            columns.append(column)
    plain = [pa.field(f"c{i}", column.type) for i, column in enumerate(columns)]
    return pa.Table.from_arrays(columns, schema=pa.schema(plain))


def _arrow(frame: Any) -> tuple[pa.Table, list[str]]:
    if hasattr(frame, "to_arrow_table"):
        frame = frame.to_arrow_table()
    elif hasattr(frame, "to_pyarrow"):
        frame = frame.to_pyarrow()
    try:
        arrow = pa.table(frame)
    except (TypeError, ValueError, pa.ArrowException) as error:
        raise WrongOption(
            "this isn't a table",
            value=type(frame).__name__,
            fix="give a frame that speaks Arrow (pandas, Polars, Arrow ...) or a dict of lists; a file is read by tp.read_<table>",
        ) from error
    return arrow, [str(name) for name in arrow.column_names]


def _pandas(frame: Any) -> tuple[pa.Table, list[str]]:
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    arrays: list[Any] = []
    for i in range(frame.shape[1]):
        series = frame.iloc[:, i]
        try:
            arrays.append(pa.chunked_array(pa.array(series, from_pandas=True)))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            mixed = [None if _empty(item) else _as_text(item) for item in series]
            arrays.append(pa.chunked_array([pa.array(mixed, pa.string())]))
    names = [str(name) for name in frame.columns]
    return pa.Table.from_arrays(arrays, names=[f"c{i}" for i in range(len(arrays))]), names


def _empty(item: object) -> bool:
    return item is None or item != item or str(item) == "<NA>"


def _as_text(item: object) -> str:
    return str(int(item)) if isinstance(item, float) and item.is_integer() else str(item)


def _field_crs(item: Any) -> str | None:
    said = (item.metadata or {}).get(b"ARROW:extension:metadata")
    if not said:
        return None
    crs = json.loads(said).get("crs")
    return json.dumps(crs) if isinstance(crs, dict) else crs
