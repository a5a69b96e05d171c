"""Repeated events, such as patents, in and out of parks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from technopole.effects._cox import Fit, Ties, cox, dummies, groups_of, terms
from technopole.effects._gap import Gap, inside
from technopole.effects._overall import intervals, number, overall, span
from technopole.effects._panel import Exits, Panel, panel
from technopole.errors import TechnopoleError, WrongOption
from technopole.kernels.threads import one_thread
from technopole.libraries import heard
from technopole.member import member
from technopole.result import EffectResult, Field, effect
from technopole.tables import Firms

Model = Literal["conditional_gap", "conditional_total", "andersen_gill"]
NAMES = {
    "conditional_gap": "since the last event, event by event",
    "conditional_total": "since first seen, event by event",
    "andersen_gill": "since first seen, all events alike",
}


@member
def recurrent_events(
    firms: Firms,
    *,
    outcome: str,
    covariates: Sequence[str] = (),
    model: Model = "conditional_gap",
    strata: int = 5,
    years: bool = True,
    ties: Ties | None = None,
    exits: Exits = "drop",
    cluster: str | None = None,
    level: float = 0.95,
) -> EffectResult:
    """Whether firms in parks have the next event, such as a patent, sooner: hazard ratio with events in their order.

        h[i, k](t) = baseline[k](t) exp(b inside[i, t] + x[i, t] c), k = number of the event waited for
        conditional_gap: t = years since event k - 1; conditional_total: t = years since first seen; firms wait for event k after event k - 1 only
        andersen_gill: one baseline for all events, t = years since first seen
        estimate = b = log of the hazard ratio

    A firm that has patented once is likelier to patent again, in a park or not. Conditional models compare firms waiting for their
    k-th event with others waiting for theirs, so that this isn't taken for an effect of parks; standard errors allow for a firm's events to depend on
    each other anyway.

    Parameters
    ----------
    firms : Firms
        Firm x year with `entered`.
    outcome : str
        Column with the number of events in the year.
    covariates : sequence of str
        Columns that comparable firms have in common, as they are each year.
    model : {"conditional_gap", "conditional_total", "andersen_gill"}
        The conditional ones are due to Prentice, Williams and Peterson.
    strata : int
        Event numbers from this one on share a baseline.
    years : bool
        Hold the calendar year, as far as it isn't the same as time.
    ties : {"efron", "breslow"}, optional
        None = Breslow's with Andersen and Gill's model, whose firms can have another event in the same year, and Efron's with the
        conditional ones, whose firms no longer wait for an event they have had.
    exits : {"drop", "keep"}
        Firms that left a park: out of the sample from then on, or inside for ever.
    cluster : str, optional
        Column within whose values firms depend on each other; None = each firm for itself.
    level : float
        Confidence level.

    Returns
    -------
    EffectResult
        `table`: model (as asked, or without covariates), term, estimate (log hazard ratio), std_error, low, high, p_value, hazard_ratio,
        hazard_ratio_low, hazard_ratio_high. Further tables: `overall`, `sample`, `events` (event, waiting: firms that wait for it, had: events,
        inside). The level gap is the log hazard ratio of Andersen and Gill's model without covariates: how much more often firms
        inside have events.

    Raises
    ------
    WrongOption
        The outcome isn't a number of events.
    TechnopoleError
        There is no event inside, or none outside.

    References
    ----------
    Prentice, R. L., Williams, B. J. & Peterson, A. V. (1981). On the regression analysis of multivariate failure time data. Biometrika
    68(2), 373-379.
    Andersen, P. K. & Gill, R. D. (1982). Cox's regression model for counting processes: a large sample study. Annals of Statistics 10(4),
    1100-1120.
    Squicciarini, M. (2009). Science parks: seedbeds of innovation? A duration analysis of firms' patenting activity. Small Business
    Economics 32(2), 169-190.

    Examples
    --------
    >>> import technopole as tp
    >>> world = tp.simulate_firms("innovation", firms=400, selection=0, seed=1)  # patents are exp(0.4) = 1.49 times as frequent
    >>> found = tp.effects.recurrent_events(world.firms, outcome="patents", model="andersen_gill")
    >>> found.table[["term", "hazard_ratio"]].round(2).values.tolist()
    [['in a park', 1.35]]
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if strata < 1:
        raise WrongOption("strata is a number of events, 1 or more", value=strata)
    made = _panel(firms, outcome, covariates, cluster, exits)
    spans = _spans(made, strata)
    heard_of: list[str] = []
    with heard(heard_of), one_thread():
        fits = {"as asked": _fit(spans, covariates, model, ties, years)}
        if covariates:
            fits["without covariates"] = _fit(spans, (), model, ties, years)
        crude = _gap(_fit(spans, (), "andersen_gill", ties, years), level)
    parts = [
        terms(fit, covariates if name == "as asked" else (), level).assign(model=name)
        for name, fit in fits.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    table = table[["model", *table.columns.drop("model")]]
    row = overall(
        made,
        crude,
        estimand=f"log hazard ratio of the next event, inside a park against outside; time {NAMES[model]}",
        estimate=float(table["estimate"].iloc[0]),
        std_error=float(table["std_error"].iloc[0]),
        level=level,
        treated=int(spans.rows.loc[spans.rows["inside"] == 1, "unit"].nunique()),
        controls=int(spans.rows.loc[spans.rows["inside"] == 0, "unit"].nunique()),
    )
    return EffectResult.of(
        table,
        text=_text(made, table.iloc[0], crude, model, covariates),
        fields={**effect.FIELDS, **_FIELDS},
        warnings=[*made.warnings, *spans.warnings, *heard_of],
        overall=row,
        sample=made.sample,
        events=_events(spans.rows, strata),
    )


_FIELDS = {
    "model": Field("as asked, or the same without covariates"),
    "term": Field("what the hazard depends on"),
    "estimate": Field("log of the hazard ratio; positive = the next event comes sooner", "log", 4),
    "std_error": Field("standard error of the log hazard ratio", "log", 4),
    "low": Field("lower end of its confidence interval", "log", 4),
    "high": Field("upper end of its confidence interval", "log", 4),
    "hazard_ratio": Field("hazard of the next event, as a multiple of the others'", "ratio", 3),
    "hazard_ratio_low": Field("lower end of its confidence interval", "ratio", 3),
    "hazard_ratio_high": Field("upper end of its confidence interval", "ratio", 3),
    "event": Field("number of the event waited for; the last one stands for all later ones, too"),
    "waiting": Field("firms that wait for it at some time", "firms"),
    "had": Field("events of that number", "events"),
    "inside": Field("of these, inside parks", "events"),
}


@dataclass(frozen=True, slots=True)
class _Spans:
    """Stretches of waiting: unit, (start, stop] since first seen, gap_start, gap_stop since the last event, event, stratum, inside."""

    rows: pd.DataFrame
    warnings: list[str]


def _panel(firms: Firms, outcome: str, covariates: Sequence[str], cluster: str | None, exits: Exits) -> Panel:
    made = panel(
        firms, outcome=outcome, covariates=covariates, cluster=cluster, exits=exits, always_treated="keep"
    )
    counts = made.rows["outcome"]
    if ((counts < 0) | (counts % 1 != 0)).any():
        wrong = counts[(counts < 0) | (counts % 1 != 0)].iloc[0]
        raise WrongOption(f"{outcome} isn't a number of events", value=float(wrong), where=firms.source)
    for name in ("inside", "start", "stop", "gap_start", "gap_stop", "event", "stratum"):
        if name in covariates:
            raise WrongOption(
                "this name is part of the design", value=name, fix="give the column another name"
            )
    made.rows = made.rows.assign(inside=inside(made.rows).astype("float64"))
    for status, said in ((1.0, "inside parks"), (0.0, "outside parks")):
        here = made.rows["inside"] == status
        if not here.any():
            raise TechnopoleError(f"no firm is seen {said}: there is nothing to compare")
        if not counts[here].any():
            raise TechnopoleError(
                f"there is no event {said} ({int(here.sum()):,} firm-years): the ratio of hazards is 0 or infinite",
                value=made.outcome,
            )
    return made


def _spans(made: Panel, strata: int) -> _Spans:
    """Cut each firm-year at its events, spread evenly over the year (one event = in the middle); what follows waits for the next."""
    rows = made.rows
    many = rows["outcome"].to_numpy("int64")
    at = np.repeat(np.arange(len(rows)), many + 1)
    step = np.arange(len(at)) - np.repeat(np.cumsum(many + 1) - many - 1, many + 1)
    long = rows.iloc[at].reset_index(drop=True)
    since = (rows["year"] - rows.groupby("unit")["year"].transform("min")).to_numpy("float64")[at]
    event = (step < many[at]).astype("int64")
    before = pd.Series(event).groupby(long["unit"].to_numpy()).cumsum().to_numpy() - event
    long["start"], long["stop"] = since + step / (many + 1)[at], since + (step + 1) / (many + 1)[at]
    long["event"], long["stratum"] = event, np.minimum(before + 1, strata)
    last = long["stop"].where(long["event"] == 1).groupby(long["unit"]).shift()
    last = last.groupby(long["unit"]).ffill().fillna(0.0)
    for name in ("start", "stop"):  # thirds must be the same thirds in every year
        long[f"gap_{name}"] = (long[name] - last).round(9)
        long[name] = long[name].round(9)
    said = [
        "events are numbered from the first year a firm is seen; those before aren't known",
    ]
    several = int((many > 1).sum())
    if several:
        said.append(f"{several:,} firm-years have more than one event: they are spread evenly over the year")
    return _Spans(long, said)


def _fit(spans: _Spans, covariates: Sequence[str], model: Model, ties: Ties | None, years: bool) -> Fit:
    rows = spans.rows
    ties = ties or ("breslow" if model == "andersen_gill" else "efron")
    if years:  # a year without any event says nothing once years have their own level
        rows = rows[rows.groupby("year")["event"].transform("max") > 0]
    times = ("gap_start", "gap_stop") if model == "conditional_gap" else ("start", "stop")
    start, stop = (rows[name].to_numpy("float64") for name in times)
    stratum = rows["stratum"].to_numpy("int64") * (model != "andersen_gill")
    named = rows[["inside", *covariates]].to_numpy("float64")
    level = dummies(rows["year"]) if years else np.zeros((len(rows), 0))
    event, groups = rows["event"].to_numpy("int64"), groups_of(rows)
    return cox(start, stop, event, named, level, groups, covariates=covariates, ties=ties, strata=stratum)


def _gap(fit: Fit, level: float) -> Gap:
    estimate, error = float(fit.params[0]), math.sqrt(fit.covariance[0, 0])
    wald = intervals([estimate], [error], level=level).iloc[0]
    return Gap(estimate, error, float(wald["low"]), float(wald["high"]), float(wald["p_value"]))


def _events(rows: pd.DataFrame, strata: int) -> pd.DataFrame:
    inner = rows["event"] * rows["inside"]
    found = (
        rows.assign(inner=inner)
        .groupby("stratum")
        .agg(waiting=("unit", "nunique"), had=("event", "sum"), inside=("inner", "sum"))
    )
    found = found.reset_index().rename(columns={"stratum": "event"}).astype("int64")
    named = found["event"].astype(str)
    return found.assign(event=named.where(found["event"] < strata, named + " and later"))


def _text(made: Panel, row: pd.Series, crude: Gap, model: Model, covariates: Sequence[str]) -> str:
    others = f", with {', '.join(covariates)} held" if covariates else ""
    rows = made.rows
    one = (
        "within what the data allow, nothing differs: 1 is in the interval"
        if row["low"] <= 0 <= row["high"]
        else ""
    )
    said = (
        f"In parks, the next event ({made.outcome}) comes at {number(row['hazard_ratio'])} times the rate outside "
        f"({span(row['hazard_ratio_low'], row['hazard_ratio_high'])}), time {NAMES[model]}{others}{'; ' if one else ''}{one}. "
        f"Counted without regard to order, firms inside have events {number(math.exp(crude.estimate))} times as often "
        f"({span(math.exp(crude.low), math.exp(crude.high))}), which is a difference, not an effect. "
    )
    return said + (
        f"It rests on {int(rows['outcome'].sum()):,} events of {rows['unit'].nunique():,} firms, "
        f"{rows.loc[rows['inside'] == 1, 'unit'].nunique():,} of them seen inside, and is an effect only if firms that enter would otherwise have "
        "had events as often as comparable others."
    )
