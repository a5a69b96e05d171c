"""Patents by place, technology and year, years taken together where they are few; and what makes such counts doubtful."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technopole.competitiveness._matrix import Array, Matrix, counted, matrices, refuse_too_large
from technopole.errors import BadInput, Problem, UnknownName, WrongOption
from technopole.tables import Patents, Sector

BREAK = 3.0  # times more, or fewer, from one year to the next
LARGE = 100.0  # patents from which chance can't do that
COMPLETE = 0.7  # of the mean of the three years before
SYMBOL = re.compile(r"[A-HY]\d{2}[A-Z](\s*\d+/\d+)?")


@dataclass(frozen=True, slots=True)
class Pool:
    """The years `first` to `last` taken together; `years` of them have rows."""

    first: int
    last: int
    years: int
    counts: Matrix


@dataclass(frozen=True, slots=True)
class Series:
    """All years on one set of places and technologies: `values[year, place, technology]`."""

    years: list[int]
    places: list[str]
    technologies: list[str]
    values: Array
    withheld: NDArray[np.bool_]


def series(patents: Patents, value: str | None, sector: Sector | None) -> Series:
    """Read the table. Errors as `matrices`, and where a technology is written in two ways."""
    refuse_two_spellings(patents)
    found = matrices(patents, value=value, sector=sector)
    places = sorted({place for one in found for place in one.places})
    items = sorted({item for one in found for item in one.items})
    shape = len(found), len(places), len(items)
    said = f"{shape[0]:,} years x {shape[1]:,} places x {shape[2]:,} technologies"
    refuse_too_large(math.prod(shape), said, patents.source)
    values = np.zeros(shape)
    withheld = np.zeros(values.shape, dtype=bool)
    for t, one in enumerate(found):
        at = np.ix_(np.array([t]), np.searchsorted(places, one.places), np.searchsorted(items, one.items))
        values[at], withheld[at] = one.values[None], one.withheld[None]
    return Series([one.year for one in found], places, items, values, withheld)


def pools(table: Series, *, window: int, year: int | None, source: str) -> list[Pool]:
    """Return every `window` years of the table taken together (or those up to `year`), oldest first.

    Raises
    ------
    WrongOption
        The window is shorter than a year or reaches behind the first year.
    UnknownName
        The table has no such year.
    """
    first, last = table.years[0], table.years[-1]
    if window < 1 or window > last - first + 1:
        raise WrongOption(
            "window is a number of years that the table has",
            value=window,
            where=source,
            exists=[f"1 to {last - first + 1}"],
        )
    ends = [end for end in table.years if end - window + 1 >= first]
    if year is not None and year not in table.years:
        raise UnknownName("the table has no year", value=year, where=source, exists=table.years)
    if year is not None and year not in ends:
        raise WrongOption(
            f"{window} years up to {year} reach behind the table's first year",
            value=window,
            where=source,
            exists=[first],
            fix="choose a shorter window or a later year",
        )
    return [_pool(table, end, window) for end in (ends if year is None else [year])]


def _pool(table: Series, end: int, window: int) -> Pool:
    inside = [t for t, year in enumerate(table.years) if end - window < year <= end]
    together = Matrix(
        end,
        np.asarray(table.places, dtype=object),
        np.asarray(table.technologies, dtype=object),
        table.values[inside].sum(axis=0),
        np.asarray(table.withheld[inside].any(axis=0), dtype=bool),
    )
    return Pool(end - window + 1, end, len(inside), together)


def when(pool: Pool) -> str:
    """The pool's years in words; "" for one unnamed period."""
    if not pool.last:
        return ""
    return f"{pool.last}" if pool.first == pool.last else f"{pool.first} to {pool.last}"


