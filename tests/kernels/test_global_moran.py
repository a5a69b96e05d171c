"""Global Moran's I against all orders of the values."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from scipy import sparse

from technopole.kernels.global_moran import global_moran

VALUES = np.array([1.0, 2.0, 4.0, 7.0, 11.0, 3.0])
LINKS = np.diag(np.ones(5), 1) + np.diag(np.ones(5), -1)


def moran(values: np.ndarray) -> float:
    z = values - values.mean()
    top = sum(LINKS[i, j] * z[i] * z[j] for i in range(6) for j in range(6))
    return 6 / LINKS.sum() * top / (z**2).sum()


def test_statistic_and_moments_equal_all_orders() -> None:
    found = global_moran(VALUES, sparse.csr_array(LINKS), permutations=9, seed=0)
    every = [moran(np.array(order)) for order in permutations(VALUES)]
    np.testing.assert_allclose(found.moran, moran(VALUES), rtol=1e-12)
    np.testing.assert_allclose(found.expected, np.mean(every), rtol=1e-12)
    np.testing.assert_allclose(found.variance_randomisation, np.var(every), rtol=1e-12)


def test_permutations_follow_the_distribution_over_all_orders() -> None:
    found = global_moran(VALUES, sparse.csr_array(LINKS), permutations=4000, seed=1)
    every = np.array([moran(np.array(order)) for order in permutations(VALUES)])
    share = float((every >= moran(VALUES) - 1e-12).mean())
    assert abs(found.at_least / 4000 - share) < 4 * np.sqrt(share * (1 - share) / 4000)
