"""What complexity lies within a place's reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from technopole.competitiveness._closeness import with_closeness
from technopole.competitiveness._matrix import Array, names
from technopole.competitiveness._presence import (
    Names,
    Presence,
    Rule,
    largest,
    loose_sign,
    many,
    places_in,
    presences,
    spread,
    undefined_last,
    warnings_of,
)
from technopole.competitiveness._selection import chosen
from technopole.errors import UnknownName, WrongOption
from technopole.kernels import complexity as kernel
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Patents, Sector, Trade

Convention = Literal["atlas", "stata", "book"]


@member
def complexity_outlook(
    trade: Trade | Activity | Patents,
    *,
    year: int | None = None,
    convention: Convention = "atlas",
    reference: Trade | Activity | Patents | None = None,
    proximity: Result | None = None,
    complexity: Result | None = None,
    exporters: Sequence[str] | None = None,
    products: Sector | Sequence[str] | None = None,
    presence: Rule = "advantage",
    threshold: float = 1.0,
    value: str | None = None,
    sector: Sector | None = None,
) -> Result:
    """How many complex products are near what a place makes (COI), and what each new one would open up (COG).

        COI[c] = sum_p density[c, p] (1 - M[c, p]) PCI[p]
        COG[c, p] = (1 - M[c, p]) sum_q phi[p, q] / (sum_r phi[r, q]) (1 - M[c, q]) PCI[q]

    A place has a good outlook where complex products it lacks are near what it has. A gain says how much nearer to other complex products
    one product would bring it. Neither says that the product can be made there, or would pay. Exports and jobs are full counts, so there
    is no interval; few patents may be chance.

    Parameters
    ----------
    trade : Trade, Activity or Patents
        Exporter x product (or place x industry, place x technology) x year.
    year : int, optional
        This year only; none = each year for itself.
    convention : {"atlas", "stata", "book"}
        Growth Lab's Python code: complexity is the eigenvector, COI is standardised over places, COG is in standard deviations of the
        ECI, and a product is near itself. Stata: the same with its standard deviation, and without the product itself. The Atlas as a
        book: PCI is standardised, COI isn't, and from COG what the product itself promised before, density x PCI, is taken off.
    reference : Trade, Activity or Patents, optional
        The world, for regions and parks: its shares are those that advantage is measured against, and it gives proximity and PCI where
        they aren't given. None = the places of the table together.
    proximity : Result, optional
        What `product_proximity` returned, for the same codes.
    complexity : Result, optional
        What `economic_complexity` returned, for the same codes; its PCI is taken as it stands, and COG is in its unit.
    exporters : sequence of str, optional
        Places to return; everything is computed from all.
    products : Sector or sequence of str, optional
        Products whose gain is returned; everything is computed from all.
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
        exporter (or place), year, coi, diversity, undefined. `.gains`: exporter, product, year, cog, density, pci, undefined, for what
        each place hasn't got. `.leading`: the largest gains of the latest year.

    Raises
    ------
    EmptyTable
        The table has no rows.
    UnknownName
        There is no such year, place or product, or the reference, proximity or complexity lacks a year.
    WrongOption
        A threshold of 0 or less, or another member's result as proximity or complexity.

    References
    ----------
    Hausmann, R., Hidalgo, C. A. et al. (2014). The Atlas of Economic Complexity: Mapping Paths to Prosperity. MIT Press, Cambridge MA.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> has = [("A", "wxyz"), ("B", "wxy"), ("C", "wx"), ("D", "w")]
    >>> rows = pd.DataFrame([(c, p, 1.0) for c, products in has for p in products], columns=["exporter", "product", "value"])
    >>> tp.competitiveness.complexity_outlook(rows, presence="positive").table["coi"].round(2).tolist()
    [-1.43, 0.98, 0.89, -0.44]
    """
    what = names(trade)
    options: dict[str, Any] = {"presence": presence, "threshold": threshold, "sector": sector}
    years = presences(trade, value=value, year=year, reference=reference, **options)
    worlds = (
        {one.year: one for one in years}
        if reference is None
        else {one.year: one for one in presences(reference, **options)}
    )
    near = with_closeness(years, proximity, reference, **options)
    places = chosen((name for one in years for name in one.places), exporters, what[0], trade.source)
    items = chosen((code for one, _ in near for code in one.items), products, what[1], trade.source)
    parts = [
        _one_year(one, phi, _worth(one, worlds, complexity, convention), convention, what, places, items)
        for one, phi in near
    ]
    table, gains = (
        undefined_last([part.places for part in parts]),
        undefined_last([part.gains for part in parts]),
    )
    leading = _leading(parts[-1].gains, what)
    return Result.of(
        table,
        text=_text(parts[-1].places, leading, what, convention),
        fields=_fields(what, convention),
        chart=Chart(
            "ranking", {"label": "label", "value": "cog", "axis": "complexity outlook gain"}, of="leading"
        ),
        warnings=[*warnings_of(years, what), *_warnings(parts, what)],
        gains=gains,
        leading=leading,
    )


@dataclass(frozen=True, slots=True)
class Worth:
    """Complexity of a year's items in the unit the convention computes with; `unit` turns gains into what is returned."""

    item: Array
    shown: Array
    unit: float = 1.0
    reason: str = ""
    related: float = np.nan


