"""Small effects whose truth is known, estimated once for all checks."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import technopole as tp
from technopole.result import EffectResult, Provenance
from technopole.result.effect import AGGREGATE, FIELDS, OVERALL
from technopole.tables import Firms

estimate: Any = tp.effects.group_time_effects  # takes frames too


@cache
def firms(world: str, **options: Any) -> Firms:
    """Simulated firms, as a table."""
    return Firms.of(tp.simulate_firms(world, **options).firms)  # type: ignore[arg-type]


@cache
def drawn(
    world: str, *, count: int = 300, years: int = 8, cohorts: int = 3, noise: float = 0.2, seed: int = 1
) -> Firms:
    """Simulated firms of a world."""
    return firms(world, firms=count, years=years, cohorts=cohorts, noise=noise, seed=seed)


@cache
def effect(
    world: str, *, base: str = "universal", outcome: str = "log_sales", **options: Any
) -> EffectResult:
    """The effect of entry in such a world."""
    return estimate(drawn(world, **options), outcome=outcome, base=base)


def by_hand(
    estimates: dict[int, float],
    covariance: Any,
    *,
    overall: tuple[float, float] = (1.0, 0.5),
    base: str = "universal",
    outcome: str = "sales",
) -> EffectResult:
    """An effect made by hand from event-time estimates and their covariance."""
    times = sorted(estimates)
    spread = np.asarray(covariance, float)
    error = np.sqrt(np.diag(spread))
    values = np.array([estimates[time] for time in times])
    aggregates = pd.DataFrame(
        {
            "aggregation": "event",
            "event_time": pd.array(times, dtype="Int64"),
            "estimate": values,
            "std_error": error,
            "low": values - 1.96 * error,
            "high": values + 1.96 * error,
            "n": 10,
            "undefined": "",
        }
    ).reindex(columns=list(AGGREGATE))
    left, right = np.meshgrid(times, times, indexing="ij")
    frame = pd.DataFrame(
        {"event_time_a": left.ravel(), "event_time_b": right.ravel(), "covariance": spread.ravel()}
    )
    at, se = overall
    row: dict[str, Any] = dict.fromkeys(OVERALL, 0) | {
        "outcome": outcome, "estimate": at, "std_error": se, "low": at - 1.959963984540054 * se,
        "high": at + 1.959963984540054 * se, "p_value": 0.04, "level": 0.95, "treated": 200,
    }  # fmt: skip
    found = EffectResult.of(
        aggregates[["event_time", "estimate"]],
        text="By hand.",
        fields=FIELDS,
        aggregates=aggregates,
        covariance=frame,
        overall=pd.DataFrame([row]),
    )
    said = {"outcome": outcome, "base": base, "anticipation": 0}
    return found.with_provenance(Provenance("0", "effects.group_time_effects", said, (), None), "Hand (2024)")
