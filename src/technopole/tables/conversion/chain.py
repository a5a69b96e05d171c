"""The shortest way from one scheme to another through the bundled concordances."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import pairwise

from technopole.errors import UnknownName, WrongOption
from technopole.tables.classification import normal
from technopole.tables.conversion.levels import family
from technopole.tables.conversion.links import schemes, tables

# Going on from 35 fields would spread every symbol over its whole field.
_ENDS = frozenset({"WIPO-35"})


def known(scheme: str) -> str:
    """Return a scheme's name, or say which there are."""
    if scheme not in schemes():
        meant = [name for name in schemes() if normal(name) == normal(scheme)]
        same = [name for name in schemes() if family(name) == family(scheme).upper()]
        raise UnknownName(
            "no concordance has this classification", value=scheme, exists=meant or same or schemes()
        )
    return scheme


def shortest(from_: str, to: str, through: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the schemes on the way: fewest steps; of equally short ways the one that spreads a code least.

    Raises
    ------
    UnknownName, WrongOption
        A scheme that no concordance has, or no way between the two.
    """
    stops = [known(scheme) for scheme in (from_, *through, to)]
    way = [stops[0]]
    for start, end in pairwise(stops):
        way += _between(start, end, {*stops, *way} - {start, end})[1:]
    return tuple(way)


def _between(start: str, end: str, without: set[str]) -> tuple[str, ...]:
    queue: list[tuple[int, float, tuple[str, ...]]] = [(0, 1.0, (start,))]
    done = set(without)
    while queue:
        steps, spread, way = heapq.heappop(queue)
        here = way[-1]
        if here == end:
            return way
        if here in done or (here in _ENDS and here != start):
            continue
        done.add(here)
        for table in tables():
            if here == table.a:
                heapq.heappush(queue, (steps + 1, spread * table.spread, (*way, table.b)))
            elif here == table.b:
                heapq.heappush(queue, (steps + 1, spread * table.spread_back, (*way, table.a)))
    raise WrongOption(
        f"no chain of concordances leads from {start} to {end}",
        value=end,
        exists=sorted(done - {start} - without),
        fix="choose one of these",
    )
