"""The chosen goals, their runners-up, how stable they are and what would change them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from technopole.policy._goal_assignment import Cells, Floats, Limits, assign, objective
from technopole.policy._goal_catalogue import Catalogue
from technopole.policy._goal_fit import CANNOT_TELL, Candidate, Datum, Evidence, candidates, penalties

TIE = 1e-6
_SPAN = 4.0  # a figure is moved between a quarter and four times its value
_STEPS = 12


@dataclass(frozen=True, slots=True)
class Change:
    """A figure, and the value beyond which a goal is no longer chosen; or a figure left out, or another stage."""

    park: str
    goal: str
    datum: Datum | None
    beyond: float | None
    how: str
    enters: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A solved assignment."""

    evidence: Evidence
    catalogue: Catalogue
    limits: Limits
    found: tuple[Candidate, ...]
    goals: tuple[str, ...]
    fits: Floats
    penalty: Floats
    chosen: Cells

    @classmethod
    def of(cls, evidence: Evidence, catalogue: Catalogue, limits: Limits) -> Self:
        """Compute the fits and solve."""
        found = tuple(candidates(evidence, catalogue))
        segments = sorted({item.goal for item in found} - {goal.id for goal in catalogue.goals})
        goals = (*(goal.id for goal in catalogue.goals), *segments)
        row, column = {p: i for i, p in enumerate(evidence.parks)}, {g: i for i, g in enumerate(goals)}
        fits = np.full((len(evidence.parks), len(goals)), np.nan)
        for item in found:
            wanted = item.goal in limits.require.get(item.park, ())
            if item.fit is not None and (item.fit >= catalogue.settings["floor"] or wanted):
                fits[row[item.park], column[item.goal]] = item.fit
            elif wanted and item.goal in column:
                fits[row[item.park], column[item.goal]] = 0.0
        penalty = penalties(evidence, fits, catalogue)
        plan = cls(evidence, catalogue, limits, found, goals, fits, penalty, np.zeros(fits.shape, dtype=bool))
        return replace(plan, chosen=plan.solve())

    def solve(self, barred: tuple[int, int] | None = None) -> Cells:
        """Return the best choice; with one cell barred, the best without it."""
        fixed = dict.fromkeys(self._cells(self.limits.require), True)
        fixed |= dict.fromkeys(self._cells(self.limits.forbid), False)
        if barred is not None:
            fixed[barred] = False
        how = {goal.id for goal in self.catalogue.goals}
        mechanism = np.array([goal in how for goal in self.goals], dtype=bool)
        return assign(self.fits, self.penalty, self.limits, fixed, mechanism)

    def _cells(self, wanted: object) -> list[tuple[int, int]]:
        named = wanted if isinstance(wanted, dict) else {}
        return [
            (self.evidence.parks.index(park), self.goals.index(goal))
            for park, ids in named.items()
            for goal in ids
            if park in self.evidence.parks and goal in self.goals
        ]

    def picks(self) -> Iterator[tuple[int, int]]:
        """Yield the chosen cells, park by park, best fit first."""
        for park in range(len(self.evidence.parks)):
            mine = np.flatnonzero(self.chosen[park])
            for goal in sorted(mine.tolist(), key=lambda g: (-self.fits[park, g], g)):
                yield park, goal

    def runner_up(self, park: int, goal: int) -> tuple[str, float]:
        """Return the goal that would come instead ('' = none) and what the whole choice would lose."""
        other = self.solve(barred=(park, goal))
        loss = objective(self.chosen, self.fits, self.penalty) - objective(other, self.fits, self.penalty)
        entering = np.flatnonzero(other[park] & ~self.chosen[park]).tolist()
        best = max(entering, key=lambda g: (self.fits[park, g], -g), default=None)
        return ("" if best is None else self.goals[best]), max(0.0, loss)

    def again(self, evidence: Evidence) -> Cells:
        """Solve with other evidence; the goals' columns are this plan's."""
        other = Plan.of(evidence, self.catalogue, self.limits)
        place = {goal: i for i, goal in enumerate(other.goals)}
        columns = [place.get(goal) for goal in self.goals]
        blank = np.zeros(len(self.evidence.parks), dtype=bool)
        return np.column_stack([blank if c is None else other.chosen[:, c] for c in columns])

    def stability(self, runs: int, seed: int) -> Floats | None:
        """Return, parks x goals, the share of runs in which a goal is chosen."""
        if runs == 0:
            return None
        said, evidence = self.catalogue.settings, self.evidence
        random = np.random.default_rng(np.random.SeedSequence(seed))
        names = ["stage_weight", "condition_weight", "duplication", "basis", "exclusion"]
        names += [f"reference {m.title}" for f in self.catalogue.features for m in f.measures]
        names += [f"reference {f.name}" for f in self.catalogue.features if not f.measures]
        total = np.zeros(self.chosen.shape)
        for _ in range(runs):
            factors = random.uniform(1 - said["spread"], 1 + said["spread"], len(names)).tolist()
            gone = np.flatnonzero(random.random(len(evidence.data)) < said["drop"]).tolist()
            lost = [
                park
                for park, draw in zip(
                    evidence.parks, random.random(len(evidence.parks)).tolist(), strict=True
                )
                if draw >= evidence.stage_stability.get(park, 1.0)
            ]
            moved = replace(
                evidence,
                factors=dict(zip(names, factors, strict=True)),
                dropped=frozenset(gone),
                stages={**evidence.stages, **{park: {CANNOT_TELL: 1.0} for park in lost}},
            )
            total += self.again(moved)
        return total / runs

    def changes(self) -> list[Change]:
        """Return the figures of a park that decide its goals, each with the value at which the choice turns."""
        found: list[Change] = []
        for number, datum in enumerate(self.evidence.data):
            park = self.evidence.parks.index(datum.park)
            without = self.again(replace(self.evidence, dropped=frozenset({number})))
            found += self._lost(park, without, datum, None, "left out")
            for direction, limit in (("lower", 1 / _SPAN), ("higher", _SPAN)):
                extreme = self.again(self._scaled(number, limit))
                for goal in np.flatnonzero(self.chosen[park] & ~extreme[park]).tolist():
                    turn = self._turn(number, park, goal, limit)
                    at = datum.value * turn
                    entering = self.again(self._scaled(number, turn))[park]
                    found.append(self._change(park, goal, entering, datum, at, direction))
        for park, name in enumerate(self.evidence.parks):
            for stage in self.evidence.all_stages:
                other = replace(self.evidence, stages={**self.evidence.stages, name: {stage: 1.0}})
                found += self._lost(park, self.again(other), None, None, f"stage would be {stage}")
        return found

    def _scaled(self, number: int, factor: float) -> Evidence:
        data = list(self.evidence.data)
        data[number] = replace(data[number], value=data[number].value * factor)
        return replace(self.evidence, data=tuple(data))

    def _turn(self, number: int, park: int, goal: int, limit: float) -> float:
        """Bisect, on the log scale, for the factor at which the goal leaves."""
        stays, leaves = 1.0, limit
        for _ in range(_STEPS):
            middle = float(np.sqrt(stays * leaves))
            if self.again(self._scaled(number, middle))[park, goal]:
                stays = middle
            else:
                leaves = middle
        return leaves

    def _lost(self, park: int, other: Cells, datum: Datum | None, at: float | None, how: str) -> list[Change]:
        gone: Sequence[int] = np.flatnonzero(self.chosen[park] & ~other[park]).tolist()
        return [self._change(park, goal, other[park], datum, at, how) for goal in gone]

    def _change(
        self, park: int, goal: int, after: Cells, datum: Datum | None, at: float | None, how: str
    ) -> Change:
        new = np.flatnonzero(after & ~self.chosen[park]).tolist()
        return Change(
            self.evidence.parks[park], self.goals[goal], datum, at, how, "; ".join(self.goals[g] for g in new)
        )