@dataclass(frozen=True, slots=True)
class Part:
    """One year's rows, and why there are no numbers, if so."""

    places: pd.DataFrame
    gains: pd.DataFrame
    reason: str
    related: float


def _worth(one: Presence, worlds: dict[int, Presence], given: Result | None, convention: Convention) -> Worth:
    if given is not None:
        shown = _given(given, one)
        return Worth(shown, shown, 1.0, "" if np.isfinite(shown).any() else "nothing has a complexity")
    world = worlds.get(one.year, next(iter(worlds.values())) if len(worlds) == 1 else None)
    if world is None:
        raise UnknownName("the reference has no year", value=one.year, exists=sorted(worlds))
    found = kernel.eigenvector(world.there)
    _, pci = kernel.standardised(found, convention)
    place = found.place[found.joined]
    cells = max(len(place) * int(found.joined_items.sum()), 2)
    deviation = (
        np.sqrt(place.var() * (cells / (cells - 1) if convention == "stata" else 1.0)) if len(place) else 1.0
    )
    raw = pci if convention == "book" else found.item
    at = np.searchsorted(one.items, world.items)
    return Worth(
        _placed(raw, at, len(one.items)),
        _placed(pci, at, len(one.items)),
        1.0 if convention == "book" else float(deviation),
        found.reason,
        found.related,
    )


def _placed(values: Array, at: Names, size: int) -> Array:
    found = np.full(size, np.nan)
    found[at] = values
    return found


def _given(complexity: Result, one: Presence) -> Array:
    function = complexity.provenance.function if complexity.provenance else ""
    products = complexity.frames.get("products")
    if function != "competitiveness.economic_complexity" or products is None:
        raise WrongOption("complexity is what economic_complexity returns", value=function or "a result")
    known = sorted(set(products["year"]))
    year = one.year if one.year in known else known[0]
    if year != one.year and len(known) > 1:
        raise UnknownName("the complexity has no year", value=one.year, exists=known)
    rows = products[products["year"] == year]
    return rows.set_index(rows.columns[0])[rows.columns[2]].reindex(one.items).to_numpy("float64")