def refuse_two_spellings(patents: Patents) -> None:
    """Raise `BadInput` where technologies differ in case or spaces only: their shares would be wrong."""
    written: dict[str, str] = {}
    problems: list[Problem] = []
    for name in _technologies(patents):
        other = written.setdefault(" ".join(name.split()).casefold(), name)
        if other != name:
            problems.append(
                Problem(
                    patents.source,
                    "",
                    None,
                    "technology",
                    name,
                    "differs only in case or spaces from another technology",
                    f"also there: {other!r}",
                    "write both alike, and add their rows up",
                )
            )
    if problems:
        raise BadInput("technologies are written in two ways", problems, where=patents.source)


def _technologies(patents: Patents) -> list[str]:
    rows = patents.expr.select("technology").distinct()
    return sorted(rows.to_pyarrow()["technology"].to_pylist())


def doubts(
    patents: Patents, table: Series, *, value: str | None, until: int, places: Sequence[str] = ()
) -> list[str]:
    """Say what in the counts up to the year `until` may come from the register and not from invention."""
    column = counted(patents, value)
    counts = table.values.sum(axis=2)[[year <= until for year in table.years]]
    years = [year for year in table.years if year <= until]
    named = {place: counts[:, i] for i, place in enumerate(table.places) if not places or place in places}
    found = [*patents.warnings, *_systems(table.technologies), *_missing(years), *_tail(years, counts)]
    found += _breaks(years, named, column)
    hidden = int(table.withheld.sum())
    if hidden:
        found.append(
            f"the {column} of {hidden:,} cells is withheld: totals use the middle of their bounds, 0 where there are none"
        )
    if np.any(table.values % 1):
        found.append(
            f"{column} has fractions: intervals are those of whole counts of this size, which is approximate"
        )
    return found


def _systems(technologies: Sequence[str]) -> list[str]:
    symbols = [name for name in technologies if SYMBOL.fullmatch(name)]
    others = [name for name in technologies if not SYMBOL.fullmatch(name)]
    said: list[str] = []
    if symbols and others:
        said.append(
            f"technologies are of two systems: {symbols[0]!r} is a symbol of IPC or CPC, {others[0]!r} isn't; a patent may count in both"
        )
    finer = [name for name in symbols if "/" in name and name[:4] in symbols]
    if finer:
        said.append(
            f"{finer[0]!r} and {finer[0][:4]!r} stand side by side: a patent may count in both, so shares are too small"
        )
    return said


def _missing(years: Sequence[int]) -> list[str]:
    lacking = sorted(set(range(years[0], years[-1] + 1)) - set(years))
    return (
        [f"the table has no rows for {len(lacking)} years between its first and last: {_listed(lacking)}"]
        if lacking
        else []
    )


def _tail(years: Sequence[int], counts: Array) -> list[str]:
    if len(years) < 4:
        return []
    total = counts.sum(axis=1)
    usual = float(total[-4:-1].mean())
    if usual < LARGE or total[-1] >= COMPLETE * usual:
        return []
    return [
        f"{years[-1]} has {total[-1] / usual:.0%} of the mean of the three years before: applications are published late, so the last "
        "years look incomplete; year= ends earlier"
    ]


def _breaks(years: Sequence[int], named: dict[str, Array], column: str) -> list[str]:
    found: list[tuple[float, str, str]] = []
    for place, counts in named.items():
        for t in range(1, len(years)):
            few, many = sorted((float(counts[t - 1]), float(counts[t])))
            if few > 0 and many >= LARGE and many >= BREAK * few and years[t] - years[t - 1] == 1:
                said = f"{place} {counts[t - 1]:,.0f} in {years[t - 1]}, {counts[t]:,.0f} in {years[t]}"
                found.append((-many / few, place, said))
    if not found:
        return []
    found.sort()
    of = Counter(place for _, place, _ in found)
    more = f"; {len(found) - 3} more such steps" if len(found) > 3 else ""
    return [
        f"{column} of {len(of)} place{'' if len(of) == 1 else 's'} change threefold or more from one year to the next, which registers do "
        f"and inventors don't: "
        f"{'; '.join(said for _, _, said in found[:3])}{more}"
    ]


def _listed(years: Sequence[int]) -> str:
    shown = ", ".join(map(str, years[:8]))
    return f"{shown} …" if len(years) > 8 else shown
