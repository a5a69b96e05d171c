"""Who has what: revealed comparative advantage as a yes or no, with the reasons where neither can be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from technopole.competitiveness._matrix import Array, Matrix, Source, arrow, counted, matrices, names
from technopole.competitiveness._selection import chosen_places
from technopole.competitiveness._world import with_world
from technopole.errors import WrongOption
from technopole.kernels.comparative_advantage import balassa, present
from technopole.tables import Sector, Trade

Rule: TypeAlias = Literal["advantage", "above", "positive"]
Names: TypeAlias = NDArray[Any]
LOOSE = 0.3  # correlation of complexity with diversity under which its sign says little
TEXT: Any = pd.StringDtype("pyarrow", na_value=np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """One year: `there[i, j]` is whether place i has item j. `place_why` and `item_why`: why nothing can be said, "" where it can."""

    year: int
    places: Names
    items: Names
    advantage: Array
    there: NDArray[np.bool_]
    withheld: NDArray[np.bool_]
    place_why: Names
    item_why: Names
    left_out: int


def presences(
    table: Source,
    *,
    presence: Rule,
    threshold: float,
    value: str | None = None,
    year: int | None = None,
    sector: Sector | None = None,
    reference: Source | None = None,
    taking_part: Sequence[str] | None = None,
    minimum_total: float = 0.0,
) -> list[Presence]:
    """Return who has what in each year.

    `taking_part` and `minimum_total` leave places out before anything is computed, totals included; the places below the minimum keep
    their row and a reason.

    Raises
    ------
    WrongOption
        A threshold that isn't above 0.
    UnknownName, EmptyTable, MissingColumn
        As `matrices`, `with_world` and `chosen_places`.
    """
    if not threshold > 0:
        raise WrongOption("threshold is a comparative advantage above 0", value=threshold)
    years = matrices(table, value=value, year=year, sector=sector)
    if taking_part is not None:
        kept = chosen_places(years, taking_part, table)
        years = [_of(one, np.isin(one.places, kept)) for one in years]
        years = [one for one in years if len(one.places)]
    small = [one.values.sum(axis=1) < minimum_total for one in years]
    years = [
        Matrix(one.year, one.places, one.items, np.where(out[:, None], 0.0, one.values), one.withheld)
        for one, out in zip(years, small, strict=True)
    ]
    worlds = with_world(years, table, reference, value=value, sector=sector)
    said = made(table, value)
    return [
        _one_year(one, world, out, presence, threshold, names(table), said, minimum_total)
        for (one, world), out in zip(worlds, small, strict=True)
    ]


def made(table: Source, value: str | None) -> str:
    """What is counted, in a word."""
    return "exports" if isinstance(table, Trade) else counted(table, value)


def warnings_of(years: Sequence[Presence], what: tuple[str, str]) -> list[str]:
    """What was withheld or left out, and how much."""
    place, item = what
    hidden = sum(int(one.withheld.sum()) for one in years)
    out = sum(one.left_out for one in years)
    said: list[str] = []
    if hidden:
        said.append(
            f"{hidden:,} withheld cells don't count as a comparative advantage of {many(place)} in {many(item)}"
        )
    if out:
        said.append(
            f"{out:,} {many(place)} lie below minimum_total in their year and are left out, of totals too"
        )
    return said


def loose_sign(year: int, related: float, what: tuple[str, str]) -> list[str]:
    """A warning where complexity hardly goes with diversity, which alone tells its plus from its minus."""
    if not related < LOOSE:
        return []
    place, item = what
    return [
        f"{f'{year}: ' if year else ''}complexity hardly rises with diversity (correlation {related:.2f} over {many(place)}): which end is the "
        f"complex one is next to arbitrary here; look at the {many(item)} at both ends before reading it"
    ]


def many(name: str) -> str:
    """The plural of a key column's name."""
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def spread(listed: Names, rows: NDArray[Any]) -> Any:
    """A text column: `listed[rows]`, through Arrow, which takes a tenth of the time."""
    return TEXT.__from_arrow__(pa.array(listed, pa.large_string()).take(pa.array(rows)))


def places_in(listed: Names, wanted: Sequence[str]) -> NDArray[Any]:
    """The numbers of those of `listed` that are wanted."""
    if len(wanted) >= len(listed) and set(wanted) >= set(listed):
        return np.arange(len(listed))
    return np.flatnonzero(np.isin(listed.astype(str), list(wanted)))


def largest(values: Array, count: int = 15) -> NDArray[Any]:
    """The numbers of the largest values that are known, largest first, in order where they are equal."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known) > count:
        known = known[values[known] >= np.partition(values[known], -count)[-count]]
    return known[np.argsort(-values[known], kind="stable")][:count]


def undefined_last(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The years' tables below one another, rows that lack their number at the end, else in order."""
    table = tables[0] if len(tables) == 1 else pd.concat(list(tables), ignore_index=True)
    said: Any = pa.array(table["undefined"])
    lacking = arrow.not_equal(said, "").to_numpy(zero_copy_only=False)
    if not lacking.any():
        return table
    return table.iloc[np.argsort(lacking, kind="stable")].reset_index(drop=True)


def _of(one: Matrix, rows: NDArray[np.bool_]) -> Matrix:
    return Matrix(one.year, one.places[rows], one.items, one.values[rows], one.withheld[rows])


def _one_year(
    one: Matrix,
    world: Array,
    small: NDArray[np.bool_],
    rule: Rule,
    threshold: float,
    what: tuple[str, str],
    said: str,
    minimum_total: float,
) -> Presence:
    place, item = what
    advantage = balassa(one.values, world)
    if rule == "positive":
        there: NDArray[np.bool_] = one.values > 0
    else:
        there = present(advantage, threshold, strict=rule == "above")
    there &= ~one.withheld
    empty = one.values.sum(axis=1) <= 0
    hidden = one.withheld.any(axis=1)
    place_why = np.select(
        [small, empty & hidden, empty, ~there.any(axis=1)],
        [
            f"its {said} are below {minimum_total:,.0f}",
            "withheld",
            f"the {place} has no {said}",
            f"the {place} has no comparative advantage in any {item}",
        ],
        default="",
    )
    none = world <= 0
    item_why = np.select(
        [none, ~there.any(axis=0)],
        [f"the world has no {said} of this {item}", f"no {place} has a comparative advantage in this {item}"],
        default="",
    )
    return Presence(
        one.year, one.places, one.items, advantage, there, one.withheld, place_why, item_why, int(small.sum())
    )
