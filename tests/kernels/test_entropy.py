"""Entropy, Herfindahl, new classes and likeness of profiles: cases by hand, plain sums, and what chance does to them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from technopole.kernels import entropy as kernel


def test_entropy_by_hand() -> None:
    """Four equal classes of ten: ln 4, corrected by 3 / 80, variance of the second order alone. Unequal ones written out."""
    found = kernel.entropy(np.full(4, 10.0))
    assert found.value == pytest.approx(math.log(4) + 3 / 80, rel=1e-12)
    assert found.variance == pytest.approx(3 / 3200, rel=1e-9)
    share = np.array([0.5, 0.3, 0.2])
    plain = -(share * np.log(share)).sum()
    found = kernel.entropy(share * 50)
    assert found.value == pytest.approx(plain + 2 / 100, rel=1e-12)
    spread = ((share * np.log(share) ** 2).sum() - plain**2) / 50 + 2 / (2 * 50**2)
    assert found.variance == pytest.approx(spread, rel=1e-12)
    assert kernel.entropy(share * 50, corrected=False).value == pytest.approx(plain, rel=1e-12)


def test_entropy_equals_scipy() -> None:
    from scipy.stats import entropy

    counts = np.random.default_rng(4).poisson(3.0, (20, 9)).astype(float) + 1
    np.testing.assert_allclose(
        kernel.entropy(counts, corrected=False).value, entropy(counts, axis=1), rtol=1e-12
    )


def test_bias_and_variance_of_the_entropy_against_simulation() -> None:
    random, share = np.random.default_rng(2), np.array([0.5, 0.2, 0.15, 0.1, 0.05])
    drawn = random.multinomial(200, share, 4000).astype(float)
    found = kernel.entropy(drawn)
    truth = -(share * np.log(share)).sum()
    assert found.value.mean() == pytest.approx(truth, abs=0.003)
    assert kernel.entropy(drawn, corrected=False).value.mean() < truth - 0.008
    assert np.sqrt(found.variance.mean()) == pytest.approx(found.value.std(), rel=0.05)


def test_hall_is_unbiased_and_the_plug_in_is_not() -> None:
    """Hall (2005): with n counts the plain index is (n - 1) / n of the truth, here 0.8 of it."""
    random, share = np.random.default_rng(3), np.array([0.4, 0.3, 0.2, 0.1])
    drawn = random.multinomial(5, share, 40_000).astype(float)
    truth = 1 - (share**2).sum()
    assert kernel.blau(drawn).mean() == pytest.approx(truth, abs=0.004)
    assert (1 - kernel.herfindahl(drawn)).mean() == pytest.approx(0.8 * truth, abs=0.004)


def test_blau_by_hand() -> None:
    """Counts 3, 2, 1: chance that two different patents differ is 1 - (3 x 2 + 2 x 1) / (6 x 5) = 11 / 15."""
    assert kernel.blau(np.array([3.0, 2.0, 1.0])) == pytest.approx(11 / 15, rel=1e-12)
    assert kernel.herfindahl(np.array([3.0, 2.0, 1.0])) == pytest.approx(14 / 36, rel=1e-12)
    assert kernel.blau(np.array([2.0, 0.0])) == 0
    assert np.isnan(kernel.blau(np.array([[1.0, 0.0], [0.0, 0.0]]))).all()


def test_nothing_is_undefined_and_one_class_has_no_entropy() -> None:
    found = kernel.entropy(np.array([[0.0, 0.0], [7.0, 0.0]]))
    assert np.isnan(found.value[0]) and np.isnan(found.variance[0])
    assert found.value[1] == 0 and math.copysign(1, found.value[1]) == 1 and found.variance[1] == 0


def test_heterogeneity_stays_within_one() -> None:
    assert kernel.heterogeneity(np.full(4, 2.0), 4).value == 1
    assert kernel.heterogeneity(np.full(2, 50.0), 4, corrected=False).value == pytest.approx(0.5, rel=1e-12)


def test_new_classes_by_hand() -> None:
    now, before = np.array([4.0, 3.0, 1.0, 0.0]), np.array([9.0, 0.0, 0.0, 5.0])
    assert kernel.new_share(now, before) == pytest.approx(0.5, rel=1e-12)
    assert np.isnan(kernel.new_share(np.zeros(2), np.ones(2)))


def test_cosine_by_hand_and_by_loops() -> None:
    """(1, 1) and (1, 0): 1 / sqrt 2; a row without anything has none."""
    found = kernel.cosine(np.array([[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]))
    assert found[0, 1] == pytest.approx(1 / math.sqrt(2), rel=1e-12)
    assert np.isnan(found[2]).all()
    rows = np.random.default_rng(5).poisson(2.0, (6, 5)).astype(float) + 0.5
    found = kernel.cosine(rows)
    for i in range(6):
        for j in range(6):
            dot = sum(a * b for a, b in zip(rows[i], rows[j], strict=True))
            size = math.sqrt(sum(a * a for a in rows[i]) * sum(b * b for b in rows[j]))
            assert found[i, j] == pytest.approx(dot / size, rel=1e-12)
