"""How often 95 % intervals of effects hold the truth: firms simulated in and out of parks, seed by seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

import technopole as tp
from technopole.errors import TechnopoleError
from technopole.result import EffectResult
from technopole.sources.synthetic import SimulatedFirms
from technopole.tables import Firms

E = tp.effects
Interval = tuple[float, float, float, float]  # estimate, low, high, standard error


@dataclass(frozen=True, slots=True)
class Job:
    """An estimator in a world: what it returns for a table of firms, and what is true there."""

    name: str
    interval: Callable[[SimulatedFirms, Firms], Interval]
    true: Callable[[SimulatedFirms], float]


@dataclass(frozen=True, slots=True)
class World:
    """How firms are drawn, and the estimators that see them; `share` of all data sets, where a job is dear."""

    said: str
    drawn: dict[str, Any]
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
    table = found.aggregate("event").table.set_index("event_time").loc[since]
    return float(table["estimate"]), float(table["low"]), float(table["high"]), float(table["std_error"])


def contrast(found: EffectResult) -> Interval:
    """Return the difference of two subgroups."""
    row = found.frames["contrast"].iloc[0]
    return float(row["difference"]), float(row["low"]), float(row["high"]), float(row["std_error"])


def _plain(
    estimator: Callable[..., EffectResult], **options: Any
) -> Callable[[SimulatedFirms, Firms], Interval]:
    return lambda _, firms: overall(estimator(firms, **options))


def _is_equivalent(drawn: SimulatedFirms, firms: Firms) -> Interval:
    """An interval that misses the truth where equivalence is declared although the effect is as large as the bound."""
    found = E.equivalence(E.group_time_effects(firms, outcome="log_sales"), bound=drawn.true())
    said = found.frames["equivalence"]["equivalent"].iloc[0] == "yes"
    return found.estimate, -math.inf, 0.0 if said else math.inf, found.std_error


def _ring(drawn: SimulatedFirms, firms: Firms) -> Interval:
    """The ring from 2 to 5 km."""
    there = tp.parks.rings(firms, parks=drawn.parks, edges=(2, 5, 10), date="opened").table
    found = E.boundary(there, outcome="log_sales", edges=[2, 5, 10])
    row = found.table[found.table["ring_low_km"] == 2].iloc[0]
    return float(row["estimate"]), float(row["low"]), float(row["high"]), float(row["std_error"])


def _effect(drawn: SimulatedFirms) -> float:
    return drawn.true()


SALES: dict[str, Any] = {"outcome": "log_sales"}
STAGGERED = (
    Job("group_time_effects", _plain(E.group_time_effects, **SALES), _effect),
    Job(
        "group_time_effects, event time 2",
        lambda _, firms: at_event(E.group_time_effects(firms, **SALES), 2),
        lambda drawn: drawn.true("event_time", of=2),
    ),
    Job("event_study (Sun & Abraham)", _plain(E.event_study, **SALES), _effect),
    Job("imputation", _plain(E.imputation, **SALES), _effect),
)
MATCHED: dict[str, Any] = {"on": ["log_size"], "change": True, "year": 2012, "before": 2, **SALES}
WORLDS = (
    World(
        "staggered, effects that differ by cohort and grow; shocks persist (0.5)",
        {"world": "heterogeneous", "firms": 200, "years": 6, "cohorts": 2, "autocorrelation": 0.5},
        STAGGERED,
    ),
    World(
        "one effect for all; firms close (5 % a year) and leave parks (5 %)",
        {"world": "effect", "firms": 250, "years": 6, "cohorts": 2, "death_rate": 0.05, "exit_rate": 0.05},
        STAGGERED[:1] + STAGGERED[3:],
    ),
    World(
        "shocks shared by 40 regions, clustered by region",
        {"world": "effect", "firms": 400, "years": 5, "cohorts": 1, "cluster_effects": 0.3, "regions": 40},
        (Job("group_time_effects", _plain(E.group_time_effects, cluster="region", **SALES), _effect),),
    ),
    World(
        "large firms grow faster and enter more often",
        {"world": "covariate_trend", "firms": 300, "years": 4, "cohorts": 1},
        (
            Job(
                "group_time_effects, doubly robust",
                _plain(E.group_time_effects, covariates=["log_size"], **SALES),
                _effect,
            ),
            Job("matched_comparison, nearest", _plain(E.matched_comparison, **MATCHED), _effect),
            Job(
                "matched_comparison, entropy balancing",
                _plain(E.matched_comparison, method="entropy_balancing", **MATCHED),
                _effect,
            ),
        ),
    ),
    World(
        "only firms with own R&D gain",
        {"world": "own_rd", "firms": 300, "years": 4, "cohorts": 1},
        (
            Job(
                "heterogeneity, difference",
                lambda _, firms: contrast(E.heterogeneity(firms, by="own_rd", **SALES)),
                lambda drawn: drawn.true("own_rd", of=0) - drawn.true("own_rd", of=1),
            ),
        ),
        share=0.5,
    ),
    World(
        "firms 2 to 5 km away lose",
        {"world": "displacement", "firms": 600, "years": 4, "cohorts": 1},
        (Job("boundary, ring 2 to 5 km", _ring, lambda drawn: drawn.true("ring", of="2-5")),),
        share=0.5,
    ),
    World(
        "an effect as large as the bound (share of false equivalence below 5 % = above 95 here)",
        {"world": "effect", "firms": 200, "years": 4, "cohorts": 1},
        (Job("equivalence", _is_equivalent, _effect),),
    ),
    World(
        "few firms, many years",
        {"world": "effect", "firms": 60, "years": 10, "cohorts": 1},
        (Job("synthetic_did, jackknife", _plain(E.synthetic_did, inference="jackknife", **SALES), _effect),),
        share=0.3,
    ),
    World(
        "firms in parks close less often",
        {"world": "survival", "firms": 800, "years": 6, "cohorts": 2},
        tuple(
            Job(
                f"survival, {model}",
                _plain(E.survival, born="born", closed="closed", model=model),
                lambda drawn: math.log(drawn.true("hazard_ratio", outcome="closing")),
            )
            for model in ("discrete", "cox")
        ),
    ),
    World(
        "firms in parks patent exp(0.4) times as often",
        {"world": "innovation", "firms": 300, "years": 5, "cohorts": 1, "selection": 0.0},
        tuple(
            Job(
                f"recurrent_events, {model}",
                _plain(E.recurrent_events, outcome="patents", covariates=["log_size", "own_rd"], model=model),
                lambda _: 0.4,
            )
            for model in ("andersen_gill", "conditional_gap")
        ),
        share=0.5,
    ),
)


def study(data_sets: int, worlds: tuple[World, ...] = WORLDS) -> Iterator[Coverage]:
    """Draw each world so many times; every job sees the same firms."""
    for number, world in enumerate(worlds):
        found: dict[str, list[tuple[Interval, float]]] = {job.name: [] for job in world.jobs}
        failed = dict.fromkeys(found, 0)
        for seed in range(max(2, round(data_sets * world.share))):
            drawn = tp.simulate_firms(**world.drawn, seed=1_000_000 * (number + 1) + seed)
            firms = tp.read_firms(drawn.firms)
            for job in world.jobs:
                try:
                    interval = job.interval(drawn, firms)
                except TechnopoleError:
                    failed[job.name] += 1
                    continue
                found[job.name].append((interval, job.true(drawn)))
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
