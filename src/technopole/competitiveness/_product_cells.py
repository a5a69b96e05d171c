"""Exports as a block of exporters x products x years, with the totals that shares and advantages are taken of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.competitiveness._matrix import Matrix, Source, matrices, refuse_too_many
from technopole.competitiveness._selection import chosen_items, chosen_places
from technopole.engine import Expr, ordered_sum, sql
from technopole.errors import MissingColumn, UnknownName, WrongOption
from technopole.kernels import complexity
from technopole.kernels.comparative_advantage import balassa, present
from technopole.kernels.threads import one_thread
from technopole.tables import Sector, Trade

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
MOST_CELLS = 10_000_000


@dataclass(frozen=True, slots=True)
class Cells:
    """Years x exporters x products.

    Attributes
    ----------
    exports : ndarray
        nan where nothing is known: the exporter or the product isn't in the table that year, or the value is withheld.
    advantage, share : ndarray
        Balassa's index and the share of the world's exports; nan where exports are, or where there is nothing to divide by.
    of_exporter, of_product : ndarray
        Totals of the exporter (all its products), and of the product in the world, each year.
    """

    years: list[int]
    exporters: list[str]
    products: list[str]
    exports: Floats
    advantage: Floats
    share: Floats
    density: Floats | None
    of_exporter: Floats
    of_product: Floats
    withheld: int


def cells(
    table: Source,
    *,
    value: str | None,
    reference: Source | None,
    exporters: Sequence[str] | None,
    products: Sector | Sequence[str] | None,
    absent: str,
    threshold: float,
    density: bool,
) -> Cells:
    """Read the block.

    Raises
    ------
    UnknownName
        An exporter or a product that doesn't occur, or a year that the reference hasn't.
    WrongOption
        More cells than fit.
    """
    years = matrices(table, value=value)
    world = {one.year: one for one in matrices(reference)} if reference is not None else None
    places, items = chosen_places(years, exporters, table), chosen_items(years, products, table)
    shape = (len(years), len(places), len(items))
    if np.prod(shape) > MOST_CELLS:
        raise WrongOption(
            "more exporters, products and years than a panel holds",
            value=" x ".join(f"{n:,}" for n in (len(places), len(items), len(years))),
            where=table.source,
            fix="choose exporters= and products=, or take products at fewer digits",
        )
    exports, advantage, share = (np.full(shape, np.nan) for _ in range(3))
    near = np.full(shape, np.nan) if density else None
    of_exporter, of_product = np.full(shape[:2], np.nan), np.full((shape[0], shape[2]), np.nan)
    withheld = 0
    for t, one in enumerate(years):
        total = _totals(one, world, table.source if reference is None else reference.source)
        index = balassa(one.values, total.items) * total.beyond
        known = ~one.withheld if absent == "zero" else ~one.withheld & (one.values > 0)
        rows, own_rows = _both(one.places, places)
        columns, own_columns = _both(one.items, items)
        here, there = np.ix_(own_rows, own_columns), np.ix_(rows, columns)
        seen = known[here]
        withheld += int(one.withheld[here].sum())
        exports[t][there] = np.where(seen, one.values[here], np.nan)
        advantage[t][there] = np.where(seen, index[here], np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            part = one.values / total.items
        share[t][there] = np.where(seen & (total.items > 0)[own_columns], part[here], np.nan)
        of_exporter[t, rows] = one.values.sum(axis=1)[own_rows]
        of_product[t, columns] = total.items[own_columns]
        if near is not None:
            refuse_too_many(len(one.items), table.source)
            near[t][there] = _density(present(index, threshold))[here]
    return Cells(
        [one.year for one in years],
        places,
        items,
        exports,
        advantage,
        share,
        near,
        of_exporter,
        of_product,
        withheld,
    )


@dataclass(frozen=True, slots=True)
class _World:
    """`items`: the world's total of each product; `beyond`: the world's total of all products, in terms of the sum of these."""

    items: Floats
    beyond: float


def _totals(one: Matrix, world: dict[int, Matrix] | None, source: str) -> _World:
    """Return the world's total of each of a year's products."""
    if world is None:
        return _World(one.values.sum(axis=0), 1.0)
    if one.year not in world:
        raise UnknownName("the reference has no year", value=one.year, where=source, exists=sorted(world))
    whole = world[one.year]
    total = dict(zip(whole.items, whole.values.sum(axis=0), strict=True))
    items = np.array([total.get(item, 0.0) for item in one.items])
    own = float(items.sum())
    return _World(items, float(whole.values.sum()) / own if own > 0 else 1.0)


def _density(have: Flags) -> Floats:
    with one_thread():
        return complexity.density(have, complexity.proximity(have), diagonal=False)


def _both(of: Iterable[str], wanted: list[str]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return positions among the wanted, and among a year's own, of the codes that both have."""
    at = {code: k for k, code in enumerate(wanted)}
    pairs = [(at[code], k) for k, code in enumerate(of) if code in at]
    found = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return found[:, 0], found[:, 1]


