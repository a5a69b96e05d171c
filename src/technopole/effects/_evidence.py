"""What results say about each outcome: up, down, none, or not to be told, and with which doubts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from technopole.effects._overall import is_log
from technopole.result import CheckResult, EffectResult, Result

State = Literal["up", "down", "none", "open"]
GAP = "effects.level_gap"
EXAMINED = "checks.examine"
SUBGROUPS = "effects.heterogeneity"
RINGS = "effects.boundary"
EQUIVALENCE = "effects.equivalence"
NOT_EFFECTS = (
    GAP,
    SUBGROUPS,
    EQUIVALENCE,
    "effects.meta_analysis",
    "effects.convergence",
    "effects.productivity",
)
# A "no" of these takes an effect's credibility; one of the others is a caveat.
DECISIVE = ("pre_trends", "placebo_time", "placebo_space", "balance", "overlap")
SMALLEST_OF_LOGS = 0.05
MOST = 0.5  # of the gap in levels


def false_discovery(p_values: Sequence[float]) -> npt.NDArray[np.float64]:
    """Return q-values (Benjamini and Hochberg 1995) of all that is looked at; nan where there is no p-value."""
    given = np.asarray(p_values, dtype=np.float64)
    known = np.isfinite(given)
    if known.any():
        given[known] = stats.false_discovery_control(given[known])
    return given


@dataclass(slots=True)
class Evidence:
    """Everything given about one outcome; `effects` in the order given, the first is the main one.

    `q_value` is that of the main effect among the main effects on all outcomes. `levels` are equivalence tests of a difference in levels.
    """

    outcome: str
    kind: str
    smallest: float | None
    effects: list[EffectResult] = field(default_factory=list[EffectResult])
    gap: EffectResult | None = None
    subgroups: list[EffectResult] = field(default_factory=list[EffectResult])
    rings: list[EffectResult] = field(default_factory=list[EffectResult])
    equivalence: list[Result] = field(default_factory=list[Result])
    levels: list[Result] = field(default_factory=list[Result])
    q_value: float = math.nan
    checks: list[CheckResult] = field(default_factory=list[CheckResult])

    @property
    def main(self) -> EffectResult:
        """The effect the state is read from."""
        return self.effects[0]

    @property
    def failed(self) -> list[CheckResult]:
        """Checks of the main effect that it doesn't stand."""
        return [check for check in self.checks if check.passed is False]

    @property
    def doubted(self) -> list[CheckResult]:
        """Failed checks that take the main effect's credibility.

        Visible pre-trends don't where the effect stays away from zero under violations as large as they are (Rambachan and Roth).
        """
        sturdy = any(check.name == "sensitivity" and check.passed for check in self.checks)
        excused = ("pre_trends",) if sturdy else ()
        return [check for check in self.failed if check.name in DECISIVE and check.name not in excused]

    @property
    def state(self) -> State:
        """Where the main effect's interval lies: beside zero, within the smallest effect that matters, or neither.

        An effect that decisive checks don't let stand leaves it open; so does one that chance makes among so many outcomes.
        """
        main = self.main
        if self.doubted or not self.bounded:
            return "open"
        if not self.by_chance:
            if main.low > 0:
                return "up"
            if main.high < 0:
                return "down"
        bounded = self.smallest is not None and max(-main.low, main.high) < self.smallest
        return "none" if bounded or self._equivalent else "open"

    @property
    def bounded(self) -> bool:
        """Whether the main effect has an interval."""
        return math.isfinite(self.main.low) and math.isfinite(self.main.high)

    @property
    def by_chance(self) -> bool:
        """Whether the interval lies beside zero, but the q-value among all outcomes isn't small enough."""
        return (self.main.low > 0 or self.main.high < 0) and self.q_value > 1 - self.main.level

    @property
    def _equivalent(self) -> bool:
        return any((result.frames["equivalence"]["equivalent"] == "yes").all() for result in self.equivalence)

    @property
    def selected(self) -> bool:
        """Better in levels, no effect to be seen, and the effect's whole interval below half of the gap: most of the gap is selection."""
        low, _ = self.gap_interval
        still = not self.doubted and self.state in ("none", "open")
        return still and low > 0 and self.bounded and self.main.high < MOST * low

    @property
    def rose_before(self) -> bool:
        """Whether units that entered gained on the others before, by the slope through their estimates before entry."""
        rows = self.main.frames.get("aggregates")
        if rows is None:
            return False
        rows = rows[(rows["aggregation"] == "event") & (rows["event_time"] < 0) & rows["estimate"].notna()]
        arguments = self.main.provenance.arguments if self.main.provenance else {}
        if arguments.get("base") == "varying":
            return float(rows["estimate"].sum()) > 0
        return float((rows["estimate"] * (rows["event_time"] + 1)).sum()) > 0

    @property
    def gap_interval(self) -> tuple[float, float]:
        """The interval of the difference in levels, from a `level_gap` result or the main effect's own row."""
        if self.gap is not None:
            return self.gap.low, self.gap.high
        overall = self.main.frames["overall"].iloc[0]
        return float(overall["level_gap_low"]), float(overall["level_gap_high"])

    @property
    def gap_estimate(self) -> float:
        """The difference in levels."""
        return self.gap.estimate if self.gap is not None else self.main.level_gap

    @property
    def disputed(self) -> list[EffectResult]:
        """Other estimators whose intervals lie apart from the main one's, unless both are on the same side of zero."""
        low, high = self.main.low, self.main.high
        apart = [other for other in self.effects[1:] if other.low > high or other.high < low]
        return [other for other in apart if not (min(low, other.low) > 0 or max(high, other.high) < 0)]

    @property
    def contradicted(self) -> bool:
        """Whether another estimator disputes what the main one would tell."""
        return self.state != "open" and not self.selected and bool(self.disputed)


