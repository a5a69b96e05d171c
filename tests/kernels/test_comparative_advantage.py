"""Comparative advantage: the project's oracle 11.3, plain loops, and what the normalised index adds up to."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technopole.kernels import comparative_advantage as kernel

EXPORTS = np.array([[60.0, 40.0], [40.0, 160.0]])
IMPORTS = np.array([[20.0, 80.0], [80.0, 120.0]])


def test_oracle() -> None:
    """Oracle 11.3: RCA 1.8, RSCA .285714, ln .587787, NRCA .088889; RXA 6, RMA .375, RTA 5.625, RC 2.772589; Michaely .4."""
    rca = kernel.balassa(EXPORTS)
    rxa, rma = kernel.against_others(EXPORTS)[0, 0], kernel.against_others(IMPORTS)[0, 0]
    assert rca[0, 0] == pytest.approx(1.8, rel=1e-12)
    assert kernel.symmetric(rca)[0, 0] == pytest.approx(2 / 7, rel=1e-12)
    assert kernel.logarithm(rca)[0, 0] == pytest.approx(np.log(1.8), rel=1e-12)
    assert kernel.normalised(EXPORTS)[0, 0] == pytest.approx(0.2 - 100 * 100 / 300**2, rel=1e-12)
    assert (rxa, rma, rxa - rma) == pytest.approx((6.0, 0.375, 5.625), rel=1e-12)
    assert np.log(rxa) - np.log(rma) == pytest.approx(2.772588722239781, rel=1e-12)
    assert (kernel.shares(EXPORTS) - kernel.shares(IMPORTS))[0, 0] == pytest.approx(0.4, rel=1e-12)


def test_vollrath_by_loops() -> None:
    """Numerator and denominators summed over the other countries and the other products, one by one."""
    values = np.random.default_rng(5).lognormal(2, 1, (5, 4))
    found = kernel.against_others(values)
    for c, p in itertools.product(range(5), range(4)):
        others = [k for k in range(5) if k != c]
        rest = [q for q in range(4) if q != p]
        here = values[c, p] / sum(values[c, q] for q in rest)
        there = sum(values[k, p] for k in others) / sum(values[k, q] for k in others for q in rest)
        assert found[c, p] == pytest.approx(here / there, rel=1e-12)


def test_without_others_there_is_no_vollrath() -> None:
    sole = np.array([[5.0, 3.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 4.0]])
    found = kernel.against_others(sole)
    assert np.isnan(found[0, 0]), "nobody else has it"
    assert np.isnan(found[2, 2]), "it has nothing else"
    assert found[1, 0] == 0.0


tables = st.lists(
    st.lists(st.one_of(st.just(0.0), st.floats(1e-3, 1e9)), min_size=3, max_size=3), min_size=2, max_size=5
)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_normalised_sums_to_zero_and_has_the_sign_of_rca(rows: list[list[float]]) -> None:
    """Yu, Cai & Leung (2009): over products of a country and over countries of a product the index sums to 0."""
    values = np.array(rows)
    found, rca = kernel.normalised(values), kernel.balassa(values)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(rca))
    assert np.abs(np.nansum(found, axis=0)).max(initial=0) < 1e-14
    assert np.abs(np.nansum(found, axis=1)).max(initial=0) < 1e-14
    clear = ~np.isnan(rca) & (np.abs(rca - 1) > 1e-9) & (np.abs(found) > 1e-15)
    np.testing.assert_array_equal(found[clear] > 0, rca[clear] > 1)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_symmetric_lies_in_its_range(rows: list[list[float]]) -> None:
    """Laursen: from -1, where nothing is exported, to less than 1."""
    rca = kernel.balassa(np.array(rows))
    found = kernel.symmetric(rca)
    known = ~np.isnan(rca)
    assert (found[known] >= -1).all() and (found[known] < 1).all()
    assert (found[known & (rca == 0)] == -1).all()


def test_the_world_of_another_table() -> None:
    """A region of two in a world that also makes a third product."""
    found = kernel.balassa(np.array([[3.0, 1.0, 0.0]]), np.array([10.0, 20.0, 10.0]))
    assert found[0].tolist() == pytest.approx([3.0, 0.5, 0.0], rel=1e-12)
    normal = kernel.normalised(np.array([[3.0, 1.0, 0.0]]), np.array([10.0, 20.0, 10.0]))
    assert normal[0].tolist() == pytest.approx(
        [3 / 40 - 4 * 10 / 1600, 1 / 40 - 4 * 20 / 1600, -4 * 10 / 1600]
    )
