"""Constant market share as tables, sentences and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd

from technopole.competitiveness._market_cells import MarketCells
from technopole.competitiveness._matrix import Array
from technopole.competitiveness._selection import amount, label
from technopole.kernels import constant_market_share as kernel
from technopole.kernels.constant_market_share import Effects
from technopole.result import Field
from technopole.tables import Sector, Trade

PARTS = ("world", "commodity", "market", "competitiveness")
ORDERS: tuple[kernel.Order, kernel.Order] = ("commodity first", "market first")
BASES: tuple[kernel.Base, ...] = ("first", "last", "mean")
MEAN = "Shapley mean"
NO_IMPORTERS = "the table has no importers: the market effect isn't known and is part of competitiveness"
LARGEST = 1.5  # times the change: larger parts are told as amounts
NO_WORLD = "the world exported nothing in the year that growth is weighted with"


def years_between(trade: Trade, from_: int, to: int) -> list[int]:
    """The table's years from first to last, both included whether they are there or not."""
    expr = trade.expr
    there = expr.filter((expr.year > from_) & (expr.year < to)).select("year").distinct()
    return [from_, *sorted(there.to_pyarrow()["year"].to_pylist()), to]


def step(
    cells: MarketCells, years: tuple[int, int], base: kernel.Base, *, everything: bool
) -> dict[str, Effects]:
    """The effects between two years, in both orders and on the mean."""
    first, last = years
    given = cells.own[first], cells.own[last], cells.world[first], cells.world[last]
    totals = (cells.everything[first], cells.everything[last]) if everything else None
    known = ORDERS if cells.markets != [""] else (ORDERS[0], ORDERS[0])
    both = {
        name: kernel.decompose(*given, order=order, base=base, totals=totals)
        for name, order in zip(ORDERS, known, strict=True)
    }
    return {**both, MEAN: kernel.mean(both[ORDERS[0]], both[ORDERS[1]])}


def _added(parts: Sequence[dict[str, Effects]], order: str) -> dict[str, Array]:
    """Effect -> products x markets, added up over the steps."""
    return {name: reduce(np.add, (getattr(part[order], name) for part in parts)) for name in PARTS}


def table(cells: MarketCells, parts: Sequence[dict[str, Effects]], from_: int, to: int) -> pd.DataFrame:
    """One row per order."""
    start, end = float(cells.own[from_].sum()), float(cells.own[to].sum())
    rows = pd.DataFrame(
        [
            {"order": order, **{name: float(cell.sum()) for name, cell in _added(parts, order).items()}}
            for order in (*ORDERS, MEAN)
        ]
    )
    rows = rows.assign(total=end - start, start=start, end=end, undefined="")
    if cells.markets == [""]:
        rows = rows.assign(market=np.nan, undefined=NO_IMPORTERS)
    if rows["world"].isna().any():
        rows = rows.assign(**dict.fromkeys(PARTS, np.nan), undefined=NO_WORLD)
    return rows


def by_product(
    cells: MarketCells,
    parts: Sequence[dict[str, Effects]],
    from_: int,
    to: int,
    products: Sector | Sequence[str] | None,
) -> pd.DataFrame:
    """Each product's part in the effects, the largest change first."""
    of = products if isinstance(products, Sector) else None
    names = pd.DataFrame({"product": cells.products, "label": [label(code, of) for code in cells.products]})
    return _contributions(cells, parts, from_, to, names, axis=1)


def by_market(cells: MarketCells, parts: Sequence[dict[str, Effects]], from_: int, to: int) -> pd.DataFrame:
    """Each market's part in the effects, the largest change first."""
    return _contributions(cells, parts, from_, to, pd.DataFrame({"importer": cells.markets}), axis=0)


