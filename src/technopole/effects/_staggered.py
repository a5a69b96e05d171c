"""Effects of units that enter in different years: the frames that all averages over cohorts and years are given in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from technopole.effects._gap import Gap, gap
from technopole.effects._overall import intervals, overall
from technopole.effects._panel import Panel
from technopole.effects._staggered_input import clusters
from technopole.kernels import group_time_aggregation as kernel
from technopole.result import Field, effect

Array = npt.NDArray[np.float64]
AVERAGES = {
    "simple": kernel.simple,
    "group": kernel.by_group,
    "calendar": kernel.by_time,
    "event": kernel.by_event,
}
KEYS = {"group": "group", "calendar": "time", "event": "event_time"}
ESTIMANDS = {
    "simple": "effect on those treated, averaged over their years since entry",
    "group": "effect on those treated, averaged over each cohort's years, then over cohorts by size",
    "calendar": "effect on those inside, averaged over cohorts by size, then over years",
    "event": "effect on those treated, averaged over cohorts by size, then over years since entry",
}
REFERENCE = "std_error: the year all others are compared with, 0 by definition"
ONE_UNIT = "std_error: one treated unit, whose own variation can't be estimated"
NO_VARIATION = "std_error: outcomes don't vary here"
FIELDS = {
    **effect.FIELDS,
    "band_low": Field(
        "lower end of the band over all rows of an aggregation (null: bootstrap=0)", "unit of the outcome", 4
    ),
    "band_high": Field(
        "upper end of the band over all rows of an aggregation (null: bootstrap=0)", "unit of the outcome", 4
    ),
}


@dataclass(slots=True)
class Inference:
    """How sure estimates are said to be: level, clusters of the units (none: units themselves), draws for bands."""

    level: float
    cluster: npt.NDArray[np.intp] | None = None
    bootstrap: int = 0
    seed: int = 0
    freedom: float = math.inf
    scale: float = 0.0  # standard errors up to here are rounding


def inference_of(panel: Panel, *, level: float, bootstrap: int = 0, seed: int = 0) -> Inference:
    """Return how to infer from a panel: by its clusters, else by unit."""
    cluster = clusters(panel)
    freedom = math.inf if cluster is None else float(cluster.max())
    scale = 1e-12 * float(panel.rows["outcome"].abs().max())
    return Inference(level, cluster, bootstrap, seed, freedom, scale)


@dataclass(slots=True)
class Average:
    """One aggregation: rows by key, and the average over them; standard errors are nan where a reason is given."""

    name: str
    key: npt.NDArray[np.int64]
    estimate: Array
    std_error: Array
    n: Sequence[int]
    undefined: Sequence[str]
    overall: float
    overall_error: float
    overall_undefined: str = ""
    reach: float = math.nan  # of the uniform band, in standard errors


def averages(
    cells: kernel.Cells,
    n: npt.NDArray[np.int64],
    inference: Inference,
    *,
    reference: npt.NDArray[np.bool_],
    undefined: str,
) -> tuple[list[Average], pd.DataFrame]:
    """Average cells with influence functions; return also the covariance of the event times. `n` = treated units of each cell."""
    made: list[Average] = []
    between = pd.DataFrame()
    for number, (name, average) in enumerate(AVERAGES.items()):
        found = average(cells)
        score = kernel.scores(found.influence, inference.cluster)
        spread = kernel.covariance(score)
        error = np.sqrt(np.diag(spread))
        why = [
            reason(error[i], n[rows], reference[rows], inference.scale)
            for i, rows in enumerate(found.members)
        ]
        known = np.array([text == "" for text in why], bool)
        whole = kernel.scores(found.overall_influence[:, None], inference.cluster)
        overall_error = float(np.sqrt(whole[:, 0] @ whole[:, 0]))
        used = np.concatenate([np.empty(0, np.intp), *found.members])
        made.append(
            Average(
                name,
                found.key,
                found.estimate,
                np.where(known, error, np.nan),
                [_units(cells.group[rows], n[rows]) for rows in found.members],
                why,
                found.overall,
                overall_error,
                reason(overall_error, n[used], reference[used], inference.scale)
                if math.isfinite(found.overall)
                else undefined,
                _reach(score[:, known], inference, number),
            )
        )
        if name == "event":
            between = covariance(found.key[known], spread[np.ix_(known, known)])
    return made, between


def frames(
    made: Sequence[Average], inference: Inference, panel: Panel, **parts: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return `aggregates`, `overall`, one `overall_<aggregation>` each, and `sample`; the first average is the headline."""
    beside = gap(panel, level=inference.level)
    rows = [_rows(average, inference) for average in made]
    overalls = {f"overall_{average.name}": _overall(average, inference, panel, beside) for average in made}
    return {
        "aggregates": pd.concat(rows, ignore_index=True)[list(effect.AGGREGATE)],
        "overall": overalls[f"overall_{made[0].name}"],
        **overalls,
        **parts,
        "sample": panel.sample,
    }


