"""How often 95 % intervals of effects hold the truth: firms, regions and studies drawn, seed by seed."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

import technopole as tp
from calibration import drawn
from technopole.errors import TechnopoleError
from technopole.result import EffectResult
from technopole.sources.synthetic import SimulatedFirms
from technopole.sources.synthetic_trade import SimulatedTrade

E = tp.effects
Interval = tuple[float, float, float, float]  # estimate, low, high, standard error


@dataclass(frozen=True, slots=True)
class Data:
    """A table as an estimator gets it, and the world it is from (none = the truth doesn't depend on the draw)."""

    table: Any
    world: SimulatedFirms | SimulatedTrade | None = None

    def true(self, *estimand: str, **which: Any) -> float:
        """Return what is true in the sample drawn."""
        assert self.world is not None
        return self.world.true(*estimand, **which)


@dataclass(frozen=True, slots=True)
class Number:
    """A number with an interval, read off an estimate, and what is true."""

    name: str
    interval: Callable[[Any], Interval]
    true: Callable[[Data], float]


@dataclass(frozen=True, slots=True)
class Job:
    """An estimator, and the numbers of its that are judged."""

    estimate: Callable[[Data], Any]
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class World:
    """How data are drawn, by number of the draw, and the estimators that see them; `share` of all data sets, where a job is dear."""

    said: str
    draw: Callable[[int], Data]
    jobs: tuple[Job, ...]
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What happened in all data sets of a world."""

    world: str
    name: str
    held: tuple[bool, ...]
    bias: float
    spread: float
    claimed: float
    failed: int

    @property
    def rate(self) -> float:
        """Share of intervals with the truth inside."""
        return float(np.mean(self.held))

    @property
    def ends(self) -> tuple[float, float]:
        """Wilson's 95 % interval of that share."""
        found = stats.binomtest(sum(self.held), len(self.held)).proportion_ci(method="wilson")
        return float(found.low), float(found.high)

    @property
    def met(self) -> str:
        """Whether 93 to 97 % is reached, as far as so many data sets can tell."""
        if 0.93 <= self.rate <= 0.97:
            return "yes"
        low, high = self.ends
        return "within chance" if low <= 0.97 and high >= 0.93 else "no"


def overall(found: EffectResult) -> Interval:
    """Return the overall estimate with its interval."""
    return found.estimate, found.low, found.high, found.std_error


def at_event(found: EffectResult, since: int) -> Interval:
    """Return the estimate of one event time."""
    return _row(found.aggregate("event").table.set_index("event_time").loc[since])


def _row(row: pd.Series, estimate: str = "estimate") -> Interval:
    return float(row[estimate]), float(row["low"]), float(row["high"]), float(row["std_error"])


def _not_equivalent(found: EffectResult) -> Interval:
    """An interval that misses the truth where equivalence is declared although the effect is as large as the bound."""
    said = found.frames["equivalence"]["equivalent"].iloc[0] == "yes"
    return found.estimate, -math.inf, 0.0 if said else math.inf, found.std_error


def _not_found(found: EffectResult) -> Interval:
    """An interval that misses the truth, no effect, where p is 5 % or less: placebos have no other."""
    low = 0.0 if found.p_value > 0.05 else math.inf
    return found.estimate, low, low, found.std_error


def _ring(data: Data) -> pd.Series:
    """The ring from 2 to 5 km, against firms 5 to 20 km away."""
    assert isinstance(data.world, SimulatedFirms)
    there = tp.parks.rings(data.table, parks=data.world.parks, edges=(2, 5), date="opened").table
    found = E.boundary(there, outcome="log_sales", edges=[2, 5])
    return found.table[found.table["ring_low_km"] == 2].iloc[0]


def _firms(world: str, *columns: str, **size: Any) -> Callable[[int], Data]:
    """Draw firms; only the columns used are read, which takes longer than drawing them."""
    used = ["firm", "year", "entered", *(columns or ("log_sales",))]

    def draw(seed: int) -> Data:
        simulated = tp.simulate_firms(world, **size, seed=seed)
        return Data(tp.read_firms(simulated.firms[used]), simulated)

    return draw


def _products(world: str, **size: Any) -> Callable[[int], Data]:
    """Draw exports of regions, and make the panel of products exposed to parks."""

    def draw(seed: int) -> Data:
        drawn = tp.simulate_trade(world, **size, seed=seed)
        near = {"places": drawn.places, "composition": drawn.composition, "date": "opened"}
        exposure = tp.competitiveness.park_exposure(drawn.parks, decay_km=20, **near)
        panel = tp.competitiveness.product_panel(
            drawn.trade, exposure=exposure, crosswalk=drawn.crosswalk, outcomes=MEASURES
        )
        return Data(tp.read_firms(panel.table), drawn)

    return draw


def _competitiveness(outcome: str) -> Job:
    return Job(
        lambda data: E.group_time_effects(data.table, outcome=outcome, cluster="exporter"),
        (Number(outcome, overall, lambda data: data.true(outcome=outcome)),),
    )


def _plain(name: str, estimator: Callable[..., EffectResult], **options: Any) -> Job:
    return Job(lambda data: estimator(data.table, **options), (Number(name, overall, Data.true),))


def _with_equivalence(data: Data) -> tuple[EffectResult, EffectResult]:
    found = E.group_time_effects(data.table, **SALES)
    return found, E.equivalence(found, bound=data.true())


SALES: dict[str, Any] = {"outcome": "log_sales"}
MATCHED: dict[str, Any] = {"on": ["log_size"], "change": True, "year": 2012, "before": 2, **SALES}
MEASURES = ("log_market_share", "log_rca", "log_unit_value")
TRADE: dict[str, Any] = {
    "regions": 40,
    "products": 16,
    "industries": 4,
    "fields": 2,
    "years": 5,
    "cohorts": 2,
}
HAZARD = "hazard_ratio"
EQUIVALENCE = "equivalence, bound = true effect (share not declared equivalent: 95 or more is right)"
WORLDS = (
    World(
        "staggered, effects that differ by cohort and grow; shocks persist (0.5)",
        _firms("heterogeneous", firms=120, years=6, cohorts=2, autocorrelation=0.5),
        (
            Job(
                lambda data: E.group_time_effects(data.table, **SALES),
                (
                    Number("group_time_effects", overall, Data.true),
                    Number(
                        "group_time_effects, event time 2",
                        lambda found: at_event(found, 2),
                        lambda data: data.true("event_time", of=2),
                    ),
                ),
            ),
            _plain("event_study (Sun & Abraham)", E.event_study, **SALES),
            _plain("imputation", E.imputation, **SALES),
        ),
    ),
    World(
        "one effect for all; firms close (5 % a year) and leave parks (5 %)",
        _firms("effect", "left", "log_sales", firms=150, years=6, cohorts=2, death_rate=0.05, exit_rate=0.05),
        (
            Job(
                _with_equivalence,
                (
                    Number("group_time_effects", lambda found: overall(found[0]), Data.true),
                    Number(EQUIVALENCE, lambda found: _not_equivalent(found[1]), Data.true),
                ),
            ),
        ),
    ),
    World(
        "shocks shared by 40 regions, clustered by region",
        _firms(
            "effect", "region", "log_sales", firms=240, years=4, cohorts=1, cluster_effects=0.3, regions=40
        ),
        (_plain("group_time_effects", E.group_time_effects, cluster="region", **SALES),),
    ),
    World(
        "large firms grow faster and enter more often",
        _firms("covariate_trend", "log_size", "log_sales", firms=150, years=4, cohorts=1),
        (
            _plain(
                "group_time_effects, doubly robust", E.group_time_effects, covariates=["log_size"], **SALES
            ),
            _plain("matched_comparison, nearest", E.matched_comparison, **MATCHED),
            _plain(
                "matched_comparison, entropy balancing",
                E.matched_comparison,
                method="entropy_balancing",
                **MATCHED,
            ),
        ),
    ),
    World(
        "only firms with own R&D gain",
        _firms("own_rd", "own_rd", "log_sales", firms=150, years=4, cohorts=1),
        (
            Job(
                lambda data: E.heterogeneity(data.table, by="own_rd", **SALES),
                (
                    Number(
                        "heterogeneity, difference",
                        lambda found: _row(found.frames["contrast"].iloc[0], "difference"),
                        lambda data: data.true("own_rd", of=0) - data.true("own_rd", of=1),
                    ),
                ),
            ),
        ),
        share=0.5,
    ),
    World(
        "firms 2 to 5 km away lose",
        _firms("displacement", "log_sales", "longitude", "latitude", firms=400, years=4, cohorts=1),
        (
            Job(
                _ring,
                (Number("boundary, ring 2 to 5 km", _row, lambda data: data.true("ring", of="2-5")),),
            ),
        ),
        share=0.5,
    ),
    World(
        "few firms, many years",
        _firms("effect", firms=60, years=8, cohorts=1),
        (_plain("synthetic_did, jackknife", E.synthetic_did, inference="jackknife", **SALES),),
    ),
    World(
        "places where nothing happens (share of p above 5 %; 95 or more is right)",
        lambda seed: Data(drawn.alike(seed)),
        (
            Job(
                lambda data: E.synthetic_control(
                    data.table, treated="u07", start=drawn.START, outcome="log_output"
                ),
                (Number("synthetic_control, placebos", _not_found, lambda _: 0.0),),
            ),
        ),
    ),
    World(
        "firms in parks close less often",
        _firms("survival", "born", "closed", firms=600, years=6, cohorts=2),
        tuple(
            Job(
                lambda data, model=model: E.survival(data.table, born="born", closed="closed", model=model),
                (
                    Number(
                        f"survival, {model}",
                        overall,
                        lambda data: math.log(data.true(HAZARD, outcome="closing")),
                    ),
                ),
            )
            for model in ("discrete", "cox")
        ),
    ),
    World(
        "firms in parks patent exp(0.4) times as often",
        _firms("innovation", "log_size", "own_rd", "patents", firms=200, years=4, cohorts=1, selection=0.0),
        tuple(
            Job(
                lambda data, model=model: E.recurrent_events(
                    data.table, outcome="patents", covariates=["log_size", "own_rd"], model=model
                ),
                (Number(f"recurrent_events, {model}", overall, lambda _: 0.4),),
            )
            for model in ("andersen_gill", "conditional_gap")
        ),
    ),
    World(
        "output rises with R&D, in parks more",
        lambda seed: Data(drawn.production(seed)),
        (
            Job(
                lambda data: E.productivity(data.table, rd="rd", **SALES),
                (Number("productivity, difference of elasticities", overall, lambda _: drawn.MORE),),
            ),
        ),
    ),
    World(
        "regions that catch up by a tenth a year",
        lambda seed: Data(drawn.regions(seed)),
        (
            Job(
                lambda data: E.convergence(data.table, outcome="log_output", bootstrap=99),
                (
                    Number(
                        "convergence, unconditional",
                        lambda found: _row(found.table.set_index("specification").loc["unconditional"]),
                        lambda _: drawn.CATCHING_UP,
                    ),
                ),
            ),
        ),
    ),
    World(
        "15 studies whose true effects differ",
        lambda seed: Data(drawn.studies(seed)),
        (
            Job(
                lambda data: E.meta_analysis(data.table),
                (
                    Number(
                        "meta_analysis, random effects",
                        lambda found: _row(found.table.set_index("study").loc["random effects"]),
                        lambda _: drawn.MEAN,
                    ),
                ),
            ),
        ),
    ),
    World(
        "parks in 20 of 40 regions raise products of their industries; clustered by exporter",
        _products("parks_raise", **TRADE),
        tuple(_competitiveness(name) for name in MEASURES),
        share=0.6,
    ),
    World(
        "parks in 20 of 40 regions do nothing to products (100 less the share of false alarms)",
        _products("nothing", **TRADE),
        tuple(_competitiveness(name) for name in MEASURES),
        share=0.6,
    ),
)


def study(data_sets: int, worlds: tuple[World, ...] = WORLDS) -> Iterator[Coverage]:
    """Draw each world so many times; every job sees the same data.

    What is loaded by now is kept out of the garbage collector's rounds: statsmodels asks for one with every correction of p-values.
    """
    gc.freeze()
    try:
        for position, world in enumerate(worlds):
            yield from _seen(world, max(2, round(data_sets * world.share)), 1_000_000 * (position + 1))
    finally:
        gc.unfreeze()


def _seen(world: World, data_sets: int, first: int) -> Iterator[Coverage]:
    names = [number.name for job in world.jobs for number in job.numbers]
    found: dict[str, list[tuple[Interval, float]]] = {name: [] for name in names}
    failed = dict.fromkeys(found, 0)
    for seed in range(data_sets):
        data = world.draw(first + seed)
        for job in world.jobs:
            try:
                estimate = job.estimate(data)
            except TechnopoleError:
                failed.update({number.name: failed[number.name] + 1 for number in job.numbers})
                continue
            for number in job.numbers:
                found[number.name].append((number.interval(estimate), number.true(data)))
    for name, seen in found.items():
        yield _coverage(world.said, name, seen, failed[name])


def _coverage(world: str, name: str, seen: list[tuple[Interval, float]], failed: int) -> Coverage:
    rows = np.array([(*interval, true) for interval, true in seen])
    estimate, low, high, error, true = rows.T
    return Coverage(
        world,
        name,
        tuple(bool(inside) for inside in (low <= true) & (true <= high)),
        float((estimate - true).mean()),
        float((estimate - true).std(ddof=1)),
        float(error.mean()),
        failed,
    )


def table(rows: list[Coverage]) -> str:
    """Return a Markdown table."""
    lines = [
        "| world | estimator | holds the truth, % | within 93 to 97 | mean error | spread of errors | mean standard error | data sets |",
        "|---|---|---:|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        dropped = f" ({row.failed} refused)" if row.failed else ""
        lines.append(
            f"| {row.world} | {row.name} | {100 * row.rate:.1f} ({100 * row.ends[0]:.1f} to {100 * row.ends[1]:.1f}) | {row.met} | {row.bias:+.4f} "
            f"| {row.spread:.4f} | {row.claimed:.4f} | {len(row.held)}{dropped} |"
        )
    return "\n".join(lines)
