"""Oracles: the estimators with weights on units, whose derivative by a unit's weight is that unit's influence; differences of means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from technopole.kernels.doubly_robust import NOBODY, TOO_FEW, chances, difference

Array = npt.NDArray[np.float64]
FIRST = 30  # of 150 units enter


def drawn(seed: int = 0) -> tuple[Array, Array]:
    random = np.random.default_rng(seed)
    covariates = random.normal(size=(2, 150))
    covariates[0, :FIRST] += 0.8
    change = covariates[0] + 0.3 * covariates[1] ** 2 + random.normal(size=150)
    change[:FIRST] += 0.5
    return change, covariates


def plain(change: Array, covariates: Array, unit_weight: Array, *, regress: bool) -> float:
    """Sant'Anna and Zhao's sample moments, every unit counted `unit_weight` times."""
    design = np.column_stack([np.ones(len(change)), covariates.T])
    entered = (np.arange(len(change)) < FIRST).astype(float)
    of_chance = np.zeros(3)
    chance = np.full(len(change), 0.5)
    for _ in range(40):
        chance = 1 / (1 + np.exp(-design @ of_chance))
        hessian = (design * (unit_weight * chance * (1 - chance))[:, None]).T @ design
        of_chance += np.linalg.solve(hessian, design.T @ (unit_weight * (entered - chance)))
    left = change
    if regress:
        weight = unit_weight * (1 - entered)
        left = change - design @ np.linalg.solve(
            (design * weight[:, None]).T @ design, design.T @ (weight * change)
        )
    odds = unit_weight * (1 - entered) * chance / (1 - chance)
    return float(np.average(left, weights=unit_weight * entered) - np.average(left, weights=odds))


@pytest.mark.parametrize("regress", [True, False])
def test_estimate_and_influence_are_value_and_derivative_of_the_weighted_moments(regress: bool) -> None:
    change, covariates = drawn()
    found = difference(change, covariates, FIRST, chances(covariates, FIRST), regress=regress)
    once, step = np.ones(150), 1e-5
    assert found.estimate == pytest.approx(plain(change, covariates, once, regress=regress), abs=1e-12)
    for unit in (0, 7, 29, 30, 88, 149):
        more, less = once.copy(), once.copy()
        more[unit] += step
        less[unit] -= step
        slope = (
            plain(change, covariates, more, regress=regress)
            - plain(change, covariates, less, regress=regress)
        ) / (2 * step)
        assert found.influence[unit] == pytest.approx(slope, abs=1e-9)
    assert abs(found.influence.sum()) < 1e-12


def test_units_and_origins_of_covariates_change_nothing() -> None:
    change, covariates = drawn()
    moved = covariates * [[1e6], [1e-6]] + [[1e7], [5.0]]
    one = difference(change, covariates, FIRST, chances(covariates, FIRST), regress=True)
    other = difference(change, moved, FIRST, chances(moved, FIRST), regress=True)
    assert other.estimate == pytest.approx(one.estimate, rel=1e-8)
    np.testing.assert_allclose(other.influence, one.influence, atol=1e-9)


def test_a_covariate_that_is_the_same_for_all_leaves_differences_of_means() -> None:
    change, _ = drawn()
    same = np.ones((1, 150))
    found = difference(change, same, FIRST, chances(same, FIRST), regress=True)
    assert found.estimate == pytest.approx(change[:FIRST].mean() - change[FIRST:].mean(), abs=1e-12)
    variance = change[:FIRST].var() / FIRST + change[FIRST:].var() / (150 - FIRST)
    assert (found.influence**2).sum() == pytest.approx(variance, rel=1e-12)
    assert found.redundant == 1


def test_comparison_units_that_nearly_surely_enter_carry_no_weight() -> None:
    change, covariates = drawn()
    by = chances(covariates, FIRST)
    by.fitted.chance[40] = 0.996
    wild = change.copy()
    wild[40] += 1e6
    of_both = [difference(values, covariates, FIRST, by, regress=False).estimate for values in (change, wild)]
    assert of_both[0] == pytest.approx(of_both[1], rel=1e-9)


def test_nobody_comparable_and_too_few_are_said() -> None:
    change, covariates = drawn()
    covariates[0, :FIRST] += 50
    by = chances(covariates, FIRST)
    assert difference(change, covariates, FIRST, by, regress=True).undefined == NOBODY
    change, covariates = drawn()
    few = np.r_[:6, 30:33]
    by = replace(chances(covariates[:, few], 6), undefined="")
    assert difference(change[few], covariates[:, few], 6, by, regress=True).undefined == TOO_FEW
