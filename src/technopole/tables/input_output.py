"""Input-output: the cells of a use, make or industry-by-industry table."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table


class InputOutput(Table):
    """One row per cell of an input-output table; cells that aren't there are zero."""

    schema: ClassVar[Schema] = Schema(
        name="input_output",
        title="input-output: row x column",
        key=("row", "column", "year"),
        columns=(
            Column("row", "code", "what is sold (use table) or who makes it (make table)", required=True),
            Column("column", "code", "who buys it (use table) or what is made (make table)", required=True),
            Column("year", "year", "calendar year; none = one unnamed period, shown as 0"),
            Column("value", "number", "value of the flow", "currency of the source", required=True),
        ),
    )
