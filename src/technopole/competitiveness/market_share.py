"""Market share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from technopole.competitiveness._matrix import Array, Matrix, Source, counted, matrices, names
from technopole.competitiveness._selection import chosen_items, chosen_places
from technopole.kernels import comparative_advantage as kernel
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Patents, Sector, Trade

NOBODY = "nobody has any"
SHOWN = 15  # places of a chart


@member
def market_share(
    trade: Trade | Activity | Patents,
    *,
    value: str | None = None,
    year: int | None = None,
    sector: Sector | None = None,
    products: Sector | Sequence[str] | None = None,
    exporters: Sequence[str] | None = None,
) -> Result:
    """An exporter's share of the world's exports of a product, and how few exporters share them.

        share[c, p] = x[c, p] / X[p]
        Herfindahl[p] = sum_c share[c, p]^2

    x are exports; a missing subscript is a sum; the table's exporters together are the world. The Herfindahl index is 1 with one
    exporter and 1/n with n equal ones; 1 / Herfindahl is the number of equal exporters that would be as concentrated. A large share
    may come of low prices as well as of high quality: it says how much is sold, not why. Exports and jobs are full counts, so
    there is no interval; few patents may be chance.

    Parameters
    ----------
    trade : Trade, Activity or Patents
        Exporter x product (or place x industry, place x technology) x year. A cell that is absent counts as zero.
    value : str, optional
        What is counted; none = exports, patents, or the activity table's first value.
    year : int, optional
        This year only; none = each year for itself.
    sector : Sector, optional
        Count these codes as one product and return it alone.
    products : Sector or list of str, optional
        Return these products only, and in `.total` their sum (a sector's weights apply).
    exporters : list of str, optional
        Return these exporters (places) only; shares are always of the world.

    Returns
    -------
    Result
        exporter, product (or place, industry; place, technology), year, value, share, undefined. `.total`: exporter, year, value, share,
        change (percentage points since the first year), undefined, of all products returned together. `.change`, where there are
        several years: exporter, product, first_year, last_year, first, last, change (percentage points), undefined. `.concentration`:
        product, year, exporters, herfindahl, equivalent, largest, largest_share, undefined. `.leading`: the largest shares of `.total`, in the first and the last year.

    Raises
    ------
    EmptyTable
        The table has no rows.
    MissingColumn
        The table has no such value.
    UnknownName
        There is no such year, product or exporter.

    References
    ----------
    Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54(5), 761-762.
    Tyszynski, H. (1951). World trade in manufactured commodities, 1899-1950. The Manchester School 19(3), 272-304.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> exports = pd.DataFrame({"exporter": list("AABB"), "product": list("xyxy"), "value": [60, 40, 40, 160]})
    >>> tp.competitiveness.market_share(exports).table["share"].tolist()
    [0.6, 0.2, 0.4, 0.8]
    """
    place, item = names(trade)
    years = matrices(trade, value=value, year=year, sector=sector)
    wanted = [sector.name] if sector is not None and products is None else products
    places, items = chosen_places(years, exporters, trade), chosen_items(years, wanted, trade)
    weight = products.weights(items) if isinstance(products, Sector) else {}
    parts = [_rows(one, places, items, (place, item)) for one in years]
    table = _sorted_last(pd.concat(parts, ignore_index=True), [place, item])
    total = _total(years, places, items, weight, place)
    change = _change(table, [place, item])
    counts = pd.concat([_concentration(one, items, item) for one in years], ignore_index=True)
    concentration = _sorted_last(counts, [item])
    several = len(years) > 1
    return Result.of(
        table,
        text=_text(total, concentration, (place, item), _called(trade, sector or products, items, item)),
        fields=_fields(trade, place, item, value),
        chart=_chart(place, [one.year for one in years]),
        warnings=[*_warnings(years)],
        total=total,
        **({"change": change} if several else {}),
        concentration=concentration,
        leading=_leading(total, place),
    )


def _rows(one: Matrix, places: Sequence[str], items: Sequence[str], keys: tuple[str, str]) -> pd.DataFrame:
    wanted = np.ix_(np.isin(one.places, places), np.isin(one.items, items))
    share = kernel.shares(one.values.T).T[wanted]
    hidden = one.withheld[wanted]
    nobody = np.isnan(share)
    return pd.DataFrame(
        {
            keys[0]: np.repeat(one.places[wanted[0].ravel()], share.shape[1]),
            keys[1]: np.tile(one.items[wanted[1].ravel()], share.shape[0]),
            "year": one.year,
            "value": np.where(hidden, np.nan, one.values[wanted]).ravel(),
            "share": np.where(hidden, np.nan, share).ravel(),
            "undefined": np.select([hidden.ravel(), nobody.ravel()], ["withheld", NOBODY], default=""),
        }
    )


def _total(
    years: Sequence[Matrix], places: Sequence[str], items: Sequence[str], weight: dict[str, float], place: str
) -> pd.DataFrame:
    """Shares of the products returned, together; the change in percentage points since the first year."""
    parts: list[pd.DataFrame] = []
    for one in years:
        mine = np.isin(one.items, items)
        scale = np.array([weight.get(code, 1.0) for code in one.items[mine]])
        amount: Array = one.values[:, mine] @ scale
        everyone = float(amount.sum())
        parts.append(
            pd.DataFrame(
                {
                    place: one.places,
                    "year": one.year,
                    "value": amount,
                    "share": amount / everyone if everyone > 0 else np.nan,
                }
            )[np.isin(one.places, places)]
        )
    rows = pd.concat(parts, ignore_index=True)
    first = rows[rows["year"] == rows["year"].min()].set_index(place)["share"]
    change = 100 * (rows["share"] - rows[place].map(first))
    why = np.select(
        [rows["share"].isna(), change.isna()], [NOBODY, "not in the table in the first year"], default=""
    )
    return _sorted_last(rows.assign(change=change, undefined=why), [place])


def _change(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    first, last = int(table["year"].min()), int(table["year"].max())
    shown = [*keys, "share"]
    both = table.loc[table["year"] == first, shown].merge(
        table.loc[table["year"] == last, shown], on=keys, how="outer", suffixes=("_0", "_1")
    )
    both = both.rename(columns={"share_0": "first", "share_1": "last"})
    unknown = both["first"].isna(), both["last"].isna()
    both = both.assign(
        first_year=first,
        last_year=last,
        change=100 * (both["last"] - both["first"]),
        undefined=np.select(unknown, [f"undefined in {first}", f"undefined in {last}"], default=""),
    )
    return _sorted_last(
        both[[*keys, "first_year", "last_year", "first", "last", "change", "undefined"]], keys
    )


def _concentration(one: Matrix, items: Sequence[str], item: str) -> pd.DataFrame:
    """How few exporters share each product."""
    mine = np.isin(one.items, items)
    values = one.values[:, mine]
    share = kernel.shares(values.T).T
    herfindahl: Array = (share**2).sum(axis=0)
    known = np.isfinite(herfindahl)
    return pd.DataFrame(
        {
            item: one.items[mine],
            "year": one.year,
            "exporters": (values > 0).sum(axis=0),
            "herfindahl": herfindahl,
            "equivalent": 1 / herfindahl,
            "largest": pd.Series(one.places[np.argmax(values, axis=0)]).where(known),
            "largest_share": share.max(axis=0),
            "undefined": np.where(known, "", NOBODY),
        }
    )


def _sorted_last(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    by = ["year"] if "year" in rows else []
    order = rows.assign(late=rows["undefined"] != "").sort_values(["late", *by, *keys], kind="stable")
    return order.drop(columns="late").reset_index(drop=True)


def _leading(total: pd.DataFrame, place: str) -> pd.DataFrame:
    """The largest shares of the last year beside those of the first."""
    first, last = int(total["year"].min()), int(total["year"].max())
    before = total[total["year"] == first].set_index(place)["share"]
    rows = total[(total["year"] == last) & total["share"].notna()]
    rows = rows.sort_values(["share", place], ascending=[False, True], kind="stable").head(SHOWN)
    rows = rows.rename(columns={"share": "last"}).assign(
        first=rows[place].map(before), first_year=first, last_year=last
    )
    return rows[[place, "first_year", "last_year", "first", "last", "change", "undefined"]]


def _chart(place: str, years: Sequence[int]) -> Chart:
    """Lines where the years follow one another, else first and last year."""
    axis = "share of the world"
    if len(years) == 1:
        return Chart("ranking", {"label": place, "value": "share", "axis": axis, "percent": True}, of="total")
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return Chart("trend", {"value": "share", "series": place, "axis": axis, "percent": True}, of="total")
    options = {"label": place, "scale": "linear", "reference": 0.0, "axis": axis, "percent": True}
    return Chart("advantage_change", options, of="leading")


def _called(table: Source, products: Sector | Sequence[str] | None, items: Sequence[str], item: str) -> str:
    one = f"{item} {items[0]}" if len(items) == 1 else f"the {len(items):,} {item}s together"
    name = products.name.replace("_", " ") if isinstance(products, Sector) else one
    return f"the world's exports of {name}" if isinstance(table, Trade) else name


def _text(total: pd.DataFrame, concentration: pd.DataFrame, keys: tuple[str, str], what: str) -> str:
    place, item = keys
    last = total[(total["year"] == total["year"].max()) & total["share"].notna()]
    if last.empty:
        return "No share is defined: nobody has any of it."
    year, since = int(last["year"].iloc[0]), int(total["year"].min())
    top = last.sort_values(["share", place], ascending=[False, True], kind="stable").head(3)
    moved = [
        "" if year == since or pd.isna(change) else f", {change:+.1f} percentage points since {since}"
        for change in top["change"]
    ]
    named = [
        f"{name} {share:.1%}{step}" for name, share, step in zip(top[place], top["share"], moved, strict=True)
    ]
    when = f"In {year}: " if year else ""
    text = f"{when}the largest shares of {what} are {'; '.join(named)}."
    few = concentration[(concentration["year"] == year) & (concentration["undefined"] == "")]
    alone = few.sort_values(["herfindahl", item], ascending=[False, True], kind="stable").iloc[0]
    like = f"as concentrated as among {alone['equivalent']:.1f} equal {place}s"
    if concentration[item].nunique() == 1:
        return f"{text} It is {like}."
    return f"{text} Most concentrated is {alone[item]}, {like}; {alone['largest']} has {alone['largest_share']:.1%}."


def _warnings(years: Sequence[Matrix]) -> list[str]:
    hidden = sum(int(one.withheld.sum()) for one in years)
    said = f"{hidden:,} values are withheld: they have no share, and count in totals as the middle of their bounds, or 0 without bounds"
    return [said] if hidden else []


def _fields(trade: Source, place: str, item: str, value: str | None) -> dict[str, Field]:
    named = counted(trade, value)
    unit = trade.unit(named) if isinstance(trade, Activity) else trade.schema[named].unit
    return {
        place: Field(place),
        item: Field(item),
        "year": Field("year; 0 = one unnamed period"),
        "value": Field(named, unit),
        "share": Field("share of the world", "share", 4),
        "change": Field("change of the share since the first year", "percentage points", 2),
        "undefined": Field("why a number is missing"),
        "first_year": Field("first year of the table"),
        "last_year": Field("last year of the table"),
        "first": Field("share in the first year", "share", 4),
        "last": Field("share in the last year", "share", 4),
        "exporters": Field(f"{place}s with any of it", f"{place}s"),
        "herfindahl": Field("sum of squared shares", "1 = one alone", 3),
        "equivalent": Field("number of equal ones that would be as concentrated", f"{place}s", 1),
        "largest": Field("who has the largest share"),
        "largest_share": Field("the largest share", "share", 4),
    }
