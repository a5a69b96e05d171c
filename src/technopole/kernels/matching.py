"""Nearest-neighbour matching: who is compared with whom, the average difference, and its variance after Abadie and Imbens."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

CLOSE = 1e-9  # distances that differ by less are ties


@dataclass(frozen=True, slots=True)
class Links:
    """Who is compared with whom: unit `focal` with unit `partner` of the other group; the weights of a focal unit add up to 1."""

    focal: Numbers
    partner: Numbers
    weight: Floats


@dataclass(frozen=True, slots=True)
class Matched:
    """The average difference between focal units and their partners, its standard error, and how much each unit counts in it.

    `weight` adds up to 1 in each group.
    """

    estimate: float
    std_error: float
    weight: Floats


def scaled(points: Floats, metric: str) -> Floats:
    """Turn covariates into coordinates in which the Euclidean distance is that of the metric: mahalanobis or inverse_variance."""
    centred = points - points.mean(axis=0)
    if metric == "inverse_variance":
        spread = points.std(axis=0, ddof=1)
        return centred / np.where(spread > 0, spread, 1.0)
    covariance = np.atleast_2d(np.cov(points, rowvar=False))
    return np.ascontiguousarray(np.linalg.solve(np.linalg.cholesky(covariance), centred.T).T)


def nearest(
    points: Floats,
    treated: Flags,
    focal: Flags,
    block: Numbers,
    *,
    ratio: int = 1,
    caliper: float = math.inf,
    close: float = CLOSE,
) -> Links:
    """Link each focal unit to the `ratio` nearest units of the other group and its block, those at the same distance as the last included.

    Partners may serve more than once. A unit with nobody within the caliper has no link.
    """
    found: list[tuple[Numbers, Numbers]] = []
    for inside, outside in _sides(treated, block):
        for own, others in ((inside, outside), (outside, inside)):
            seekers = own[focal[own]]
            if len(seekers) and len(others):
                found.append(_neighbours(points, seekers, others, ratio, caliper, close))
    return _linked(found)


def pairs(
    points: Floats, treated: Flags, block: Numbers, *, ratio: int = 1, caliper: float = math.inf
) -> Links:
    """Link each treated unit to `ratio` others of its block, none of them twice, with the smallest sum of squared distances.

    Squares, as the sum of plain distances is often the same for many pairings (on a line, for all that don't cross).
    """
    found: list[tuple[Numbers, Numbers]] = []
    for inside, outside in _sides(treated, block):
        if not len(inside) or not len(outside):
            continue
        cost = cdist(points[inside], points[outside], "sqeuclidean")
        allowed = cost <= caliper**2
        cost[~allowed] = (
            cost[allowed].sum() * ratio + 1.0
        )  # rather any number of allowed pairs than one more of these
        row, column = linear_sum_assignment(np.repeat(cost, ratio, axis=0))
        row = row // ratio
        good = allowed[row, column]
        found.append((inside[row[good]], outside[column[good]]))
    return _linked(found)


def difference(
    outcome: Floats,
    treated: Flags,
    links: Links,
    *,
    spread: Floats | None = None,
    adjust: Floats | None = None,
    population: bool = True,
) -> Matched:
    """Average the differences between focal units and their partners.

    Parameters
    ----------
    spread
        Conditional variance of each unit's outcome (`own_variance`); None = the same for all, from the differences themselves.
    adjust
        Covariates of the regression that corrects for what differs between partners (Abadie and Imbens 2011).
    population
        Whether the variance is that of the effect in the population the units are drawn from, not in these very units.
    """
    number = len(outcome)
    sign = np.where(treated, 1.0, -1.0)
    used: Floats = np.bincount(links.partner, weights=links.weight, minlength=number).astype(np.float64)
    squared = np.bincount(links.partner, weights=links.weight**2, minlength=number)
    focal = np.bincount(links.focal, minlength=number) > 0
    apart = outcome[links.focal] - outcome[links.partner]
    if adjust is not None:
        apart -= _drift(outcome, treated, links, used, adjust)
    apart *= sign[links.focal]
    each = np.bincount(links.focal, weights=links.weight * apart, minlength=number)[focal]
    estimate, count = float(each.mean()), float(focal.sum())
    if spread is None:
        spread = np.full(number, float(links.weight @ (apart - estimate) ** 2) / (2 * count))
    share = focal + used
    if population:
        variance = ((each - estimate) ** 2).sum() + ((share**2 - focal - squared) * spread).sum()
    else:
        variance = (share**2 * spread).sum()
    weight = share / np.where(treated, share[treated].sum(), share[~treated].sum())
    return Matched(estimate, math.sqrt(variance) / count, weight)


def own_variance(
    outcome: Floats,
    points: Floats,
    treated: Flags,
    block: Numbers,
    *,
    neighbours: int = 1,
    close: float = CLOSE,
) -> Floats:
    """Estimate the variance of each unit's outcome given its covariates, from its nearest neighbours in its own group and block.

    A unit alone in its group and block gets the average of the others.
    """
    found = np.full(len(outcome), np.nan)
    for sides in _sides(treated, block):
        for own in sides:
            if len(own) < 2:
                continue
            focal, partner = _neighbours(points, own, own, neighbours + 1, math.inf, close)
            count = np.bincount(focal, minlength=len(outcome))
            total = np.bincount(focal, weights=outcome[partner], minlength=len(outcome))
            mean = total / np.maximum(count, 1)
            squares = np.bincount(
                focal, weights=(outcome[partner] - mean[focal]) ** 2, minlength=len(outcome)
            )
            found[own] = squares[own] / (count[own] - 1)
    known = np.isfinite(found)
    return np.where(known, found, found[known].mean() if known.any() else np.nan)


def _sides(treated: Flags, block: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Give the treated and the other units of each block."""
    order = np.argsort(block, kind="stable")
    cuts = np.flatnonzero(np.diff(block[order])) + 1
    for members in np.split(order, cuts):
        yield members[treated[members]], members[~treated[members]]


def _neighbours(
    points: Floats, seekers: Numbers, others: Numbers, ratio: int, caliper: float, close: float
) -> tuple[Numbers, Numbers]:
    tree = KDTree(points[others])
    rank = min(ratio, len(others))
    far = np.asarray(tree.query(points[seekers], k=rank)[0]).reshape(len(seekers), -1)[:, -1]
    reach = np.minimum(far + close, caliper)
    lists = tree.query_ball_point(points[seekers], reach, return_sorted=True)
    sizes = np.array([len(one) for one in lists])
    flat = np.concatenate([np.asarray(one, dtype=np.int64) for one in lists])
    return np.repeat(seekers, sizes), others[flat]


def _linked(found: list[tuple[Numbers, Numbers]]) -> Links:
    none = np.zeros(0, dtype=np.int64)
    focal = np.concatenate([none, *(pair[0] for pair in found)])
    partner = np.concatenate([none, *(pair[1] for pair in found)])
    order = np.lexsort((partner, focal))
    focal, partner = focal[order], partner[order]
    return Links(focal, partner, 1.0 / np.bincount(focal)[focal] if len(focal) else np.zeros(0))


def _drift(outcome: Floats, treated: Flags, links: Links, used: Floats, adjust: Floats) -> Floats:
    """What the partners' covariates being others makes of the outcome: a regression among those used as partners, in each group."""
    drift = np.zeros(len(links.focal))
    for group in (True, False):
        mine = (treated == group) & (used > 0)
        pair = treated[links.partner] == group
        if not pair.any():
            continue
        root = np.sqrt(used[mine])
        design = np.column_stack([np.ones(mine.sum()), adjust[mine]])
        slopes = np.linalg.lstsq(design * root[:, None], outcome[mine] * root, rcond=None)[0][1:]
        drift[pair] = (adjust[links.focal[pair]] - adjust[links.partner[pair]]) @ slopes
    return drift
