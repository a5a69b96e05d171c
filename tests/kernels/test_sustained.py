"""Oracles: a year-by-year loop in plain Python; births worked by hand; a bootstrap whose answer is certain."""

from __future__ import annotations

import numpy as np

from technopole.kernels import sustained


def plain(mine, here, nation, everything, threshold, least, length) -> int:
    """The rule, read literally."""
    years = len(mine)
    good = [
        here[t] > 0
        and nation[t] > 0
        and (mine[t] / here[t]) / (nation[t] / everything[t]) >= threshold - 1e-12
        and mine[t] >= least
        for t in range(years)
    ]
    for t in range(years - length + 1):
        if all(good[t : t + length]):
            return -1 if t == 0 else t
    return years


def test_first_sustained_by_hand() -> None:
    """LQ = (x / 100) / (100 / 1000) = x / 10: at least 1.5 from 15 on."""
    flat = np.full(6, 100.0)
    for series, born in (
        ([5, 15, 15, 15, 5, 5], 1),
        ([15, 15, 15, 5, 5, 5], -1),
        ([5, 15, 15, 5, 15, 15], 6),
        ([5, 5, 5, 15, 15, 15], 3),
    ):
        found = sustained.first_sustained(np.array(series, float), flat, flat, flat * 10, 1.5, 10, 3)
        assert int(found) == born
    small = sustained.first_sustained(np.full(6, 15.0), flat, flat, flat * 10, 1.5, 16, 3)
    assert int(small) == 6, "too small in every year"


def test_against_a_plain_loop() -> None:
    random = np.random.default_rng(3)
    for _ in range(200):
        mine = random.poisson(14, 12).astype(float)
        here = random.choice([0.0, 90.0, 110.0], 12)
        nation, everything = np.full(12, 100.0), np.full(12, 1000.0)
        options = (1.4, 11.0, int(random.integers(1, 4)))
        found = sustained.first_sustained(mine, here, nation, everything, *options)
        assert int(found) == plain(mine, here, nation, everything, *options)


def test_bootstrap_of_what_is_certain_and_of_what_is_not() -> None:
    def dated(series: list[float], **options) -> sustained.Start:
        mine = np.array(series)
        rest = {
            "threshold": 1.5,
            "least": 5.0,
            "length": 3,
            "kept": np.full(len(mine), 0.9),
            "draws": 499,
            "level": 0.95,
        }
        given = rest | options
        return sustained.start(
            mine,
            1000 + mine,
            10_000 + mine,
            1_000_000 + mine,
            np.ones(len(mine)),
            random=np.random.default_rng(1),
            **given,
        )

    clear = dated([1.0, 1, 1, 1, 90, 90, 90, 90])
    assert (clear.born, clear.low, clear.high) == (4, 4, 4)
    slow = dated([4.0, 7, 10, 13, 16, 19, 22, 25, 28])
    assert slow.low < slow.born <= slow.high and slow.born == 4
    never = dated([2.0] * 8)
    assert (never.born, never.high) == (8, 8)
    always = dated([90.0] * 8)
    assert (always.born, always.low, always.high) == (-1, -1, -1)


def test_value_of_several_to_one_count_is_drawn_in_counts() -> None:
    """Twenty jobs to a plant: as uncertain as the plants, not as the jobs."""
    plants = np.array([4.0, 7, 10, 13, 16, 19, 22, 25, 28])
    rest = {"threshold": 1.5, "length": 3, "kept": np.full(9, 0.9), "draws": 499, "level": 0.95}
    one = sustained.start(plants, 1000 + plants, 10_000 + plants, 1_000_000 + plants, np.ones(9), least=5, random=np.random.default_rng(1), **rest)  # fmt: skip
    jobs = 20 * plants
    many = sustained.start(jobs, 20_000 + jobs, 200_000 + jobs, 20_000_000 + jobs, np.full(9, 20.0), least=100, random=np.random.default_rng(1), **rest)  # fmt: skip
    assert one == many
