"""Restricted mean survival time: the area under a survival curve up to a horizon, with the variance Greenwood's formula gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean time lived between `start` and `horizon`, and its standard error."""

    mean: float
    std_error: float


def restricted_mean(
    times: Array, at_risk: Array, events: Array, *, start: float, horizon: float
) -> RestrictedMean:
    """Integrate the Kaplan-Meier curve that begins with 1 at `start` (Klein & Moeschberger 2003, section 4.5).

    The variance is the sum over event times of (area right of the time) squared x d / (n (n - d)); where all at risk have the event
    the area right of it is 0, and the term is left out.
    """
    inside = (times > start) & (times <= horizon) & (events > 0)
    time, n, d = times[inside], at_risk[inside].astype(float), events[inside].astype(float)
    survival = np.concatenate([[1.0], np.cumprod(1 - d / n)])
    areas = survival * np.diff(np.concatenate([[start], time, [horizon]]))
    beyond = areas[::-1].cumsum()[::-1][1:]
    alive = n > d
    variance = np.sum(beyond[alive] ** 2 * d[alive] / (n * (n - d))[alive])
    return RestrictedMean(float(areas.sum()), float(np.sqrt(variance)))
