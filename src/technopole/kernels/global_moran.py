"""Global Moran's I: its moments under normality and randomisation (Cliff and Ord 1981, p. 42-46), and its permutation distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from technopole.kernels.blocks import in_blocks, ranges

Floats = npt.NDArray[np.float64]
TOGETHER = 8  # permutations at a time
TIE = 1e-12


@dataclass(frozen=True, slots=True)
class GlobalMoran:
    """The statistic, and what it is under chance."""

    moran: float
    expected: float
    variance_normality: float
    variance_randomisation: float
    at_most: int
    at_least: int
    permutations: int


def global_moran(values: Floats, weights: Any, *, permutations: int, seed: int) -> GlobalMoran:
    """Return Moran's I of values with a scipy sparse array of weights; n is 4 or more, and the values aren't all equal."""
    n = len(values)
    z = values - values.mean()
    power, s0 = float((z**2).sum()), float(weights.sum())
    observed = float(z @ (weights @ z))
    both = (weights + weights.T).power(2).sum() / 2
    s2 = float(((weights.sum(axis=1) + weights.sum(axis=0)) ** 2).sum())
    normality, randomisation = _variances(n, s0, float(both), s2, n * float((z**4).sum()) / power**2)
    near = TIE * float(np.abs(weights.data).sum()) * float(np.abs(z).max()) ** 2

    def chunk(limits: tuple[int, int]) -> tuple[int, int]:
        stream = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, limits[0] // TOGETHER])))
        shuffled = np.column_stack([z[stream.permutation(n)] for _ in range(*limits)])
        found = np.einsum("ij,ij->j", shuffled, weights @ shuffled)
        return int((found <= observed + near).sum()), int((found >= observed - near).sum())

    counts = np.array(in_blocks(chunk, ranges(permutations, TOGETHER))).sum(axis=0)
    scale = n / (s0 * power)
    return GlobalMoran(
        scale * observed, -1 / (n - 1), normality, randomisation, int(counts[0]), int(counts[1]), permutations
    )


def _variances(n: int, s0: float, s1: float, s2: float, kurtosis: float) -> tuple[float, float]:
    mean = -1 / (n - 1)
    normality = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2) - mean**2
    a = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    b = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    return normality, (a - b) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - mean**2
