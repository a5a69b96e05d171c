"""When units entered a park and when they left it, from where they are year by year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NEVER = 0
LAST = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Stay:
    """One value per row; `entered` and `left` are the unit's, 0 = never. `seen_late`: units inside in their first year, `again`:
    that came back, `moved`: that went from one park to another (numbers of units)."""

    in_park: Flags
    entered: Ints
    left: Ints
    graduate: Flags
    seen_late: int
    again: int
    moved: int


def stay(unit: Ints, year: Ints, park: Ints, since: Ints, opened: Ints | None) -> Stay:
    """Follow units (rows sorted by unit and year) in and out of parks.

    `park` is the park a row lies in by its position (-1 = none), `since` that park's year (0 = not known, taken as always), `opened` the
    year the unit itself began (0 = not known). A park doesn't count before its year. A unit that is inside when first seen entered in the
    later of its park's year and its own, where both are known; else in the first year seen.
    """
    in_park = (park >= 0) & ((year >= since) | (year == 0))
    units = int(unit.max()) + 1
    first = _first(unit, year, np.ones(len(unit), dtype=bool), units)
    entered = _first(unit, year, in_park, units)
    late = (entered == first) & (entered < LAST)
    if opened is not None:
        entered = _back_to_the_start(unit, year, in_park, since, opened, entered, late)
    gone = ~in_park & (year > entered[unit])
    left = _first(unit, year, gone, units)
    left[left == LAST] = NEVER
    entered[entered == LAST] = NEVER
    after = (left[unit] > 0) & (year >= left[unit])
    again = np.unique(unit[after & in_park]).size
    stays = pd.DataFrame({"unit": unit[in_park], "park": park[in_park]})
    moved = int((stays.groupby("unit")["park"].nunique() > 1).sum())
    return Stay(
        in_park,
        entered[unit],
        left[unit],
        after & ~in_park,
        int((late & (first > 0)).sum()),
        int(again),
        moved,
    )


def _first(unit: Ints, year: Ints, rows: Flags, units: int) -> Ints:
    found = np.full(units, LAST)
    np.minimum.at(found, unit[rows], year[rows])
    return found


def _back_to_the_start(
    unit: Ints, year: Ints, in_park: Flags, since: Ints, opened: Ints, entered: Ints, late: Flags
) -> Ints:
    start = in_park & late[unit] & (year == entered[unit]) & (since > 0) & (opened > 0)
    found = entered.copy()
    own = np.maximum(since[start], opened[start])
    earlier = (year[start] == 0) | (own < year[start])
    found[unit[start][earlier]] = own[earlier]
    return found
