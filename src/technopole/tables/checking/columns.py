"""Every column of a table, checked by its kind: output name -> the SQL that makes it from the cells."""

from __future__ import annotations

from collections.abc import Mapping

from technopole.errors import MissingColumn
from technopole.tables.checking.extras import may_be_value, plain_extra, plain_number
from technopole.tables.checking.markers import IS_MARKER, bound_columns, value
from technopole.tables.checking.numbers import Decimal
from technopole.tables.checking.reading import Reading
from technopole.tables.checking.texts import (
    WHOLE,
    is_fraction,
    is_text,
    output_choice,
    output_code,
    output_text,
    text,
)
from technopole.tables.checking.years import output_year
from technopole.tables.schema import Column, Schema


def outputs_of(
    reading: Reading,
    schema: Schema,
    found: Mapping[str, str],
    pad: Mapping[str, int],
    decimal: Decimal | None,
) -> dict[str, str]:
    """Return the SQL of every output column: the standard ones in the schema's order, then the others."""
    values = _values(reading, schema, found, decimal)
    sides = bound_columns(dict(found), values)
    inside = {f"{name}_{side}" for name, mine in sides.items() for side in mine}
    outputs: dict[str, str] = {}
    for column in schema.columns:
        if column.name in found and column.name not in values and column.name not in inside:
            outputs[column.name] = _standard(reading, column, found[column.name], pad, decimal)
    for name in values:
        outputs |= value(reading, schema, name, found[name], sides[name], decimal).outputs
    for name, cell in found.items():
        if name not in outputs and name not in inside:
            code = name in pad
            outputs[name] = (
                output_code(reading, Column(name, "code", ""), cell, pad)
                if code
                else plain_extra(reading, name, cell, decimal)
            )
    return outputs


def _standard(
    reading: Reading, column: Column, cell: str, pad: Mapping[str, int], decimal: Decimal | None
) -> str:
    if column.kind == "code":
        return output_code(reading, column, cell, pad)
    if column.kind == "text":
        return output_text(reading, column, cell)
    if column.kind == "choice":
        return output_choice(reading, column, cell)
    if column.kind == "year":
        return output_year(reading, column, cell)
    if column.kind in ("longitude", "latitude"):
        return plain_number(reading, column, cell, decimal=decimal, fraction=True)
    if column.kind == "number":
        return plain_number(reading, column, cell, decimal=decimal, fraction=column.name in ("x", "y"))
    return cell


def _values(reading: Reading, schema: Schema, found: Mapping[str, str], decimal: Decimal | None) -> list[str]:
    """Return the value columns: the schema's numbers, and every further column that holds numbers."""
    if not schema.value_columns:
        return []
    names = [c.name for c in schema.columns if c.kind == "number" and c.name in found]
    for name, cell in found.items():
        if name in schema or name.endswith(("_low", "_high", "_flag")):
            continue
        kind = reading.types[cell]
        numeric = is_fraction(kind) or kind in WHOLE
        if numeric or (
            is_text(kind) and _worth_reading(reading, cell) and may_be_value(reading, cell, decimal)
        ):
            names.append(name)
    if not names:
        raise MissingColumn(
            f"this {schema.name} table has no column with numbers",
            where=reading.raw.file,
            exists=[header for header in reading.raw.names if header],
            fix="map one: columns={'employment': 'your column'}",
        )
    return names


def _worth_reading(reading: Reading, cell: str) -> bool:
    """Text that came as text from a typed source stays text unless markers stand among its numbers."""
    if reading.raw.text:
        return True
    return reading.count(IS_MARKER.replace("$", text(reading, cell))) > 0
