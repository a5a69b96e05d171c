"""How near a product is to what a place makes already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from technopole.competitiveness._closeness import with_closeness
from technopole.competitiveness._matrix import Array, names
from technopole.competitiveness._presence import (
    Presence,
    Rule,
    largest,
    many,
    places_in,
    presences,
    spread,
    undefined_last,
    warnings_of,
)
from technopole.competitiveness._selection import chosen
from technopole.kernels.complexity import density
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Patents, Sector, Trade

Diagonal = Literal["included", "excluded"]


@member
def relatedness_density(
    trade: Trade | Activity | Patents,
    *,
    year: int | None = None,
    reference: Trade | Activity | Patents | None = None,
    proximity: Result | None = None,
    diagonal: Diagonal = "included",
    exporters: Sequence[str] | None = None,
    products: Sector | Sequence[str] | None = None,
    presence: Rule = "advantage",
    threshold: float = 1.0,
    value: str | None = None,
    sector: Sector | None = None,
) -> Result:
    """How much of what is near a product a place has already: relatedness density.

        density[c, p] = sum_q M[c, q] phi[p, q] / sum_q phi[p, q],  M[c, p] = 1 where RCA[c, p] >= threshold

    0 to 1. For regions and parks: comparative advantage is local, against the world's shares (`reference`), and what is near what is told
    from the world, as a few regions tell little about it (`proximity`, or the places of `reference`). Density comes before new
    advantages more often than not; it doesn't say that they would pay. Exports and jobs are full counts, so there is no interval; few patents may be chance.

    Parameters
    ----------
    trade : Trade, Activity or Patents
        Exporter x product (or place x industry, place x technology) x year.
    year : int, optional
        This year only; none = each year for itself.
    reference : Trade, Activity or Patents, optional
        The world: its shares are those that advantage is measured against, and its places give the proximity where `proximity` isn't given.
        None = the places of the table together.
    proximity : Result, optional
        What `product_proximity` returned, for the same codes. One of a single year holds for every year.
    diagonal : {"included", "excluded"}
        Whether a product counts among those near to itself (py-ecomplexity, the R package) or not (Stata), so that a place that has it
        isn't nearer to it for that.
    exporters : sequence of str, optional
        Places to return; everything is computed from all.
    products : Sector or sequence of str, optional
        Products to return; everything is computed from all.
    presence : {"advantage", "above", "positive"}
        A place has a product at an RCA of `threshold` or more (Atlas), above it (Hidalgo and Hausmann 2009, Stata), or with any value.
    threshold : float
        The revealed comparative advantage that counts.
    value : str, optional
        What is counted; none = exports, patents, or the activity table's first value.
    sector : Sector, optional
        Count these codes as one product.

    Returns
    -------
    Result
        exporter (or place), product (or industry, technology), year, rca, present, density, undefined. `.leading`: what places haven't got
        yet and are nearest to, in the latest year.

    Raises
    ------
    EmptyTable
        The table has no rows.
    UnknownName
        There is no such year, place or product, or the reference or proximity lacks a year.
    WrongOption
        A threshold of 0 or less, or another member's result as proximity.

    References
    ----------
    Hidalgo, C. A., Klinger, B., Barabási, A.-L. & Hausmann, R. (2007). The product space conditions the development of nations. Science
    317(5837), 482-487. https://doi.org/10.1126/science.1144581
    Neffke, F., Henning, M. & Boschma, R. (2011). How do regions diversify over time? Industry relatedness and the development of new growth
    paths in regions. Economic Geography 87(3), 237-265. https://doi.org/10.1111/j.1944-8287.2011.01121.x

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> has = [("A", "wxyz"), ("B", "wxy"), ("C", "wx"), ("D", "w")]
    >>> rows = pd.DataFrame([(c, p, 1.0) for c, products in has for p in products], columns=["exporter", "product", "value"])
    >>> found = tp.competitiveness.relatedness_density(rows, presence="positive", exporters=["D"]).table
    >>> found["density"].round(6).tolist()
    [0.4, 0.272727, 0.1875, 0.12]
    """
    what = names(trade)
    years = presences(
        trade,
        presence=presence,
        threshold=threshold,
        value=value,
        year=year,
        sector=sector,
        reference=reference,
    )
    near = with_closeness(years, proximity, reference, presence=presence, threshold=threshold, sector=sector)
    places = chosen((name for one in years for name in one.places), exporters, what[0], trade.source)
    items = chosen((code for one, _ in near for code in one.items), products, what[1], trade.source)
    parts = [
        _one_year(one, density(one.there, phi, diagonal=diagonal == "included"), what, places, items)
        for one, phi in near
    ]
    table = undefined_last(parts)
    leading = _leading(parts[-1], what)
    return Result.of(
        table,
        text=_text(parts[-1], leading, what),
        fields=_fields(what),
        chart=Chart("ranking", {"label": "label", "value": "density"}, of="leading"),
        warnings=warnings_of(years, what),
        leading=leading,
    )


def _one_year(
    one: Presence, found: Array, what: tuple[str, str], places: Sequence[str], items: Sequence[str]
) -> pd.DataFrame:
    rows = places_in(one.places, places)
    columns = places_in(one.items, items)
    cells = np.ix_(rows, columns)
    near, advantage = found[cells], np.where(one.withheld, np.nan, one.advantage)[cells]
    gone = np.asarray(np.isnan(one.advantage).all(axis=1))
    near[gone[rows]] = np.nan
    alone = np.where(one.item_why != "", one.item_why, f"no other {what[1]} is near")
    said = np.r_[[""], one.place_why, alone, ["withheld"]].astype(object)
    reason = np.where(one.withheld[cells], len(said) - 1, 1 + len(gone) + columns[None, :])
    reason = np.where(gone[rows, None], 1 + rows[:, None], reason)
    reason = np.where(np.isnan(near) | np.isnan(advantage), reason, 0)
    return pd.DataFrame(
        {
            what[0]: spread(one.places, np.repeat(rows, len(columns))),
            what[1]: spread(one.items, np.tile(columns, len(rows))),
            "year": one.year,
            "rca": advantage.ravel(),
            "present": one.there[cells].ravel(),
            "density": near.ravel(),
            "undefined": spread(said, reason.ravel()),
        }
    )


def _leading(table: pd.DataFrame, what: tuple[str, str]) -> pd.DataFrame:
    place, item = what
    rows = table.iloc[largest(np.where(table["present"], np.nan, table["density"]))]
    one_item = rows[place].nunique() > 1 and rows[item].nunique() == 1
    label = rows[place] if one_item else rows[place] + " · " + rows[item]
    return rows.assign(label=label)[["label", place, item, "year", "rca", "density"]]


def _text(table: pd.DataFrame, leading: pd.DataFrame, what: tuple[str, str]) -> str:
    place, item = what
    year = int(table["year"].iloc[0]) if len(table) else 0
    when = f"In {year}" if year else "In this table"
    found, there = table["density"].to_numpy(), table["present"].to_numpy()
    known = np.isfinite(found)
    if not known.any():
        return f"{when} no relatedness density is defined: no {item} is near what these {many(place)} have."
    parts = [
        f"{found[known & here].mean():.2f} of {many(item)} that {many(place)} {verb}"
        for here, verb in ((there, "have"), (~there, "lack"))
        if (known & here).any()
    ]
    means = f"{when}, the mean density is {' and '.join(parts)}"
    top = [f"{row.label} ({row.density:.2f})" for row in leading.head(3).itertuples()]
    nearest = f" Nearest without a comparative advantage are {', '.join(top)}." if top else ""
    return f"{means}.{nearest} A high density says what is within reach, not that it would pay."


def _fields(what: tuple[str, str]) -> dict[str, Field]:
    place, item = what
    return {
        place: Field(place),
        item: Field(item),
        "year": Field("year; 0 = one unnamed period"),
        "rca": Field(f"the {item}'s share here over its share in the world", "1 = as everywhere", 2),
        "present": Field(f"whether the {place} has a comparative advantage in the {item}"),
        "density": Field(f"share of what is near the {item} that the {place} has", "0 to 1", 3),
        "undefined": Field("why a number is missing"),
        "label": Field(f"{place} and {item}"),
    }
