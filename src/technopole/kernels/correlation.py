"""Correlation of the columns of a table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from technopole.kernels.threads import one_thread

Array = NDArray[np.float64]


def correlation(values: Array) -> Array:
    """Return columns x columns; rows that are nan throughout don't count, nan where a column doesn't vary or has a hole."""
    rows = values[~np.isnan(values).all(axis=1)]
    away = rows - rows.mean(axis=0)
    size = np.sqrt((away**2).sum(axis=0))
    size[size <= 1e-12 * np.abs(rows).max(axis=0, initial=0.0)] = np.nan
    with one_thread():
        found: Array = (away / size).T @ (away / size)
    np.clip(found, -1.0, 1.0, out=found)
    return found
