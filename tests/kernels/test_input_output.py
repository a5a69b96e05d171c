"""Flows between industries by hand and by plain loops."""

from __future__ import annotations

import numpy as np

from technopole.kernels.input_output import Flows, by_makers, moved, shares

RANDOM = np.random.default_rng(4)


def test_purchases_come_from_the_makers_in_proportion_to_what_they_supply() -> None:
    make = RANDOM.integers(0, 9, (4, 3)).astype(float)  # industries x commodities
    make[:, 2] = 0  # nobody makes it
    bought = RANDOM.integers(0, 9, (3, 5)).astype(float)  # commodities x buyers
    wanted = np.zeros((4, 5))
    for maker in range(4):
        for buyer in range(5):
            for commodity in range(2):
                share = make[maker, commodity] / make[:, commodity].sum()
                wanted[maker, buyer] += share * bought[commodity, buyer]
    np.testing.assert_allclose(by_makers(make, bought), wanted, rtol=1e-12)


def test_flows_move_with_the_shares_of_their_industries() -> None:
    """Three industries into two: the third belongs to both in halves."""
    sold = np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0], [64.0, 128.0, 256.0]])
    flows = Flows(sold, sold.sum(axis=0), sold.sum(axis=1))
    weights = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    found = moved(flows, weights)
    assert found.sold[0, 0] == 1 + 4 / 2 + 64 / 2 + 256 / 4
    wanted = np.zeros((2, 2))
    for i in range(3):
        for j in range(3):
            wanted += sold[i, j] * np.outer(weights[i], weights[j])
    np.testing.assert_allclose(found.sold, wanted, rtol=1e-12)
    np.testing.assert_allclose(found.inputs, flows.inputs @ weights, rtol=1e-12)
    assert found.sold.sum() == found.inputs.sum() == found.outputs.sum() == sold.sum()


def test_shares_of_inputs_and_outputs_by_hand() -> None:
    """The second industry buys nothing and the first sells nothing: there is no share of nothing."""
    flows = Flows(np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([12.0, 0.0]), np.array([0.0, 6.0]))
    of_inputs, of_outputs = shares(flows)
    np.testing.assert_array_equal(of_inputs, [[0.0, np.nan], [0.25, np.nan]])
    np.testing.assert_array_equal(of_outputs, [[np.nan, np.nan], [0.5, 0.0]])
