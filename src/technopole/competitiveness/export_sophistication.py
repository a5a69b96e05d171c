"""Income content of exports: PRODY of products, EXPY of exporters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from technopole.competitiveness._income import income_of
from technopole.competitiveness._matrix import Array, Matrix, counted, matrices, names
from technopole.kernels import sophistication as kernel
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Figures, Patents, Places, Sector, Trade


@member
def export_sophistication(
    trade: Trade | Activity | Patents,
    *,
    income: Places | Figures,
    income_column: str = "income",
    reference: Trade | Activity | Patents | None = None,
    value: str | None = None,
    year: int | None = None,
    sector: Sector | None = None,
    minimum: float = 0.0,
) -> Result:
    """How rich the countries are that export what a country exports: PRODY and EXPY.

        PRODY[p] = sum_c ((x[c, p] / X[c]) / sum_k (x[k, p] / X[k])) Y[c]
        EXPY[c] = sum_p (x[c, p] / X[c]) PRODY[p]

    Y is income per head. PRODY is the mean income of a product's exporters, each weighted by the product's share in its exports, so that
    small exporters count as much as large ones; EXPY is the mean PRODY of what a place exports. Exporters without a known income don't
    count in PRODY, but have an EXPY. Products that no exporter with an income exports have no PRODY; EXPY is the mean over the others,
    and `covered` says how much of the exports they are. Exports and jobs are full counts, so there is no interval; few patents may be chance.

    Parameters
    ----------
    trade : Trade, Activity or Patents
        Exporter x product (or place x industry, place x technology) x year.
    income : Places or Figures
        Income per head of each exporter, above 0: a table of places with a column for it, which holds for every year, or figures by
        place and year.
    income_column : str
        That column's name; of figures, the indicator.
    reference : Trade, Activity or Patents, optional
        The world, whose exporters PRODY is computed from; `income` is theirs then. None = the table's own exporters.
    value : str, optional
        What is counted; none = exports, patents, or the activity table's first value.
    year : int, optional
        This year only; none = each year for itself.
    sector : Sector, optional
        Count these codes as one product.
    minimum : float
        Places with smaller exports aren't named in the text and the chart: a handful of products says little. The table keeps them, and
        they count in PRODY.

    Returns
    -------
    Result
        exporter (or place), year, expy, income, exports, covered, undefined. `.products`: product (or industry, technology), year, prody,
        places, exports, undefined. `.leading`: the places of the latest year with `minimum` exports, highest EXPY first.

    Raises
    ------
    EmptyTable
        The table has no rows.
    MissingColumn
        `income` has no such column or indicator.
    UnknownName
        No exporter has an income, or there is no such year.
    WrongOption
        An income of 0 or less, or two figures for one exporter and year.

    References
    ----------
    Hausmann, R., Hwang, J. & Rodrik, D. (2007). What you export matters. Journal of Economic Growth 12(1), 1-25.
    https://doi.org/10.1007/s10887-006-9009-4

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> exports = pd.DataFrame({"exporter": list("AABBCC"), "product": list("xyxyxy"), "value": [8, 2, 3, 7, 5, 5]})
    >>> income = pd.DataFrame({"place": list("ABC"), "income": [10, 40, 20]})
    >>> tp.competitiveness.export_sophistication(exports, income=income).table["expy"].round(6).tolist()
    [20.714286, 25.625, 23.660714]
    """
    place, item = names(trade)
    known = income_of(income, income_column)
    blocks = matrices(trade, value=value, year=year, sector=sector)
    worlds = {
        one.year: one
        for one in (
            blocks if reference is None else matrices(reference, value=value, year=year, sector=sector)
        )
    }
    parts = [_one_year(one, worlds.get(one.year), known.at(one.year)) for one in blocks]
    known.require_any(list(worlds.values()))
    table = _stacked([part.places for part in parts], "place").rename(columns={"place": place})
    products = _stacked([part.items for part in parts], "item").rename(columns={"item": item})
    said = "exports" if item == "product" else counted(trade, value)
    warnings = [*known.warnings, *_warnings(blocks, parts, place)]
    leading = _leading(table, place, minimum)
    return Result.of(
        table,
        text=_text(leading, place, said, minimum),
        fields=_fields(place, item, said, known.unit),
        chart=Chart(
            "ranking", {"label": place, "value": "expy", "axis": f"EXPY ({known.unit})"}, of="leading"
        ),
        warnings=warnings,
        products=products,
        leading=leading,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One year's rows, and how many places of the reference have no income."""

    places: pd.DataFrame
    items: pd.DataFrame
    without: int
    withheld: int


