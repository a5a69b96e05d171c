"""Oracles: reflections and fitness written out as loops, closed forms, and the eigenvector as the limit of reflections."""

from __future__ import annotations

import numpy as np
import pytest

from technopole.kernels import complexity
from technopole.kernels.reflections import fitness, reflections

TRIANGLE = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]], dtype=bool)


def drawn(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    reach, rarity = random.uniform(0, 1, 9), random.uniform(0, 1, 14)
    found = random.uniform(0, 1, (9, 14)) < 1 / (1 + np.exp(6 * (rarity[None, :] - reach[:, None])))
    found[0], found[:, 0] = True, True
    return found


def scaled(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


@pytest.mark.parametrize("rounds", [2, 6, 18])
def test_reflections_written_out(rounds: int) -> None:
    """Hidalgo and Hausmann (2009), equations 3 to 5: means of means, from diversity and ubiquity."""
    have = drawn(1)
    place, item = have.sum(1).astype(float), have.sum(0).astype(float)
    places, items = [place], [item]
    for _ in range(rounds):
        places.append(np.array([items[-1][row].mean() for row in have]))
        items.append(np.array([places[-2][column].mean() for column in have.T]))
    found = reflections(have, rounds)
    assert scaled(found.place) == pytest.approx(scaled(places[rounds]), abs=1e-6)
    assert scaled(found.item) == pytest.approx(scaled(items[rounds - 1]), abs=1e-6)
    assert found.iterations == rounds


@pytest.mark.parametrize("convention", ["atlas", "book"])
def test_reflections_end_at_the_eigenvector(convention: str) -> None:
    have = drawn(2)
    found = reflections(have)
    assert found.change < 1e-10
    for one, other in zip(
        complexity.standardised(found, convention),
        complexity.standardised(complexity.eigenvector(have), convention),
        strict=True,
    ):
        assert one == pytest.approx(other, abs=1e-8)


def test_fitness_written_out() -> None:
    """Tacchella et al. (2012), equation 1: sums and harmonic sums of the round before, each divided by its mean."""
    have = drawn(3)
    place, item = [1.0] * 9, [1.0] * 14
    for _ in range(20):
        fitter = [sum(item[p] for p in range(14) if have[c, p]) for c in range(9)]
        finer = [1 / sum(1 / place[c] for c in range(9) if have[c, p]) for p in range(14)]
        place = [value / (sum(fitter) / 9) for value in fitter]
        item = [value / (sum(finer) / 14) for value in finer]
    found = fitness(have, 20)
    assert found.place == pytest.approx(place, rel=1e-12)
    assert found.item == pytest.approx(item, rel=1e-12)


def test_fitness_in_closed_form() -> None:
    """One place with both items, one with the common item alone: F tends to (2, 0) as 1 / rounds, Q of the rare item to 2."""
    found = fitness(np.array([[1, 1], [1, 0]], dtype=bool), 1)
    assert found.place == pytest.approx([4 / 3, 2 / 3], rel=1e-12)
    assert found.item == pytest.approx([2 / 3, 4 / 3], rel=1e-12)
    found = fitness(np.array([[1, 1], [1, 0]], dtype=bool), 4000)
    assert found.place == pytest.approx([2, 0], abs=2e-3)
    assert fitness(np.array([[1, 1], [1, 0]], dtype=bool)).change > 1e-10


def test_equal_places_have_equal_fitness() -> None:
    found = fitness(np.ones((4, 3), dtype=bool))
    assert found.place == pytest.approx([1] * 4, rel=1e-15) and found.change == 0


def test_nothing_to_reflect() -> None:
    assert reflections(np.ones((3, 3), dtype=bool)).reason == complexity.NO_SIGN
    assert reflections(np.zeros((3, 3), dtype=bool)).reason == complexity.NOTHING
    assert fitness(np.zeros((3, 3), dtype=bool)).reason == complexity.NOTHING
    assert np.isnan(fitness(np.c_[TRIANGLE, np.zeros(4, bool)]).item[4])
