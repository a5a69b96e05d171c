"""Rosenbaum's bounds: how strong hidden selection within matched pairs would have to be to explain a difference away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Per gamma: the largest and the smallest one-sided p-value that hidden selection of that strength allows."""

    upper: Floats
    lower: Floats


def signed_rank(differences: Floats, gamma: Floats) -> Bounds:
    """Bounds of Wilcoxon's signed rank test of positive differences; large-sample, zeros ranked but without a sign.

    With odds of at most gamma the statistic lies between two sums of independent signs with chances gamma / (1 + gamma) and
    1 / (1 + gamma) (Rosenbaum 2002, section 4.3.3).
    """
    ranks = stats.rankdata(np.abs(differences)) * (differences != 0)
    seen = ranks[differences > 0].sum()

    def tail(chance: Floats) -> Floats:
        spread = np.sqrt(chance * (1 - chance) * (ranks**2).sum())
        return np.clip(stats.norm.sf((seen - chance * ranks.sum()) / spread), TINY, 1.0)

    return Bounds(tail(gamma / (1 + gamma)), tail(1 / (1 + gamma)))


def mcnemar(favourable: int, discordant: int, gamma: Floats) -> Bounds:
    """Bounds of McNemar's test of pairs with different 0/1 outcomes, exact binomial (Rosenbaum 2002, section 4.3.2)."""

    def tail(chance: Floats) -> Floats:
        return np.clip(stats.binom.sf(favourable - 1, discordant, chance), TINY, 1.0)

    return Bounds(tail(gamma / (1 + gamma)), tail(1 / (1 + gamma)))
