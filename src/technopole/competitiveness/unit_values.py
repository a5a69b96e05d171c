"""Unit values: prices of exports, against those of the world and of imports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from technopole.competitiveness._segments import NONE, SEGMENTS, segments, shares
from technopole.competitiveness._selection import chosen
from technopole.competitiveness._unit_values import against, by, flows, ladders
from technopole.engine import Expr
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Sector, Trade

WARNING = (
    "A unit value is a price of a mixture, not a measure of quality. German imports of 1994 to 2009 largely contradict that dearer "
    "goods are better ones (CASE, Are unit export values correct measures of the exports' quality?), and unit values of "
    "heterogeneous goods move with their mixture (Silver, The wrongs and rights of unit value indices)."
)
SHOWN = 5  # exporters in the chart of segments


@member
def unit_values(
    trade: Trade,
    *,
    imports: Trade | None = None,
    year: int | None = None,
    products: Sector | Sequence[str] | None = None,
    exporters: Sequence[str] | None = None,
    group: Sequence[str] | None = None,
    own: Literal["included", "excluded"] = "included",
    fence: float = 3.0,
) -> Result:
    """What exports cost per quantity, against the world's and against what the country imports.

        UV = value / quantity
        relative price = UV[c, p] / UV[world, p]
        ladder[p] = ln max_c UV[c, p] - ln min_c UV[c, p]
        Q = exported quantity - imported quantity:
            UVx < UVm, Q > 0: successful price competition;  UVx > UVm, Q > 0: successful quality competition
            UVx > UVm, Q < 0: unsuccessful price competition;  UVx < UVm, Q < 0: structural problem

    The segments are Aiginger's. A dear good that sells more than is bought is taken for better: a rule, not a measurement. Quantities in
    different units are never mixed. Value without a quantity isn't counted in a unit value; `without_quantity` says how much it is.
    Trade statistics are a full count, so there is no interval.

    Parameters
    ----------
    trade : Trade
        Exporter x product x year with `quantity` and its `unit`; rows by importer are added up.
    imports : Trade, optional
        What countries import: rows with an `importer`, or without, whose `exporter` is who imports. None = the table's own rows by
        importer, as far as its exporters go.
    year : int, optional
        This year only.
    products : Sector or sequence of str, optional
        Products whose rows are returned; reference prices are always of all exporters.
    exporters : sequence of str, optional
        Exporters whose rows are returned.
    group : sequence of str, optional
        Exporters who together are the reference; none = all.
    own : {"included", "excluded"}
        Whether an exporter's own trade is part of the reference.
    fence : float
        Flows whose logarithmic unit value lies further than so many interquartile ranges outside the quartiles of the product's flows
        (Tukey's far out) are flagged; nothing is removed.

    Returns
    -------
    Result
        exporter, product, year, unit, value, quantity, unit_value, reference_unit_value, relative_price, position (0 = lowest rung of
        the ladder, 1 = highest), exports, without_quantity, flagged, undefined. `.levels`: exporter, year, price_level, covered. `.ladders`: product,
        year, unit, exporters, ladder, ladder_10_90, lowest, highest, undefined. Where imports are known: `.segments` and `.shares`.

    Raises
    ------
    MissingColumn
        There are no quantities.
    EmptyTable
        No row has both a value and a quantity.
    UnknownName
        An exporter, product or year that isn't there.
    WrongOption
        A negative fence.

    References
    ----------
    Aiginger, K. (1997). The use of unit values to discriminate between price and quality competition. Cambridge Journal of Economics 21(5),
    571-592.
    Khandelwal, A. (2010). The long and short (of) quality ladders. Review of Economic Studies 77(4), 1450-1476.
    Silver, M. (2010). The wrongs and rights of unit value indices. Review of Income and Wealth 56(s1), S206-S223.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> rows = {"exporter": ["A", "B"], "product": "9001", "value": [30, 10], "quantity": [10, 10], "unit": "t"}
    >>> tp.competitiveness.unit_values(pd.DataFrame(rows)).table[["unit_value", "relative_price"]].values.tolist()
    [[3.0, 1.5], [1.0, 0.5]]
    """
    if not fence >= 0:
        raise WrongOption("fence is a number of interquartile ranges, 0 or more", value=fence)
    rows = flows(trade, year=year, fence=fence)
    cells = by(rows, "exporter")
    if group is not None:
        group = chosen(cells["exporter"], group, "exporter", trade.source)
    rungs = ladders(cells)
    table = _priced(cells, rungs, group, own == "included")
    who = chosen(cells["exporter"], exporters, "exporter", trade.source)
    what = chosen(cells["product"], products, "product", trade.source)
    rungs = rungs[rungs["product"].isin(what)]
    table = _last(table[table["exporter"].isin(who) & table["product"].isin(what)])
    bought = _bought(imports, rows, year, fence)
    parts = segments(table, bought)
    split = shares(parts)
    levels = _levels(table)
    return Result.of(
        table,
        text=_text(levels, split, rungs),
        fields=_fields(),
        chart=_chart(split),
        warnings=[WARNING, *_warnings(trade, table, parts, imports)],
        levels=levels,
        ladders=rungs,
        segments=parts,
        shares=split,
    )


def _priced(cells: pd.DataFrame, rungs: pd.DataFrame, group: Sequence[str] | None, own: bool) -> pd.DataFrame:
    world = against(cells, group, own=own)
    lowest = cells.groupby(["product", "year", "unit"])["unit_value"].transform("min")
    height = cells.merge(rungs, how="left", on=["product", "year", "unit"])["ladder"].set_axis(cells.index)
    with np.errstate(divide="ignore", invalid="ignore"):
        position = np.log(cells["unit_value"] / lowest) / height.where(height > 0)
    why = np.select(
        [cells["quantity"].isna(), world.isna()],
        ["no quantity", "nobody in the reference exports it in this unit"],
        default="",
    )
    return cells.assign(
        reference_unit_value=world,
        relative_price=cells["unit_value"] / world,
        position=position,
        undefined=why,
    )


def _last(table: pd.DataFrame) -> pd.DataFrame:
    columns = [
        "exporter", "product", "year", "unit", "value", "quantity", "unit_value", "reference_unit_value", "relative_price", "position",
        "exports", "without_quantity", "flagged", "undefined",
    ]  # fmt: skip
    order = table.assign(last=table["undefined"] != "")
    order = order.sort_values(["last", "year", "exporter", "product", "unit"], kind="stable")
    return order[columns].reset_index(drop=True)


def _bought(imports: Trade | None, rows: Expr, year: int | None, fence: float) -> pd.DataFrame:
    """Return unit values of what countries import."""
    source = rows if imports is None else flows(imports, year=year, fence=fence)
    by_importer = source.filter(source.importer.notnull())
    found = by(by_importer, "importer")
    if imports is not None and found.empty:
        return by(source, "exporter").rename(columns={"exporter": "importer"})
    return found


def _levels(table: pd.DataFrame) -> pd.DataFrame:
    """Return each exporter's mean relative price: geometric, weighted by value."""
    known = table[table["relative_price"].notna()]
    weighted = known.assign(log=known["value"] * np.log(known["relative_price"]))
    sums = weighted.groupby(["exporter", "year"])[["log", "value"]].sum()
    whole = table.drop_duplicates(["exporter", "product", "year"])
    found = whole.groupby(["exporter", "year"])[["exports"]].sum().join(sums)
    found["price_level"] = np.exp(found["log"] / found["value"])
    found["covered"] = found["value"].fillna(0.0) / found["exports"].where(found["exports"] > 0)
    found["undefined"] = np.where(found["price_level"].isna(), "no product has a relative price", "")
    rows = found.reset_index()[["exporter", "year", "exports", "price_level", "covered", "undefined"]]
    order = rows.assign(last=rows["undefined"] != "").sort_values(["last", "year", "exporter"], kind="stable")
    return order.drop(columns="last").reset_index(drop=True)


def _chart(split: pd.DataFrame) -> Chart:
    if (split.loc[split["segment"] != NONE, "products"] > 0).any():
        return Chart("unit_value_segments", {"top": SHOWN}, of="shares")
    options = {
        "label": "exporter",
        "value": "price_level",
        "reference": 1.0,
        "axis": "price level (reference = 1)",
    }
    return Chart("ranking", options, of="levels")


def _warnings(trade: Trade, table: pd.DataFrame, parts: pd.DataFrame, imports: Trade | None) -> list[str]:
    said: list[str] = []
    if "unit" not in trade.columns:
        said.append("the table doesn't say in which unit quantities are: all are taken to be in one")
    whole = table.drop_duplicates(["exporter", "product", "year"])
    lost = whole["exports"] * whole["without_quantity"].fillna(0.0)
    priced = float(table["value"].sum())
    if (lost > 0).any():
        said.append(
            f"{lost.sum() / whole['exports'].sum():.2%} of the value, in {int((lost > 0).sum()):,} exports of a product, has no quantity "
            "above 0: it isn't in unit values"
        )
    flagged = table["flagged"].fillna(0.0)
    if (flagged > 0).any():
        amount = float((table["value"] * flagged).sum())
        said.append(
            f"flows worth {amount / priced:.2%} of the value with a quantity lie outside Tukey's fences: flagged, not removed"
        )
    several = (
        table[table["quantity"].notna()]
        .groupby(["exporter", "product", "year"])["unit"]
        .nunique()
        .gt(1)
        .sum()
    )
    if several:
        said.append(f"{int(several):,} exports of a product come in several units, a row each")
    if len(parts) and imports is None:
        said.append(
            f"imports are those from the {trade.expr.exporter.nunique().to_pyarrow().as_py():,} exporters of the table: segments are right "
            "only if these are all"
        )
    return said


def _text(levels: pd.DataFrame, split: pd.DataFrame, rungs: pd.DataFrame) -> str:
    known = levels[(levels["undefined"] == "") & (levels["year"] == levels["year"].max())]
    if known.empty:
        return "No product has a relative price: there is nothing to compare."
    when = f"In {int(known['year'].iloc[0])}, " if known["year"].iloc[0] else ""
    top = known.nlargest(1, "exports", keep="first").iloc[0]
    said = (
        f"{when}exports of {top['exporter']} cost {_apart(top['price_level'])} the reference for the same products on average "
        f"({top['covered']:.0%} of their value can be compared). "
    )
    here = split[(split["exporter"] == top["exporter"]) & (split["year"] == top["year"])]
    told = here[here["segment"] != NONE]
    if told["products"].sum() > 0:
        best = told.nlargest(1, "share", keep="first").iloc[0]
        said += (
            f"Of the {told['share'].sum():.1%} of their value that imports can be set against, {best['exports'] / told['exports'].sum():.0%} is in "
            f"{best['segment']}. "
        )
    ladder = rungs.loc[rungs["year"] == top["year"], "ladder"].dropna()
    if ladder.empty:
        return said + "A higher price isn't proof of higher quality."
    return said + (
        f"In half of the products the dearest exporter gets {np.exp(ladder.median()):,.1f} times the cheapest's price or more; a higher price "
        "isn't proof of higher quality."
    )


def _apart(level: float) -> str:
    if abs(level - 1) < 0.005:
        return "as much as"
    return f"{level - 1:.0%} more than" if level > 1 else f"{1 - level:.0%} less than"


def _fields() -> dict[str, Field]:
    money, price = "currency of the table", "currency per unit of quantity"
    return {
        "exporter": Field("exporter"),
        "product": Field("product"),
        "year": Field("year; 0 = one unnamed period"),
        "unit": Field("unit of the quantity"),
        "value": Field("value of the exports with a quantity in this unit", money, 0),
        "quantity": Field("quantity exported", "of the column unit", 2),
        "unit_value": Field("value per quantity", price, 4),
        "reference_unit_value": Field("value per quantity of the reference together", price, 4),
        "relative_price": Field("unit value over the reference's", "1 = as the reference", 3),
        "position": Field(
            "place on the ladder of logarithmic unit values: 0 = lowest, 1 = highest exporter, empty where all are equal",
            "",
            3,
        ),
        "without_quantity": Field(
            "share of the value of this product's exports that has no quantity", "share", 3
        ),
        "flagged": Field("share of the value in flows outside Tukey's fences", "share", 3),
        "undefined": Field("why there is no number, empty = there is one"),
        "exports": Field(
            "value of all exports, with and without quantity (of the product, exporter or segment)", money, 0
        ),
        "price_level": Field("mean relative price: geometric, weighted by value", "1 = as the reference", 3),
        "covered": Field("share of the exports it is of", "share", 3),
        "exporters": Field("exporters with a unit value"),
        "ladder": Field("distance from the lowest to the highest exporter's unit value", "log points", 3),
        "ladder_10_90": Field("the same from the 10th to the 90th percentile of exporters", "log points", 3),
        "lowest": Field("exporter with the lowest unit value"),
        "highest": Field("exporter with the highest unit value"),
        "export_unit_value": Field("unit value of the exports", price, 4),
        "import_unit_value": Field("unit value of the imports", price, 4),
        "quantity_balance": Field("quantity exported less quantity imported", "of the column unit", 2),
        "segment": Field(f"Aiginger's segment: {', '.join(SEGMENTS)}; {NONE}: undefined"),
        "products": Field("products (and units) in the segment"),
        "share": Field("share of the exporter's exports", "share", 3),
    }