def _contributions(
    cells: MarketCells,
    parts: Sequence[dict[str, Effects]],
    from_: int,
    to: int,
    names: pd.DataFrame,
    axis: int,
) -> pd.DataFrame:
    start, end = (cells.own[year].sum(axis=axis) for year in (from_, to))
    found = names.assign(
        **{name: cell.sum(axis=axis) for name, cell in _added(parts, MEAN).items()},
        total=end - start,
        start=start,
        end=end,
        share_start=_share(start, cells.world[from_].sum(axis=axis)),
        share_end=_share(end, cells.world[to].sum(axis=axis)),
    )
    if cells.markets == [""]:
        found = found.assign(market=np.nan)
    found = found.assign(undefined=_why(found, cells))
    size = found["total"].abs()
    order = found.assign(size=size).sort_values(
        ["size", names.columns[0]], ascending=[False, True], kind="stable"
    )
    return order.drop(columns="size").reset_index(drop=True)


def _share(part: Array, whole: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def _why(found: pd.DataFrame, cells: MarketCells) -> Array:
    known = [
        found["share_start"].isna() & found["share_end"].isna(),
        found["share_start"].isna(),
        found["share_end"].isna(),
    ]
    said = [
        f"the world had no trade in {when}" for when in ("either year", "the first year", "the last year")
    ]
    why = np.select(known, said, default="")
    if cells.markets != [""]:
        return why
    return np.where(why == "", "no importers", np.char.add(why.astype(str), "; no importers"))


def by_base(
    cells: MarketCells, steps: Sequence[tuple[int, int]], from_: int, to: int, *, everything: bool
) -> pd.DataFrame:
    """The effects (Shapley mean) with growth weighted by the exports of the first year, of the last, and the mean of both."""
    rows: list[pd.DataFrame] = []
    for base in BASES:
        parts = [step(cells, pair, base, everything=everything) for pair in steps]
        rows.append(table(cells, parts, from_, to).iloc[[2]].assign(base=base))
    return pd.concat(rows, ignore_index=True)[["base", *PARTS, "total", "start", "end", "undefined"]]


def by_step(
    cells: MarketCells, parts: Sequence[dict[str, Effects]], steps: Sequence[tuple[int, int]]
) -> pd.DataFrame:
    """The effects (Shapley mean) of each pair of years."""
    rows = [
        table(cells, [part], *years).iloc[[2]].assign(from_year=years[0], to_year=years[1])
        for part, years in zip(parts, steps, strict=True)
    ]
    found = pd.concat(rows, ignore_index=True)
    return found[["from_year", "to_year", *PARTS, "total", "start", "end", "undefined"]]


def warnings(cells: MarketCells, parts: Sequence[dict[str, Effects]], from_: int, to: int) -> list[str]:
    """What was withheld, what is new or gone in the whole world, and which cells had no one else's trade to grow with."""
    said: list[str] = []
    if cells.withheld:
        said.append(f"{cells.withheld:,} values are withheld and count as 0")
    first, last = (cells.world[year].sum(axis=1) for year in (from_, to))
    for year, gone in ((to, (first <= 0) & (last > 0)), (from_, (first > 0) & (last <= 0))):
        if gone.any():
            whole = cells.world[year].sum()
            share = cells.world[year][gone].sum() / whole if whole else 0.0
            said.append(
                f"of the products, {int(gone.sum()):,} ({share:.1%} of the world's exports in {year}) were exported in {year} only: "
                "a change of codes would look the same"
            )
    alone = sum(int(part[MEAN].unknown.sum()) for part in parts)
    if alone:
        said.append(
            f"in {alone:,} cells nobody else exported: they are taken to grow as the world's exports, so their own growth is competitiveness"
        )
    return said


@dataclass(frozen=True, slots=True)
class Shares:
    """Says an effect in per cent of a rise; as an amount where exports fell, or where parts are far larger than the whole."""

    total: float
    in_percent: bool

    def of(self, effect: float) -> str:
        """The effect in words."""
        if self.in_percent:
            return f"{effect / self.total:.1%}".replace("-0.0%", "0.0%")
        return amount(float(effect), sign=True)


def text(
    rows: pd.DataFrame,
    bases: pd.DataFrame,
    exporter: str,
    products: Sector | Sequence[str] | None,
    years: tuple[int, int],
) -> str:
    """Up to three sentences."""
    mean = rows.iloc[2]
    named = products.name.replace("_", " ") if isinstance(products, Sector) else ""
    what = f" of {named}" if named else " of the products chosen" if products is not None else ""
    start, end = float(mean["start"]), float(mean["end"])
    moved = "rose" if end > start else "fell" if end < start else "stayed"
    head = f"Exports{what} by {exporter} {moved} from {amount(start)} in {years[0]} to {amount(end)} in {years[1]}"
    if mean["undefined"] == NO_WORLD:
        return f"{head}; they can't be decomposed: {NO_WORLD}."
    if start == 0:
        return f"{head}: there was nothing to grow from, so all of it counts as share won."
    identified = bool(pd.notna(mean["market"]))
    size = float(np.nanmax(np.abs(rows[list(PARTS)].to_numpy("float64"))))
    said = Shares(float(mean["total"]), in_percent=bool(0 < size <= LARGEST * mean["total"]))
    brought = [f"the world's growth brought {said.of(mean['world'])}"]
    brought.append(f"the mix of products {said.of(mean['commodity'])}")
    if identified:
        brought.append(f"the choice of markets {said.of(mean['market'])}")
    won = f"shares won or lost{'' if identified else ' or the choice of markets'}"
    of_it = "of this change, " if said.in_percent else ""
    body = f"{head}: {of_it}{', '.join(brought)}, {won} {said.of(mean['competitiveness'])}."
    return f"{body} {_doubt(rows, bases, said, years, identified=identified)} Shares won or lost are what is left over, not a cause."


def _doubt(
    rows: pd.DataFrame, bases: pd.DataFrame, said: Shares, years: tuple[int, int], *, identified: bool
) -> str:
    """How much depends on the order and on the year that growth is weighted with."""
    both = bases.set_index("base")
    won = [said.of(float(level)) for level in both["competitiveness"].loc[list(BASES[:2])]]
    doubt = f"Weighted with the exports of {years[0]} shares won or lost make {won[0]}, with those of {years[1]} {won[1]}"
    if identified:
        ends = sorted(float(value) for value in rows["commodity"].iloc[:2])
        mix = " to ".join(said.of(value) for value in ends)
        doubt += f"; the mix of products makes {mix}, depending on whether products or markets come first"
    return f"{doubt}."


def called(rows: pd.DataFrame) -> dict[str, str]:
    """What the parts are called in a picture."""
    won = "shares won or lost" if rows["market"].notna().any() else "shares and markets"
    parts = ("growth of the world", "mix of products", "choice of markets", won)
    return {**dict(zip(PARTS, parts, strict=True)), "total": "whole change"}


def fields(unit: str) -> dict[str, Field]:
    """Meaning and unit of every column."""
    share = "share of the world's exports in the"
    return {
        "base": Field("year whose exports weight growth: the first, the last, or the mean of both"),
        "order": Field("which of commodity and market is taken first; the mean of both is the Shapley value"),
        "world": Field("what growing as the world's exports would have brought", unit, 0),
        "commodity": Field(
            "what came with products that grew faster or slower than the world's exports", unit, 0
        ),
        "market": Field("what came with markets that grew faster or slower", unit, 0),
        "competitiveness": Field("what came with larger or smaller shares: what is left over", unit, 0),
        "total": Field("change of the exports, the sum of the four", unit, 0),
        "start": Field("exports in the first year", unit, 0),
        "end": Field("exports in the last year", unit, 0),
        "undefined": Field("why a number is missing"),
        "product": Field("product"),
        "label": Field("product with the start of its title"),
        "importer": Field("market"),
        "share_start": Field(f"{share} first year", "share", 4),
        "share_end": Field(f"{share} last year", "share", 4),
        "from_year": Field("first year of the step"),
        "to_year": Field("last year of the step"),
    }
