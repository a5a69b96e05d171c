"""What a year's exports are compared with: the world of another table, or the same places' imports, on one grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from technopole.competitiveness._matrix import Array, Matrix, Source, matrices
from technopole.errors import MissingColumn, UnknownName
from technopole.tables import Sector, Trade

Names = NDArray[Any]


def on_grid(one: Matrix, places: Names, items: Names) -> Matrix:
    """Return the matrix with these rows and columns (sorted, its own among them); 0 where it had none."""
    if len(places) == len(one.places) and len(items) == len(one.items):
        return one
    cells = np.ix_(np.searchsorted(places, one.places), np.searchsorted(items, one.items))
    values, withheld = np.zeros((len(places), len(items))), np.zeros((len(places), len(items)), dtype=bool)
    values[cells], withheld[cells] = one.values, one.withheld
    return Matrix(one.year, places, items, values, withheld)


def with_world(
    years: Sequence[Matrix],
    table: Source,
    reference: Source | None,
    *,
    value: str | None,
    sector: Sector | None,
) -> list[tuple[Matrix, Array]]:
    """Return each year's matrix on the items of the world too, and the world's total of each item.

    The world is the table's own places, or those of `reference` in the same year (a reference of one unnamed year holds for all).

    Raises
    ------
    UnknownName
        The reference lacks a year.
    """
    if reference is None:
        return [(one, one.values.sum(axis=0)) for one in years]
    column = value if type(reference) is type(table) else None
    known = {one.year: one for one in matrices(reference, value=column, sector=sector)}
    found: list[tuple[Matrix, Array]] = []
    for one in years:
        world = _same_year(one.year, known, reference.source, "reference")
        items = _union(one.items, world.items)
        wide = on_grid(one, one.places, items)
        found.append((wide, on_grid(world, world.places, items).values.sum(axis=0)))
    return found


def with_imports(
    years: Sequence[Matrix], table: Source, imports: Trade | None, *, sector: Sector | None
) -> list[tuple[Matrix, Matrix]]:
    """Return exports and imports of each year on one grid of places and items.

    Imports are the rows of the table by importer; or another table's, whose importers, or where it has none, whose `exporter` is
    who imports.

    Raises
    ------
    MissingColumn
        Neither the table nor `imports` says who imports.
    UnknownName
        The imports lack a year.
    """
    source = imports if imports is not None else table
    if imports is None and (not isinstance(table, Trade) or not _has_importers(table)):
        raise MissingColumn(
            "this table doesn't say who imports",
            value="importer",
            where=table.source,
            exists=table.columns,
            fix="give imports= a table of imports, or choose an index of exports alone",
        )
    assert isinstance(source, Trade)
    known = {one.year: one for one in matrices(_by_importer(source), sector=sector)}
    found: list[tuple[Matrix, Matrix]] = []
    for one in years:
        bought = _same_year(one.year, known, source.source, "table of imports")
        places, items = _union(one.places, bought.places), _union(one.items, bought.items)
        found.append((on_grid(one, places, items), on_grid(bought, places, items)))
    return found


def _has_importers(table: Trade) -> bool:
    return "importer" in table.columns and bool(table.expr.importer.notnull().any().to_pyarrow().as_py())


def _by_importer(table: Trade) -> Trade:
    """The same trade with the country that imports in the place of the exporter."""
    if not _has_importers(table):
        return table
    rows = table.expr.filter(table.expr.importer.notnull())
    turned = rows.select("product", "year", "value", exporter=rows.importer, importer=rows.exporter)
    return Trade(turned, source=table.source, digest=table.digest, rows=table.rows)


def _same_year(year: int, known: dict[int, Matrix], source: str, what: str) -> Matrix:
    found = known.get(year, known.get(0) if len(known) == 1 else None)
    if found is None:
        raise UnknownName(f"the {what} has no year", value=year, where=source, exists=sorted(known))
    return found


def _union(one: Names, other: Names) -> Names:
    return np.array(sorted({*one, *other}), dtype=object)
