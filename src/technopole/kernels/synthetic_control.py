"""Weights of a synthetic control: the exact convex fit, the nested search for the predictors' importance, placebo ranks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from technopole.kernels.compiling import compiled

Floats = NDArray[np.float64]

_FLOOR = 1e-8  # of the squared size of a unit's outcomes before: below that a fit counts as perfect, and ratios stay finite


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the donors (they add up to 1), importance of the predictors (likewise), and the loss that chose them."""

    donors: Floats
    importance: Floats
    loss: float


@dataclass(frozen=True, slots=True)
class Ranks:
    """Post/pre ratio of root mean squared gaps per unit, and the share of units whose ratio is at least the first's."""

    ratio: Floats
    p_value: float


def fit(target: Floats, donors: Floats, importance: Floats) -> Weights:
    """Minimise the sum of importance (target - donors @ weights)^2 over weights >= 0 that add up to 1, exactly.

    Parameters
    ----------
    target : array (rows,)
    donors : array (rows, donors)
    importance : array (rows,)
        Zero or more.
    """
    share = importance / importance.sum()
    weights = _nearest(_scaled(np.ascontiguousarray(donors - target[:, None]), share))
    gaps = target - donors @ weights
    return Weights(weights, share, float(share @ gaps**2))


def nested(target: Floats, donors: Floats, past: Floats, donors_past: Floats, starts: Floats) -> Weights:
    """Choose the importance whose weights fit the outcome's past best (Abadie and Gardeazabal 2003, appendix B).

    Nelder and Mead's simplex search over |v| / sum |v|, from each row of `starts`; the best end wins, the first of equals.

    Parameters
    ----------
    target, donors : arrays (predictors,), (predictors, donors)
    past, donors_past : arrays (years,), (years, donors)
        What the weights are to fit: the loss is the mean squared gap.
    starts : array (starts, predictors)
    """
    away, recent = np.ascontiguousarray(donors - target[:, None]), np.ascontiguousarray(donors_past)
    best, loss = starts[0], np.inf
    for start in starts:
        found, value = _search(away, np.ascontiguousarray(past), recent, np.ascontiguousarray(start))
        if value < loss:
            best, loss = found, value
    share = np.abs(best) / np.abs(best).sum()
    return Weights(_nearest(_scaled(away, share)), share, float(loss))


def ranks(before: Floats, after: Floats, size: Floats) -> Ranks:
    """Compare the first unit's gaps with the placebos' (Abadie, Diamond and Hainmueller 2010, section 3.4).

    Parameters
    ----------
    before, after : arrays (units, years)
        Gaps; the treated unit first.
    size : array (units,)
        Largest outcome before, in absolute value.
    """
    pre = np.maximum((before**2).mean(axis=1), _floor(size))
    ratio = np.sqrt((after**2).mean(axis=1) / pre)
    return Ranks(ratio, float((ratio >= ratio[0]).mean()))


def constant_effects(
    before: Floats, after: Floats, size: Floats, carried: Floats, level: float
) -> tuple[float, float]:
    """Return the ends of the set of constant effects that the ranks don't reject (Firpo and Possebom 2018, section 4).

    An effect c is rejected if the share of units whose ratio, with c taken from every gap after, is at least the treated unit's is
    1 - level or less. Ratios are square roots of parabolas in c, so the share changes only where two of them cross: exact, no grid.
    An end is infinite where no effect that far out is rejected; both are nan where every effect is.

    Parameters
    ----------
    carried : array (units,)
        How much of the effect a unit's gap holds: 1, minus the weight of the treated unit among its donors.
    """
    pre = np.maximum((before**2).mean(axis=1), _floor(size))
    # mean((after - carried effect)^2) / pre, minus the same of the first unit
    a, c = carried**2 / pre, (after**2).mean(axis=1) / pre
    b = -2 * carried * after.mean(axis=1) / pre
    a, b, c = a[1:] - a[0], b[1:] - b[0], c[1:] - c[0]
    crossings = np.unique(np.concatenate([_roots(*each) for each in zip(a, b, c, strict=True)] or [[]]))
    if not len(crossings):
        inside = _share(a, b, c, 0.0) > 1 - level
        return (-np.inf, np.inf) if inside else (np.nan, np.nan)
    between = np.concatenate([[crossings[0] - 1], (crossings[1:] + crossings[:-1]) / 2, [crossings[-1] + 1]])
    kept = np.array([_share(a, b, c, at) > 1 - level for at in between])
    if not kept.any():
        return np.nan, np.nan
    edges = np.concatenate([[-np.inf], crossings, [np.inf]])
    first, last = int(kept.argmax()), len(kept) - 1 - int(kept[::-1].argmax())
    return float(edges[first]), float(edges[last + 1])


