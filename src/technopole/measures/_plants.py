"""Plants in places: from establishments or from counted cells to the moments that concentration indices are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from technopole.engine import Expr, sql
from technopole.errors import EmptyTable, MissingColumn, WrongOption
from technopole.kernels.plant_location import Moments
from technopole.measures import _suppression
from technopole.measures._size_classes import class_sums
from technopole.tables import Activity, Establishments, Sector

KEY = ["place", "industry", "year"]
POWERS = ("zz", "zzz", "zzzz")


@dataclass(frozen=True, slots=True)
class Plants:
    """Cells of place, industry and year with their plants.

    `cells` has `value`, `low`, `high`, `suppressed`, `n` (number of plants) and, where each plant's size is known
    (`exact`), the sums of the plants' sizes to the power 2, 3 and 4.
    """

    cells: Expr
    exact: bool
    warnings: tuple[str, ...]


def of_table(
    table: Establishments | Activity,
    *,
    value: str,
    plants: str,
    sector: Sector | None,
    size_classes: Mapping[str, Sequence[float]] | None = None,
) -> Plants:
    """Count the plants of a table in cells; `plants` names an activity table's column of plant counts."""
    if isinstance(table, Establishments):
        if size_classes is not None:
            raise WrongOption(
                "size classes are for activity tables; these establishments have their own sizes"
            )
        return _of_establishments(table, value, sector)
    cells = table.cells(value, sector=sector)
    if size_classes is not None:
        return Plants(cells.mutate(n=sql.null("float64")), False, table.warnings)
    column = "establishments" if plants == "auto" else plants
    if column not in table.values:
        raise MissingColumn(
            "the activity table has no number of plants",
            value=column,
            where=table.source,
            exists=table.values,
            fix="name its column with plants=, give size_classes=, or read single plants as establishments",
        )
    counted = table.cells(column, sector=sector).select(*KEY, n="value")
    joined = cells.left_join(counted, KEY).drop(*(f"{name}_right" for name in KEY))
    return Plants(joined, False, table.warnings)


def _of_establishments(table: Establishments, value: str, sector: Sector | None) -> Plants:
    table.require("place", "industry", value)
    if table.rows == 0:
        raise EmptyTable("the establishments table has no rows", where=table.source)
    known = table.expr.filter(table.expr.place.notnull() & table.expr[value].notnull())
    rows = known.select(*KEY, value=known[value].cast("float64")).mutate(
        low=lambda t: t.value, high=lambda t: t.value
    )
    left = table.rows - int(known.count().to_pyarrow().as_py())
    if left == table.rows:
        raise EmptyTable(f"no establishment has both a place and {value}", where=table.source)
    if sector is not None:
        rows = sector.apply(rows)
    cells = rows.group_by(KEY).agg(
        n=(rows.value > 0).sum().cast("float64"),
        suppressed=sql.literal(False),
        value=rows.value.sum(),
        low=rows.value.sum(),
        high=rows.value.sum(),
        **{name: (rows.value**power).sum() for power, name in enumerate(POWERS, 2)},
    )
    said = (f"{left} of {table.rows} establishments have no place or no {value} and were left out",)
    return Plants(cells, True, (*table.warnings, *(said if left else ())))


def sized(plants: Plants, fill: str = "middle") -> Expr:
    """Return the cells with `amount`, their plants' sizes to the power 2, 3 and 4, and `guessed` (plants unknown).

    `fill` says what stands for a withheld value: the `middle` of its bounds, or the `low` or `high` one.
    """
    cells = plants.cells
    amount = _suppression.middle(cells) if fill == "middle" else cells[fill]
    cells = cells.mutate(amount=sql.coalesce(amount, cells.low), unknown=cells.n.isnull() | (cells.n <= 0))
    cells = cells.mutate(guessed=cells.unknown & (cells.amount > 0))
    if plants.exact:
        return cells
    n = sql.ifelse(cells.unknown, 1.0, cells.n)
    return cells.mutate(
        n=sql.ifelse(cells.amount > 0, n, 0.0),
        **{name: cells.amount**power / n ** (power - 1) for power, name in enumerate(POWERS, 2)},
    )


def sums(plants: Plants, *, fill: str = "middle", sector: Sector | None = None) -> pd.DataFrame:
    """Return one row per industry and year: its sums over places and plants (see `Moments`) and what is uncertain."""
    cells = sized(plants, fill)
    places = cells.group_by(["place", "year"]).agg(of_place=cells.amount.sum())
    places = places.mutate(x=places.of_place / places.of_place.sum().over(group_by="year").nullif(0.0))
    nation = places.group_by("year").agg(xx=(places.x**2).sum(), xxx=(places.x**3).sum())
    if sector is not None:
        cells = cells.filter(cells.industry == sector.name)
    size = cells.amount.sum().over(group_by=["industry", "year"])
    rows = cells.mutate(s=cells.amount / size.nullif(0.0))
    rows = rows.join(places.select("place", "year", "x"), ["place", "year"])
    found = rows.group_by(["industry", "year"]).agg(
        value=rows.amount.sum(),
        n_plants=rows.n.sum(),
        cells=rows.count(),
        suppressed=rows.suppressed.sum(),
        unbounded=(rows.suppressed & rows.high.isnull()).sum(),
        guessed=rows.guessed.sum(),
        beyond=((rows.s - rows.x) ** 2 - rows.x**2).sum(),
        ss=(rows.s**2).sum(),
        sss=(rows.s**3).sum(),
        sx=(rows.s * rows.x).sum(),
        ssx=(rows.s**2 * rows.x).sum(),
        sxx=(rows.s * rows.x**2).sum(),
        **{name: rows[name].sum() for name in POWERS},
    )
    table = found.join(nation, "year").order_by(["year", "industry"]).to_pyarrow().to_pandas()
    for power, name in enumerate(POWERS, 2):
        table[name] = table[name].astype("float64") / table["value"].where(table["value"] > 0) ** power
    return table.assign(dd=table["beyond"] + table["xx"])


def with_size_classes(
    table: pd.DataFrame,
    activity: Activity,
    size_classes: Mapping[str, Sequence[float]],
    sector: Sector | None,
) -> pd.DataFrame:
    """Put the plant sums of size classes in the place of those of cells."""
    found = class_sums(activity, size_classes, table[["industry", "year", "value"]], sector)
    return table.drop(columns=["n_plants", *POWERS]).merge(found, on=["industry", "year"], how="left")


def moments(table: pd.DataFrame) -> Moments:
    """Return the sums as arrays."""
    names = ("xx", "xxx", "ss", "sss", "sx", "ssx", "sxx", "dd", *POWERS)
    return Moments(**{name: table[name].to_numpy(dtype="float64", na_value=float("nan")) for name in names})
