"""First year of a sustained concentration: a quotient and a size above their thresholds, years running; with a bootstrap interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from technopole.kernels.onset import first_run, simulate

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Start:
    """Positions of years; -1 = the first year or before it, the number of years = after the last year."""

    born: int
    low: int
    high: int


def first_sustained(
    mine: Floats,
    here: Floats,
    nation: Floats,
    everything: Floats,
    threshold: float,
    least: float,
    length: int,
) -> NDArray[np.int64]:
    """Return where `length` years running begin with (mine / here) / (nation / everything) >= threshold and mine >= least: -1 = the first year, T = nowhere.

    Years are the last axis.
    """
    known = (here > 0) & (nation > 0)
    above = known & (mine * everything >= threshold * here * nation) & (mine >= least)
    start = first_run(above, length)
    return np.where(start < 0, above.shape[-1], np.where(start == 0, -1, start)).astype(np.int64)


def start(
    mine: Floats,
    here: Floats,
    nation: Floats,
    everything: Floats,
    worth: Floats,
    *,
    threshold: float,
    least: float,
    length: int,
    kept: Floats,
    draws: int,
    level: float,
    random: Any,
) -> Start:
    """Date one series, and bracket the date by the quantiles of a parametric bootstrap.

    Series are drawn about the counts there are (`onset.simulate`), `worth[t]` units of value to one count; what isn't of the sector, and the
    rest of the nation, are held as they are.
    """
    one = (threshold, least, length)
    born = int(first_sustained(mine, here, nation, everything, *one))
    drawn = (
        simulate(np.divide(mine, worth, out=np.zeros_like(mine), where=worth > 0), kept, draws, random)
        * worth
    )
    change = drawn - mine
    found = first_sustained(drawn, here + change, nation + change, everything + change, *one)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return Start(born, min(born, int(low)), max(born, int(high)))