@dataclass(frozen=True, slots=True)
class Prices:
    """Value per quantity, and the same in terms of the median of all other exporters of the table; nan where there is none."""

    unit_value: Floats
    relative: Floats


def unit_values(trade: Source, block: Cells) -> tuple[Prices, list[str]]:
    """Return prices in the shape of the block; none where there is no quantity, or there are quantities in several units."""
    if not isinstance(trade, Trade) or "quantity" not in trade.columns:
        raise MissingColumn(
            "unit values need quantities",
            value="quantity",
            where=trade.source,
            exists=trade.columns,
            fix="leave out log_unit_value and log_relative_price, or give the column quantity",
        )
    rows: Expr = trade.expr
    rows = rows.filter((rows.quantity > 0) & (rows.value > 0))
    units = rows.unit.nunique() if "unit" in rows.columns else sql.literal(1)
    found = (
        rows.group_by(["exporter", "product", "year"])
        .agg(
            value=ordered_sum(rows.value.cast("float64")),
            quantity=ordered_sum(rows.quantity.cast("float64")),
            units=units,
        )
        .order_by(["exporter", "product", "year"])
        .to_pyarrow()
        .to_pandas()
    )
    mixed = int((found["units"] > 1).sum())
    said = [f"{mixed:,} exports with quantities in several units have no unit value"] if mixed else []
    found = found[found["units"] <= 1]
    every = sorted({*found["exporter"], *block.exporters})
    at = [dict(zip(names, range(len(names)), strict=True)) for names in (block.years, every, block.products)]
    where = pd.DataFrame(
        {key: found[key].map(known) for key, known in zip(("year", "exporter", "product"), at, strict=True)}
    )
    kept = where.notna().all(axis=1).to_numpy()
    t, c, p = (where.loc[kept, key].to_numpy(np.intp) for key in ("year", "exporter", "product"))
    price = np.full((len(block.years), len(every), len(block.products)), np.nan)
    price[t, c, p] = (found["value"] / found["quantity"]).to_numpy("float64")[kept]
    own = [at[1][name] for name in block.exporters]
    there = block.exports > 0
    relative = np.full(block.exports.shape, np.nan)
    for k, c_own in enumerate(own):
        relative[:, k] = price[:, c_own] / _median_of_others(price, c_own)
    return Prices(np.where(there, price[:, own], np.nan), np.where(there, relative, np.nan)), said


def _median_of_others(price: Floats, exporter: int) -> Floats:
    """Return the median of the other exporters' unit values, years x products; nan where nobody else has one."""
    others = np.delete(price, exporter, axis=1)
    known = np.isfinite(others).any(axis=1)
    middle = np.full(known.shape, np.nan)
    middle[known] = np.nanmedian(others.transpose(0, 2, 1)[known], axis=1)
    return middle
