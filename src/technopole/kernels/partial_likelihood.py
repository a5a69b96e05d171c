"""Score residuals and information of Cox's partial likelihood: strata, delayed entry, tied events, clusters.

Notation of Therneau & Grambsch (2000), sections 3.1, 3.3 and 7.2: w = exp(x b); S0, S1, S2 = sums of w, w x, w x x' over those at risk
(start < t <= stop, same stratum). Efron's step l of d tied events takes l/d of the events' own share out of the sums; Breslow's takes none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Ties = Literal["efron", "breslow"]
CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The partial likelihood at given coefficients: its log, each row's score residual, and the information."""

    log: float
    score: Array
    information: Array

    def robust(self, clusters: Array) -> Array:
        """Return the covariance that lets rows of a cluster depend on each other (Lin & Wei 1989), without a small-sample factor."""
        number = np.unique(clusters, return_inverse=True)[1]
        sums = np.zeros((int(number.max()) + 1, self.score.shape[1]))
        np.add.at(sums, number, self.score)
        bread = np.linalg.inv(self.information)
        return bread @ (sums.T @ sums) @ bread


def likelihood(
    start: Array,
    stop: Array,
    event: Array,
    exog: Array,
    params: Array,
    *,
    strata: Array | None = None,
    ties: Ties = "efron",
) -> Likelihood:
    """Evaluate the partial likelihood; each row is at risk in (start, stop], with its event, if any, at `stop`."""
    event = np.asarray(event, bool)
    exog = np.asarray(exog, float)
    begin, end, last = _keys(start, stop, strata)
    index = exog @ params
    shift = index.max()
    weight = np.exp(index - shift)
    order = np.flatnonzero(event)[np.argsort(end[event], kind="stable")]
    times, first, own, tied = np.unique(
        end[order], return_index=True, return_inverse=True, return_counts=True
    )
    width = exog.shape[1]
    sums = _at_risk(begin, end, last[end[order[first]]], times, weight, exog)
    mine = _moments(own, len(times), weight[order], exog[order])
    step = (np.arange(len(order)) - first[own]) / tied[own] if ties == "efron" else np.zeros(len(order))
    s0, s1 = np.split((sums[:, : 1 + width])[own] - step[:, None] * (mine[:, : 1 + width])[own], [1], axis=1)
    s0 = s0[:, 0]
    mean = s1 / s0[:, None]

    def summed(values: Array) -> Array:
        return np.add.reduceat(values, first)

    squares = summed(1 / s0) @ sums[:, 1 + width :] - summed(step / s0) @ mine[:, 1 + width :]
    information = squares.reshape(width, width) - mean.T @ mean
    hazard = np.concatenate([[0.0], np.cumsum(summed(1 / s0))])
    moved = np.vstack([np.zeros(width), np.cumsum(summed(mean / s0[:, None]), axis=0)])
    low, high = np.searchsorted(times, begin, "right"), np.searchsorted(times, end, "right")
    score = -weight[:, None] * (exog * (hazard[high] - hazard[low])[:, None] - (moved[high] - moved[low]))
    # those with the event were taken out of the sums by degrees: they bear less hazard than the others at risk
    spared = summed(step / s0)[own], summed(step[:, None] * mean / s0[:, None])[own]
    score[order] += exog[order] - (summed(mean) / tied[:, None])[own]
    score[order] += weight[order, None] * (exog[order] * spared[0][:, None] - spared[1])
    log = float(index[order].sum() - np.log(s0).sum() - shift * len(order))
    return Likelihood(log, score, information)


def _keys(start: Array, stop: Array, strata: Array | None) -> tuple[Array, Array, Array]:
    """Number stratum and time jointly: those of one stratum in a row, later times higher. `last` = the highest of its stratum."""
    count = len(stop)
    stratum = np.zeros(count, "int64") if strata is None else np.unique(strata, return_inverse=True)[1]
    rank = np.unique(np.concatenate([start, stop]), return_inverse=True)[1]
    width = int(rank.max()) + 1
    last = np.repeat((np.arange(int(stratum.max()) + 1) + 1) * width, width)
    return stratum * width + rank[:count], stratum * width + rank[count:], last


def _moments(key: Array, keys: int, weight: Array, exog: Array) -> Array:
    """Sum w, w x and w x x' over rows by key (0, 1, ..., ascending), some thousand rows at a time."""
    width = exog.shape[1]
    sums = np.zeros((keys, 1 + width + width * width))
    for begin in range(0, len(key), CHUNK):
        part = slice(begin, begin + CHUNK)
        here, x = key[part], exog[part]
        products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
        moments = weight[part, None] * np.hstack([np.ones((len(x), 1)), x, products])
        starts = np.flatnonzero(np.diff(here, prepend=-1))
        sums[here[starts]] += np.add.reduceat(moments, starts)
    return sums


def _at_risk(begin: Array, end: Array, last: Array, times: Array, weight: Array, exog: Array) -> Array:
    """Sum over those at risk at each time: who ends at it or later, less who begins at it or later."""

    def from_on(keys: Array) -> Array:
        order = np.argsort(keys, kind="stable")
        values, key = np.unique(keys[order], return_inverse=True)
        running = np.cumsum(_moments(key, len(values), weight[order], exog[order]), axis=0)
        running = np.vstack([np.zeros(running.shape[1]), running])
        return running[np.searchsorted(values, last)] - running[np.searchsorted(values, times)]

    return from_on(end) - from_on(begin)
