"""Oracles: the odds ratio of a two-by-two table; statsmodels; the least variance that a column may leave."""

from __future__ import annotations

import numpy as np
import pytest

from technopole.kernels.logit import independent, logit, with_constant


def test_a_table_of_two_by_two_gives_its_odds_ratio() -> None:
    large = np.repeat([1.0, 1.0, 0.0, 0.0], [12, 8, 5, 25])
    inside = np.repeat([True, False, True, False], [12, 8, 5, 25])
    found = logit(np.stack([np.ones(50), large]), inside)
    assert found.converged
    np.testing.assert_allclose(found.coefficients, np.log([5 / 25, (12 / 8) / (5 / 25)]), rtol=1e-12)
    np.testing.assert_allclose(found.chance, np.where(large == 1, 12 / 20, 5 / 30), rtol=1e-12)
    of_large, of_small = 20 * 0.6 * 0.4, 30 * (1 / 6) * (5 / 6)
    np.testing.assert_allclose(
        found.information, [[of_large + of_small, of_large], [of_large, of_large]], rtol=1e-12
    )


@pytest.mark.slow
def test_as_statsmodels() -> None:
    discrete = pytest.importorskip("statsmodels.discrete.discrete_model")
    random = np.random.default_rng(1)
    values = random.normal(size=(3, 400)) * [[1], [20], [0.01]]
    inside = random.random(400) < 1 / (1 + np.exp(2.5 - values[0] - 0.1 * values[1]))
    design = with_constant(values)
    theirs = discrete.Logit(inside.astype(float), design.T).fit(disp=0, tol=1e-14)
    found = logit(design, inside)
    np.testing.assert_allclose(found.coefficients, theirs.params, rtol=1e-10)
    np.testing.assert_allclose(np.sqrt(np.diag(np.linalg.inv(found.information))), theirs.bse, rtol=1e-10)


def test_groups_that_a_covariate_sets_apart_have_chances_of_0_and_1() -> None:
    values = np.arange(20.0)
    found = logit(with_constant(values[None]), values >= 12)
    assert not found.converged or found.chance.max() > 0.999


def test_columns_that_say_nothing_new_are_left_out() -> None:
    random = np.random.default_rng(2)
    first, second = random.normal(size=(2, 50))
    rows = np.stack(
        [np.full(50, 3.0), first, 2 * first - 7, 1e6 + second, first + second, 1e-8 * random.normal(size=50)]
    )
    assert independent(rows).tolist() == [1, 3, 5]
