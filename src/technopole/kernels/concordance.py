"""How well a score tells what happens from what doesn't: the chance that a pair is in the right order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Array = NDArray[np.float64]


def pairs_in_order(score: Array, happened: NDArray[np.bool_]) -> tuple[float, float]:
    """Return how many pairs of one that happened and one that didn't have the higher score where it happened (ties: half), and all pairs.

    Their ratio is the area under the receiver operating curve (Hanley and McNeil 1982).
    """
    with_it, without = float(happened.sum()), float((~happened).sum())
    ranks = rankdata(score)
    return float(ranks[happened].sum() - with_it * (with_it + 1) / 2), with_it * without
