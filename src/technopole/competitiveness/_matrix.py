"""A table of places and what they make as arrays, one year at a time; what all members of the room start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from technopole.engine import Expr, sql
from technopole.errors import EmptyTable, MissingColumn, UnknownName, WrongOption
from technopole.tables import Activity, Patents, Sector, Trade

Source: TypeAlias = Trade | Activity | Patents
Array: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.intp]
_Part: TypeAlias = tuple[int, Codes, NDArray[Any], Codes, NDArray[Any], Array, NDArray[np.bool_]]
arrow: Any = pc  # its functions are made at run time, so a type checker doesn't see them

# Years x places x items, zeros too: 9 bytes each, and as much again for a while.
MOST_CELLS = 200_000_000

# The columns of a place and of what it makes, by kind of table.
NAMES: dict[type[Any], tuple[str, str]] = {
    Trade: ("exporter", "product"),
    Activity: ("place", "industry"),
    Patents: ("place", "technology"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """One year: `values[i, j]` is how much place i has of item j; 0 where there is no row.

    `places` and `items` are sorted; each has a row in that year. Where a value is withheld, `withheld` is True and the value is the
    middle of its bounds, or 0 where there are none.
    """

    year: int
    places: NDArray[Any]
    items: NDArray[Any]
    values: Array
    withheld: NDArray[np.bool_]


def names(table: Source) -> tuple[str, str]:
    """The names of the columns of place and item: ("exporter", "product"), ("place", "industry"), ("place", "technology")."""
    return next(found for kind, found in NAMES.items() if isinstance(table, kind))


def matrices(
    table: Source,
    *,
    value: str | None = None,
    year: int | None = None,
    sector: Sector | None = None,
) -> list[Matrix]:
    """Return the table's years in order, as arrays.

    Parameters
    ----------
    value : str, optional
        Column of an activity or patents table that is counted; none = `value` of trade, `patents`, or an activity table's first
        value column.
    year : int, optional
        This year only.
    sector : Sector, optional
        Count its codes as one item, named like the sector, beside the others.

    Raises
    ------
    EmptyTable
        The table has no rows.
    MissingColumn
        The table has no such value.
    UnknownName
        The table has no such year, or no code of the sector.
    WrongOption
        A product is given both for the world and by importer, or the table is too large.
    """
    place, item = names(table)
    if table.rows == 0:
        raise EmptyTable(f"the {table.schema.name} table has no rows", where=table.source)
    column = counted(table, value)
    rows = _rows(table, place, item, column, sector)
    if year is not None:
        rows = rows.filter(rows.year == year)
    found: pa.Table = rows.to_pyarrow()
    if year is not None and found.num_rows == 0:
        there = sorted(table.expr.select("year").distinct().to_pyarrow()["year"].to_pylist())
        raise unknown_year(year, there, table.source)
    _refuse_double_counting(found, table.source)
    return _parted(found, table.source)


def unknown_year(year: int | None, there: Sequence[int], source: str) -> UnknownName:
    """The error that names the years there are, or says that the table names none."""
    if list(there) == [0]:
        fix = "give the column of years (columns={'year': ...}, on the command line --column year=...), or the year= of the file"
        return UnknownName("the table names no years", value=year, where=source, fix=fix)
    return UnknownName("the table has no year", value=year, where=source, exists=there)


def counted(table: Source, value: str | None) -> str:
    """The column that is counted."""
    if isinstance(table, Trade):
        there: Sequence[str] = ("value",)
    elif isinstance(table, Activity):
        there = table.values
    else:
        there = [name for name in ("patents", "citations") if name in table.columns]
    if value is None:
        value = there[0] if there else None
    if value is None or value not in there:
        raise MissingColumn(
            f"this {table.schema.name} table has no value",
            value=value,
            where=table.source,
            exists=there,
            fix="name one of these with value=",
        )
    return value


def _rows(table: Source, place: str, item: str, column: str, sector: Sector | None) -> Expr:
    expr = table.expr
    amount = expr[column].cast("float64")
    low, high = (
        sql.coalesce(amount, expr[f"{column}_{side}"].cast("float64"))
        if f"{column}_{side}" in expr.columns
        else amount
        for side in ("low", "high")
    )
    partner = expr.importer if "importer" in expr.columns else sql.null("string")
    cells = expr.select(
        "year", place=expr[place], industry=expr[item], partner=partner, value=amount, low=low, high=high
    )
    if sector is not None:
        cells = sector.apply(cells)
    middle = sql.coalesce(cells.value, (sql.coalesce(cells.low, 0.0) + cells.high) / 2, 0.0)
    return cells.select(
        "year", "place", "partner", item=cells.industry, value=middle, withheld=cells.value.isnull()
    )


def _refuse_double_counting(rows: pa.Table, source: str) -> None:
    world = arrow.is_null(rows["partner"])
    if not arrow.any(world).as_py() or arrow.all(world).as_py():
        return
    keys = ["year", "place", "item"]
    both = (
        rows.filter(world)
        .select(keys)
        .join(rows.filter(arrow.invert(world)).select(keys), keys, join_type="inner")
    )
    if both.num_rows:
        first = both.sort_by([(key, "ascending") for key in keys]).slice(0, 1).to_pylist()[0]
        raise WrongOption(
            "a product has a row for the world and rows by importer, so it would count twice",
            value=" ".join(str(first[key]) for key in keys),
            where=source,
            fix="keep either the rows with an importer or those without",
        )


def _parted(rows: pa.Table, source: str) -> list[Matrix]:
    years = rows["year"].to_numpy()
    place, places = _codes(rows["place"])
    item, items = _codes(rows["item"])
    value, withheld = rows["value"].to_numpy(), rows["withheld"].to_numpy()
    parts: list[_Part] = []
    for one in (every := np.unique(years)):
        here = slice(None) if len(every) == 1 else np.flatnonzero(years == one)
        at = (*_present(place[here], places), *_present(item[here], items))
        parts.append((int(one), *at, value[here], withheld[here]))
    refuse_too_large(
        sum(len(there) * len(made) for _, _, there, _, made, *_ in parts),
        f"{len(parts):,} years x up to {len(places):,} places x {len(items):,} products or technologies",
        source,
    )
    return [_one_year(*part) for part in parts]


def refuse_too_large(cells: int, said: str, source: str) -> None:
    """Raise `WrongOption` where arrays over all cells, zeros too, would fill the memory."""
    if cells > MOST_CELLS:
        raise WrongOption(
            f"the table is too large to be held with its zeros: at most {MOST_CELLS:,} cells",
            value=f"{cells:,} cells ({said})",
            where=source,
            fix="use coarser codes (4 digits), fewer places, or one year (year=, or fewer years in the table)",
        )


def refuse_too_many(items: int, source: str, years: int = 1) -> None:
    """Raise `WrongOption` where an array over all pairs of items, for each of the years, would fill the memory."""
    said = f"{items:,} x {items:,} products or technologies"
    refuse_too_large(years * items**2, f"{years:,} years x {said}" if years > 1 else said, source)


def _codes(column: pa.ChunkedArray) -> tuple[Codes, NDArray[Any]]:
    """Return each row's number in the sorted list of values, and the list."""
    encoded: Any = column.combine_chunks().dictionary_encode()
    listed = encoded.dictionary.to_numpy(zero_copy_only=False)
    order = np.argsort(listed.astype(str), kind="stable")
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    return rank[encoded.indices.to_numpy()], listed[order]


def _present(codes: Codes, listed: NDArray[Any]) -> tuple[Codes, NDArray[Any]]:
    there = np.zeros(len(listed), dtype=bool)
    there[codes] = True
    return np.asarray(np.cumsum(there) - 1, dtype=np.intp)[codes], listed[there]


def _one_year(
    year: int,
    place: Codes,
    places: NDArray[Any],
    item: Codes,
    items: NDArray[Any],
    value: Array,
    withheld: NDArray[np.bool_],
) -> Matrix:
    shape = (len(places), len(items))
    size = shape[0] * shape[1]
    cell = place * shape[1] + item
    if np.bincount(cell, minlength=1).max() > 1:  # sums in an order that the order of rows doesn't touch
        order = np.lexsort((value, cell))
        cell, value, withheld = cell[order], value[order], withheld[order]
    hidden = np.zeros(size, dtype=bool)
    hidden[cell[withheld]] = True
    amount = np.zeros(size)
    np.add.at(amount, cell, value)
    return Matrix(year, places, items, amount.reshape(shape), hidden.reshape(shape))
