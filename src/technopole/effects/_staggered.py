"""Effects of units that enter in different years: the frames that all averages over cohorts and years are given in."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from technopole.effects._gap import Gap, gap
from technopole.effects._overall import intervals, overall
from technopole.effects._panel import Panel
from technopole.errors import TechnopoleError, WrongOption
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
    freedom: float = field(default=math.inf)

    def __post_init__(self) -> None:
        if self.cluster is not None:
            self.freedom = float(self.cluster.max())


def check_options(*, level: float, anticipation: int = 0, bootstrap: int = 0) -> None:
    """Refuse what no estimator can use."""
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if anticipation < 0:
        raise WrongOption("anticipation is a number of years, 0 or more", value=anticipation)
    if bootstrap != 0 and bootstrap < 99:
        raise WrongOption("bootstrap is a number of draws, 99 or more, or 0 for none", value=bootstrap)


def clusters(panel: Panel) -> npt.NDArray[np.intp] | None:
    """Return the cluster of every unit, 0, 1, ...; None where the panel has none. A unit belongs to one cluster."""
    if "cluster" not in panel.rows:
        return None
    seen = panel.rows.groupby("unit")["cluster"]
    if (seen.nunique() > 1).any():
        number = int((seen.nunique() > 1).sum())
        raise TechnopoleError(
            f"{number:,} units change their cluster over the years",
            fix="cluster by something that stays, such as the region of the first year",
        )
    codes, names = pd.factorize(seen.first().sort_index(), sort=True)
    if len(names) < 2:
        raise TechnopoleError("all units are in one cluster", fix="standard errors need two clusters or more")
    return np.asarray(codes, np.intp)


def needs_both(panel: Panel, *, never: bool) -> None:
    """Refuse a panel in which nobody enters, or (`never`) everybody does."""
    if not panel.treated:
        raise TechnopoleError(
            "no unit enters within the panel: there is no effect to estimate",
            fix="`entered` is the year of entry, between the first and the last year of the panel",
        )
    if never and not panel.controls:
        raise TechnopoleError(
            "every unit enters within the panel: none is left to compare with",
            fix='control="not_yet_treated" compares with units that enter later',
        )
    if panel.rows["year"].nunique() < 2:
        raise TechnopoleError(
            "one year only: an effect needs a before and an after", value=int(panel.rows["year"].iloc[0])
        )


def independent(panel: Panel) -> None:
    """Refuse covariates that don't vary or are combinations of the others."""
    names = list(panel.covariates)
    if not names:
        return
    values = panel.rows[names].to_numpy("float64")
    values = values - values.mean(axis=0)
    size = np.sqrt(np.einsum("ij,ij->j", values, values) / len(values))
    scale = np.maximum(np.abs(panel.rows[names].to_numpy("float64")).max(axis=0), 1e-300)
    for name, still in zip(names, size <= 1e-9 * scale, strict=True):
        if still:
            raise TechnopoleError(
                "the covariate is the same in every row", value=name, fix="leave it out of covariates="
            )
    gram = (values / size).T @ (values / size) / len(values)
    for last in range(1, len(names)):
        if np.linalg.eigvalsh(gram[: last + 1, : last + 1])[0] < 1e-10:
            raise TechnopoleError(
                "the covariate is a combination of the others",
                value=names[last],
                exists=names[:last],
                fix="leave it out of covariates=",
            )


def restrictions(panel: Panel, *, first_year: int) -> list[str]:
    """Say what such a panel can't show."""
    units = panel.units
    entered = units.loc[units["entered"] > 0, "entered"]
    said: list[str] = []
    if int(entered.max()) <= first_year + 1:
        said.append(
            "every cohort has one year before entry: trends before entry can't be seen, so nothing here supports the comparison"
        )
    sizes = entered.value_counts()
    lonely = sorted(int(year) for year in sizes[sizes == 1].index)
    if lonely:
        shown = ", ".join(str(year) for year in lonely[:5]) + (" ..." if len(lonely) > 5 else "")
        said.append(
            f"cohorts of one unit ({shown}): the variation of that unit isn't in any standard error, which are too small"
        )
    return said


