"""Reference: the definitions as double sums; textbook values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from technopole.kernels.inequality import inequality


def test_against_double_sums() -> None:
    values = np.random.default_rng(5).lognormal(0, 1, (3, 40))
    found = inequality(values)
    for row, theil, gini in zip(values, found.theil, found.gini, strict=True):
        mean = row.mean()
        assert gini == pytest.approx(
            sum(abs(a - b) for a in row for b in row) / (2 * len(row) ** 2 * mean), rel=1e-12
        )
        assert theil == pytest.approx(sum(a / mean * math.log(a / mean) for a in row) / len(row), rel=1e-12)


def test_by_hand() -> None:
    """1 and 3: shares 0.5 and 1.5; Gini (3 - 1) / (2 x 4) ; Theil (0.5 ln 0.5 + 1.5 ln 1.5) / 2; variance of logs (ln 3)^2 / 2."""
    found = inequality(np.array([1.0, 3.0]))
    assert found.gini == pytest.approx(0.25, rel=1e-12)
    assert found.theil == pytest.approx((0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 2, rel=1e-12)
    assert found.variance_of_logs == pytest.approx(math.log(3) ** 2 / 2, rel=1e-12)


def test_equal_values() -> None:
    found = inequality(np.full((2, 5), 7.0))
    assert np.allclose([found.theil, found.gini, found.variance_of_logs], 0, atol=1e-15)
