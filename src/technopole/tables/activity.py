"""Activity: how much of each industry there is in each place and year."""

from __future__ import annotations

from typing import ClassVar

from technopole.engine import Expr, sql
from technopole.errors import EmptyTable, MissingColumn
from technopole.tables.schema import Column, Schema
from technopole.tables.sector import Sector
from technopole.tables.table import Table


class Activity(Table):
    """Place x industry x year, with one or more values (employment, establishments, output ...)."""

    schema: ClassVar[Schema] = Schema(
        name="activity",
        title="activity: place x industry x year",
        key=("place", "industry", "year"),
        columns=(
            Column("place", "code", "region, county, ZIP, prefecture or park", required=True),
            Column("industry", "code", "industry code of any scheme", required=True),
            Column("year", "year", "calendar year; none = one unnamed period, shown as 0"),
            Column("employment", "number", "persons employed", "persons", low=0),
            Column("establishments", "number", "number of establishments", "establishments", low=0),
            Column("output", "number", "output or revenue", "currency of the source", low=0),
            Column("wages", "number", "wages and salaries paid", "currency of the source", low=0),
            Column("exports", "number", "exports", "currency of the source", low=0),
        ),
        value_columns=True,
    )

    @property
    def values(self) -> tuple[str, ...]:
        """The value columns there are."""
        taken = {"place", "industry", "year"}
        kinds = self.expr.schema()
        return tuple(
            name
            for name in self.columns
            if name not in taken and kinds[name].is_numeric() and not name.endswith(("_low", "_high"))
        )

    def unit(self, value: str) -> str:
        """The unit of a value: the schema's, or for money that of the table's own column `unit` where all rows agree."""
        known = self.schema[value].unit if value in self.schema else ""
        if "unit" not in self.columns or self.counts(value):
            return known
        rows = self.expr.filter(self.expr[value].notnull()).select("unit").distinct()
        units = rows.order_by("unit").to_pyarrow()["unit"].to_pylist()
        return str(units[0]) if len(units) == 1 and units[0] else known

    def counts(self, value: str) -> bool:
        """Whether a value counts something (persons, establishments, firms), so that a share of it can have a binomial interval."""
        if value in self.schema:
            return value in ("employment", "establishments")
        return bool(self.expr.schema()[value].is_integer())

    def cells(self, value: str, *, sector: Sector | None = None) -> Expr:
        """Return one row per place, industry and year: `value`, `low`, `high`, `suppressed`.

        `value` is null where the cell is suppressed; `low` and `high` bound it then (null = no bound known) and equal
        `value` otherwise. With a `sector`, its codes are added up with their weights as one industry of its name,
        beside the other industries unchanged (`rest` of a partly weighted code stays under that code).

        Raises
        ------
        MissingColumn
            `value` isn't a column of this table.
        EmptyTable
            There are no rows.
        UnknownName
            No code of the sector occurs.
        """
        if value not in self.values:
            raise MissingColumn(
                "this activity table has no value",
                value=value,
                where=self.source,
                exists=self.values,
                fix="name one of these with value=",
            )
        if self.rows == 0:
            raise EmptyTable("the activity table has no rows", where=self.source)
        table = self.expr
        amount = table[value].cast("float64")
        low, high = (
            sql.coalesce(amount, table[f"{value}_{side}"].cast("float64"))
            if f"{value}_{side}" in table.columns
            else amount
            for side in ("low", "high")
        )
        cells = table.select("place", "industry", "year", value=amount, low=low, high=high)
        if sector is not None:
            cells = sector.apply(cells)
        known = cells.group_by(["place", "industry", "year"]).agg(
            value=cells.value.sum(),
            low=sql.coalesce(cells.low, 0.0).sum(),
            high=cells.high.sum(),
            missing=cells.value.isnull().sum(),
            unbounded=cells.high.isnull().sum(),
        )
        return known.select(
            "place",
            "industry",
            "year",
            value=sql.ifelse(known.missing > 0, sql.null("float64"), known.value),
            low=known.low,
            high=sql.ifelse(known.unbounded > 0, sql.null("float64"), known.high),
            suppressed=known.missing > 0,
        )