def gathered(
    results: Sequence[Result], kinds: Mapping[str, str], smallest: Mapping[str, float]
) -> list[Evidence]:
    """Sort results by outcome, in the order in which their effects were given; checks go to the effect they examined."""
    found: dict[str, Evidence] = {}
    effects = [result for result in results if isinstance(result, EffectResult)]
    for effect in effects:
        if effect.design not in NOT_EFFECTS and not _is_rings(effect):
            fresh = Evidence(effect.outcome, kinds.get(effect.outcome, "other"), smallest.get(effect.outcome))
            found.setdefault(effect.outcome, fresh).effects.append(effect)
    for effect in effects:
        if effect.outcome not in found:
            continue
        one = found[effect.outcome]
        if effect.design == GAP:
            one.gap = effect
        elif effect.design == SUBGROUPS:
            one.subgroups.append(effect)
        elif _is_rings(effect):
            one.rings.append(effect)
    for result in [part for given in results for part in _each(given)]:
        for one in found.values():
            _attach(one, result)
    q_values = false_discovery([one.main.p_value for one in found.values()])
    for one, q_value in zip(found.values(), q_values, strict=True):
        one.q_value = float(q_value)
        if one.smallest is None and is_log(one.outcome):
            one.smallest = SMALLEST_OF_LOGS
    return list(found.values())


def _is_rings(effect: EffectResult) -> bool:
    return effect.design == RINGS and "ring" in effect.frames["table"].columns


def _each(result: Result) -> list[Result]:
    """Return the checks that `checks.examine` made, from its table; any other result as it is."""
    if result.provenance is None or result.provenance.function != EXAMINED:
        return [result]
    return [
        CheckResult.finding_of(
            str(row["check"]),
            row["passed"],
            table=result.table,
            fields=result.fields,
            **{
                name: row[name]
                for name in ("text", "statistic", "statistic_name", "threshold", "p_value", "undefined")
            },
        ).with_provenance(result.provenance, result.citation)
        for row in result.table.to_dict("records")
    ]


def _attach(one: Evidence, result: Result) -> None:
    """Attach a check or an equivalence test to the outcome whose effect it examined."""
    examined = {item.digest for item in result.provenance.inputs} if result.provenance else set[str]()
    if isinstance(result, CheckResult) and one.main.digest in examined:
        one.checks.append(result)
        if result.name == "minimum_detectable_effect" and one.smallest is None:
            threshold = float(result.frames["finding"]["threshold"].iloc[0])
            one.smallest = threshold if math.isfinite(threshold) else None
    elif "equivalence" in result.frames:
        if one.main.digest in examined:
            one.equivalence.append(result)
        elif isinstance(result, EffectResult) and result.outcome == one.outcome:
            one.levels.append(result)
