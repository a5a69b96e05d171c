"""Intervals of a survival curve on the scale of log(-log S) (Kalbfleisch and Prentice 1980)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


def log_log(survival: Array, error: Array, level: float) -> tuple[Array, Array]:
    """Ends that are symmetric for log(-log S), and so stay within 0 and 1; nan where S is 0 or 1 or its error is unknown."""
    known = (survival > 0) & (survival < 1) & np.isfinite(error)
    s = np.where(known, survival, 0.5)
    reach = float(stats.norm.ppf((1 + level) / 2)) * np.where(known, error, 0.0) / np.abs(s * np.log(s))
    low, high = s ** np.exp(reach), s ** np.exp(-reach)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
