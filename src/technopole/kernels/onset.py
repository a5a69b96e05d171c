"""Since when is a share above a threshold: exact tests by year, the first sustained run, and the years of onset that fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, xlogy

from technopole.kernels import proportion

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Yearly:
    """A test per year: two-sided exact p, interval of x / n over its expected share, and whether it is above."""

    p_value: Floats
    low: Floats
    high: Floats
    above: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Onset:
    """Which years of onset the counts allow (one p per year, in (0, 1]), and the one that fits best."""

    p_value: Floats
    best: int


def yearly(x: Floats, n: Floats, share: Floats, threshold: float, level: float) -> Yearly:
    """Test x ~ Binomial(n, threshold share) exactly (Clopper and Pearson 1934); x and n may be fractional."""
    p = p_values(x, n, threshold * share)
    found = proportion.exact(x, n, level)
    return Yearly(p, found.low / share, found.high / share, _above(x, n, threshold * share, p, level))


def p_values(x: Floats, n: Floats, chance: Floats) -> Floats:
    """Twice the smaller tail of the binomial distribution, at most 1 and never 0."""
    rest = np.maximum(n - x, 0.0)
    at_least = np.where(x > 0, betainc(np.maximum(x, 1e-300), rest + 1, chance), 1.0)
    at_most = np.where(rest > 0, betainc(np.maximum(rest, 1e-300), x + 1, 1 - chance), 1.0)
    return np.clip(2 * np.minimum(at_least, at_most), np.finfo(np.float64).tiny, 1.0)


def _above(x: Floats, n: Floats, chance: Floats, p: Floats, level: float) -> NDArray[np.bool_]:
    return (p <= 1 - level) & (x > n * chance)


def first_run(flags: NDArray[np.bool_], length: int) -> NDArray[np.int64]:
    """Return where the first `length` flags running begin, along the last axis; -1 = nowhere."""
    years = flags.shape[-1]
    if years < length:
        return np.full(flags.shape[:-1], -1, dtype=np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(flags, length, axis=-1).all(axis=-1)
    return np.where(windows.any(axis=-1), windows.argmax(axis=-1), -1).astype(np.int64)


def simulate(mean: Floats, kept: Floats, draws: int, random: np.random.Generator) -> Floats:
    """Draw series of counts of which a share stays from one year to the next, each year Poisson with its mean.

    McKenzie, E. (1985). Some simple models for discrete variate time series. Water Resources Bulletin 21(4), 645-650.
    `kept[t]` is the share of year t - 1 that is still there in t; where the mean falls faster, what the mean allows.
    """
    found = np.empty((draws, len(mean)))
    found[:, 0] = random.poisson(mean[0], draws)
    for t in range(1, len(mean)):
        share = min(kept[t], mean[t] / mean[t - 1]) if mean[t - 1] > 0 else 0.0
        stayed = random.binomial(found[:, t - 1].astype(np.int64), share)
        found[:, t] = stayed + random.poisson(max(mean[t] - share * mean[t - 1], 0.0), draws)
    return found


def losses(x: Floats, n: Floats, chance: Floats) -> Floats:
    """Return twice the log-likelihood lost if the share is at most `chance` before year t and at least that from t on.

    One column per year of onset t = 0 .. T - 1; each year has a share of its own within that order.
    """
    x = np.minimum(x, n)
    deviance = 2 * (xlogy(x, x / (n * chance)) + xlogy(n - x, (n - x) / np.maximum(n * (1 - chance), 1e-300)))
    over = np.where(x > n * chance, deviance, 0.0)
    under = np.where(x > n * chance, 0.0, deviance)
    before = np.cumsum(over, axis=-1) - over
    return before + np.cumsum(under[..., ::-1], axis=-1)[..., ::-1]


def onset(
    x: Floats, n: Floats, chance: Floats, above: NDArray[np.bool_], kept: Floats, draws: int, random: Any
) -> Onset:
    """Test every year of onset by its likelihood ratio against simulated series (`above`: years significantly above)."""
    lost = losses(x, n, chance)
    observed = lost - lost.min()
    below = (p_values(x, n, chance) <= 0.05) & (x < n * chance)
    p = np.empty(len(x))
    for t in range(len(x)):
        early = np.arange(len(x)) < t
        # A year that isn't clearly on its side is put on the border, where the test has most to fear.
        clear = np.where(early, below, above)
        drawn = simulate(np.where(clear, x, n * chance), kept, draws, random)
        null = losses(drawn, n, chance)
        excess = null[:, t] - null.min(axis=1)
        p[t] = (1 + np.count_nonzero(excess >= observed[t] - 1e-9)) / (draws + 1)
    return Onset(p, int(lost.argmin()))


def false_births(
    n: Floats,
    share: Floats,
    threshold: float,
    level: float,
    length: int,
    kept: Floats,
    draws: int,
    random: Any,
) -> float:
    """Return how often places that stand at the threshold in every year get a first run."""
    drawn = np.minimum(simulate(n * share * threshold, kept, draws, random), n)
    p = p_values(drawn, n, threshold * share)
    return float((first_run(_above(drawn, n, threshold * share, p, level), length) >= 0).mean())
