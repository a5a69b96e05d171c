"""Questions that nearly every table answers with "no row", asked of all columns at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from technopole.tables.checking.reading import Reading
from technopole.tables.checking.rows import is_total
from technopole.tables.checking.texts import is_broken, is_fraction, is_text, is_unclean
from technopole.tables.schema import Column, Schema


def ask_ahead(reading: Reading, schema: Schema, found: Mapping[str, str]) -> None:
    """Find in one query what the checks of single columns need not ask again."""
    columns = [column for column in schema.columns if column.name in found]
    reading.rule_out(
        condition for column in columns for condition in _unlikely(reading, schema, column, found)
    )


def _unlikely(reading: Reading, schema: Schema, column: Column, found: Mapping[str, str]) -> Iterator[str]:
    cell = clean = found[column.name]
    kind = reading.types[cell]
    if is_text(kind):
        clean = f"nullif({cell}, '')"
        yield is_unclean(cell)
        if column.kind in ("code", "text"):
            yield is_broken(clean)
        if column.name in schema.key:
            yield is_total(clean)
    if is_fraction(kind):
        yield f"isinf(CAST({cell} AS DOUBLE))"
    if column.required:
        yield f"{clean} IS NULL"
