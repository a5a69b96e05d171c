"""Checks a frame against a schema: every problem by row, column and value; nothing silently changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, TypeVar

import ibis
import pandas as pd
import pyarrow as pa

from technopole import engine
from technopole.errors import BadInput, MissingColumn, Problem
from technopole.tables.table import Table

T = TypeVar("T", bound=Table)


def validate(
    kind: type[T], frame: Any, *, columns: Mapping[str, str], crs: str | None, year: int | None, source: str
) -> T:
    """Return `frame` as a table of this kind, or raise `BadInput` with all its problems."""
    schema = kind.schema
    raw = pa.table(frame).to_pandas() if not isinstance(frame, pd.DataFrame) else frame.copy(deep=False)
    raw = raw.rename(columns={theirs: ours for ours, theirs in columns.items()})
    problems: list[Problem] = []
    for column in schema.columns:
        if column.name not in raw.columns:
            if column.required:
                raise MissingColumn(
                    f"this {schema.name} table has no column",
                    value=column.name,
                    where=source,
                    exists=raw.columns,
                    fix=f"map yours: columns={{{column.name!r}: 'your column'}}",
                )
            continue
        if column.kind in ("code", "text", "choice"):
            raw[column.name] = raw[column.name].astype("string")
        elif column.kind in ("number", "longitude", "latitude", "year"):
            numbers = pd.to_numeric(raw[column.name], errors="coerce").astype("float64")
            bad = numbers.isna() & raw[column.name].notna()
            if column.low is not None:
                bad |= numbers < column.low
            problems += [
                Problem(
                    source,
                    "",
                    int(i) + 1,
                    column.name,
                    str(raw[column.name].iloc[i]),
                    "is not",
                    column.allowed,
                    "correct it",
                )
                for i in bad.to_numpy().nonzero()[0][:20]
            ]
            whole = (numbers.dropna() % 1 == 0).all() and numbers.abs().max() < 2**53
            raw[column.name] = numbers.astype("Int64") if whole else numbers
    if "year" in schema and "year" not in raw.columns:
        raw["year"] = pd.Series(year or 0, index=raw.index, dtype="int64")
    if problems:
        raise BadInput(f"this can't be read as {schema.name}", problems, where=source)
    arrow = pa.Table.from_pandas(raw, preserve_index=False)
    seen = hashlib.sha256()
    for batch in arrow.combine_chunks().to_batches():
        seen.update(batch.serialize())
    engine.connection()
    expr = ibis.memtable(arrow)
    return kind(expr, source=source, digest=seen.hexdigest(), rows=arrow.num_rows, crs=crs)
