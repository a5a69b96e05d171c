"""How alike those inside and their comparisons are: as a matched comparison says, or in the year before entry for staggered designs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from technopole.checks._retry import STAGGERED
from technopole.effects import _balance, _propensity
from technopole.effects._again import made_by, own
from technopole.effects._panel import Panel, panel
from technopole.errors import EmptyTable
from technopole.result import EffectResult
from technopole.tables import Firms

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

    A comparison counts once in each year it is compared in.
    """
    if effect.design == MATCHED:
        return Comparable(effect.frames["balance"], effect.frames["sides"])
    names = _covariates(effect)
    said = made_by(effect).arguments
    made = panel(_as_firms(own(effect, table)), outcome=str(said["outcome"]), covariates=names)
    rows = _before_entry(
        made, int(said.get("anticipation") or 0), later=said.get("control") == "not_yet_treated"
    )
    treated, values = rows["enters"].to_numpy(bool), rows[names].to_numpy("float64")
    score = _propensity.score(treated, _propensity.design(values, rows["cohort"].to_numpy("int64")))
    weight = np.ones(len(rows))
    if score is not None:
        weight = np.where(treated, 1.0, score / (1 - score))
    every = _balance.moments(names, values, treated, np.ones(len(rows)))
    last = _balance.moments(names, values, treated, weight)
    counts = int(treated.sum()), int((~treated).sum())
    return Comparable(_balance.table(every, last), _balance.sides(treated, weight, score, counts))


def _covariates(effect: EffectResult) -> list[str]:
    said = effect.provenance.arguments if effect.provenance else {}
    return [str(name) for name in said.get("covariates") or ()]


def _as_firms(table: object) -> Firms:
    assert isinstance(table, Firms)
    return table


def _before_entry(made: Panel, anticipation: int, *, later: bool) -> pd.DataFrame:
    """Stack, cohort by cohort, those who enter and those they are compared with, in the last year seen before."""
    rows = made.rows
    parts: list[pd.DataFrame] = []
    for cohort in sorted(int(year) for year in rows["entered"].unique() if year):
        enters = rows["entered"] == cohort
        earlier = rows.loc[enters & (rows["year"] < cohort - anticipation), "year"]
        others = (rows["entered"] == 0) | (later & (rows["entered"] > cohort))
        if earlier.empty:
            continue
        part = rows[(rows["year"] == earlier.max()) & (enters | others)]
        parts.append(part.assign(cohort=cohort, enters=part["entered"] == cohort))
    both = [part for part in parts if part["enters"].any() and not part["enters"].all()]
    if not both:
        raise EmptyTable("in no year before entry are there firms to compare with", value=made.outcome)
    return pd.concat(both, ignore_index=True)
