"""Trade: who exports what, and to whom."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table


class Trade(Table):
    """One row per exporter, product and year, and per importer where there is one."""

    schema: ClassVar[Schema] = Schema(
        name="trade",
        title="trade: exporter x product x year",
        key=("exporter", "importer", "product", "year"),
        columns=(
            Column("exporter", "code", "country or region that exports", required=True),
            Column("importer", "code", "country that imports; none = the world"),
            Column("product", "code", "product code of any scheme (HS, SITC ...)", required=True),
            Column("year", "year", "calendar year; none = one unnamed period, shown as 0"),
            Column(
                "value",
                "number",
                "value of the exports",
                "currency of the source",
                required=True,
                low=0,
                left_out="what has no row counts as not exported; figures with withheld values can be read as activity",
            ),
            Column("quantity", "number", "quantity exported", "of the column unit", low=0),
            Column("unit", "text", "unit of the quantity"),
        ),
    )
