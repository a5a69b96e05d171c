"""Oracles: optimality conditions, scipy's non-negative least squares and Nelder-Mead search, ranks and sets counted on a grid."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize, nnls

from technopole.kernels import synthetic_control as kernel

Floats = np.ndarray


def plain(target: Floats, donors: Floats, importance: Floats) -> Floats:
    """Weights by scipy: a multiple of them solves non-negative least squares with one more row of ones."""
    away = (donors - target[:, None]) * np.sqrt(importance)[:, None]
    stacked = np.vstack([away / np.abs(away).max(), np.ones(donors.shape[1])])
    found = nnls(stacked, np.r_[np.zeros(len(target)), 1.0])[0]
    return found / found.sum()


def test_weights_by_hand() -> None:
    donors = np.array([[0.0, 4.0, 9.0], [0.0, 0.0, 9.0]])
    found = kernel.fit(np.array([1.0, 0.0]), donors, np.ones(2))
    assert found.donors == pytest.approx([0.75, 0.25, 0], abs=1e-12)
    assert found.loss == pytest.approx(0, abs=1e-24)
    # outside the hull: the nearest point of the edge from (0, 0) to (4, 0), and beyond the corner
    assert kernel.fit(np.array([2.0, -5.0]), donors, np.ones(2)).donors == pytest.approx(
        [0.5, 0.5, 0], abs=1e-12
    )
    assert kernel.fit(np.array([-3.0, -1.0]), donors, np.ones(2)).donors == pytest.approx(
        [1, 0, 0], abs=1e-12
    )
    # the second row doesn't count: any mixture with first coordinate 2 is as good; the loss says so
    assert kernel.fit(np.array([2.0, -5.0]), donors, np.array([1.0, 0.0])).loss == pytest.approx(0, abs=1e-20)


def test_a_donor_like_the_target_gets_all_weight() -> None:
    donors = np.array([[1.0, 2.0, 3.0], [5.0, 1.0, 2.0]])
    assert list(kernel.fit(donors[:, 1].copy(), donors, np.ones(2)).donors) == [0, 1, 0]


def test_weights_are_optimal_on_random_problems() -> None:
    random = np.random.default_rng(3)
    for _ in range(200):
        rows, number = int(random.integers(1, 20)), int(random.integers(1, 50))
        donors = random.normal(size=(rows, number)) * 10 ** random.uniform(-3, 3) + random.uniform(0, 2)
        target, importance = random.normal(size=rows), random.uniform(0, 1, rows)
        importance /= importance.sum()
        found = kernel.fit(target, donors, importance)
        assert (found.donors >= 0).all()
        assert found.donors.sum() == pytest.approx(1, abs=1e-12)
        away = (donors - target[:, None]) * np.sqrt(importance)[:, None]
        slopes = away.T @ (away @ found.donors)
        # no donor may have a slope below the mean slope, which is the loss
        assert slopes.min() >= found.loss - 1e-11 * float((away**2).sum(axis=0).max())
        theirs = float(((away @ plain(target, donors, importance)) ** 2).sum())
        assert found.loss <= theirs * (1 + 1e-9) + 1e-18


def test_nested_search_against_scipy() -> None:
    random = np.random.default_rng(5)
    level, donors_past = random.normal(size=4), random.normal(size=(8, 4)).cumsum(axis=0)
    donors = np.vstack([donors_past.mean(axis=0), level, random.normal(size=4)])
    past = donors_past @ [0.5, 0.3, 0.2, 0.0] + random.normal(0, 0.1, 8)
    target = np.r_[past.mean(), level @ [0.4, 0.4, 0.2, 0.0], 0.1]

    def loss(v: Floats) -> float:
        weights = plain(target, donors, np.abs(v) / np.abs(v).sum())
        return float(((past - donors_past @ weights) ** 2).mean())

    start = np.full(3, 1 / 3)
    options = {"xatol": 1e-8, "fatol": 1e-14, "maxiter": 5000}
    theirs = minimize(loss, start, method="Nelder-Mead", options=options)
    found = kernel.nested(target, donors, past, donors_past, start[None, :])
    assert found.loss == pytest.approx(theirs.fun, rel=1e-6)
    assert found.loss == pytest.approx(loss(found.importance), rel=1e-9)
    assert found.importance.sum() == pytest.approx(1)
    more = kernel.nested(
        target, donors, past, donors_past, np.vstack([start, [0.98, 0.01, 0.01], [0.01, 0.01, 0.98]])
    )
    assert more.loss <= found.loss


def test_ranks_by_hand() -> None:
    before = np.array([[1.0, -1.0], [1.0, 1.0], [2.0, 2.0], [0.0, 0.0]])
    after = np.array([[3.0, 3.0], [-3.0, 3.0], [2.0, 2.0], [0.0, 0.0]])
    found = kernel.ranks(before, after, np.ones(4))
    assert found.ratio == pytest.approx([3, 3, 1, 0])
    assert found.p_value == 0.5  # itself and one as large
    assert kernel.ranks(np.zeros((3, 2)), np.zeros((3, 2)), np.zeros(3)).p_value == 1


def test_set_of_constant_effects_against_a_grid() -> None:
    random = np.random.default_rng(11)
    bounded = 0
    for _ in range(10):
        before = random.normal(size=(24, 9)) * random.uniform(0.5, 2, (24, 1))
        before[0] *= 0.5
        after, carried = random.normal(size=(24, 5)), np.r_[1.0, random.uniform(0.5, 1, 23)]
        after += 3 * carried[:, None]
        low, high = kernel.constant_effects(before, after, np.ones(24), carried, 0.8)
        kept = []
        for effect in np.linspace(-60, 60, 2401):
            left = after - carried[:, None] * effect
            ratio = ((left**2).mean(axis=1) / (before**2).mean(axis=1)) ** 0.5
            if (ratio >= ratio[0]).mean() > 0.2:
                kept.append(effect)
        if max(abs(low), abs(high)) < 50:
            bounded += 1
            assert (low, high) == pytest.approx((kept[0], kept[-1]), abs=0.051)
        else:
            assert not kept or max(abs(kept[0]), kept[-1]) > 49
    assert bounded >= 2


def test_set_is_unbounded_where_units_are_few() -> None:
    ones, carried = np.ones((5, 3)), np.ones(5)
    assert kernel.constant_effects(ones, ones, carried, carried, 0.95) == (-np.inf, np.inf)
    random = np.random.default_rng(1)
    before, after = random.normal(size=(5, 3)), random.normal(size=(5, 2))
    assert kernel.constant_effects(before, after, carried, carried, 0.95) == (-np.inf, np.inf)
