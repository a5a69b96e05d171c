"""Oracle: numpy's corrcoef; columns that don't vary and rows without numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest

from technopole.kernels.correlation import correlation


def test_against_numpy() -> None:
    values = np.random.default_rng(4).lognormal(size=(20, 7))
    assert correlation(values) == pytest.approx(np.corrcoef(values.T), abs=1e-14)


def test_rows_without_numbers_and_columns_that_do_not_vary() -> None:
    values = np.array([[1.0, 2.0, 5.0], [np.nan] * 3, [2.0, 1.0, 5.0], [3.0, 0.0, 5.0]])
    found = correlation(values)
    assert found[:2, :2] == pytest.approx(np.array([[1, -1], [-1, 1]]), abs=1e-15)
    assert np.isnan(found[2]).all() and np.isnan(found[:, 2]).all()
