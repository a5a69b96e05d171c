"""Bar N4, smaller: what `make calibrate` draws for effects, held to what so few data sets can tell. Seeds are fixed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from calibration import coverage

DATA_SETS = 16
NO_ERRORS = (coverage.EQUIVALENCE, "synthetic_control, placebos")  # judged by a verdict, not by an interval
CHEAP = [world for world in coverage.WORLDS if "regions" not in world.said]


@pytest.mark.slow
@pytest.mark.parametrize("world", CHEAP, ids=lambda world: world.said[:40])
def test_intervals_hold_the_truth_as_often_as_chance_allows(world: coverage.World) -> None:
    """Not rarer than 95 % coverage would give once in ten thousand; errors as large as their standard errors say."""
    few = coverage.World(world.said, world.draw, world.jobs[:1])
    for row in coverage.study(DATA_SETS, (few,)):
        least = stats.binom.ppf(1e-4, len(row.held), 0.95)
        assert sum(row.held) >= least, row
        assert row.failed == 0, row
        assert 0.4 < row.spread / row.claimed < 2 or row.name in NO_ERRORS, row


def test_coverage_is_counted_and_judged() -> None:
    row = coverage.Coverage("w", "n", (True,) * 95 + (False,) * 5, 0.0, 1.0, 1.0, 0)
    assert row.rate == 0.95 and row.met == "yes"
    # Wilson's interval by hand: (p + z^2 / 2n) / (1 + z^2 / n) +- ...
    z2 = 1.959964**2
    middle, reach = (0.95 + z2 / 200) / (1 + z2 / 100), np.sqrt(z2 * (0.95 * 0.05 / 100 + z2 / 40_000))
    assert row.ends == pytest.approx(
        (middle - reach / (1 + z2 / 100), middle + reach / (1 + z2 / 100)), rel=1e-5
    )
    low = coverage.Coverage("w", "n", (True,) * 80 + (False,) * 20, 0.0, 1.0, 1.0, 2)
    assert low.met == "no" and "(2 refused)" in coverage.table([low])
    near = coverage.Coverage("w", "n", (True,) * 92 + (False,) * 8, 0.0, 1.0, 1.0, 0)
    assert near.met == "within chance"
