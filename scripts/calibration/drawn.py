"""Tables with a known truth that `tp.simulate_firms` doesn't draw: production, catching up, studies, lone parks without effect."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

import technopole as tp
from technopole.tables import Firms, Studies

ELASTICITY, MORE, CATCHING_UP, MEAN = 0.1, 0.05, -0.1, 0.1
START = 2018
Floats = npt.NDArray[np.float64]


def production(seed: int) -> Firms:
    """Return firms whose output rises by 0.1 per cent with a per cent of R&D, by 0.15 in a park, which the better ones don't enter more often."""
    random = np.random.default_rng([31, seed])
    units, years = 90, 5
    unit, time = np.divmod(np.arange(units * years), years)
    level, entered = random.standard_normal(units), np.where(np.arange(units) < units // 3, 2012, 0)
    log_rd = 1 + 0.5 * level[unit] + 0.5 * random.standard_normal(len(unit))
    inside = (entered[unit] > 0) & (2010 + time >= entered[unit])
    output = level[unit] + 0.02 * time + (ELASTICITY + MORE * inside) * log_rd + 0.2 * inside
    output += 0.3 * random.standard_normal(len(unit))
    return _panel(unit, time, entered=entered[unit], rd=np.exp(log_rd), log_sales=output)


def regions(seed: int) -> Firms:
    """Return regions that lose a tenth of their distance from the mean each year, as far apart at the end as at the start."""
    random = np.random.default_rng([32, seed])
    units, years = 60, 8
    shocks = 0.2 * random.standard_normal((units, years))
    log_output = np.empty_like(shocks)
    log_output[:, 0] = shocks[:, 0] / np.sqrt(1 - (1 + CATCHING_UP) ** 2)
    for year in range(1, years):
        log_output[:, year] = (1 + CATCHING_UP) * log_output[:, year - 1] + shocks[:, year]
    unit, time = np.divmod(np.arange(units * years), years)
    return _panel(unit, time, log_output=log_output.ravel())


def studies(seed: int) -> Studies:
    """Return 15 studies of unequal size, whose true effects scatter by 0.1 around 0.1."""
    random = np.random.default_rng([33, seed])
    error = random.uniform(0.05, 0.3, 15)
    estimate = MEAN + 0.1 * random.standard_normal(15) + error * random.standard_normal(15)
    return tp.read_studies(
        pd.DataFrame({"study": [f"s{k:02d}" for k in range(15)], "estimate": estimate, "std_error": error})
    )


def alike(seed: int) -> Firms:
    """Return 20 places on random walks; nothing happens to any of them."""
    random = np.random.default_rng([34, seed])
    units, years = 20, 12
    walks = random.standard_normal((units, 1)) + 0.3 * random.standard_normal((units, years)).cumsum(axis=1)
    unit, time = np.divmod(np.arange(units * years), years)
    return _panel(unit, time, log_output=walks.ravel())


def _panel(unit: npt.NDArray[np.int64], time: npt.NDArray[np.int64], **columns: Floats) -> Firms:
    names = [f"u{k:02d}" for k in unit]
    return tp.read_firms(pd.DataFrame({"firm": names, "year": 2010 + time, **columns}))
