"""Global envelopes: ranks by hand, the envelope and the p-value agree, and the share that leaves it is as named."""

from __future__ import annotations

import numpy as np
import pytest

from technopole.kernels.extreme_ranks import envelope


def by_hand(curves: np.ndarray) -> np.ndarray:
    """How many curves are at least as extreme, curve by curve, in plain comparisons."""
    count = len(curves)
    ranks = [
        sorted(min((at <= at[one]).sum(), (at >= at[one]).sum()) for at in curves.T) for one in range(count)
    ]
    return np.array([sum(ranks[other] <= ranks[one] for other in range(count)) for one in range(count)])


def test_p_value_equals_plain_comparisons_with_ties() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        curves = random.integers(0, 6, (30, 5)).astype(float)
        found = envelope(curves[0], curves[1:], 0.9)
        assert found.p_value == by_hand(curves)[0] / 30


def test_worked_by_hand() -> None:
    simulated = np.arange(1.0, 20.0)[:, None] * np.ones(3)
    inside = envelope(np.array([10.5, 10.5, 10.5]), simulated, 0.9)
    assert inside.p_value == 1.0
    assert inside.global_low.tolist() == [2.0] * 3 and inside.global_high.tolist() == [18.0] * 3
    outside = envelope(np.array([10.5, 30.0, 10.5]), simulated, 0.9)
    # Ranks of the observed: (1, 10, 10); of 1: (1, 1, 1); of 19: (1, 1, 2). So three are as extreme, itself among them.
    assert outside.p_value == 3 / 20
    np.testing.assert_allclose(inside.local_low, np.quantile(np.arange(1, 20), 0.05))


@pytest.mark.slow
def test_leaving_the_envelope_is_significance() -> None:
    random = np.random.default_rng(2)
    left = 0
    for _ in range(400):
        curves = random.normal(size=(200, 12)).cumsum(axis=1)
        found = envelope(curves[0], curves[1:], 0.95)
        outside = bool(((curves[0] < found.global_low) | (curves[0] > found.global_high)).any())
        assert outside == (found.p_value <= 0.05)
        left += outside
    assert 8 <= left <= 34  # 20 expected; 0.1 % and 99.9 % points of the binomial


def test_curves_without_values_are_not_extreme() -> None:
    simulated = np.vstack([np.arange(1.0, 20.0), np.full(19, np.nan)]).T
    found = envelope(np.array([10.5, np.nan]), simulated, 0.9)
    assert found.p_value == 1.0
    assert np.isnan(found.global_high[1]) and np.isnan(found.local_low[1])
