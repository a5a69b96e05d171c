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


def symmetric(advantage: Array) -> Array:
    """Return `(RCA - 1) / (RCA + 1)` in [-1, 1), 0 = as everywhere (Laursen); nan stays nan."""
    found: Array = (advantage - 1) / (advantage + 1)
    return found


def logarithm(advantage: Array) -> Array:
    """Return the natural logarithm; nan where there is nothing to take it of."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.log(advantage)
    found[~np.isfinite(found)] = np.nan
    return found


def against_others(values: Array) -> Array:
    """Return Vollrath's ratio with place c and item p left out of what they are compared with.

    `(x[c, p] / (X[c] - x[c, p])) / ((X[p] - x[c, p]) / (X - X[c] - X[p] + x[c, p]))`; nan where the place has nothing else, or no other
    place has the item.
    """
    own, item = values.sum(axis=1, keepdims=True), values.sum(axis=0, keepdims=True)
    elsewhere, other = _left(item, values), _left(own, values)
    other_elsewhere = _left(item.sum() - own, elsewhere)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = (values / other) * (other_elsewhere / elsewhere)
    found[~np.isfinite(found)] = np.nan
    return found


def _left(whole: Array, part: Array) -> Array:
    """`whole - part`, where a rest that is rounding only is 0."""
    rest = whole - part
    return np.where(rest > 1e-14 * np.maximum(whole, part), rest, 0.0)


def shares(values: Array) -> Array:
    """Return each item's share of its place's total; nan where the place has nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = values / values.sum(axis=1, keepdims=True)
    return found


def normalised(values: Array, reference: Array | None = None) -> Array:
    """Return `x[c, p] / X - X[c] X[p] / X^2` (Yu, Cai and Leung): sums to 0 over items, and over places where they are the world.

    nan where the place, or the reference's item, has nothing.
    """
    world = values.sum(axis=0) if reference is None else reference
    own, everything = values.sum(axis=1, keepdims=True), world.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = values / everything - (own / everything) * (world / everything)
    found[np.broadcast_to((own <= 0) | (world <= 0), found.shape)] = np.nan
    return found
