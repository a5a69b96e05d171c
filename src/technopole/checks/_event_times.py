"""Estimates by years since entry with their covariance, as checks of trends need them, and as diff-diff takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from technopole.libraries import library
from technopole.result import EffectResult

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EventTimes:
    """Estimates in the order of `times`, of which the first `before` lie before entry.

    `reference` is the year since entry that all others are compared with, unless `varying`: then each year before entry is compared
    with the year before it.
    """

    times: tuple[int, ...]
    before: int
    estimates: Vector
    covariance: Vector
    reference: int
    varying: bool

    @property
    def weights(self) -> Vector:
        """Of each year after the reference in the average over the years since entry (0, 1, ...)."""
        inside = np.array([time >= 0 for time in self.times[self.before :]], dtype=np.float64)
        return inside / inside.sum()

    @property
    def average(self) -> float:
        """Effect averaged over the years since entry."""
        return float(self.weights @ self.estimates[self.before :])

    @property
    def average_error(self) -> float:
        """Standard error of that average."""
        after = self.covariance[self.before :, self.before :]
        return float(np.sqrt(self.weights @ after @ self.weights))

    @property
    def trend(self) -> Vector:
        """What a trend of 1 a year would add to each estimate."""
        away = np.array(self.times, dtype=np.float64) - self.reference
        if self.varying:
            away[: self.before] = 1.0
        return away

    @property
    def trend_in_average(self) -> float:
        """What a trend of 1 a year would add to the average over the years since entry."""
        return float(self.weights @ self.trend[self.before :])


def refusal(effect: EffectResult) -> str:
    """Why this effect has no estimates before and after entry with their covariance; empty where it has."""
    if "aggregates" not in effect.frames or "covariance" not in effect.frames:
        return "this effect has no estimates by years since entry"
    found = event_times(effect)
    if not found.before:
        return "no year before entry has an estimate of its own"
    if not any(time >= 0 for time in found.times):
        return "no year since entry has an estimate with a standard error"
    return ""


def event_times(effect: EffectResult) -> EventTimes:
    """Read the estimates that have a standard error out of an effect's frames."""
    said = effect.provenance.arguments if effect.provenance else {}
    reference, varying = -1 - int(said.get("anticipation") or 0), said.get("base") == "varying"
    rows = effect.frames["aggregates"]
    rows = rows[(rows["aggregation"] == "event") & rows["std_error"].notna()]
    wide = effect.frames["covariance"].pivot(
        index="event_time_a", columns="event_time_b", values="covariance"
    )
    known = set(wide.index[np.isfinite(np.diag(wide.to_numpy("float64")))])
    times = sorted(int(time) for time in rows["event_time"] if int(time) in known)
    estimates = rows.assign(event_time=rows["event_time"].astype("int64")).set_index("event_time")["estimate"]
    before = sum(time <= reference for time in times)
    return EventTimes(
        tuple(times),
        before,
        estimates.loc[times].to_numpy("float64"),
        wide.loc[times, times].to_numpy("float64"),
        reference,
        varying,
    )


def as_library_takes_it(found: EventTimes) -> Any:
    """Return diff-diff's container of an event study, with the year of reference as a row of its own."""
    times = np.array(sorted({*found.times, found.reference}))
    rows = {time: i for i, time in enumerate(found.times)}
    at_reference = (times == found.reference) & (not found.varying)
    errors = np.sqrt(np.diag(found.covariance))
    blank = np.full(len(times), np.nan)
    return library("diff_diff.results_base").EventStudyResults(
        event_time=times,
        att=np.array([found.estimates[rows[t]] if t in rows else 0.0 for t in times]),
        se=np.array([errors[rows[t]] if t in rows else np.nan for t in times]),
        t_stat=blank,
        p_value=blank,
        conf_int_lower=blank,
        conf_int_upper=blank,
        is_reference=at_reference,
        n=np.ones(len(times)),
        vcov=found.covariance,
        vcov_index=np.array(found.times),
        reference_period=found.reference,
        reference_event_times=(found.reference,),
        source="CallawaySantAnnaResults",
        base_period="universal",
        anticipation=0,
    )


def singular(covariance: Vector) -> bool:
    """Whether estimates depend on each other exactly, as they do with fewer clusters than years."""
    scale = np.sqrt(np.diag(covariance))
    return bool(np.linalg.eigvalsh(covariance / np.outer(scale, scale))[0] < 1e-10)
