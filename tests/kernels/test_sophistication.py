"""PRODY and EXPY against plain loops, and against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from technopole.kernels import sophistication as kernel


def plain(values: np.ndarray, income: np.ndarray) -> list[float]:
    """Equation 1 of Hausmann, Hwang and Rodrik (2007), written out."""
    found = []
    for item in range(values.shape[1]):
        above = below = 0.0
        for place in range(values.shape[0]):
            if values[place].sum() > 0 and np.isfinite(income[place]):
                share = values[place, item] / values[place].sum()
                above, below = above + share * income[place], below + share
        found.append(above / below if below > 0 else np.nan)
    return found


def test_against_loops() -> None:
    random = np.random.default_rng(5)
    values = random.lognormal(0, 2, (9, 14)) * (random.uniform(size=(9, 14)) < 0.6)
    values[3], values[:, 4] = 0, 0
    income = random.lognormal(9, 1, 9)
    income[6] = np.nan
    levels = kernel.prody(values, income)
    np.testing.assert_allclose(levels, plain(values, income), rtol=1e-12)
    content = kernel.expy(values, levels)
    for place in range(9):
        if place == 3:
            assert np.isnan(content.level[3]) and np.isnan(content.covered[3])
            continue
        own = np.delete(values[place], 4)
        assert content.level[place] == pytest.approx(own @ np.delete(levels, 4) / own.sum(), rel=1e-12)


def test_items_without_a_level_are_left_out_and_counted() -> None:
    content = kernel.expy(np.array([[6.0, 2.0], [0.0, 5.0]]), np.array([30.0, np.nan]))
    np.testing.assert_allclose(content.covered, [0.75, 0.0])
    assert content.level[0] == 30.0 and np.isnan(content.level[1])
