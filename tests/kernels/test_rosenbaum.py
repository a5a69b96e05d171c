"""Oracles: Rosenbaum's tables, and every assignment of signs tried."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import binomtest

from technopole.kernels import rosenbaum as kernel

# Lead in the blood of 33 children of exposed workers and of their matched neighbours (Morton and others 1982), micrograms per decilitre.
EXPOSED = [38, 23, 41, 18, 37, 36, 23, 62, 31, 34, 24, 14, 21, 17, 16, 20, 15, 10, 45, 39, 22, 35, 49, 48, 44, 35, 43, 39,
           34, 13, 73, 25, 27]  # fmt: skip
OTHERS = [16, 18, 18, 24, 19, 11, 10, 15, 16, 18, 18, 13, 19, 10, 16, 16, 24, 13, 9, 14, 21, 19, 7, 18, 19, 12, 11, 22, 25,
          16, 13, 11, 13]  # fmt: skip


def test_lead_in_blood_of_rosenbaum() -> None:
    """Rosenbaum, P. R. (2002). Observational Studies, 2nd ed., section 4.3.3; (2005) Encyclopedia of Statistics in Behavioral Science."""
    gamma = np.array([1, 2, 3, 4, 4.25, 5])
    found = kernel.signed_rank(np.array(EXPOSED, float) - np.array(OTHERS), gamma)
    assert found.upper.round(4).tolist() == [0.0, 0.0018, 0.0136, 0.0388, 0.0468, 0.0740]
    assert (found.lower < 0.0001).all()


def test_signed_rank_against_all_signs() -> None:
    """For 14 pairs the chance of at least the seen rank sum, each sign positive with gamma / (1 + gamma), near the normal one."""
    differences = np.array([1.2, -0.3, 2.2, 0.7, 1.9, -0.9, 3.1, 0.2, 1.1, -1.5, 2.7, 0.4, 1.6, 2.0])
    ranks = np.abs(differences).argsort().argsort() + 1
    seen, chance = ranks[differences > 0].sum(), 2 / 3
    exact = sum(
        chance ** sum(signs) * (1 - chance) ** (14 - sum(signs))
        for signs in itertools.product((0, 1), repeat=14)
        if np.dot(signs, ranks) >= seen
    )
    assert kernel.signed_rank(differences, np.array([2.0])).upper[0] == pytest.approx(exact, abs=0.02)


def test_mcnemar_against_scipy_and_hammond() -> None:
    """Smoking and lung cancer, Hammond 1964: 110 of 122 discordant pairs; Rosenbaum (2002, table 4.1): about 0.1 at gamma = 6."""
    gamma = np.array([1.0, 2, 6])
    found = kernel.mcnemar(110, 122, gamma)
    expected = [binomtest(110, 122, g / (1 + g), "greater").pvalue for g in gamma]
    np.testing.assert_allclose(found.upper, expected, rtol=1e-9)
    assert found.upper[2] == pytest.approx(0.1, abs=0.005)
    np.testing.assert_allclose(
        found.lower, [binomtest(110, 122, 1 / (1 + g), "greater").pvalue for g in gamma], rtol=1e-9
    )