def _one_year(own: Matrix, world: Matrix | None, income: pd.Series) -> Part:
    if world is None:
        levels, makers, without = np.full(len(own.items), np.nan), np.zeros(len(own.items), int), 0
    else:
        of_world = income.reindex(world.places).to_numpy("float64")
        counted = np.isfinite(of_world) & (world.values.sum(axis=1) > 0)
        found = pd.DataFrame(
            {
                "prody": kernel.prody(world.values, of_world),
                "makers": (world.values[counted] > 0).sum(axis=0),
            },
            index=world.items,
        ).reindex(own.items)
        levels = found["prody"].to_numpy("float64")
        makers = found["makers"].fillna(0).to_numpy("int64")
        without = int((~np.isfinite(of_world)).sum())
    content = kernel.expy(own.values, levels)
    items = pd.DataFrame(
        {
            "item": own.items,
            "year": own.year,
            "prody": levels,
            "places": makers,
            "exports": own.values.sum(axis=0),
        }
    ).assign(undefined=np.where(np.isfinite(levels), "", "nobody with a known income exports it"))
    return Part(_places(own, content, income), items, without, int(own.withheld.sum()))


def _places(own: Matrix, content: kernel.Content, income: pd.Series) -> pd.DataFrame:
    exports: Array = own.values.sum(axis=1)
    why = np.select(
        [exports <= 0, ~np.isfinite(content.level)],
        ["it exports nothing", "none of its products has a PRODY"],
        default="",
    )
    return pd.DataFrame(
        {
            "place": own.places,
            "year": own.year,
            "expy": content.level,
            "income": income.reindex(own.places).to_numpy("float64"),
            "exports": exports,
            "covered": content.covered,
            "undefined": why,
        }
    )


def _stacked(parts: list[pd.DataFrame], key: str) -> pd.DataFrame:
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.assign(last=rows["undefined"] != "").sort_values(["last", "year", key], kind="stable")
    return rows.drop(columns="last").reset_index(drop=True)


def _warnings(blocks: list[Matrix], parts: list[Part], place: str) -> list[str]:
    said: list[str] = []
    for block, part in zip(blocks, parts, strict=True):
        when = f" in {block.year}" if block.year else ""
        if part.without:
            said.append(
                f"{part.without:,} {place}s{when} have no known income and don't count in PRODY; they have an EXPY"
            )
        if part.withheld:
            said.append(
                f"{part.withheld:,} values{when} are withheld and count as the middle of their bounds, or 0 without bounds"
            )
        lost = part.items.loc[part.items["undefined"] != "", "exports"].sum()
        if lost > 0:
            share = lost / part.items["exports"].sum()
            said.append(f"products without a PRODY are {share:.2%} of all exports{when}")
    return said


def _leading(table: pd.DataFrame, place: str, minimum: float) -> pd.DataFrame:
    named = (table["year"] == table["year"].max()) & table["expy"].notna() & (table["exports"] >= minimum)
    rows = table.loc[named, [place, "year", "expy", "income", "exports"]]
    return rows.sort_values(["expy", place], ascending=[False, True], ignore_index=True)


def _text(leading: pd.DataFrame, place: str, said: str, minimum: float) -> str:
    who = f" with {minimum:,.0f} or more" if minimum > 0 else ""
    if leading.empty:
        return f"No {place}{who} has an EXPY."
    when = f"In {int(leading['year'].iloc[0])}, t" if leading["year"].iloc[0] else "T"
    top, bottom = leading.iloc[0], leading.iloc[-1]
    return (
        f"{when}he {said} of {top[place]} are the most like those of rich countries: their products are typical of an income of "
        f"{top['expy']:,.0f} per head; those of {bottom[place]} are the least ({bottom['expy']:,.0f}); the middle of {len(leading):,} "
        f"{place}s{who} is {leading['expy'].median():,.0f}. "
        "This says who else exports the same products, not how good the goods are, nor how much of their value is made at home."
    )


def _fields(place: str, item: str, said: str, unit: str) -> dict[str, Field]:
    return {
        place: Field(place),
        item: Field(item),
        "year": Field("year; 0 = one unnamed period"),
        "expy": Field(f"income that the products are typical of, mean over the {said}", unit, 0),
        "income": Field("its own income per head; empty = not known", unit, 0),
        "exports": Field(said, "as in the table", 0),
        "covered": Field("share of it in products that have a PRODY", "share", 3),
        "prody": Field("mean income of those who export it, by its share in their exports", unit, 0),
        "places": Field("number of exporters with a known income that export it"),
        "undefined": Field("why there is no number; empty = there is one"),
    }