def _share(a: Floats, b: Floats, c: Floats, at: float) -> float:
    return float(((a * at**2 + b * at + c >= 0).sum() + 1) / (len(a) + 1))


def _roots(a: float, b: float, c: float) -> Floats:
    if a == 0:
        return np.array([-c / b]) if b else np.empty(0)
    inner = b * b - 4 * a * c
    if inner < 0:
        return np.empty(0)
    far = -(b + np.copysign(np.sqrt(inner), b)) / 2
    return np.array([far / a, c / far]) if far else np.array([0.0])


def _floor(size: Floats) -> Floats:
    return _FLOOR * np.maximum(size, 1.0) ** 2


@compiled
def _scaled(away: Any, share: Any) -> Any:
    """Multiply the rows by the roots of their shares, and divide all by the largest number."""
    rows, number = away.shape
    scaled = np.empty((rows, number))
    size = 0.0
    for i in range(rows):
        root = math.sqrt(share[i])
        for j in range(number):
            scaled[i, j] = root * away[i, j]
            size = max(size, abs(scaled[i, j]))
    if size > 0.0:
        for i in range(rows):
            for j in range(number):
                scaled[i, j] /= size
    return scaled


@compiled
def _nearest(away: Any) -> Any:
    """Return the weights of the point nearest to the origin in the convex hull of the columns.

    Lawson and Hanson's active sets on min |away u|^2 + (sum u - 1)^2, u >= 0: its solution is a multiple of the weights.
    """
    number = away.shape[1]
    u = np.zeros(number)
    used = np.zeros(number, np.bool_)
    chosen = np.empty(number, np.int64)
    for _ in range(20 * number):
        best = _steepest(away, u, used)
        if best < 0:
            break
        if best >= number:  # that column is the origin itself
            for j in range(number):
                u[j] = 0.0
            u[best - number] = 1.0
            break
        used[best] = True
        step = 0.0
        while step < 1.0:
            count = 0
            for j in range(number):
                if used[j]:
                    chosen[count] = j
                    count += 1
            wished, regular = _solved(away, chosen, count)
            if not regular:  # the new column lies in the plane of the others: it adds nothing
                return _shares(u)
            step = 1.0
            for k in range(count):
                if wished[k] <= 0.0:
                    step = min(step, u[chosen[k]] / (u[chosen[k]] - wished[k]))
            for k in range(count):
                j = chosen[k]
                u[j] += step * (wished[k] - u[j])
                if wished[k] <= 0.0 and u[j] <= 1e-15:
                    u[j] = 0.0
                    used[j] = False
    return _shares(u)


@compiled
def _shares(u: Any) -> Any:
    total = 0.0
    for j in range(len(u)):
        total += u[j]
    for j in range(len(u)):
        u[j] /= total
    return u


@compiled
def _steepest(away: Any, u: Any, used: Any) -> Any:
    """Return the unused column along which the objective falls fastest, -1 if along none; number + j if column j is zero."""
    rows, number = away.shape
    point = np.zeros(rows)
    total = 0.0
    for j in range(number):
        if used[j]:
            total += u[j]
            for i in range(rows):
                point[i] += away[i, j] * u[j]
    best, gain = -1, 1e-13
    for j in range(number):
        if used[j]:
            continue
        slope, norm = 1.0 - total, 0.0
        for i in range(rows):
            slope -= away[i, j] * point[i]
            norm += away[i, j] ** 2
        if norm == 0.0:
            return number + j
        slope /= math.sqrt(norm + 1.0)
        if slope > gain:
            best, gain = j, slope
    return best


