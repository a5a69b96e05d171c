"""Restricted mean survival time: by hand, and as R prints it for Miller's leukaemia data."""

from __future__ import annotations

import numpy as np
import pytest

from technopole.kernels.restricted_mean import restricted_mean


def test_by_hand() -> None:
    """Four at risk, one event at 1, one at 2: S = 1, 3/4, 1/2; area to 4 = 1 + 3/4 + 2/2."""
    found = restricted_mean(np.array([1.0, 2.0]), np.array([4, 3]), np.array([1, 1]), start=0, horizon=4)
    assert found.mean == pytest.approx(1 + 0.75 + 1, rel=1e-12)
    variance = 1.75**2 / (4 * 3) + 1**2 / (3 * 2)
    assert found.std_error == pytest.approx(np.sqrt(variance), rel=1e-12)


def test_from_a_later_start_the_curve_begins_with_one() -> None:
    found = restricted_mean(np.array([1.0, 2.0]), np.array([4, 3]), np.array([1, 1]), start=1, horizon=4)
    assert found.mean == pytest.approx(1 + 2 * 2 / 3, rel=1e-12)


def test_a_curve_that_ends_at_zero_has_a_variance() -> None:
    found = restricted_mean(np.array([1.0, 2.0]), np.array([2, 1]), np.array([1, 1]), start=0, horizon=3)
    assert (found.mean, found.std_error) == pytest.approx((1.5, np.sqrt(0.5**2 / 2)), rel=1e-12)


@pytest.mark.parametrize(
    ("times", "at_risk", "mean", "error"),
    [
        ([9, 13, 18, 23, 31, 34, 48], [11, 10, 8, 7, 5, 4, 2], 52.6, 19.83),
        ([5, 8, 12, 23, 27, 30, 33, 43, 45], [12, 10, 8, 6, 5, 4, 3, 2, 1], 22.7, 4.18),
    ],
)
def test_as_r_prints_it_for_acute_leukaemia(times: list, at_risk: list, mean: float, error: float) -> None:
    """R survival, print(survfit(Surv(time, status) ~ x, aml), rmean = "common"): maintained 52.6 (19.83), not 22.7 (4.18)."""
    events = [2 if time in (5, 8) else 1 for time in times]
    found = restricted_mean(np.array(times, float), np.array(at_risk), np.array(events), start=0, horizon=161)
    assert round(found.mean, 1) == mean and round(found.std_error, 2) == error
