"""What one place has of each item, and who of the world has what, on the same items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from technopole.competitiveness._closeness import with_closeness
from technopole.competitiveness._matrix import Array, Source, matrices, names, refuse_too_many
from technopole.competitiveness._presence import Presence, Rule, presences
from technopole.competitiveness._selection import chosen, chosen_places
from technopole.competitiveness._world import on_grid
from technopole.kernels import complexity
from technopole.result import Result


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as having something, and whose having makes the network."""

    presence: Rule
    threshold: float
    value: str | None
    exporters: Sequence[str] | None
    minimum_total: float


@dataclass(frozen=True, slots=True, eq=False)
class LitPlace:
    """What a place has of each item; `why` = why its advantage is undefined.

    `closeness` is the items' proximity, `complexity` theirs among the places of `network`.
    """

    year: int
    items: NDArray[Any]
    amount: Array
    advantage: Array
    present: NDArray[np.bool_]
    withheld: NDArray[np.bool_]
    why: NDArray[Any]
    closeness: Array
    complexity: Array
    network: Presence


def lit_place(
    table: Source,
    place: str,
    reference: Source | None,
    proximity: Result | None,
    rules: Rules,
    year: int | None,
) -> LitPlace:
    """Return what a place has in a year (none = the last), beside the world of `reference`, or of the table's own places.

    How near items are is what `proximity` says, or comes from that world.

    Raises
    ------
    UnknownName
        There is no such place or year, or the place isn't among those that take part.
    WrongOption
        A threshold that isn't above 0, or another member's result as proximity.
    """
    latest = matrices(table, value=rules.value, year=year)[-1]
    chosen_places([latest], [place], table)
    if reference is None:
        own = network = _network(table, rules, rules.value, latest.year)
        chosen(own.places, [place], f"{names(table)[0]} that takes part", table.source)
    else:
        own = presences(
            table,
            presence=rules.presence,
            threshold=rules.threshold,
            value=rules.value,
            year=latest.year,
            reference=reference,
        )[0]
        value = rules.value if type(reference) is type(table) else None
        network = _network(reference, rules, value, _same_year(reference, latest.year))
    given: Array | None = None
    if proximity is not None:
        [(own, given)] = with_closeness(
            [own], proximity, None, presence=rules.presence, threshold=rules.threshold, sector=None
        )
    refuse_too_many(len(own.items), table.source)
    world = np.zeros((len(network.places), len(own.items)), dtype=bool)
    world[:, np.searchsorted(own.items, network.items)] = network.there
    row = int(np.searchsorted(own.places, place))
    undefined = ~np.isfinite(own.advantage[row])
    return LitPlace(
        latest.year,
        own.items,
        on_grid(latest, latest.places, own.items).values[latest.places == place][0],
        own.advantage[row],
        own.there[row],
        own.withheld[row],
        np.where(undefined, own.place_why[row] or own.item_why, ""),
        complexity.proximity(world) if given is None else given,
        complexity.standardised(complexity.eigenvector(world), "atlas")[1],
        network,
    )


def _network(table: Source, rules: Rules, value: str | None, year: int) -> Presence:
    return presences(
        table,
        presence=rules.presence,
        threshold=rules.threshold,
        value=value,
        year=year,
        taking_part=rules.exporters,
        minimum_total=rules.minimum_total,
    )[0]


def _same_year(reference: Source, year: int) -> int:
    """The reference's year: its one unnamed period where it has no other."""
    years = reference.expr.select("year").distinct().to_pyarrow()["year"].to_pylist()
    return 0 if years == [0] else year
