"""The true effects in a simulated sample, from its potential outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import pandas as pd

from technopole.errors import UnknownName
from technopole.sources.synthetic_worlds import Matrix, Population

Row: TypeAlias = tuple[str, str, str, float, int]
COLUMNS = ["outcome", "estimand", "of", "value", "n"]


def true_value(truth: pd.DataFrame, outcome: str, estimand: str, of: str | int) -> float:
    """Return one true value of a world's table of truths."""
    rows = truth[truth["outcome"] == outcome]
    found = rows[(rows["estimand"] == estimand) & (rows["of"] == str(of))]
    if found.empty:
        there = rows[["estimand", "of"]].agg(" ".join, axis=1)
        raise UnknownName("no such truth", value=f"{outcome} {estimand} {of}".strip(), exists=there)
    return float(found["value"].iloc[0])


def true_values(
    people: Population,
    seen: Matrix,
    without: dict[str, Matrix],
    added: dict[str, Matrix],
    first_year: int,
) -> list[Row]:
    """Average what parks add, over the firm-years seen: overall, by event time, cohort, own R&D and ring; and the gap in levels."""
    return [
        (outcome, *row)
        for outcome in without
        for row in (
            *_effects(people, seen, added[outcome], first_year),
            *_gaps(people, seen, without[outcome], added[outcome]),
        )
    ]


def _effects(
    people: Population, seen: Matrix, added: Matrix, first_year: int
) -> Iterator[tuple[str, str, float, int]]:
    """Firms without a year before entry are left out, as estimators have to."""
    cells = seen & people.inside & (people.entered > people.start)[:, None]
    rows, columns = np.nonzero(cells)
    values, since, entered = added[cells], columns - people.entered[rows], people.entered[rows]
    yield "overall", "", _mean(values), len(values)
    by_event = [(k, values[since == k]) for k in np.unique(since)]
    by_cohort = [(g, values[entered == g]) for g in np.unique(entered)]
    firms = [len(np.unique(rows[entered == g])) for g in np.unique(entered)]
    yield "overall_event", "", _mean(np.array([part.mean() for _, part in by_event])), len(values)
    means = np.array([part.mean() for _, part in by_cohort])
    yield "overall_group", "", float(np.average(means, weights=firms)) if len(means) else np.nan, len(values)
    yield from (("event_time", str(k), _mean(part), len(part)) for k, part in by_event)
    yield from (("cohort", str(first_year + g), _mean(part), len(part)) for g, part in by_cohort)
    for own in (0, 1):
        part = values[people.own_rd[rows] == own]
        yield "own_rd", str(own), _mean(part), len(part)
    beside = added[seen & people.beside]
    yield "ring", "2-5", _mean(beside), len(beside)


def _gaps(
    people: Population, seen: Matrix, without: Matrix, added: Matrix
) -> Iterator[tuple[str, str, float, int]]:
    """Those in parks against those outside in the same year: as seen, and as it would be without parks."""
    inside, outside = seen & people.inside, seen & ~people.inside
    number = int(inside.sum())
    for name, values in (("level_gap", without + added), ("selection", without)):
        others = np.where(outside, values, 0.0).sum(axis=0) / np.maximum(outside.sum(axis=0), 1)
        yield name, "", _mean((values - others)[inside]), number


def _mean(values: Matrix) -> float:
    return float(values.mean()) if values.size else float("nan")
