"""How near products are, from where it is known best: a given proximity, the world's, or the table's own places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from technopole.competitiveness._matrix import Array, Source, refuse_too_many
from technopole.competitiveness._presence import Names, Presence, Rule, presences
from technopole.errors import UnknownName, WrongOption
from technopole.kernels.complexity import proximity as proximity_of
from technopole.result import Result
from technopole.tables import Sector

Near = tuple[Names, Array]  # items, and items x items


def with_closeness(
    years: Sequence[Presence],
    proximity: Result | None,
    reference: Source | None,
    *,
    presence: Rule,
    threshold: float,
    sector: Sector | None,
) -> list[tuple[Presence, Array]]:
    """Return each year on the items of the proximity too, and the proximity on these items (0 where it isn't known).

    The proximity is that of `proximity` (a result of `product_proximity`), or of the places of `reference`, or of the table itself. One of
    a single year holds for every year.

    Raises
    ------
    WrongOption
        `proximity` is another member's result, or there are too many products for all pairs of them.
    UnknownName
        The proximity lacks a year.
    """
    refuse_too_many(max((len(one.items) for one in years), default=0), "", len(years))
    if proximity is None and reference is None:
        return [(one, proximity_of(one.there)) for one in years]
    if proximity is not None:
        known, where = _given(proximity), "proximity"
    else:
        assert reference is not None
        world = presences(reference, presence=presence, threshold=threshold, sector=sector)
        refuse_too_many(max((len(one.items) for one in world), default=0), reference.source, len(world))
        known, where = {one.year: (one.items, proximity_of(one.there)) for one in world}, reference.source
    return [_on_one_grid(one, _of_year(one.year, known, where)) for one in years]


def _of_year(year: int, known: dict[int, Near], where: str) -> Near:
    found = known.get(year, next(iter(known.values())) if len(known) == 1 else None)
    if found is None:
        raise UnknownName("the proximity has no year", value=year, where=where, exists=sorted(known))
    return found


def _given(proximity: Result) -> dict[int, Near]:
    """The tables of a result of `product_proximity` as arrays."""
    function = proximity.provenance.function if proximity.provenance else ""
    if function != "competitiveness.product_proximity":
        raise WrongOption(
            "proximity is what product_proximity returns", value=function or type(proximity).__name__
        )
    pairs, products = proximity.frames["table"], proximity.frames["products"]
    first, second, item = pairs.columns[0], pairs.columns[1], products.columns[0]
    found: dict[int, Near] = {}
    every = sorted(products["year"].unique())
    alone = len(every) == 1
    for year in every:
        some = products[products["year"] == year]
        items = np.array(sorted(some[item]), dtype=object)
        has = np.isin(items, some.loc[some["undefined"] == "", item].to_numpy(object))
        near = np.diag(has.astype(np.float64))
        rows = pairs if alone else pairs[pairs["year"] == year]
        a, b = _numbers(rows[first], items), _numbers(rows[second], items)
        near[a, b] = near[b, a] = rows["proximity"].to_numpy("float64")
        found[int(year)] = items, near
    return found


def _numbers(column: Any, items: Names) -> Any:
    encoded: Any = pa.array(column).dictionary_encode()
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    place = np.searchsorted(items, encoded.dictionary.to_numpy(zero_copy_only=False))
    return place[encoded.indices.to_numpy()]


def _on_one_grid(one: Presence, near: Near) -> tuple[Presence, Array]:
    theirs, closeness = near
    items = np.array(sorted({*one.items, *theirs}), dtype=object)
    at, there_at = np.searchsorted(items, one.items), np.searchsorted(items, theirs)
    wide = np.zeros((len(items), len(items)))
    wide[np.ix_(there_at, there_at)] = closeness
    why = np.full(len(items), "", dtype=object)
    why[at] = one.item_why
    unknown = np.setdiff1d(np.arange(len(items)), there_at)
    why[unknown] = "the proximities don't have it"

    def widened(cells: Any, blank: Any) -> Any:
        found = np.full((len(one.places), len(items)), blank)
        found[:, at] = cells
        return found

    absent = np.setdiff1d(np.arange(len(items)), at)
    advantage = widened(one.advantage, np.nan)
    sells = np.isfinite(one.advantage).any(axis=1)
    advantage[np.ix_(sells, absent)] = 0.0
    return (
        replace(
            one,
            items=items,
            advantage=advantage,
            there=widened(one.there, False),
            withheld=widened(one.withheld, False),
            item_why=why,
        ),
        wide,
    )
