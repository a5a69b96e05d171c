"""Which park takes which goals: an exact integer program, with a stated tie-break."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from technopole.errors import TechnopoleError, WrongOption

Floats = npt.NDArray[np.float64]
Cells = npt.NDArray[np.bool_]
_SCALE = 1e5  # the solver stops at 1e-6: scaled, differences in fit of 1e-11 still count
_TIE = 1e-7


@dataclass(frozen=True, slots=True)
class Limits:
    """What an assignment must keep to: goals per park (of them mechanisms), parks per goal, the required and forbidden."""

    per_park: int = 3
    mechanisms: int = 3
    parks_per_goal: int | None = None
    require: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])
    forbid: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])


def check_limits(
    limits: Limits, parks: Sequence[str], goals: Sequence[str], mechanisms: Collection[str]
) -> None:
    """Raise `WrongOption` naming the clash where no assignment can keep to the limits."""
    if limits.per_park < 1:
        raise WrongOption("per_park is 1 or more", value=limits.per_park)
    if limits.parks_per_goal is not None and limits.parks_per_goal < 1:
        raise WrongOption("parks_per_goal is 1 or more", value=limits.parks_per_goal)
    for name, wanted in (("require", limits.require), ("forbid", limits.forbid)):
        for park, ids in wanted.items():
            if park not in parks:
                raise WrongOption(f"{name} names a park that isn't compared", value=park, exists=parks)
            for goal in ids:
                if goal not in goals:
                    raise WrongOption(f"{name} names a goal that isn't a candidate", value=goal, exists=goals)
    for park, ids in limits.require.items():
        both = sorted(set(ids) & set(limits.forbid.get(park, ())))
        if both:
            raise WrongOption(
                f"{park} requires and forbids the same goal", value=", ".join(both), fix="drop one"
            )
        if len(set(ids)) > limits.per_park:
            raise WrongOption(
                f"{park} requires {len(set(ids))} goals but per_park allows {limits.per_park}",
                value=", ".join(sorted(set(ids))),
                fix="raise per_park or require fewer",
            )
        how = sorted(set(ids) & set(mechanisms))
        if len(how) > limits.mechanisms:
            raise WrongOption(
                f"{park} requires {len(how)} mechanism goals but the setting mechanisms allows {limits.mechanisms}",
                value=", ".join(how),
                fix='raise it: settings={"mechanisms": ...}',
            )
    for goal in goals:
        who = sorted(park for park, ids in limits.require.items() if goal in ids)
        if limits.parks_per_goal is not None and len(who) > limits.parks_per_goal:
            raise WrongOption(
                f"{len(who)} parks require {goal} but parks_per_goal allows {limits.parks_per_goal}",
                value=", ".join(who),
                fix="raise parks_per_goal or require it of fewer",
            )


def objective(chosen: Cells, fits: Floats, penalty: Floats) -> float:
    """Return the sum of fits less the penalty of every goal that two parks share."""
    together = chosen.astype(float)
    shared = np.triu(together @ together.T, k=1)
    return float(np.where(chosen, fits, 0.0).sum() - (shared * penalty).sum())


def assign(
    fits: Floats, penalty: Floats, limits: Limits, fixed: Mapping[tuple[int, int], bool], mechanism: Cells
) -> Cells:
    """Return parks x goals: the choice with the largest objective; of equals, goals early in the list.

    `fits` is NaN where a goal is no candidate; `penalty` is parks x parks; `fixed` forces single cells; `mechanism`
    tells which goals are mechanisms.
    """
    parks, goals = fits.shape
    candidate = ~np.isnan(fits)
    number = np.full(fits.shape, -1)
    number[candidate] = np.arange(int(candidate.sum()))
    n = int(candidate.sum())
    chosen = np.zeros(fits.shape, dtype=bool)
    if n == 0:
        return chosen
    pairs = [
        (a, b, g)
        for a in range(parks)
        for b in range(a + 1, parks)
        if penalty[a, b] > 0
        for g in range(goals)
        if candidate[a, g] and candidate[b, g]
    ]
    order = np.arange(n) / n
    cost = np.concatenate([-fits[candidate] + _TIE * order, [penalty[a, b] for a, b, _ in pairs]]) * _SCALE
    low, high = np.zeros(n + len(pairs)), np.ones(n + len(pairs))
    for (park, goal), value in fixed.items():
        if number[park, goal] >= 0:
            low[number[park, goal]] = high[number[park, goal]] = float(value)
    rows: list[tuple[list[int], list[float], float]] = []
    for park in range(parks):
        mine = number[park][number[park] >= 0].tolist()
        rows.append((mine, [1.0] * len(mine), float(limits.per_park)))
        how = number[park][mechanism & (number[park] >= 0)].tolist()
        rows.append((how, [1.0] * len(how), float(limits.mechanisms)))
    if limits.parks_per_goal is not None:
        for goal in range(goals):
            mine = number[:, goal][number[:, goal] >= 0].tolist()
            rows.append((mine, [1.0] * len(mine), float(limits.parks_per_goal)))
    for extra, (a, b, g) in enumerate(pairs):
        rows.append(([int(number[a, g]), int(number[b, g]), n + extra], [1.0, 1.0, -1.0], 1.0))
    where = [i for i, (columns, _, _) in enumerate(rows) for _ in columns]
    columns = [c for columns, _, _ in rows for c in columns]
    values = [v for _, values, _ in rows for v in values]
    matrix = csr_array((values, (where, columns)), shape=(len(rows), n + len(pairs)))
    ends: Any = (low, high)
    most: Any = np.array([row[2] for row in rows])
    found = milp(
        cost,
        integrality=np.concatenate([np.ones(n), np.zeros(len(pairs))]),
        bounds=Bounds(*ends),
        constraints=LinearConstraint(matrix, -np.inf, most),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise TechnopoleError("no assignment of goals keeps to the limits", value=str(found.message))
    chosen[candidate] = found.x[:n] > 0.5
    return chosen
