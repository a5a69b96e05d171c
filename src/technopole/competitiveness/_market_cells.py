"""One exporter's trade and the world's, by product and market: what constant market share starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from technopole.competitiveness._matrix import Array, unknown_year
from technopole.competitiveness._selection import chosen
from technopole.engine import ordered_sum, sql
from technopole.errors import EmptyTable, WrongOption
from technopole.tables import Sector, Trade


@dataclass(frozen=True, slots=True)
class MarketCells:
    """Products x markets for each year: the exporter's and the world's trade; one market, "", where the table has no importers.

    `everything` is the world's trade in all products of the table.
    """

    products: list[str]
    markets: list[str]
    own: dict[int, Array]
    world: dict[int, Array]
    everything: dict[int, float]
    withheld: int


def market_cells(
    trade: Trade,
    exporter: str,
    years: Sequence[int],
    products: Sector | Sequence[str] | None,
    *,
    exclude_own: bool,
) -> MarketCells:
    """Read the cells of these years; a sector's weights apply.

    Raises
    ------
    EmptyTable
        The table has no rows.
    UnknownName
        There is no such year, exporter or product.
    WrongOption
        Some rows have an importer and others none.
    """
    _refuse_unusable(trade, exporter, years)
    rows = _rows(trade, exporter, years)
    codes = chosen(rows["product"], products, "product", trade.source)
    if exclude_own:
        rows = rows.assign(world=rows["others"])
    everything = rows.groupby("year")["world"].sum()
    kept = rows[rows["product"].isin(codes)]
    markets = sorted(kept["market"].unique())
    weight = products.weights(codes) if isinstance(products, Sector) else dict.fromkeys(codes, 1.0)
    kept = kept.assign(weight=kept["product"].map(weight))
    grids = {
        column: {year: _grid(kept[kept["year"] == year], column, codes, markets) for year in years}
        for column in ("own", "world")
    }
    totals = {year: float(everything.get(year, 0.0)) for year in years}
    return MarketCells(codes, markets, grids["own"], grids["world"], totals, int(kept["withheld"].sum()))


def _rows(trade: Trade, exporter: str, years: Sequence[int]) -> pd.DataFrame:
    table = trade.expr.filter(trade.expr.year.isin(list(years)))
    amount = sql.coalesce(table["value"].cast("float64"), 0.0)
    mine = table.exporter == exporter
    market = sql.coalesce(table.importer, "") if "importer" in table.columns else sql.literal("")
    cells = table.select(
        "year",
        "product",
        market=market,
        mine=sql.ifelse(mine, amount, 0.0),
        theirs=sql.ifelse(mine, 0.0, amount),
        withheld=table["value"].isnull().cast("int64"),
    )
    summed = cells.group_by(["year", "product", "market"]).agg(
        own=ordered_sum(cells.mine), others=ordered_sum(cells.theirs), withheld=cells.withheld.sum()
    )
    rows: pd.DataFrame = summed.order_by(["year", "product", "market"]).to_pyarrow().to_pandas()
    return rows.assign(world=rows["own"] + rows["others"])


def _grid(rows: pd.DataFrame, column: str, products: list[str], markets: list[str]) -> Array:
    found = np.zeros((len(products), len(markets)))
    at: tuple[NDArray[Any], NDArray[Any]] = (
        np.searchsorted(np.array(products, dtype=object), rows["product"].to_numpy(object)),
        np.searchsorted(np.array(markets, dtype=object), rows["market"].to_numpy(object)),
    )
    found[at] = rows[column].to_numpy("float64") * rows["weight"].to_numpy("float64")
    return found


def _refuse_unusable(trade: Trade, exporter: str, years: Sequence[int]) -> None:
    if trade.rows == 0:
        raise EmptyTable("the trade table has no rows", where=trade.source)
    there = sorted(trade.expr.select("year").distinct().to_pyarrow()["year"].to_pylist())
    for year in years:
        if year not in there:
            raise unknown_year(year, there, trade.source)
    listed = trade.expr.select("exporter").distinct().to_pyarrow()["exporter"].to_pylist()
    chosen(listed, [exporter], "exporter", trade.source)
    if "importer" not in trade.columns:
        return
    counts = (
        trade.expr.aggregate(known=trade.expr.importer.count(), all=trade.expr.count())
        .to_pyarrow()
        .to_pylist()[0]
    )
    if 0 < counts["known"] < counts["all"]:
        raise WrongOption(
            "some rows have an importer and others none, so a product's trade could count twice",
            where=trade.source,
            fix="keep either the rows with an importer or those without",
        )
