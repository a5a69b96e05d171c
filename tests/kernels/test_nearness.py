"""Sums of nearness against plain NumPy."""

from __future__ import annotations

import numpy as np

from technopole.kernels.nearness import nearness


def test_equals_plain_sums() -> None:
    random = np.random.default_rng(1)
    for width in (2, 3):
        at, weight = random.uniform(0, 50, (300, width)), random.uniform(1, 3, 300)
        distance = np.sqrt(((at[:40, None] - at) ** 2).sum(axis=2))
        near = 2.0 / np.maximum(distance, 2.0)
        wanted = np.column_stack([(weight * near**power).sum(axis=1) for power in (1, 2, 3)])
        found = nearness(at[:40], at, weight, 2.0, powers=3)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)
        assert np.array_equal(found, nearness(at[:40], at, weight, 2.0, powers=3, threads=1))
    assert nearness(at[:0], at, weight, 2.0).shape == (0, 1)
