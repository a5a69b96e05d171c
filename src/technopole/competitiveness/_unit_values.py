"""Value per quantity from rows of trade: by who sells or buys, product, year and unit, with what can't be counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from technopole.competitiveness._matrix import unknown_year
from technopole.engine import Expr, ordered_sum, sql
from technopole.errors import EmptyTable, MissingColumn
from technopole.tables import Trade

FEWEST = 5  # flows of a product from which fences are drawn
KEYS = ["product", "year", "unit"]


def flows(table: Trade, *, year: int | None, fence: float) -> Expr:
    """Return the rows with `priced` (both value and quantity above 0) and `flagged` (outside Tukey's fences of logs).

    Raises
    ------
    EmptyTable
        No row has a value and a quantity.
    MissingColumn
        There is no column of quantities.
    UnknownName
        There is no such year.
    """
    if table.rows == 0:
        raise EmptyTable("the trade table has no rows", where=table.source)
    if "quantity" not in table.columns:
        raise MissingColumn(
            "this trade table has no column",
            value="quantity",
            where=table.source,
            exists=table.columns,
            fix=f"a unit value is value per quantity; {table.advice('quantity')}",
        )
    expr = table.expr
    rows = expr.select(
        "exporter",
        "product",
        "year",
        importer=expr.importer if "importer" in expr.columns else sql.null("string"),
        unit=sql.coalesce(expr.unit, "") if "unit" in expr.columns else sql.literal(""),
        value=sql.coalesce(expr.value.cast("float64"), 0.0),
        quantity=sql.coalesce(expr.quantity.cast("float64"), 0.0),
    )
    if year is not None:
        rows = rows.filter(rows.year == year)
    rows = rows.mutate(priced=(rows.value > 0) & (rows.quantity > 0))
    counts = rows.aggregate(rows=rows.count(), priced=rows.priced.sum()).to_pyarrow().to_pylist()[0]
    if not counts["rows"]:
        there = sorted(expr.select("year").distinct().to_pyarrow()["year"].to_pylist())
        raise unknown_year(year, there, table.source)
    if not counts["priced"]:
        raise EmptyTable(
            "no row has both a value and a quantity above 0",
            where=table.source,
            fix="map the column of quantities or weights (--column quantity=...); a unit value is value per quantity",
        )
    return _with_fences(rows, fence)


def _with_fences(rows: Expr, fence: float) -> Expr:
    rows = rows.mutate(log=sql.ifelse(rows.priced, (rows.value / rows.quantity).ln(), sql.null("float64")))
    known = rows.filter(rows.priced)
    ends = known.group_by(KEYS).agg(
        low=known.log.quantile(0.25), high=known.log.quantile(0.75), flows=known.count()
    )
    joined = rows.left_join(ends, KEYS).select(*rows.columns, "low", "high", "flows")
    reach = fence * (joined.high - joined.low)
    outside = (joined.log < joined.low - reach) | (joined.log > joined.high + reach)
    flagged = joined.priced & (joined.flows >= FEWEST) & outside
    return joined.mutate(flagged=sql.coalesce(flagged, False)).drop("low", "high", "flows", "log")


def by(rows: Expr, who: str) -> pd.DataFrame:
    """Return who, product, year, unit, value, quantity, unit_value, exports, without_quantity and flagged (shares of value); in order.

    One row per unit: `value` is what has a quantity in that unit, `exports` all of the product. Where nothing has a quantity, there is
    one row whose unit is "".
    """
    cells = (
        rows.group_by([who, *KEYS])
        .agg(
            value=ordered_sum(rows.value, rows.priced),
            quantity=ordered_sum(rows.quantity, rows.priced),
            flagged=ordered_sum(rows.value, rows.flagged),
            rest=ordered_sum(rows.value, ~rows.priced),
        )
        .order_by([who, "product", "year", "unit"])
        .to_pyarrow()
        .to_pandas()
    )
    numbers = ["value", "quantity", "flagged", "rest"]
    cells[numbers] = cells[numbers].astype("float64").fillna(0.0)
    whole = cells.groupby([who, "product", "year"])[["value", "rest"]].transform("sum")
    every = whole["value"] + whole["rest"]
    none = (cells["quantity"] <= 0) & (whole["value"] <= 0)
    kept = cells[(cells["quantity"] > 0) | (none & ~cells.duplicated([who, "product", "year"]))].copy()
    priced = kept["quantity"] > 0
    kept["unit_value"] = (kept["value"] / kept["quantity"]).where(priced)
    kept["flagged"] = (kept["flagged"] / kept["value"]).where(priced)
    kept["without_quantity"] = (whole["rest"] / every.where(every > 0)).loc[kept.index]
    kept["exports"] = every.loc[kept.index]
    kept.loc[~priced, ["value", "quantity"]] = np.nan
    kept.loc[~priced, "unit"] = ""
    return kept.drop(columns="rest").reset_index(drop=True)


def against(cells: pd.DataFrame, group: Sequence[str] | None, *, own: bool) -> pd.Series:
    """Return the reference's value per quantity for each row; without the row's own trade where `own` is False.

    `group` are the exporters who make the reference; None = all.
    """
    inside = cells["exporter"].isin(list(group)) if group is not None else pd.Series(True, cells.index)
    parts = cells[["value", "quantity"]].where(inside, 0.0).fillna(0.0)
    total = parts.groupby([cells[key] for key in KEYS]).transform("sum")
    if not own:
        others = total - parts
        # an exporter alone leaves rounding behind, not others
        alone = (inside & (cells["quantity"] > 0)).groupby([cells[key] for key in KEYS]).transform(
            "sum"
        ) - inside
        total = others.where(alone > 0, 0.0)
    return (total["value"] / total["quantity"].where(total["quantity"] > 0)).where(cells["quantity"] > 0)


def ladders(cells: pd.DataFrame) -> pd.DataFrame:
    """Return how far apart the exporters' unit values of each product, year and unit are, in logs."""
    known = cells[cells["unit_value"].notna()].assign(log=lambda rows: np.log(rows["unit_value"]))
    groups = known.groupby(KEYS, sort=True)
    logs = groups["log"]
    found = pd.DataFrame(
        {
            "exporters": logs.size(),
            "ladder": logs.max() - logs.min(),
            "ladder_10_90": logs.quantile(0.9) - logs.quantile(0.1),
            "lowest": known.loc[logs.idxmin(), "exporter"].to_numpy(),
            "highest": known.loc[logs.idxmax(), "exporter"].to_numpy(),
        }
    ).reset_index()
    alone = found["exporters"] < 2
    found.loc[alone, ["ladder", "ladder_10_90"]] = np.nan
    found.loc[alone, ["lowest", "highest"]] = ""
    found["undefined"] = np.where(alone, "one exporter only", "")
    order = found.assign(last=alone).sort_values(["last", *KEYS], kind="stable")
    return order.drop(columns="last").reset_index(drop=True)
