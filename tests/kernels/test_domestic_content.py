"""Domestic content against sums over rounds of suppliers."""

from __future__ import annotations

import numpy as np
import pytest

from technopole.kernels import domestic_content as kernel


def test_against_rounds_of_suppliers() -> None:
    random = np.random.default_rng(3)
    inputs = random.uniform(0, 0.15, (5, 5))
    imported, value_added = random.uniform(0, 0.1, 5), random.uniform(0.2, 0.4, 5)
    exports = random.uniform(0, 9, 5)
    found = kernel.content(inputs, imported, value_added, exports)
    per_round, total, made = value_added.copy(), np.zeros(5), np.zeros(5)
    wanted = exports.copy()
    for _ in range(400):
        total, made = total + per_round, made + wanted
        per_round, wanted = per_round @ inputs, inputs @ wanted
    np.testing.assert_allclose(found.domestic, total, rtol=1e-12)
    np.testing.assert_allclose(found.origin, made, rtol=1e-12)
    assert value_added @ found.origin == pytest.approx(found.domestic @ exports, rel=1e-12)


def test_domestic_share() -> None:
    """25 of 95 used are imported; nothing imported; more imported than used; nothing used; imported for export alone."""
    share = kernel.domestic_share(
        np.array([100.0, 50, 10, 5, 0]), np.array([30.0, 0, 15, 5, 8]), np.array([25.0, 0, 12, 0, 8])
    )
    np.testing.assert_allclose(share, [70 / 95, 1, 0, 1, 0], rtol=1e-12)


def test_an_economy_that_needs_more_than_it_makes() -> None:
    with pytest.raises(np.linalg.LinAlgError):
        kernel.content(np.array([[0.0, 2.0], [1.0, 0.0]]), np.zeros(2), np.ones(2), np.ones(2))
    with pytest.raises(np.linalg.LinAlgError):
        kernel.content(np.eye(2), np.zeros(2), np.ones(2), np.ones(2))
