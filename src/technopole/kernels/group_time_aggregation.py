"""Group-time effects averaged over cells, with influence functions, and the bands that hold for all averages at once.

Callaway, B. & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods. Journal of Econometrics 225(2),
200-230: section 3 (averages), theorems 2 and 3 (their influence functions, with shares of cohorts estimated), algorithm 1 (bands).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from technopole.kernels.threads import one_thread

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Sparse = tuple[npt.NDArray[np.intp], Array]
BLOCK = 1 << 22  # multipliers drawn at once


@dataclass(frozen=True, slots=True)
class Cells:
    """Estimated effects of cohorts in years.

    `influence` holds per cell the units it rests on and their influence on the estimate, which adds up to the estimation error;
    `cohort` is the year of entry of every unit (0 = never).
    """

    group: Whole
    time: Whole
    estimate: Array
    influence: Sequence[Sparse]
    cohort: Whole


@dataclass(frozen=True, slots=True)
class Averages:
    """Averages by key (group, year or event time), and over the keys; `members` are the cells behind each."""

    key: Whole
    estimate: Array
    influence: Array  # units x keys
    members: tuple[npt.NDArray[np.intp], ...]
    overall: float
    overall_influence: Array


_Over = Callable[[Cells, Whole, Array, Array], tuple[float, Array]]


def simple(cells: Cells) -> Averages:
    """Average over all treated unit-years: each cell by the size of its cohort."""
    inside = np.flatnonzero(cells.time >= cells.group)
    return _by(cells, inside, np.zeros(len(cells.time), "int64"), _single)


def by_group(cells: Cells) -> Averages:
    """Average over the years of each cohort since entry, then over cohorts by size."""
    return _by(cells, np.flatnonzero(cells.time >= cells.group), cells.group, _by_size)


def by_time(cells: Cells) -> Averages:
    """Average over the cohorts inside in each year, by size, then over years, each the same."""
    return _by(cells, np.flatnonzero(cells.time >= cells.group), cells.time, _equally)


def by_event(cells: Cells) -> Averages:
    """Average over cohorts, by size, at each distance from entry, then over the years since entry, each the same."""
    return _by(cells, np.arange(len(cells.time)), cells.time - cells.group, _since_entry)


def scores(influence: Array, cluster: npt.NDArray[np.intp] | None) -> Array:
    """Return what is independent: influence by unit, or summed by cluster, centred and scaled by G / (G - 1); squared, it adds up to the variance."""
    if cluster is None:
        return influence
    number = int(cluster.max()) + 1
    summed = np.zeros((number, influence.shape[1]))
    for column in range(influence.shape[1]):
        summed[:, column] = np.bincount(cluster, influence[:, column], number)
    if number < 2:
        return np.full_like(summed, np.nan)
    return (summed - summed.mean(axis=0)) * np.sqrt(number / (number - 1))


def covariance(score: Array) -> Array:
    """Return the covariance of the estimates that the scores belong to."""
    with one_thread():
        return score.T @ score


def critical_value(score: Array, *, level: float, draws: int, random: np.random.Generator) -> float:
    """Return how many standard errors a band reaches that covers all estimates at once with probability `level`.

    The quantile of the largest studentised deviation when every score is multiplied by +1 or -1 at random.
    """
    error = np.sqrt(np.einsum("ij,ij->j", score, score))
    scaled = score[:, error > 0] / error[error > 0]
    if not scaled.size:
        return float("nan")
    each = max(1, BLOCK // len(scaled))
    largest = np.empty(draws)
    with one_thread():
        for start in range(0, draws, each):
            size = min(each, draws - start)
            sign = random.integers(0, 2, (size, len(scaled)), dtype=np.int8).astype("float64") * 2 - 1
            largest[start : start + size] = np.abs(sign @ scaled).max(axis=1)
    return float(np.quantile(largest, level, method="inverted_cdf"))


def std_error(part: Sparse, units: int, cluster: npt.NDArray[np.intp] | None) -> float:
    """Return the standard error of one cell."""
    full = np.zeros((units, 1))
    full[part[0], 0] = part[1]
    score = scores(full, cluster)
    return float(np.sqrt(np.einsum("ij,ij->", score, score)))


def _by(cells: Cells, chosen: npt.NDArray[np.intp], key: Whole, over: _Over) -> Averages:
    keys = np.unique(key[chosen])
    members = tuple(chosen[key[chosen] == value] for value in keys)
    units = len(cells.cohort)
    influence = np.zeros((units, len(keys)))
    estimate = np.empty(len(keys))
    for column, rows in enumerate(members):
        weight, share = _weights(cells.cohort, cells.group[rows], cells.estimate[rows])
        estimate[column] = weight @ cells.estimate[rows]
        influence[:, column] = share
        for row, part in zip(rows, weight, strict=True):
            index, value = cells.influence[row]
            influence[index, column] += part * value
    overall, overall_influence = over(cells, keys, estimate, influence)
    return Averages(keys, estimate, influence, members, overall, overall_influence)


def _weights(cohort: Whole, group: Whole, estimate: Array) -> tuple[Array, Array]:
    """Return weights by cohort size, and the influence of every unit through its cohort's share."""
    named, at = np.unique(group, return_inverse=True)
    place = np.searchsorted(named, cohort)
    place = np.where(named[np.minimum(place, len(named) - 1)] == cohort, place, len(named))
    size = np.bincount(place, minlength=len(named) + 1)[: len(named)].astype("float64")
    each = size[at]
    total = each.sum()
    mean = float(each @ estimate) / total
    sums = np.bincount(at, estimate, len(named)) - np.bincount(at, minlength=len(named)) * mean
    return each / total, np.append(sums / total, 0.0)[place]


def _single(cells: Cells, keys: Whole, estimate: Array, influence: Array) -> tuple[float, Array]:
    del cells
    if not len(keys):
        return float("nan"), np.zeros(len(influence))
    return float(estimate[0]), influence[:, 0]


def _by_size(cells: Cells, keys: Whole, estimate: Array, influence: Array) -> tuple[float, Array]:
    if not len(keys):
        return float("nan"), np.zeros(len(influence))
    weight, share = _weights(cells.cohort, keys, estimate)
    return float(weight @ estimate), influence @ weight + share


def _equally(cells: Cells, keys: Whole, estimate: Array, influence: Array) -> tuple[float, Array]:
    del cells
    if not len(keys):
        return float("nan"), np.zeros(len(influence))
    return float(estimate.mean()), influence.mean(axis=1)


def _since_entry(cells: Cells, keys: Whole, estimate: Array, influence: Array) -> tuple[float, Array]:
    since = keys >= 0
    return _equally(cells, keys[since], estimate[since], influence[:, since])
