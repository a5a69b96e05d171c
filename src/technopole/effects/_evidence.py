"""What results say about each outcome: up, down, none, or not to be told, and with which doubts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from technopole.effects._overall import is_log
from technopole.result import CheckResult, EffectResult, Result

State = Literal["up", "down", "none", "open"]
GAP = "effects.level_gap"
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


@dataclass(slots=True)
class Evidence:
    """Everything given about one outcome; `effects` in the order given, the first is the main one."""

    outcome: str
    kind: str
    smallest: float | None
    effects: list[EffectResult] = field(default_factory=list[EffectResult])
    gap: EffectResult | None = None
    subgroups: list[EffectResult] = field(default_factory=list[EffectResult])
    rings: list[EffectResult] = field(default_factory=list[EffectResult])
    equivalence: list[Result] = field(default_factory=list[Result])
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

        An effect that decisive checks don't let stand leaves it open.
        """
        main = self.main
        if self.doubted or not math.isfinite(main.low) or not math.isfinite(main.high):
            return "open"
        if main.low > 0:
            return "up"
        if main.high < 0:
            return "down"
        bounded = self.smallest is not None and max(-main.low, main.high) < self.smallest
        return "none" if bounded or self._equivalent else "open"

    @property
    def _equivalent(self) -> bool:
        return any((result.frames["equivalence"]["equivalent"] == "yes").all() for result in self.equivalence)

    @property
    def selected(self) -> bool:
        """Better in levels, no effect to be seen, and the effect's whole interval below the gap's: most of the gap is selection."""
        low, _ = self.gap_interval
        return not self.doubted and self.state in ("none", "open") and low > 0 and self.main.high < low

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
    def contradicted(self) -> bool:
        """Whether another estimator finds the opposite, beyond chance."""
        against = {"up": lambda e: e.high < 0, "down": lambda e: e.low > 0}.get(self.state)
        return against is not None and any(against(effect) for effect in self.effects[1:])


def gathered(
    results: Sequence[Result], kinds: Mapping[str, str], smallest: Mapping[str, float]
) -> list[Evidence]:
    """Sort results by outcome, in the order in which their effects were given; checks go to the effect they examined."""
    found: dict[str, Evidence] = {}
    effects = [result for result in results if isinstance(result, EffectResult)]
    for effect in effects:
        if effect.design not in NOT_EFFECTS and not _is_rings(effect):
            one = found.setdefault(effect.outcome, _empty(effect.outcome, kinds, smallest))
            one.effects.append(effect)
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
    for result in results:
        for one in found.values():
            _attach(one, result)
    return list(found.values())


def _is_rings(effect: EffectResult) -> bool:
    return effect.design == RINGS and "ring" in effect.frames["table"].columns


def _empty(outcome: str, kinds: Mapping[str, str], smallest: Mapping[str, float]) -> Evidence:
    own = smallest.get(outcome, SMALLEST_OF_LOGS if is_log(outcome) else None)
    return Evidence(outcome, kinds.get(outcome, "other"), own)


def _attach(one: Evidence, result: Result) -> None:
    """Attach a check or an equivalence test to the outcome whose effect it examined."""
    examined = {item.digest for item in result.provenance.inputs} if result.provenance else set[str]()
    if isinstance(result, CheckResult) and one.main.digest in examined:
        one.checks.append(result)
        if result.name == "minimum_detectable_effect" and one.smallest is None:
            threshold = float(result.frames["finding"]["threshold"].iloc[0])
            one.smallest = threshold if math.isfinite(threshold) else None
    elif "equivalence" in result.frames and (
        one.main.digest in examined or _outcome_of(result) == one.outcome
    ):
        one.equivalence.append(result)


def _outcome_of(result: Result) -> str:
    return result.outcome if isinstance(result, EffectResult) else ""
