"""Pairs in order against counting them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from technopole.kernels.concordance import pairs_in_order


def test_against_all_pairs() -> None:
    random = np.random.default_rng(2)
    score, happened = random.integers(0, 6, 40).astype(float), random.uniform(size=40) < 0.3
    plain = sum(
        1.0 if a > b else 0.5 * (a == b) for a, b in itertools.product(score[happened], score[~happened])
    )
    assert pairs_in_order(score, happened) == pytest.approx(
        (plain, happened.sum() * (~happened).sum()), rel=1e-12
    )


def test_nothing_happens() -> None:
    assert pairs_in_order(np.array([1.0, 2.0]), np.zeros(2, bool)) == (0.0, 0.0)
