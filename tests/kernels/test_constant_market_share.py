"""Constant market share: the project's oracle 11.4, a plain reference with loops, and the identity on random tables."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technopole.kernels.constant_market_share import Effects, decompose, mean

M0, M1 = np.array([[100.0, 200.0], [300.0, 100.0]]), np.array([[150.0, 220.0], [330.0, 180.0]])
X0, X1 = np.array([[10.0, 20.0], [15.0, 10.0]]), np.array([[18.0, 20.0], [20.0, 12.0]])


def sums(found: Effects) -> tuple[float, float, float, float]:
    return tuple(
        float(part.sum()) for part in (found.world, found.commodity, found.market, found.competitiveness)
    )


def test_oracle_in_both_orders() -> None:
    """Oracle 11.4: world 14.142857, commodity -.267857, market 2.625, competitiveness -1.5; reversed .857143 and 1.5."""
    assert sums(decompose(X0, X1, M0, M1)) == pytest.approx(
        (99 / 7, -0.267857142857143, 2.625, -1.5), rel=1e-12
    )
    found = decompose(X0, X1, M0, M1, order="market first")
    assert sums(found) == pytest.approx((99 / 7, 1.5, 6 / 7, -1.5), rel=1e-12)
    both = mean(decompose(X0, X1, M0, M1), found)
    assert both.commodity.sum() + both.market.sum() == pytest.approx(2.357142857142857, rel=1e-12)


def test_by_loops() -> None:
    """The formula product by product and market by market, without arrays."""
    r = M1.sum() / M0.sum() - 1
    world = commodity = market = left = 0.0
    for p, j in itertools.product(range(2), range(2)):
        of_product, of_cell = M1[p].sum() / M0[p].sum() - 1, M1[p, j] / M0[p, j] - 1
        world += r * X0[p, j]
        commodity += (of_product - r) * X0[p, j]
        market += (of_cell - of_product) * X0[p, j]
        left += X1[p, j] - X0[p, j] - of_cell * X0[p, j]
    assert sums(decompose(X0, X1, M0, M1)) == pytest.approx((world, commodity, market, left), rel=1e-12)


def test_last_year_s_weights_by_loops() -> None:
    """Paasche: growth as a share of the last year, times the exports of the last year."""
    r = 1 - M0.sum() / M1.sum()
    world = commodity = market = left = 0.0
    for p, j in itertools.product(range(2), range(2)):
        of_product, of_cell = 1 - M0[p].sum() / M1[p].sum(), 1 - M0[p, j] / M1[p, j]
        world += r * X1[p, j]
        commodity += (of_product - r) * X1[p, j]
        market += (of_cell - of_product) * X1[p, j]
        left += X1[p, j] - X0[p, j] - of_cell * X1[p, j]
    assert sums(decompose(X0, X1, M0, M1, base="last")) == pytest.approx(
        (world, commodity, market, left), rel=1e-12
    )
    halves = zip(sums(decompose(X0, X1, M0, M1)), (world, commodity, market, left), strict=True)
    assert sums(decompose(X0, X1, M0, M1, base="mean")) == pytest.approx(
        tuple((one + other) / 2 for one, other in halves), rel=1e-12
    )


def test_faster_than_all_trade_is_commodity_in_both_orders() -> None:
    """The products together grow by 180/700, all trade by 10 %: the difference times 55 is commodity, whatever comes first."""
    for order in ("commodity first", "market first"):
        narrow = decompose(X0, X1, M0, M1, order=order)
        wide = decompose(X0, X1, M0, M1, order=order, totals=(1000.0, 1100.0))
        assert wide.world.sum() == pytest.approx(5.5, rel=1e-12)
        assert wide.commodity.sum() - narrow.commodity.sum() == pytest.approx(
            (180 / 700 - 0.1) * 55, rel=1e-12
        )
        np.testing.assert_array_equal(wide.market, narrow.market)


cells = st.lists(st.tuples(*[st.one_of(st.just(0.0), st.floats(1e-3, 1e6))] * 4), min_size=6, max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    cells, st.sampled_from(["commodity first", "market first"]), st.sampled_from(["first", "last", "mean"])
)
def test_the_parts_add_up_whatever_is_new_or_gone(
    rows: list[tuple[float, ...]], order: str, base: str
) -> None:
    """Products and markets that appear, vanish or never were: the four effects are the change, cell by cell."""
    before, after, others_before, others_after = np.array(rows).T.reshape(4, 3, 2)
    for world in ((before + others_before, after + others_after), (others_before, others_after)):
        totals = None if min(part.sum() for part in world) > 0 else (1.0, 1.0)
        found = decompose(before, after, *world, order=order, base=base, totals=totals)
        parts = np.array([found.world, found.commodity, found.market, found.competitiveness])
        error = np.abs(parts.sum(axis=0) - (after - before))
        assert (error <= 1e-12 * (np.abs(parts).sum(axis=0) + before + after)).all()


def test_new_products_and_markets_are_share_won() -> None:
    new = decompose(
        np.array([[10.0, 0.0]]), np.array([[12.0, 7.0]]), np.array([[100.0, 0.0]]), np.array([[120.0, 7.0]])
    )
    assert new.competitiveness[0, 1] == 7.0 and new.market[0, 1] == 0.0
    assert not new.unknown.any()


def test_a_market_of_its_own_grows_as_the_world() -> None:
    """The world without the exporter had nothing in the second market: its 5 are taken to grow by the world's 20 %."""
    found = decompose(
        np.array([[10.0, 5.0]]), np.array([[12.0, 9.0]]), np.array([[100.0, 0.0]]), np.array([[120.0, 0.0]])
    )
    assert found.unknown.tolist() == [[False, True]]
    assert found.competitiveness[0, 1] == pytest.approx(9 - 5 * 1.2, rel=1e-12)
