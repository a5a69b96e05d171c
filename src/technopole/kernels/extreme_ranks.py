"""Global envelope of simulated curves by extreme ranks, and its p-value (Myllymaki et al. 2017, J. R. Statist. Soc. B 79(2)).

At each distance every curve, the observed one among them, is ranked from below and from above; a curve is as extreme as the
smallest of its ranks, ties being told apart by how often it has them (extreme rank length). The envelope is the hull of the
curves that are left when the most extreme share is dropped: a curve leaves it somewhere exactly when its p-value is in that
share (Duranton and Overman's global band, with the share kept exactly).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Bands along the distances (R,); NaN where no curve has a value."""

    local_low: Floats
    local_high: Floats
    global_low: Floats
    global_high: Floats
    p_value: float


def envelope(observed: Floats, simulated: Floats, level: float) -> Envelope:
    """Return the bands of simulated curves (S, R) at `level`, and the two-sided global p-value of the observed (R,).

    A curve without a value at a distance isn't extreme there. Ties take the less extreme rank.
    """
    curves = np.vstack([observed, simulated])
    at_least = _as_extreme(_ranks(curves))
    kept = curves[at_least > (1 - level) * len(curves) * (1 + 1e-12)]
    tail = (1 - level) / 2
    known = np.isfinite(simulated).any(axis=0)
    local = np.full((2, curves.shape[1]), np.nan)
    if known.any():
        local[:, known] = np.nanquantile(simulated[:, known], [tail, 1 - tail], axis=0)
    return Envelope(
        local[0],
        local[1],
        _hull(kept, np.inf, np.fmin),
        _hull(kept, -np.inf, np.fmax),
        float(at_least[0] / len(curves)),
    )


def _hull(kept: Floats, none: float, pick: np.ufunc) -> Floats:
    hull = pick.reduce(kept, axis=0, initial=none)
    return np.where(np.isfinite(hull), hull, np.nan)


def _ranks(curves: Floats) -> Floats:
    """Two-sided rank of each curve at each distance, 1 = outermost; as many as there are curves where it has no value."""
    count = len(curves)
    bare = ~np.isfinite(curves)
    below = rankdata(np.where(bare, np.inf, curves), method="max", axis=0)
    above = rankdata(np.where(bare, np.inf, -curves), method="max", axis=0)
    return np.where(bare, count, np.minimum(below, above)).astype(np.float64)


def _as_extreme(ranks: Floats) -> Floats:
    """How many curves are at least as extreme as each one, itself included."""
    sorted_ranks = np.sort(ranks, axis=1)
    order = np.lexsort(sorted_ranks.T[::-1])
    ordered = sorted_ranks[order]
    new = np.append((ordered[1:] != ordered[:-1]).any(axis=1), True)
    last_of_tie = np.flatnonzero(new)[np.concatenate([[0], np.cumsum(new)[:-1]])]
    found = np.empty(len(ranks))
    found[order] = last_of_tie + 1
    return found
