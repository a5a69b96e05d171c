"""What every estimator returns: an effect with its uncertainty, its cells, its sample, and the gap in levels beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import pandas as pd

from technopole.errors import WrongOption
from technopole.result.base import Chart, Field, Result

Aggregation = Literal["simple", "group", "calendar", "event"]

# The columns an effect's frames have, in this order; a design leaves out the keys it doesn't know (no event time in a matched comparison).
CELL = ("group", "time", "event_time", "estimate", "std_error", "low", "high", "n", "undefined")
AGGREGATE = (
    "aggregation", "group", "time", "event_time", "estimate", "std_error", "low", "high", "band_low", "band_high", "n",
    "undefined",
)  # fmt: skip
OVERALL = (
    "outcome", "estimand", "estimate", "std_error", "low", "high", "p_value", "level", "level_gap", "level_gap_low",
    "level_gap_high", "units", "treated", "controls", "observations", "undefined",
)  # fmt: skip
SAMPLE = ("step", "units", "observations", "reason")
COVARIANCE = ("event_time_a", "event_time_b", "covariance")

FIELDS = MappingProxyType(
    {
        "group": Field("year of entry shared by the units of a cohort"),
        "time": Field("year"),
        "event_time": Field("years since entry; 0 = the year of entry", "years"),
        "estimate": Field("estimated effect", "unit of the outcome", 4),
        "std_error": Field("standard error", "unit of the outcome", 4),
        "low": Field("lower end of the confidence interval", "unit of the outcome", 4),
        "high": Field("upper end of the confidence interval", "unit of the outcome", 4),
        "band_low": Field("lower end of the uniform band over all rows of an aggregation", "unit of the outcome", 4),
        "band_high": Field("upper end of the uniform band over all rows of an aggregation", "unit of the outcome", 4),
        "n": Field("treated units the estimate rests on", "units"),
        "undefined": Field("why there is no number; empty where there is one"),
        "aggregation": Field("over what cells are averaged: simple, group, calendar or event"),
        "outcome": Field("outcome variable"),
        "estimand": Field("what is estimated, and for whom"),
        "p_value": Field("two-sided p-value against no effect", "", 4),
        "level": Field("confidence level of the intervals", "", 2),
        "level_gap": Field("difference in levels between treated and others, same year; not an effect", "unit of the outcome", 4),
        "level_gap_low": Field("lower end of its confidence interval", "unit of the outcome", 4),
        "level_gap_high": Field("upper end of its confidence interval", "unit of the outcome", 4),
        "units": Field("units (firms, places)", "units"),
        "treated": Field("treated units used", "units"),
        "controls": Field("comparison units used", "units"),
        "observations": Field("observations (unit-years)", "rows"),
        "step": Field("read, dropped or used"),
        "reason": Field("why rows were dropped"),
        "event_time_a": Field("years since entry", "years"),
        "event_time_b": Field("years since entry", "years"),
        "covariance": Field("covariance of the two estimates", "unit of the outcome, squared", 6),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class EffectResult(Result):
    """An estimated effect.

    Frames: `table` (cells: columns of `CELL` the design has, after any key of its own), `overall` (one row: `OVERALL`), `sample`
    (`SAMPLE`: what was read, dropped and used); staggered designs also have `aggregates` (`AGGREGATE`) and `covariance`
    (`COVARIANCE`, of the event-time estimates, for checks of pre-trends).
    """

    kind: ClassVar[str] = "effect"

    @property
    def design(self) -> str:
        """The estimator, as "effects.group_time_effects"; checks declare the designs they apply to by this name."""
        return self.provenance.function if self.provenance else ""

    def _overall(self, column: str) -> Any:
        return self.frames["overall"][column].iloc[0]

    @property
    def outcome(self) -> str:
        """The outcome variable."""
        return str(self._overall("outcome"))

    @property
    def estimate(self) -> float:
        """The overall effect; nan where it is undefined (`overall.undefined` says why)."""
        return float(self._overall("estimate"))

    @property
    def std_error(self) -> float:
        """Standard error of the overall effect."""
        return float(self._overall("std_error"))

    @property
    def low(self) -> float:
        """Lower end of the confidence interval of the overall effect."""
        return float(self._overall("low"))

    @property
    def high(self) -> float:
        """Upper end of the confidence interval of the overall effect."""
        return float(self._overall("high"))

    @property
    def p_value(self) -> float:
        """Two-sided p-value of the overall effect."""
        return float(self._overall("p_value"))

    @property
    def level(self) -> float:
        """Confidence level of the intervals."""
        return float(self._overall("level"))

    @property
    def level_gap(self) -> float:
        """Difference in levels between treated and others: always beside the effect, never to be taken for it."""
        return float(self._overall("level_gap"))

    def aggregate(self, to: Aggregation) -> EffectResult:
        """Return the effect averaged over cells: its `table` has the rows of that aggregation, its estimate their average.

        Raises `WrongOption` where the design has no such aggregation.
        """
        every = self.frames.get("aggregates", pd.DataFrame(columns=AGGREGATE))
        there = list(dict.fromkeys(every["aggregation"]))
        if to not in there:
            raise WrongOption("this effect can't be averaged over", value=to, exists=there)
        rows = every[every["aggregation"] == to].drop(columns="aggregation").reset_index(drop=True)
        frames = {**self.frames, "table": rows}
        if f"overall_{to}" in self.frames:
            frames["overall"] = self.frames[f"overall_{to}"]
        chart = Chart("event_study", {}, "table") if to == "event" else None
        return replace(self, frames=frames, chart=chart)
