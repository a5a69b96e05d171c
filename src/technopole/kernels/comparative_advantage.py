"""Comparative advantage: how much more of an item a place has than places have on the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROUNDING = 1e-12  # shares of sums carry this much error


def balassa(values: Array, reference: Array | None = None) -> Array:
    """Return `(x[c, p] / X[c]) / (X[p] / X)`, places x items; nan where the place, or the reference's item, has nothing.

    `reference` is what each item amounts to in the world (one number per item); none = the places together.
    """
    world = values.sum(axis=0) if reference is None else reference
    own, everything = values.sum(axis=1, keepdims=True), world.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        share = world / everything
        found: Array = (values / own) / share
    found[~np.isfinite(found)] = np.nan
    return found


def present(advantage: Array, threshold: float = 1.0, *, strict: bool = False) -> NDArray[np.bool_]:
    """Whether a place has an item: its advantage is `threshold` or more (the convention of the Atlas); not where it is undefined.

    `strict` = more than `threshold` (Hidalgo and Hausmann 2009; Stata). An advantage that differs by rounding only is the threshold.
    """
    with np.errstate(invalid="ignore"):
        found: NDArray[np.bool_] = advantage > threshold * (1 + ROUNDING if strict else 1 - ROUNDING)
    return found
