"""How rich the exporters of an item are, and how rich the exporters of what a place makes are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from technopole.kernels.threads import one_thread

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Content:
    """`level[c]` of a place's items, and `covered[c]`: the share of what it makes whose items have a level; nan = none."""

    level: Array
    covered: Array


def prody(values: Array, income: Array) -> Array:
    """Return each item's mean income of its places, weighted by the item's share in what the place makes; nan = nobody makes it.

    Hausmann, Hwang and Rodrik (2007), equation 1. `values` is places x items; places without income (nan) or anything made don't count.
    """
    own = values.sum(axis=1)
    counts = np.isfinite(income) & (own > 0)
    shares = values[counts] / own[counts, None]
    with one_thread(), np.errstate(divide="ignore", invalid="ignore"):
        found = (income[counts] @ shares) / shares.sum(axis=0)
    return np.where(np.isfinite(found), found, np.nan)


def expy(values: Array, levels: Array) -> Content:
    """Return each place's mean level of its items, weighted by value, over the items that have a level."""
    own, known = values.sum(axis=1), np.isfinite(levels)
    with one_thread(), np.errstate(divide="ignore", invalid="ignore"):
        inside = values[:, known].sum(axis=1)
        level = (values[:, known] @ levels[known]) / inside
        covered = inside / own
    return Content(np.where(inside > 0, level, np.nan), np.where(own > 0, covered, np.nan))
