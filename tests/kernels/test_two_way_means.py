"""What is left after two-way means, against residuals of dummies."""

from __future__ import annotations

import numpy as np

from technopole.kernels.two_way_means import without_means


def test_against_dummies_on_an_unbalanced_table() -> None:
    random = np.random.default_rng(6)
    a, b = random.integers(0, 12, 150), random.integers(0, 9, 150)
    values = random.normal(size=(150, 2)) + a[:, None]
    dummies = np.hstack([np.eye(12)[a], np.eye(9)[b]])
    residual = values - dummies @ np.linalg.lstsq(dummies, values, rcond=None)[0]
    np.testing.assert_allclose(without_means(values, a, b), residual, atol=1e-11)
    one = np.eye(12)[a]
    residual = values - one @ np.linalg.lstsq(one, values, rcond=None)[0]
    np.testing.assert_allclose(without_means(values, a), residual, atol=1e-12)


def test_the_callers_numbers_stay() -> None:
    values = np.ones((3, 1))
    assert (without_means(values, np.array([0, 0, 1])) == 0).all() and (values == 1).all()
