"""What happens to the exports of regions in each simulated world of trade, with and without parks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from technopole.kernels.comparative_advantage import balassa
from technopole.sources.synthetic_ground import Ground
from technopole.sources.synthetic_truth import Row
from technopole.sources.synthetic_worlds import Matrix, autoregressive

TradeWorld: TypeAlias = Literal[
    "parks_raise", "parks_build_up", "parks_upgrade", "parks_follow", "parks_pick", "nothing"
]


@dataclass(frozen=True, slots=True)
class TradeRules:
    """What a world multiplies the effect with, and what else is true in it."""

    exports: float = 1.0
    price: float = 0.0
    uneven: bool = False
    drift: float = 0.0
    selection: float = 0.0


TRADE_WORLDS: dict[str, TradeRules] = {
    "parks_raise": TradeRules(),
    "parks_build_up": TradeRules(uneven=True),
    "parks_upgrade": TradeRules(exports=0, price=1),
    "parks_follow": TradeRules(exports=0, drift=0.25),
    "parks_pick": TradeRules(exports=0, selection=0.5),
    "nothing": TradeRules(exports=0),
}


@dataclass(frozen=True, slots=True)
class Makers:
    """Regions and products: `industry[p]`; `fields[r, i]`: the park of region r is about industry i; `years`: number of years."""

    land: Ground
    industry: Matrix
    fields: Matrix
    years: int

    @property
    def opened(self) -> Matrix:
        """Regions x products: position of the year in which a park for that product opens; the number of years = never."""
        return np.where(self.fields[:, self.industry], self.land.opened[:, None], self.years)

    @property
    def since(self) -> Matrix:
        """Regions x products x years: years since then; far below 0 where there is never a park."""
        opened = self.opened[:, :, None]
        return np.where(opened < self.years, np.arange(self.years) - opened, -self.years)


@dataclass(frozen=True, slots=True)
class TradeShocks:
    """How exports vary without parks: standard deviations of yearly shocks."""

    selection: float
    noise: float
    autocorrelation: float
    region: float
    product: float


@dataclass(frozen=True, slots=True)
class Exports:
    """Regions x products x years: logarithms of exports and of prices; `there`: whether anything is exported; `rest` of the world."""

    exports: Matrix
    price: Matrix
    there: Matrix
    rest: Matrix

    def values(self) -> Matrix:
        """Exports of the regions, then of the rest of the world."""
        own = np.where(self.there, np.exp(self.exports), 0.0)
        return np.concatenate([own, np.exp(self.rest)[None]])


def gain(rules: TradeRules, makers: Makers, effect: float) -> Matrix:
    """Return what parks do to each product of each region in each year, in log points."""
    since = makers.since
    shape = np.where(since >= 0, effect, 0.0)
    if rules.uneven:
        shape *= (0.5 + makers.land.earliness)[:, None, None] * (1 + 0.5 * np.maximum(since, 0))
    return shape


def without_parks(
    rules: TradeRules, makers: Makers, effect: float, shocks: TradeShocks, zeros: float, world_share: float,
    seed: np.random.SeedSequence,
) -> Exports:  # fmt: skip
    """Draw exports and prices as they'd be without parks."""
    random = [np.random.default_rng(stream) for stream in seed.spawn(8)]
    regions, products, years = makers.since.shape
    chosen = (makers.opened < years)[:, :, None]
    time = np.arange(years)
    level = random[0].standard_normal((regions, 1)) + 0.5 * random[1].standard_normal((1, products))
    level = 8 + level + 0.5 * random[2].standard_normal((regions, products))
    world = (0.03 + 0.01 * random[3].standard_normal((products, 1))) * time
    world = world + shocks.product * random[4].standard_normal((products, years))
    local = shocks.region * random[5].standard_normal((regions, 1, years))
    noise = autoregressive(random[6], (regions * products, years), shocks.noise, shocks.autocorrelation)
    exports = level[:, :, None] + world + local + noise.reshape(regions, products, years)
    exports = exports + (shocks.selection + rules.drift * effect * time) * chosen
    spread = random[7].standard_normal((2, regions, products, years))
    price = 1 + 0.3 * spread[0, :1, :, :1] + 0.2 * spread[0, :, :, 1:2] + 0.1 * spread[1]
    there = np.random.default_rng(seed.spawn(1)[0]).random(exports.shape) >= zeros
    own = np.exp(level).sum(axis=0) * (1 - world_share) / world_share
    return Exports(exports, price, there, np.log(own)[:, None] + world)


def with_parks(rules: TradeRules, without: Exports, gained: Matrix) -> Exports:
    """Return the same world with parks: dearer products sell for more, not less."""
    return Exports(
        without.exports + (rules.exports + rules.price) * gained,
        without.price + rules.price * gained,
        without.there,
        without.rest,
    )


def outcomes(drawn: Exports) -> dict[str, Matrix]:
    """Return logarithms of exports, revealed comparative advantage, market share and unit value of the regions; -inf without exports."""
    values = drawn.values()
    advantage = np.stack([balassa(values[:, :, t]) for t in range(values.shape[2])], axis=2)
    with np.errstate(divide="ignore"):
        logs = {
            "log_exports": np.log(values[:-1]),
            "log_rca": np.log(advantage[:-1]),
            "log_market_share": np.log(values[:-1] / values.sum(axis=0)),
        }
    return {**logs, "log_unit_value": drawn.price}


def true_effects(makers: Makers, before: Exports, after: Exports, first_year: int) -> Iterator[Row]:
    """Average what parks change, over the products exposed and exported: overall, by years since, by cohort."""
    cells = (makers.since >= 0) & before.there
    since, opened = makers.since[cells], np.broadcast_to(makers.opened[:, :, None], cells.shape)[cells]
    without, with_ = outcomes(before), outcomes(after)
    for name, values in without.items():
        more = with_[name][cells] - values[cells]
        yield name, "overall", "", _mean(more), len(more)
        yield from (
            (name, "event_time", str(k), _mean(more[since == k]), int((since == k).sum()))
            for k in np.unique(since)
        )
        for g in np.unique(opened):
            part = more[opened == g]
            yield name, "cohort", str(first_year + g), _mean(part), len(part)


def _mean(values: Matrix) -> float:
    return float(values.mean()) if values.size else float("nan")
