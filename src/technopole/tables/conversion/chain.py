"""The shortest way from one scheme to another through the bundled concordances."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import pairwise

from technopole.errors import UnknownName, WrongOption
from technopole.tables.classification import normal
from technopole.tables.conversion.levels import family
from technopole.tables.conversion.links import schemes, table_of, tables

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
    """Return the schemes on the way: fewest steps; of equally short ways the one whose tables have fewest links.

    Raises
    ------
    UnknownName, WrongOption
        A scheme that no concordance has, or no way between the two.
    """
    stops = [known(scheme) for scheme in (from_, *through, to)]
    way = [stops[0]]
    for start, end in pairwise(stops):
        way += _between(start, end)[1:]
    return tuple(way)


def _between(start: str, end: str) -> tuple[str, ...]:
    queue: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, (start,))]
    done: set[str] = set()
    while queue:
        steps, links, way = heapq.heappop(queue)
        here = way[-1]
        if here == end:
            return way
        if here in done or (here in _ENDS and here != start):
            continue
        done.add(here)
        for table in tables():
            if here in (table.a, table.b):
                there = table.b if table.a == here else table.a
                heapq.heappush(queue, (steps + 1, links + table_of(here, there).links, (*way, there)))
    raise WrongOption(
        f"no chain of concordances leads from {start} to {end}",
        value=end,
        exists=sorted(done - {start}),
        fix="choose one of these",
    )
