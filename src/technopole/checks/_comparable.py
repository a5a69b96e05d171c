"""How alike those inside and their comparisons are: as a matched comparison says, or in the year before entry for staggered designs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from technopole.checks._retry import STAGGERED
from technopole.effects import _balance
from technopole.effects._again import made_by, own
from technopole.effects._panel import Panel, panel
from technopole.errors import EmptyTable
from technopole.kernels.doubly_robust import chances, odds
from technopole.result import EffectResult
from technopole.tables import Firms

Array = npt.NDArray[np.float64]
MATCHED = "effects.matched_comparison"
DESIGNS = (MATCHED, *STAGGERED)


@dataclass(frozen=True, slots=True)
class Comparable:
    """Balance per covariate; firms, weights and chances per side."""

    balance: pd.DataFrame
    sides: pd.DataFrame


def refusal(effect: EffectResult) -> str:
    """Why there is nothing to be balanced in; empty where there is."""
    if effect.design == MATCHED or _covariates(effect):
        return ""
    return "this effect was estimated without covariates, so there is nothing to be balanced in"


def comparable(effect: EffectResult, table: Firms | None) -> Comparable:
    """Read it from a matched comparison; for others compare the year before entry, weighted by the odds of entering in that year.

    A comparison counts once in each year it is compared in. An effect is looked at once, however many checks ask.
    """
    if effect.design == MATCHED:
        return Comparable(effect.frames["balance"], effect.frames["sides"])
    used = own(effect, table)
    if effect not in _seen:
        _seen[effect] = _before_entry(effect, _as_firms(used))
    return _seen[effect]


_seen: WeakKeyDictionary[EffectResult, Comparable] = WeakKeyDictionary()


def _covariates(effect: EffectResult) -> list[str]:
    said = effect.provenance.arguments if effect.provenance else {}
    return [str(name) for name in said.get("covariates") or ()]


def _as_firms(table: object) -> Firms:
    assert isinstance(table, Firms)
    return table


def _before_entry(effect: EffectResult, firms: Firms) -> Comparable:
    names, said = _covariates(effect), made_by(effect).arguments
    made = panel(firms, outcome=str(said["outcome"]), covariates=names)
    later, anticipation = said.get("control") == "not_yet_treated", int(said.get("anticipation") or 0)
    with threadpool_limits(1):
        cohorts = list(_cohorts(made, anticipation, later=later))
    if not cohorts:
        raise EmptyTable("in no year before entry are there firms to compare with", value=made.outcome)
    values = np.concatenate([one.values for one in cohorts], axis=1)
    treated, weight, score, block = (
        np.concatenate([getattr(one, name) for one in cohorts])
        for name in ("entered", "weight", "score", "block")
    )
    every = _balance.moments(names, values, treated, np.ones(len(weight)))
    last = _balance.moments(names, values, treated, weight)
    counts = int(treated.sum()), int((~treated).sum())
    return Comparable(
        _balance.table(every, last), _balance.sides(treated, weight, score, counts, block=block)
    )


@dataclass(frozen=True, slots=True)
class _Cohort:
    """Those who enter in a year and those they are compared with, in the last year of the panel before."""

    values: Array  # covariates x firms
    entered: npt.NDArray[np.bool_]
    score: Array
    weight: Array
    block: npt.NDArray[np.int64]


def _cohorts(made: Panel, anticipation: int, *, later: bool) -> Iterator[_Cohort]:
    rows, years = made.rows, np.unique(made.rows["year"])
    entry, year = rows["entered"].to_numpy(), rows["year"].to_numpy()
    values = rows[list(made.covariates)].to_numpy("float64").T
    for cohort in np.unique(entry[entry > 0]):
        before = years[years < cohort - anticipation]
        if not len(before):
            continue
        now = year == before[-1]
        enters = np.flatnonzero(now & (entry == cohort))
        others = np.flatnonzero(now & ((entry == 0) | (later & (entry > cohort))))
        if not len(enters) or not len(others):
            continue
        some = np.ascontiguousarray(values[:, np.concatenate([enters, others])])
        score = chances(some, len(enters)).fitted.chance
        weight = odds(score[len(enters) :])
        share = len(enters) / weight.sum() if weight.any() else 0.0
        inside = np.arange(len(score)) < len(enters)
        yield _Cohort(
            some,
            inside,
            score,
            np.concatenate([np.ones(len(enters)), share * weight]),
            np.full(len(score), cohort),
        )
