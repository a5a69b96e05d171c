"""Spells: runs of years in which something is there, and how long they last, with the years nobody saw taken as such."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Whole = NDArray[np.intp]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spells:
    """One entry per spell: its cell (position in the flattened cells), first and last year (positions), and how it is known.

    `ended`: the next year was seen and nothing was there; `begun`: the year before was seen and nothing was there. `number` counts the
    spells of a cell.
    """

    cell: Whole
    start: Whole
    stop: Whole
    ended: Flags
    begun: Flags
    number: Whole

    @property
    def years(self) -> Whole:
        """How many years each spell lasts, as far as it is seen."""
        return self.stop - self.start + 1


def merged(there: Flags, seen: Flags, gap: int) -> tuple[Flags, Flags]:
    """Count up to `gap` years without anything, or unseen, between two years with something as years with something."""
    if gap < 1:
        return there, seen
    have, known = there.copy(), seen.copy()
    last = np.full(there.shape[1:], -1, dtype=np.intp)
    for t in range(len(there)):
        between = t - last - 1
        for back in range(1, min(gap, t) + 1):
            fill = there[t] & (last >= 0) & (between <= gap) & (back <= between)
            have[t - back] |= fill
            known[t - back] |= fill
        last = np.where(there[t], t, last)
    return have, known


def spells(there: Flags, seen: Flags) -> Spells:
    """Return the spells of years x cells, by cell and start. What is there counts as seen."""
    years = len(there)
    have, known = there.reshape(years, -1).T, (seen | there).reshape(years, -1).T
    before, after = np.zeros_like(have), np.zeros_like(have)
    before[:, 1:], after[:, :-1] = have[:, :-1], have[:, 1:]
    cell, start = np.nonzero(have & ~before)
    _, stop = np.nonzero(have & ~after)
    ended = np.zeros(len(cell), dtype=bool)
    inner = stop < years - 1
    ended[inner] = known[cell[inner], stop[inner] + 1]
    begun = np.zeros(len(cell), dtype=bool)
    late = start > 0
    begun[late] = known[cell[late], start[late] - 1]
    first = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]]) if len(cell) else np.zeros(0, dtype=np.intp)
    number = np.arange(len(cell)) - np.repeat(first, np.diff(np.r_[first, len(cell)])) + 1
    return Spells(cell, start, stop, ended, begun, np.asarray(number, dtype=np.intp))


def counts(
    years: Whole, ended: Flags, group: Whole, groups: int, *, longest: int, survived: bool = False
) -> tuple[Array, Array]:
    """Return how many spells of each group end after 1, 2, ... years, and how many could be seen to: groups x years.

    A spell that runs on when last seen isn't at risk of ending in that year, as nobody would have seen it; `survived` = it is, and has
    survived that year (what lengths with a mark of censoring are to usual software).
    """
    closed, at_risk = np.zeros((groups, longest)), np.zeros((groups, longest + 1))
    np.add.at(closed, (group[ended], years[ended] - 1), 1.0)
    np.add.at(at_risk, (group, np.where(ended | survived, years, years - 1)), 1.0)
    return closed, at_risk[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]


def resampled(closed: Array, at_risk: Array, draws: int, random: np.random.Generator) -> Array:
    """Return product-limit curves (draws x years) of groups drawn with replacement; nan where nothing is at risk."""
    groups = len(closed)
    weights = random.multinomial(groups, np.full(groups, 1 / groups), size=draws).astype("float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        # einsum: no BLAS, so the last digit doesn't hang on the machine
        left = 1 - np.einsum("bg,gt->bt", weights, closed) / np.einsum("bg,gt->bt", weights, at_risk)
    return np.asarray(np.cumprod(left, axis=1), dtype=np.float64)