@compiled
def _solved(away: Any, chosen: Any, size: int) -> Any:
    """Solve (A'A + 11') u = 1 for the chosen columns by Cholesky's factor; say whether they are independent."""
    factor = np.zeros((size, size))
    u = np.ones(size)
    for p in range(size):
        for q in range(p + 1):
            value = 1.0
            for i in range(away.shape[0]):
                value += away[i, chosen[p]] * away[i, chosen[q]]
            diagonal = value
            for k in range(q):
                value -= factor[p, k] * factor[q, k]
            if p == q:
                if value <= 1e-14 * diagonal:
                    return u, False
                factor[p, p] = math.sqrt(value)
            else:
                factor[p, q] = value / factor[q, q]
    for p in range(size):
        for k in range(p):
            u[p] -= factor[p, k] * u[k]
        u[p] /= factor[p, p]
    for p in range(size - 1, -1, -1):
        for k in range(p + 1, size):
            u[p] -= factor[k, p] * u[k]
        u[p] /= factor[p, p]
    return u, True


@compiled
def _loss(away: Any, past: Any, donors_past: Any, v: Any) -> Any:
    """Return the mean squared gap in the past of the weights that importance |v| / sum |v| leads to."""
    total = 0.0
    for k in range(len(v)):
        total += abs(v[k])
    if not total > 0.0:
        return np.inf
    share = np.empty(len(v))
    for k in range(len(v)):
        share[k] = abs(v[k]) / total
    weights = _nearest(_scaled(away, share))
    squared = 0.0
    for t in range(len(past)):
        gap = past[t]
        for j in range(len(weights)):
            gap -= donors_past[t, j] * weights[j]
        squared += gap * gap
    return squared / len(past)


@compiled
def _search(away: Any, past: Any, donors_past: Any, start: Any) -> Any:
    """Search with Nelder and Mead's simplex, with the usual steps (1, 2, 1/2, 1/2), from corners 5 % away from the start."""
    size = len(start)
    corners = np.empty((size + 1, size))
    values = np.empty(size + 1)
    middle = np.empty(size)
    one, two = np.empty(size), np.empty(size)
    for p in range(size + 1):
        for k in range(size):
            corners[p, k] = start[k]
        if p > 0:
            corners[p, p - 1] = 1.05 * start[p - 1] if start[p - 1] != 0.0 else 0.00025
        values[p] = _loss(away, past, donors_past, corners[p])
    for _ in range(200 * size):
        _sort(corners, values)
        if _small(corners, values):
            break
        for k in range(size):
            middle[k] = 0.0
            for p in range(size):
                middle[k] += corners[p, k] / size
        value = _try(one, 2.0, -1.0, middle, corners[size], away, past, donors_past)
        if value < values[0]:
            other = _try(two, 3.0, -2.0, middle, corners[size], away, past, donors_past)
            if other < value:
                one, two, value = two, one, other
        elif value >= values[size - 1]:
            by = -0.5 if value < values[size] else 0.5
            other = _try(two, 1.0 - by, by, middle, corners[size], away, past, donors_past)
            if other > min(value, values[size]):
                for p in range(1, size + 1):
                    for k in range(size):
                        corners[p, k] = 0.5 * (corners[0, k] + corners[p, k])
                    values[p] = _loss(away, past, donors_past, corners[p])
                continue
            one, two, value = two, one, other
        for k in range(size):
            corners[size, k] = one[k]
        values[size] = value
    _sort(corners, values)
    return corners[0], values[0]


@compiled
def _try(
    into: Any, a: float, b: float, middle: Any, worst: Any, away: Any, past: Any, donors_past: Any
) -> Any:
    """Write the corner a middle + b worst, and return its loss."""
    for k in range(len(into)):
        into[k] = a * middle[k] + b * worst[k]
    return _loss(away, past, donors_past, into)


@compiled
def _sort(corners: Any, values: Any) -> None:
    """Order the corners by their losses; equals stay as they are."""
    for p in range(1, len(values)):
        q = p
        while q > 0 and values[q - 1] > values[q]:
            values[q - 1], values[q] = values[q], values[q - 1]
            for k in range(corners.shape[1]):
                corners[q - 1, k], corners[q, k] = corners[q, k], corners[q - 1, k]
            q -= 1


@compiled
def _small(corners: Any, values: Any) -> Any:
    for p in range(1, len(values)):
        if abs(values[p] - values[0]) > 1e-10 * values[0]:
            return False
        for k in range(corners.shape[1]):
            if abs(corners[p, k] - corners[0, k]) > 1e-6:
                return False
    return True