def _units(group: npt.NDArray[np.int64], n: npt.NDArray[np.int64]) -> int:
    """Count treated units behind a row: of every cohort the most seen in one of its cells."""
    return int(pd.Series(n).groupby(group).max().sum())


def reason(error: float, n: npt.NDArray[np.int64], reference: npt.NDArray[np.bool_], scale: float) -> str:
    """Say why an estimate has no standard error; "" where it has one."""
    if len(reference) and reference.all():
        return REFERENCE
    if (n[~reference] <= 1).all():
        return ONE_UNIT
    return "" if math.isfinite(error) and error > scale else NO_VARIATION


def _rows(average: Average, inference: Inference) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "aggregation": average.name,
            "estimate": average.estimate,
            "std_error": average.std_error,
            "n": list(average.n),
            "undefined": list(average.undefined),
        }
    )
    for key in ("group", "time", "event_time"):
        same = KEYS.get(average.name) == key
        table[key] = pd.array(average.key if same else [None] * len(table), dtype="Int64")
    ends = intervals(table["estimate"], table["std_error"], level=inference.level, freedom=inference.freedom)
    table = table.assign(
        low=ends["low"],
        high=ends["high"],
        band_low=table["estimate"] - average.reach * table["std_error"],
        band_high=table["estimate"] + average.reach * table["std_error"],
    )
    return last_undefined(table)


def _reach(score: Array, inference: Inference, number: int) -> float:
    """Return how many standard errors the band reaches: never less than an interval, which is all that one row needs."""
    if not inference.bootstrap or not score.shape[1]:
        return math.nan
    single = float(stats.t.ppf((1 + inference.level) / 2, inference.freedom))
    if score.shape[1] == 1:
        return single
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence([inference.seed, number])))
    found = kernel.critical_value(score, level=inference.level, draws=inference.bootstrap, random=random)
    return max(single, found)


def last_undefined(table: pd.DataFrame) -> pd.DataFrame:
    """Sort rows with a reason to the end, else leave the order."""
    return table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)


def covariance(key: npt.NDArray[np.int64], spread: Array) -> pd.DataFrame:
    """Return the covariance of event-time estimates as rows."""
    left, right = np.meshgrid(np.arange(len(key)), np.arange(len(key)), indexing="ij")
    return pd.DataFrame(
        {
            "event_time_a": key[left.ravel()],
            "event_time_b": key[right.ravel()],
            "covariance": spread.ravel(),
        }
    )


def _overall(average: Average, inference: Inference, panel: Panel, beside: Gap) -> pd.DataFrame:
    return overall(
        panel,
        beside,
        estimand=ESTIMANDS[average.name],
        estimate=average.overall,
        std_error=math.nan if average.overall_undefined else average.overall_error,
        level=inference.level,
        freedom=inference.freedom,
        undefined=average.overall_undefined,
    )