def frames(
    cells: kernel.Cells,
    n: npt.NDArray[np.int64],
    inference: Inference,
    panel: Panel,
    *,
    reference: npt.NDArray[np.bool_],
    undefined: str = "",
) -> dict[str, pd.DataFrame]:
    """Return `aggregates`, `overall`, `overall_<aggregation>` and `covariance` of estimated cells; `n` = treated units of each."""
    beside = gap(panel, level=inference.level)
    made: dict[str, pd.DataFrame] = {}
    rows: list[pd.DataFrame] = []
    for number, (name, average) in enumerate(AVERAGES.items()):
        averages = average(cells)
        score = kernel.scores(averages.influence, inference.cluster)
        spread = kernel.covariance(score)
        error = np.sqrt(np.diag(spread))
        table = pd.DataFrame({"aggregation": name, "estimate": averages.estimate})
        for key in ("group", "time", "event_time"):
            same = KEYS.get(name) == key
            table[key] = pd.array(averages.key if same else [None] * len(table), dtype="Int64")
        table["n"] = [_units(cells.group[rows_], n[rows_]) for rows_ in averages.members]
        table["undefined"] = [
            _why(error[i], n[rows_], reference[rows_]) for i, rows_ in enumerate(averages.members)
        ]
        table["std_error"] = np.where(table["undefined"] == "", error, np.nan)
        rows.append(_with_intervals(table, score, inference, number))
        if name == "event":
            made["covariance"] = _covariance(averages.key, spread, table["undefined"].eq("").to_numpy())
        made[f"overall_{name}"] = _overall(name, averages, n, reference, inference, panel, beside, undefined)
    made["aggregates"] = pd.concat(rows, ignore_index=True)[list(effect.AGGREGATE)]
    made["overall"] = made.pop("overall_simple")
    return {**made, "overall_simple": made["overall"], "sample": panel.sample}


def _units(group: npt.NDArray[np.int64], n: npt.NDArray[np.int64]) -> int:
    """Count treated units behind a row: of every cohort the most seen in one of its cells."""
    return int(pd.Series(n).groupby(group).max().sum())


def _why(error: float, n: npt.NDArray[np.int64], reference: npt.NDArray[np.bool_]) -> str:
    if reference.all():
        return REFERENCE
    if (n[~reference] <= 1).all():
        return ONE_UNIT
    return "" if math.isfinite(error) and error > 0 else NO_VARIATION


def _with_intervals(table: pd.DataFrame, score: Array, inference: Inference, number: int) -> pd.DataFrame:
    ends = intervals(table["estimate"], table["std_error"], level=inference.level, freedom=inference.freedom)
    reach = _reach(score[:, table["undefined"].eq("").to_numpy()], inference, number)
    table = table.assign(
        low=ends["low"],
        high=ends["high"],
        band_low=table["estimate"] - reach * table["std_error"],
        band_high=table["estimate"] + reach * table["std_error"],
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


def _covariance(key: npt.NDArray[np.int64], spread: Array, known: npt.NDArray[np.bool_]) -> pd.DataFrame:
    key, spread = key[known], spread[np.ix_(known, known)]
    left, right = np.meshgrid(np.arange(len(key)), np.arange(len(key)), indexing="ij")
    return pd.DataFrame(
        {
            "event_time_a": key[left.ravel()],
            "event_time_b": key[right.ravel()],
            "covariance": spread.ravel(),
        }
    )


def _overall(
    name: str,
    averages: kernel.Averages,
    n: npt.NDArray[np.int64],
    reference: npt.NDArray[np.bool_],
    inference: Inference,
    panel: Panel,
    beside: Gap,
    undefined: str,
) -> pd.DataFrame:
    score = kernel.scores(averages.overall_influence[:, None], inference.cluster)
    error = float(np.sqrt(score[:, 0] @ score[:, 0]))
    used = np.concatenate([np.empty(0, np.intp), *averages.members])
    why = _why(error, n[used], reference[used]) if math.isfinite(averages.overall) else undefined
    return overall(
        panel,
        beside,
        estimand=ESTIMANDS[name],
        estimate=averages.overall,
        std_error=math.nan if why else error,
        level=inference.level,
        freedom=inference.freedom,
        undefined=why,
    )
