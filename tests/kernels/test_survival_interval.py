"""Log-log intervals against the transform written out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from technopole.kernels.survival_interval import log_log


def test_the_transform_written_out() -> None:
    """By the delta method, the error of log(-log S) is the error of S over |S log S|."""
    s, error = 0.7, 0.1
    middle, reach = math.log(-math.log(s)), 1.959963984540054 * error / (s * -math.log(s))
    low, high = log_log(np.array([s]), np.array([error]), 0.95)
    assert low[0] == pytest.approx(math.exp(-math.exp(middle + reach)), rel=1e-12)
    assert high[0] == pytest.approx(math.exp(-math.exp(middle - reach)), rel=1e-12)


def test_none_at_the_ends_or_without_an_error() -> None:
    low, high = log_log(np.array([0.0, 1.0, 0.5]), np.array([0.1, 0.1, np.nan]), 0.9)
    assert np.isnan(low).all() and np.isnan(high).all()
