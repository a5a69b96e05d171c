"""`tp.read_<table>`: a file or a frame in, a checked table out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow.parquet as pq

from technopole.errors import UnreadableFile
from technopole.tables import (
    Activity,
    Collaborations,
    Establishments,
    Figures,
    Firms,
    Parks,
    Patents,
    Places,
    Table,
    Trade,
)

T = TypeVar("T", bound=Table)


def _read(
    kind: type[T],
    source: Any,
    columns: Mapping[str, str] | None,
    crs: str | None,
    year: int | None,
    sheet: str | None,
) -> T:
    if not isinstance(source, (str, Path)):
        return kind.of(source, columns=columns, crs=crs, year=year)
    path = Path(source)
    if not path.is_file():
        raise UnreadableFile("no such file", value=str(path))
    if path.suffix == ".parquet":
        frame: Any = pq.read_table(path)
    elif path.suffix in (".xlsx", ".xls", ".ods"):
        frame = pd.read_excel(path, sheet_name=sheet or 0, dtype=object, engine="calamine")
    else:
        frame = pd.read_csv(path, dtype=str, sep="\t" if path.suffix == ".tsv" else ",")
    return kind.of(frame, columns=columns, crs=crs, year=year, source=path.name)


def _reader(kind: type[T]) -> Any:
    def read(
        source: Any,
        *,
        columns: Mapping[str, str] | None = None,
        crs: str | None = None,
        year: int | None = None,
        sheet: str | None = None,
        layer: str | None = None,
        encoding: str | None = None,
        pad: Mapping[str, int] | None = None,
    ) -> T:
        return _read(kind, source, columns, crs, year, sheet)

    read.__name__ = read.__qualname__ = f"read_{kind.schema.name}"
    return read


read_activity = _reader(Activity)
read_establishments = _reader(Establishments)
read_places = _reader(Places)
read_parks = _reader(Parks)
read_figures = _reader(Figures)
read_firms = _reader(Firms)
read_trade = _reader(Trade)
read_collaborations = _reader(Collaborations)
read_patents = _reader(Patents)
