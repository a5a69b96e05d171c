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
    sums = _at_risk(begin, end, last[end[order[first]]], times, _moments(weight, exog))
    mine = np.add.reduceat(_moments(weight[order], exog[order]), first)
    step = (np.arange(len(order)) - first[own]) / tied[own] if ties == "efron" else np.zeros(len(order))
    s0, s1, s2 = _parts(sums[own] - step[:, None] * mine[own], exog.shape[1])
    mean = s1 / s0[:, None]
    squares = s2 / s0[:, None, None] - mean[:, :, None] * mean[:, None, :]

    def summed(values: Array) -> Array:
        return np.add.reduceat(values, first)

    hazard = np.concatenate([[0.0], np.cumsum(summed(1 / s0))])
    moved = np.vstack([np.zeros(exog.shape[1]), np.cumsum(summed(mean / s0[:, None]), axis=0)])
    low, high = np.searchsorted(times, begin, "right"), np.searchsorted(times, end, "right")
    score = -weight[:, None] * (exog * (hazard[high] - hazard[low])[:, None] - (moved[high] - moved[low]))
    # those with the event were taken out of the sums by degrees: they bear less hazard than the others at risk
    spared = summed(step / s0)[own], summed(step[:, None] * mean / s0[:, None])[own]
    score[order] += exog[order] - (summed(mean) / tied[:, None])[own]
    score[order] += weight[order, None] * (exog[order] * spared[0][:, None] - spared[1])
    log = float(index[order].sum() - np.log(s0).sum() - shift * len(order))
    return Likelihood(log, score, squares.sum(axis=0))


def _keys(start: Array, stop: Array, strata: Array | None) -> tuple[Array, Array, Array]:
    """Number stratum and time jointly: those of one stratum in a row, later times higher. `last` = the highest of its stratum."""
    count = len(stop)
    stratum = np.zeros(count, "int64") if strata is None else np.unique(strata, return_inverse=True)[1]
    rank = np.unique(np.concatenate([start, stop]), return_inverse=True)[1]
    width = int(rank.max()) + 1
    last = np.repeat((np.arange(int(stratum.max()) + 1) + 1) * width, width)
    return stratum * width + rank[:count], stratum * width + rank[count:], last


def _moments(weight: Array, exog: Array) -> Array:
    products = exog[:, :, None] * exog[:, None, :]
    return weight[:, None] * np.hstack([np.ones((len(exog), 1)), exog, products.reshape(len(exog), -1)])


def _at_risk(begin: Array, end: Array, last: Array, times: Array, moments: Array) -> Array:
    """Sum over those at risk at each time: who ends at it or later, less who begins at it or later."""

    def from_on(keys: Array) -> Array:
        order = np.argsort(keys, kind="stable")
        running = np.vstack([np.zeros(moments.shape[1]), np.cumsum(moments[order], axis=0)])
        return running[np.searchsorted(keys[order], last)] - running[np.searchsorted(keys[order], times)]

    return from_on(end) - from_on(begin)


def _parts(sums: Array, width: int) -> tuple[Array, Array, Array]:
    return sums[:, 0], sums[:, 1 : 1 + width], sums[:, 1 + width :].reshape(-1, width, width)
