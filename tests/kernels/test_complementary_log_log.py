"""Complementary log-log regression: statsmodels with every column laid out, one cell by hand, events that a column tells exactly."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from technopole.kernels.complementary_log_log import Design, cloglog

SIZES = (4, 3)


def drawn(rows: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Event, own columns (a flag, a size far from 0), cell of two classifications, cluster."""
    random = np.random.default_rng(5)
    parts = [random.integers(0, size, rows) for size in SIZES]
    own = np.column_stack([random.integers(0, 2, rows), 50 + 3 * random.standard_normal(rows)])
    hazard = np.exp(-1.5 + 0.2 * parts[0] - 0.5 * own[:, 0] + 0.1 * (own[:, 1] - 50))
    event = (random.uniform(size=rows) < -np.expm1(-hazard)).astype(float)
    return event, own, np.ravel_multi_index(parts, SIZES), random.integers(0, 60, rows)


def levels() -> np.ndarray:
    """One column per level, less the first of the second classification."""
    first, second = np.indices(SIZES)
    return np.hstack([np.eye(SIZES[0])[first.ravel()], np.eye(SIZES[1])[second.ravel()][:, 1:]])


def test_it_is_statsmodels_regression_with_every_column_laid_out() -> None:
    event, own, cell, clusters = drawn()
    found = cloglog(event, Design.of(own, cell, levels()), np.unique(clusters, return_inverse=True)[1])
    link = sm.families.links.CLogLog()
    model = sm.GLM(event, np.column_stack([own, levels()[cell]]), family=sm.families.Binomial(link))
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": clusters}, tol=1e-13, maxiter=100)
    assert found.converged
    np.testing.assert_allclose(found.params, fit.params[:2], rtol=1e-8)
    np.testing.assert_allclose(found.covariance, fit.cov_params()[:2, :2], rtol=1e-7)


def test_one_cell_by_hand() -> None:
    """3 of 10 with the flag, 5 of 10 without: b = log(log(0.7) / log(0.5)), whatever the unit of the column."""
    event = np.array([1.0] * 3 + [0.0] * 7 + [1.0] * 5 + [0.0] * 5)
    flag = np.repeat([1000.0, 0.0], 10)[:, None]
    found = cloglog(event, Design.of(flag, np.zeros(20, "int64"), np.ones((1, 1))), np.arange(20))
    assert found.params[0] * 1000 == pytest.approx(np.log(np.log(0.7) / np.log(0.5)), rel=1e-12)

    def variance(p: float) -> float:
        return p / ((1 - p) * np.log(1 - p) ** 2) / 10

    expected = (variance(0.3) + variance(0.5)) * 20 / 19 * 19 / 18
    assert found.covariance[0, 0] * 1e6 == pytest.approx(expected, rel=1e-10)


def test_the_gram_matrix_is_that_of_all_columns() -> None:
    _, own, cell, _ = drawn(50)
    design = Design.of(own, cell, levels())
    every = np.column_stack([(own - own.mean(axis=0)) / own.std(axis=0), levels()[cell]])
    weight = np.linspace(0.5, 2, 50)
    np.testing.assert_allclose(design.gram(weight), (every * weight[:, None]).T @ every, atol=1e-10)


def test_a_column_that_tells_exactly_who_has_the_event_has_no_coefficient() -> None:
    event = np.repeat([1.0, 0.0], 10)
    design = Design.of(event[:, None] + 1, np.zeros(20, "int64"), np.ones((1, 1)))
    found = cloglog(event, design, np.arange(20))
    assert not found.converged and np.isnan(found.covariance).all()
