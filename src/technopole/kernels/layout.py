"""Where the nodes of a network are drawn: distances on paper follow distances along the links."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from technopole.kernels.compiling import compiled

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

ROUNDS, OF_FEW = 15, 6000  # at least so many rounds; few nodes get more, so many divided by their number
LAST = 0.1  # share of its error by which the last round mends the shortest distance
ROOM = 0.4  # least distance between nodes, of that between nodes spread evenly
PUSHES = 60
DIGITS = 4


def layout(first: Indices, second: Indices, size: int, *, seed: int = 0) -> Array:
    """Return nodes x (x, y): the wider side runs from 0 to 1, the narrower on the same scale; widest from left to right.

    Stress majorisation by stochastic gradient descent (Zheng, Pawar and Goodman 2019). A link is as long as the root of the number of nodes
    that only one of its ends is linked to (Gansner, Koren and North 2005, without the root), which opens dense parts. At the end nodes
    that lie on one another are pushed apart. No linear algebra and one thread: the same bytes on every machine.
    """
    if size == 0:
        return np.empty((0, 2))
    away = distances(first, second, size)
    random = np.random.default_rng(np.random.SeedSequence(seed))
    points = random.random((size, 2)) * away.max()
    steps = np.arange(1, size // 2 + 1)
    for pace in _paces(away, max(ROUNDS, OF_FEW // size)):
        _descend(points, away, random.permutation(size), random.permutation(steps), pace)
    points = _framed(points)
    least = ROOM * np.sqrt(np.prod(np.ptp(points, axis=0)) / size)
    _push_apart(points, least)
    return np.round(_fitted(points), DIGITS) + 0.0


def distances(first: Indices, second: Indices, size: int) -> Array:
    """Return the lengths of the shortest ways between nodes; nodes without a way are as far apart as the farthest with one."""
    if not len(first):
        return 1.0 - np.eye(size)
    ends = np.concatenate([first, second]), np.concatenate([second, first])
    links = csr_array((np.ones(len(ends[0])), ends), shape=(size, size))
    degree = np.bincount(ends[0], minlength=size)
    common = np.asarray((links @ links)[ends]).ravel()
    length = np.sqrt(degree[ends[0]] + degree[ends[1]] - 2 * common)
    found: Array = shortest_path(csr_array((length, ends), shape=(size, size)), directed=False)
    known = np.isfinite(found)
    found[~known] = max(float(found[known].max()), 1.0)
    return found


def stress(points: Array, away: Array) -> float:
    """Return the sum over pairs of the squared relative error of their distance on paper."""
    one, other = np.triu_indices(len(points), 1)
    gone = np.hypot(*(points[one] - points[other]).T)
    return float((((gone - away[one, other]) / away[one, other]) ** 2).sum())


def _paces(away: Array, rounds: int) -> Array:
    """How far each round goes: at first errors of all pairs are mended at once, at last those of the nearest in part."""
    apart = away[away > 0]
    if not len(apart):
        return np.empty(0)
    longest, shortest = float(apart.max()) ** 2, LAST * float(apart.min()) ** 2
    return longest * (shortest / longest) ** (np.arange(rounds) / (rounds - 1))


@compiled
def _descend(points: Array, away: Array, circle: Indices, steps: Indices, pace: float) -> None:
    """Mend every pair once: nodes stand in a circle in random order, and each meets the one so many steps on."""
    size = len(points)
    for step in steps:
        for at in range(size // 2 if 2 * step == size else size):
            i, j = circle[at], circle[(at + step) % size]
            across, down = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1]
            gone = np.sqrt(across * across + down * down)
            if gone == 0.0:
                continue
            wanted = away[i, j]
            part = min(1.0, pace / (wanted * wanted)) * (gone - wanted) / (2.0 * gone)
            points[i, 0] -= part * across
            points[i, 1] -= part * down
            points[j, 0] += part * across
            points[j, 1] += part * down


@compiled
def _push_apart(points: Array, least: float) -> None:
    for _ in range(PUSHES):
        still = True
        for i in range(len(points)):
            for j in range(i):
                across, down = points[i, 0] - points[j, 0], points[i, 1] - points[j, 1]
                gone = np.sqrt(across * across + down * down)
                if gone >= least or gone == 0.0:
                    continue
                still = False
                part = (least - gone) / (4.0 * gone)
                points[i, 0] += part * across
                points[i, 1] += part * down
                points[j, 0] -= part * across
                points[j, 1] -= part * down
        if still:
            return


def _framed(points: Array) -> Array:
    """Turn the widest way into the horizontal; mirror so that nodes rather run from left to right and from the top, in their order."""
    x, y = (points - points.mean(axis=0)).T
    angle = 0.5 * np.arctan2(2.0 * (x * y).sum(), (x * x).sum() - (y * y).sum())
    wide, high = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    order = np.arange(len(x)) - (len(x) - 1) / 2
    turned = [side if (side * order).sum() >= 0 else -side for side in (wide, high)]
    return _fitted(np.column_stack(turned))


def _fitted(points: Array) -> Array:
    extent = float(np.ptp(points, axis=0).max())
    return (points - points.min(axis=0)) / (extent if extent > 0 else 1.0)
