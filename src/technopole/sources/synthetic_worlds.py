"""What happens to firms in each simulated world, with and without parks: the potential outcomes behind `simulate_firms`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

World: TypeAlias = Literal[
    "effect", "null", "selection", "innovation", "own_rd", "displacement", "entry", "heterogeneous", "pre_trend", "anticipation",
    "covariate_trend", "survival",
]  # fmt: skip
Matrix: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a world multiplies the effect with, and what else is true in it."""

    sales: float = 1.0
    innovation: float = 1.0
    selection: float = 0.3
    own_rd_only: bool = False
    uneven: bool = False
    spillover: float = 0.0
    drift: float = 0.0
    early: float = 0.0
    covariate_trend: float = 0.0
    births: float = 0.0
    more_births: float = 0.0
    deaths: float = 0.0
    log_hazard: float = 0.0


WORLDS: dict[str, Rules] = {
    "effect": Rules(),
    "null": Rules(sales=0, innovation=0, selection=0),
    "selection": Rules(sales=0, innovation=0, selection=0.5),
    "innovation": Rules(sales=0, innovation=2),
    "own_rd": Rules(own_rd_only=True),
    "displacement": Rules(spillover=-0.5),
    "entry": Rules(sales=0, innovation=0, births=0.03, more_births=5),
    "heterogeneous": Rules(uneven=True),
    "pre_trend": Rules(drift=0.25),
    "anticipation": Rules(early=0.5),
    "covariate_trend": Rules(covariate_trend=0.05),
    "survival": Rules(sales=0, innovation=0, deaths=0.1, log_hazard=-2),
}


@dataclass(frozen=True, slots=True)
class Population:
    """Firms. Years are positions in the panel; `years` (the number of years) stands for never."""

    years: int
    start: Matrix
    entered: Matrix
    left: Matrix
    opened: Matrix  # when the park of the firm's region opened
    earliness: Matrix  # of its cohort: 1 = first, 0 = last
    own_rd: Matrix
    log_size: Matrix
    region: Matrix
    km: Matrix  # from the park, or the centre of a region without one

    @property
    def time(self) -> Matrix:
        """Positions of the years, as a row."""
        return np.arange(self.years)[None, :]

    @property
    def since(self) -> Matrix:
        """Firms x years: years since entry; far below 0 for those that never enter."""
        return np.where((self.entered < self.years)[:, None], self.time - self.entered[:, None], -self.years)

    @property
    def inside(self) -> Matrix:
        """Firms x years: whether in a park."""
        return (self.since >= 0) & (self.time < self.left[:, None])

    @property
    def beside(self) -> Matrix:
        """Firms x years: whether outside, 2 to 5 km from an open park."""
        near = (self.entered == self.years) & (self.km >= 2) & (self.km < 5)
        return near[:, None] & (self.time >= self.opened[:, None])


@dataclass(frozen=True, slots=True)
class Shocks:
    """How outcomes vary without parks."""

    selection: float
    noise: float
    autocorrelation: float
    shared: float


def gain(rules: Rules, people: Population, effect: float) -> Matrix:
    """Return what its park does to each firm in each year, in log points."""
    since = people.since
    shape = np.where(people.inside, effect, 0.0)
    if rules.uneven:
        shape *= (0.5 + people.earliness)[:, None] * (1 + 0.5 * np.maximum(since, 0))
    if rules.early:
        shape[since == -1] = rules.early * effect
    if rules.own_rd_only:
        shape *= people.own_rd[:, None]
    return shape


def without_parks(
    rules: Rules, people: Population, effect: float, shocks: Shocks, seed: np.random.SeedSequence
) -> dict[str, Matrix]:
    """Draw log sales, the expected number of patents and R&D spending as they'd be without parks."""
    random = [np.random.default_rng(stream) for stream in seed.spawn(6)]
    count, treated = len(people.entered), people.entered < people.years
    base = 0.8 * people.log_size + shocks.selection * treated
    level = 1 + base + 0.5 * random[0].standard_normal(count)
    slope = 0.02 + rules.covariate_trend * people.log_size + rules.drift * effect * treated
    local = shocks.shared * random[1].standard_normal((int(people.region.max()) + 1, people.years))
    sales = level[:, None] + slope[:, None] * people.time + local[people.region]
    sales += autoregressive(random[2], sales.shape, shocks.noise, shocks.autocorrelation)
    patents = np.exp(-2 + 0.5 * base + 0.8 * people.own_rd + 0.3 * random[3].standard_normal(count))
    spread = base + 0.3 * random[4].standard_normal(count)
    spending = np.exp(spread[:, None] + 0.1 * random[5].standard_normal(sales.shape))
    return {
        "log_sales": sales,
        "patents": np.broadcast_to(patents[:, None], sales.shape),
        "rd": spending * people.own_rd[:, None],
    }


def added_by_parks(
    rules: Rules, people: Population, effect: float, spillover: float, without: dict[str, Matrix]
) -> dict[str, Matrix]:
    """Return what parks add to each outcome: log points for log sales, the same as a share for patents and R&D."""
    tau = gain(rules, people, effect)
    more = np.expm1(rules.innovation * tau)
    return {
        "log_sales": rules.sales * tau + spillover * people.beside,
        "patents": without["patents"] * more,
        "rd": without["rd"] * more,
    }


def autoregressive(
    random: np.random.Generator, shape: tuple[int, ...], scale: float, persistence: float
) -> Matrix:
    """Return stationary AR(1) series with standard deviation `scale`, one per row."""
    series = random.standard_normal(shape)
    if persistence:
        for year in range(1, shape[1]):
            series[:, year] *= np.sqrt(1 - persistence**2)
            series[:, year] += persistence * series[:, year - 1]
    return scale * series