def _one_year(
    one: Presence,
    phi: Array,
    worth: Worth,
    convention: Convention,
    what: tuple[str, str],
    places: Sequence[str],
    items: Sequence[str],
) -> Part:
    place, item = what
    included = convention != "stata"
    outlook, gain = kernel.outlook(one.there, phi, worth.item, diagonal=included, own=convention == "book")
    gone = np.asarray(~one.there.any(axis=1))
    outlook[gone] = np.nan
    if worth.reason:
        outlook[:] = np.nan
    coi = outlook if convention == "book" else _scaled(outlook, convention, len(one.items))
    rows = places_in(one.places, places)
    reason = np.where(gone, one.place_why, worth.reason).astype(object)
    reason = np.where(np.isfinite(coi), "", np.where(reason == "", f"no two {many(place)} differ", reason))
    summary = pd.DataFrame(
        {
            place: spread(one.places, rows),
            "year": one.year,
            "coi": coi[rows],
            "diversity": one.there.sum(axis=1)[rows],
            "undefined": spread(reason, rows),
        }
    )
    near = kernel.density(one.there, phi, diagonal=included)
    columns = places_in(one.items, items)
    open_ = ~one.there[np.ix_(rows, columns)] & ~gone[rows, None]
    i, j = np.nonzero(open_)
    i, j = rows[i], columns[j]
    cog = gain[i, j] / worth.unit
    lacking = np.where(one.item_why != "", one.item_why, worth.reason or f"the {item} has no complexity")
    gains = pd.DataFrame(
        {
            place: spread(one.places, i),
            item: spread(one.items, j),
            "year": one.year,
            "cog": cog,
            "density": near[i, j],
            "pci": worth.shown[j],
            "undefined": spread(np.r_[[""], lacking].astype(object), np.where(np.isfinite(cog), 0, 1 + j)),
        }
    )
    return Part(summary, gains, worth.reason, worth.related)


def _scaled(outlook: Array, convention: Convention, items: int) -> Array:
    known = outlook[np.isfinite(outlook)]
    if len(known) < 2 or known.std() == 0:
        return np.full(len(outlook), np.nan)
    cells = len(known) * items
    deviation = known.std() * (np.sqrt(cells / (cells - 1)) if convention == "stata" else 1.0)
    return (outlook - known.mean()) / deviation


def _leading(gains: pd.DataFrame, what: tuple[str, str]) -> pd.DataFrame:
    place, item = what
    rows = gains.iloc[largest(gains["cog"].to_numpy("float64"))]
    label = rows[place] + " · " + rows[item]
    return rows.assign(label=label)[["label", place, item, "year", "cog", "density", "pci"]]


def _warnings(parts: Sequence[Part], what: tuple[str, str]) -> list[str]:
    said: list[str] = []
    for part in parts:
        if len(part.places):
            year = int(part.places["year"].iloc[0])
            said += [f"{year}: {part.reason}"] if part.reason else loose_sign(year, part.related, what)
    return said


def _text(table: pd.DataFrame, leading: pd.DataFrame, what: tuple[str, str], convention: Convention) -> str:
    place, item = what
    year = int(table["year"].iloc[0]) if len(table) else 0
    when = f"In {year}" if year else "In this table"
    known = table[table["coi"].notna()].sort_values(["coi", place], ascending=[False, True])
    if known.empty:
        said = table["undefined"].mode()
        return (
            f"{when} no {place} has a complexity outlook: {said.iloc[0] if len(said) else 'there is none'}."
        )
    top = [f"{row[place]} ({row['coi']:.2f})" for _, row in known.head(3).iterrows()]
    scale = "" if convention == "book" else "; 0 = the mean, 1 = one standard deviation"
    gain = (
        f" The largest gains would be {', '.join(f'{row.label} ({row.cog:.2f})' for row in leading.head(3).itertuples())}."
        if len(leading)
        else ""
    )
    return (
        f"{when}, of {len(known)} {many(place)} the complexity outlook is best for {', '.join(top)}{scale}.{gain} "
        f"It says which complex {many(item)} are near what {many(place)} have, not that they would pay."
    )


def _fields(what: tuple[str, str], convention: Convention) -> dict[str, Field]:
    place, item = what
    scale = "sum of density x PCI" if convention == "book" else "standard deviations from the mean"
    unit = "units of PCI" if convention == "book" else "standard deviations of the ECI"
    return {
        place: Field(place),
        item: Field(item),
        "year": Field("year; 0 = one unnamed period"),
        "coi": Field(f"complexity outlook index: complexity of the {item} it lacks, by density", scale, 2),
        "cog": Field("complexity outlook gain: how much nearer it would bring other complex ones", unit, 3),
        "density": Field(f"share of what is near the {item} that the {place} has", "0 to 1", 3),
        "pci": Field(f"complexity of the {item}", "standard deviations from the mean", 2),
        "diversity": Field(f"how many it has: {item} with a comparative advantage", item, 0),
        "undefined": Field("why there is no number"),
        "label": Field(f"{place} and {item}"),
    }
