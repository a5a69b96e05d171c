"""Complexity by repeated averaging: the method of reflections, and fitness. Both start from who has what (places x items)."""

from __future__ import annotations

import numpy as np

from technopole.kernels.complexity import (
    ALIKE,
    NO_SIGN,
    NOTHING,
    SAME,
    Array,
    Complexity,
    Presence,
    filled,
    related,
    together,
    undefined,
)
from technopole.kernels.threads import one_thread

STILL = 1e-10  # what changes by less stands still
MOST = 10_000  # reflections at most
FITTEST = 1_000  # rounds of fitness at most


def reflections(presence: Presence, iterations: int | None = None) -> Complexity:
    """Return `k[c, N] = mean of k[p, N - 1]` and `k[p, N - 1] = mean of k[c, N - 2]`, from diversity `k[c, 0]`; N is even.

    None = until the standardised k[c, N] stand still, with the sign that rises with diversity, as the eigenvector's. Averaging shrinks
    the differences towards the mean that all share; it is taken out each time, so that no digits are lost.
    """
    joined, joined_items, reason = together(presence)
    if reason:
        return undefined(presence.shape, reason)
    have = presence[np.ix_(joined, joined_items)].astype(np.float64)
    diversity, ubiquity = have.sum(axis=1), have.sum(axis=0)
    place, item = _centred(diversity.copy(), diversity), np.zeros(len(ubiquity))
    if place.std() < ALIKE * diversity.mean():
        return undefined(presence.shape, NO_SIGN)
    change, done, before = np.inf, 0, place / place.std()
    with one_thread():
        while done < (MOST if iterations is None else iterations) and (
            iterations is not None or change > STILL
        ):
            item = before @ have / ubiquity
            place = _centred(have @ item / diversity, diversity)
            if place.std() < ALIKE:
                return undefined(presence.shape, SAME)
            scaled = place / place.std()
            change, before, done = float(np.abs(scaled - before).max()), scaled, done + 2
    with_diversity = related(have, place)
    if iterations is None and abs(with_diversity) < ALIKE:
        return undefined(presence.shape, NO_SIGN)
    sign = np.sign(with_diversity) if iterations is None else 1.0
    return Complexity(
        filled(sign * place, joined),
        filled(sign * item, joined_items),
        joined,
        joined_items,
        iterations=done,
        change=change,
        related=float(sign * with_diversity),
    )


def _centred(values: Array, diversity: Array) -> Array:
    return values - values @ diversity / diversity.sum()


def fitness(presence: Presence, iterations: int | None = None) -> Complexity:
    """Return fitness F of places and complexity Q of items, each with mean 1.

        F[c] = sum_p M[c, p] Q[p],  Q[p] = 1 / sum_c M[c, p] / F[c]

    Both sides take the last round's values, and are then divided by their means (Tacchella et al. 2012). None = until F stands still.
    """
    joined = np.asarray(presence.any(axis=1))
    joined_items = np.asarray(presence.any(axis=0))
    if not joined.any():
        return undefined(presence.shape, NOTHING)
    have = presence[np.ix_(joined, joined_items)].astype(np.float64)
    place, item = np.ones(have.shape[0]), np.ones(have.shape[1])
    change, done = np.inf, 0
    with one_thread(), np.errstate(divide="ignore", over="ignore"):
        while done < (FITTEST if iterations is None else iterations) and (
            iterations is not None or change > STILL
        ):
            fitter, finer = have @ item, 1 / ((1 / np.maximum(place, np.finfo(float).tiny)) @ have)
            fitter, finer = fitter / fitter.mean(), finer / finer.mean()
            change, place, item, done = float(np.abs(fitter - place).max()), fitter, finer, done + 1
    return Complexity(
        filled(place, joined),
        filled(item, joined_items),
        joined,
        joined_items,
        iterations=done,
        change=change,
        related=related(have, place),
    )
