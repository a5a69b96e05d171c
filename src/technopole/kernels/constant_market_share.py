"""Constant market share: what one exporter's exports would have become with the shares it had, and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Order = Literal["commodity first", "market first"]
Base = Literal["first", "last", "mean"]


@dataclass(frozen=True, slots=True)
class Effects:
    """Four effects per product and market; in each cell they add up to the change of the exporter's exports.

    `unknown` marks cells of the base year whose market had no trade to grow from although the exporter had some: they are taken to
    grow as the world's trade in the products given.
    """

    world: Array
    commodity: Array
    market: Array
    competitiveness: Array
    unknown: NDArray[np.bool_]


def decompose(
    before: Array,
    after: Array,
    world_before: Array,
    world_after: Array,
    *,
    order: Order = "commodity first",
    base: Base = "first",
    totals: tuple[float, float] | None = None,
) -> Effects:
    """Return the effects between two years, all arrays products x markets.

    Growth is weighted with the exports of the `base` year: the first (Laspeyres), the last (Paasche: the same backwards in time, with
    the sign turned), or the mean of the two. `totals` is what the whole world's trade was in both years, where that is more than the
    products given. A product or market new to the world is nobody's growth: it counts as competitiveness.
    """
    first, last = totals if totals is not None else (float(world_before.sum()), float(world_after.sum()))
    if base == "first":
        return _weighted(before, after, world_before, world_after, order, (first, last))
    back = _weighted(after, before, world_after, world_before, order, (last, first))
    turned = Effects(-back.world, -back.commodity, -back.market, -back.competitiveness, back.unknown)
    if base == "last":
        return turned
    return mean(_weighted(before, after, world_before, world_after, order, (first, last)), turned)


def mean(one: Effects, other: Effects) -> Effects:
    """Return the mean of two decompositions: of the two orders it is the Shapley value."""
    return Effects(
        (one.world + other.world) / 2,
        (one.commodity + other.commodity) / 2,
        (one.market + other.market) / 2,
        (one.competitiveness + other.competitiveness) / 2,
        one.unknown | other.unknown,
    )


def _weighted(
    before: Array,
    after: Array,
    world_before: Array,
    world_after: Array,
    order: Order,
    totals: tuple[float, float],
) -> Effects:
    """Growth rates from coarse to fine times the exports of the base year, and what is left.

    Everything the chosen products together grow more than the whole world's trade is commodity in both orders.
    """
    axis = 1 if order == "commodity first" else 0
    everything = _rate(np.array(totals[1]), np.array(totals[0]), np.nan)
    chosen = _rate(world_after.sum(), world_before.sum(), float(everything))
    level = _rate(
        world_after.sum(axis=axis, keepdims=True), world_before.sum(axis=axis, keepdims=True), float(chosen)
    )
    cell = _rate(world_after, world_before, float(chosen))
    none = before == 0
    all_trade, products, first, second = (
        np.where(none, 0.0, rate * before) for rate in (everything, chosen, level, cell)
    )
    one, other = first - products, second - first
    commodity, market = (one, other) if axis == 1 else (other, one)
    return Effects(
        all_trade,
        commodity + products - all_trade,
        market,
        after - before - second,
        ~none & (world_before <= 0),
    )


def _rate(after: Array, before: Array, otherwise: float) -> Array:
    """Growth, or another rate where there was nothing to grow from."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = np.where(before > 0, after / before - 1, otherwise)
    return found
