"""Income per head of places: a column of a table of places, or figures by place and year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from technopole.competitiveness._matrix import Matrix
from technopole.errors import MissingColumn, UnknownName, WrongOption
from technopole.tables import Figures, Places


@dataclass(frozen=True, slots=True)
class Income:
    """`rows` has place, year and value; year 0 holds for every year."""

    rows: pd.DataFrame
    unit: str
    source: str
    warnings: tuple[str, ...]

    def at(self, year: int) -> pd.Series:
        """Return place -> income in that year."""
        return self.rows[self.rows["year"].isin([0, year])].set_index("place")["value"]

    def require_any(self, worlds: Sequence[Matrix]) -> None:
        """Raise `UnknownName` unless each year has a place with an income."""
        for world in worlds:
            if not set(world.places) & set(self.at(world.year).index):
                raise UnknownName(
                    "no place of the table has a known income",
                    value=f"{world.places[0]} in {world.year}" if world.year else world.places[0],
                    where=self.source,
                    exists=sorted(self.rows["place"].unique()),
                    fix="use the same codes of places in both tables, and the years of the first",
                )


def income_of(table: Places | Figures, column: str) -> Income:
    """Read a column of places, or an indicator of figures.

    Raises
    ------
    MissingColumn
        There is no such column of numbers, or no such indicator.
    WrongOption
        An income isn't above 0, or a place has two in one year.
    """
    rows, unit = _of_figures(table, column) if isinstance(table, Figures) else _of_places(table, column)
    rows = rows.dropna(subset="value").sort_values(["place", "year"], kind="stable", ignore_index=True)
    low = rows[rows["value"] <= 0]
    if len(low):
        raise WrongOption(
            f"the income of {low['place'].iloc[0]} isn't above 0",
            value=float(low["value"].iloc[0]),
            where=table.source,
        )
    twice = rows[rows.duplicated(["place", "year"])]
    if len(twice):
        raise WrongOption(
            f"{twice['place'].iloc[0]} has more than one {column} in {int(twice['year'].iloc[0])}",
            where=table.source,
            fix="keep one figure per place and year",
        )
    return Income(rows, unit, table.source, table.warnings)


def _of_places(table: Places, column: str) -> tuple[pd.DataFrame, str]:
    kinds = table.expr.schema()
    numeric = [name for name in table.columns if kinds[name].is_numeric()]
    if column not in numeric:
        raise MissingColumn(
            "the table of incomes has no column of numbers",
            value=column,
            where=table.source,
            exists=numeric,
            fix="name it with income_column=",
        )
    expr = table.expr
    rows = expr.select("place", value=expr[column].cast("float64")).order_by("place").to_pyarrow().to_pandas()
    return rows.assign(year=0), column


def _of_figures(table: Figures, column: str) -> tuple[pd.DataFrame, str]:
    expr = table.expr
    wanted = ["place", "indicator", "value", "unit", "year"]
    rows = expr.select(*wanted).order_by(wanted).to_pyarrow().to_pandas()
    found = rows[rows["indicator"] == column]
    if found.empty:
        raise MissingColumn(
            "the figures have no indicator",
            value=column,
            where=table.source,
            exists=sorted(rows["indicator"].unique()),
            fix="name it with income_column=",
        )
    units = sorted(found["unit"].unique())
    if len(units) > 1:
        raise WrongOption(
            "the incomes have different units",
            value=", ".join(units),
            where=table.source,
            fix="convert them to one",
        )
    return found[["place", "year", "value"]].reset_index(drop=True), units[0]
