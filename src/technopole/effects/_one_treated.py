"""One treated unit against donors: years x units from a panel of firms or places; what was dropped is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.effects._panel import Panel
from technopole.engine import Expr, sql
from technopole.errors import EmptyTable, UnknownName, WrongOption
from technopole.tables import Activity, Firms

Floats = npt.NDArray[np.float64]
Predictors = Mapping[str, Sequence[int]]
SEVERAL = 2  # years before are needed, or any mixture of donors fits


@dataclass(slots=True)
class OneTreated:
    """Complete rows: the treated unit first, then the donors by name.

    Attributes
    ----------
    outcome : array (units, years)
    predictors : DataFrame
        One row per unit, means over their years; no column where none were asked for.
    """

    units: list[str]
    years: npt.NDArray[np.int64]
    start: int
    outcome: Floats
    predictors: pd.DataFrame
    panel: Panel
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Dropping:
    """Rows by unit (their name) and year, losing units one reason after the other."""

    rows: pd.DataFrame
    treated: str
    steps: list[dict[str, object]]

    def drop(self, units: set[str], step: str, reason: str) -> None:
        units = units & set(self.rows["unit"])
        if not units:
            return
        self.rows = self.rows[~self.rows["unit"].isin(units)]
        self.steps.append(_step(self.rows, step, f"{len(units):,} donors: {reason}"))


def one_treated(
    table: Firms | Activity,
    *,
    treated: str,
    start: int,
    outcome: str,
    predictors: Predictors,
    donors: Sequence[str] | None,
    exclude: Sequence[str],
    industry: str | None,
) -> OneTreated:
    """Read, drop what can't be a donor, and lay out.

    Raises
    ------
    UnknownName
        No such unit.
    WrongOption
        A start outside the years, fewer than two years before it, or the treated unit among the donors.
    EmptyTable
        No donor is left, or a predictor is empty.
    """
    rows = _fetch(table, [outcome, *(name for name in predictors if name != outcome)], industry)
    _check(rows, treated, start, donors, exclude)
    made = _Dropping(rows, treated, [_step(rows, "read", "")])
    others = set(rows["unit"]) - {treated}
    if donors is not None:
        made.drop(others - {str(name) for name in donors}, "asked for", "not named in donors=")
    made.drop({str(name) for name in exclude}, "asked for", "named in exclude=")
    entered = rows.loc[(rows["entered"] > 0) & (rows["entered"] <= rows["year"].max()), "unit"]
    made.drop(set(entered) - {treated}, "never treated", "entered a park themselves")
    years = _years(made, outcome, start)
    _complete(made, outcome, years)
    means = _means(made, predictors)
    return _laid_out(made, outcome, means, years, start, list(table.warnings))


def _step(rows: pd.DataFrame, step: str, reason: str) -> dict[str, object]:
    return {"step": step, "units": rows["unit"].nunique(), "observations": len(rows), "reason": reason}


def _fetch(table: Firms | Activity, names: Sequence[str], industry: str | None) -> pd.DataFrame:
    if isinstance(table, Activity):
        return _places(table, names, industry)
    if industry is not None:
        raise WrongOption(
            "industry= chooses rows of an activity table; a panel of firms has none", value=industry
        )
    table.require(*names)
    for name in names:
        if not table.expr[name].type().is_numeric() and not table.expr[name].type().is_boolean():
            raise WrongOption("not a column of numbers", value=name, where=table.source)
    known = "entered" in table.columns
    entered: Expr = table.expr["entered"].fill_null(0).cast("int64") if known else sql.literal(0, "int64")
    picked = table.expr.select(
        "year", unit=table.expr["firm"], entered=entered,
        **{f"x_{name}": table.expr[name].cast("float64") for name in names},
    )  # fmt: skip
    return _rows(picked)


def _places(activity: Activity, names: Sequence[str], industry: str | None) -> pd.DataFrame:
    """Add up the industries of each place and year; a sum with a suppressed part is unknown, not smaller."""
    codes = (
        activity.expr.select("industry").distinct().order_by("industry").to_pyarrow()["industry"].to_pylist()
    )
    if industry is not None and industry not in codes:
        raise UnknownName("no such industry", value=industry, where=activity.source, exists=codes)
    parts: list[Expr] = []
    for name in names:
        cells = activity.cells(name)
        if industry is not None:
            cells = cells.filter(cells["industry"] == industry)
        sums = cells.group_by(["place", "year"]).agg(
            amount=cells["value"].sum(), holes=cells["value"].isnull().sum()
        )
        parts.append(
            sums.select(
                "year",
                unit=sums["place"],
                entered=sql.literal(0, "int64"),
                **{f"x_{name}": sql.ifelse(sums["holes"] > 0, sql.null("float64"), sums["amount"])},
            )
        )
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.left_join(part.drop("entered"), ["unit", "year"]).drop("unit_right", "year_right")
    return _rows(joined)


def _rows(expr: Expr) -> pd.DataFrame:
    rows = expr.order_by(["unit", "year"]).to_pyarrow().to_pandas()
    if rows.empty:
        raise EmptyTable("a panel without rows")
    return rows.astype({"unit": str, "year": "int64"}).replace([np.inf, -np.inf], np.nan)


def _check(
    rows: pd.DataFrame, treated: str, start: int, donors: Sequence[str] | None, exclude: Sequence[str]
) -> None:
    there = list(dict.fromkeys(rows["unit"]))
    for name in (treated, *(donors or ()), *exclude):
        if str(name) not in there:
            raise UnknownName("no such unit in the panel", value=name, exists=there)
    if treated in {str(name) for name in donors or ()}:
        raise WrongOption(
            "the treated unit can't be a donor as well", value=treated, fix="leave it out of donors="
        )
    if treated in {str(name) for name in exclude}:
        raise WrongOption("the treated unit can't be excluded", value=treated, fix="leave it out of exclude=")
    first, last = int(rows["year"].min()), int(rows["year"].max())
    if not first < start <= last:
        raise WrongOption(
            "start is a year after the first and not after the last of the panel",
            value=start,
            exists=[f"{first + 1} to {last}"],
        )


def _years(made: _Dropping, outcome: str, start: int) -> npt.NDArray[np.int64]:
    own = made.rows[(made.rows["unit"] == made.treated) & made.rows[f"x_{outcome}"].notna()]
    years = np.unique(own["year"].to_numpy("int64"))
    before = int((years < start).sum())
    if before < SEVERAL:
        raise WrongOption(
            f"{made.treated} has {outcome} in {before} year{'' if before == 1 else 's'} before {start}; a synthetic control "
            f"needs {SEVERAL} or more",
            value=start,
            fix="with one year before, any mixture of donors fits: compare with effects.matched_comparison instead",
        )
    if not (years >= start).any():
        raise WrongOption(f"{made.treated} has no {outcome} from the start on", value=start)
    return years


def _complete(made: _Dropping, outcome: str, years: npt.NDArray[np.int64]) -> None:
    made.rows = made.rows[made.rows["year"].isin(years)]
    known = made.rows[made.rows[f"x_{outcome}"].notna()].groupby("unit")["year"].nunique()
    every = set(made.rows["unit"])
    whole = {str(unit) for unit, number in known.items() if number == len(years)}
    made.drop(
        every - whole, "complete", f"{outcome} missing in one of the {len(years)} years of the treated unit"
    )
    if set(made.rows["unit"]) <= {made.treated}:
        raise EmptyTable(
            "no donor is left",
            value="; ".join(str(step["reason"]) for step in made.steps[1:]),
            fix="donors need the outcome in every year in which the treated unit has it; fill or leave out years",
        )


def _means(made: _Dropping, predictors: Predictors) -> pd.DataFrame:
    means = pd.DataFrame(index=pd.Index(sorted(set(made.rows["unit"])), name="unit"))
    for name, years in predictors.items():
        rows = made.rows[made.rows["year"].isin(list(years))]
        mean = rows.groupby("unit")[f"x_{name}"].mean().reindex(means.index)
        if mean.isna().all() or pd.isna(mean[made.treated]):
            whose = "every unit" if mean.isna().all() else made.treated
            raise EmptyTable(
                f"the predictor is empty for {whose} in {min(years, default=0)} to {max(years, default=0)}",
                value=name,
                fix="name the years that have it: predictors={'" + name + "': [years]}",
            )
        means[name] = mean
    lacking = {str(unit) for unit in means.index[means.isna().any(axis=1)]}
    made.drop(lacking, "predictors known", "a predictor missing")
    means = means.drop(index=list(lacking))
    if len(means) < SEVERAL:
        raise EmptyTable("no donor has every predictor", value=", ".join(predictors))
    return means


def _laid_out(
    made: _Dropping,
    outcome: str,
    means: pd.DataFrame,
    years: npt.NDArray[np.int64],
    start: int,
    warnings: list[str],
) -> OneTreated:
    units = [made.treated, *sorted(set(made.rows["unit"]) - {made.treated})]
    wide = made.rows.pivot(index="unit", columns="year", values=f"x_{outcome}").loc[units, years]
    position = {unit: place for place, unit in enumerate(units)}
    number = made.rows["unit"].map(position)
    rows = pd.DataFrame(
        {
            "unit": number.astype("int64"),
            "year": made.rows["year"],
            "entered": np.where(number == 0, start, 0),
            "outcome": made.rows[f"x_{outcome}"],
        }
    ).sort_values(["unit", "year"], ignore_index=True)
    sample = pd.DataFrame([*made.steps, _step(made.rows, "used", "")])
    said = [str(step["reason"]) for step in made.steps[1:]]
    panel = Panel(rows, outcome, (), sample, [*warnings, *(f"dropped, {text}" for text in said)])
    holes = np.setdiff1d(np.arange(years[0], years[-1] + 1), years)
    if len(holes):
        panel.warnings.append(
            f"years without {outcome} of {made.treated} aren't used: {', '.join(map(str, holes[:8]))}"
        )
    return OneTreated(units, years, start, wide.to_numpy("float64"), means.loc[units], panel, panel.warnings)


def predictor_years(
    predictors: Sequence[str] | Mapping[str, Sequence[int]], years: npt.NDArray[np.int64] | Sequence[int]
) -> Predictors:
    """Say for each predictor the years it is averaged over: its own, or all the weights are fitted on."""
    if not isinstance(predictors, Mapping):
        return {str(name): [int(year) for year in years] for name in predictors}
    for name, own in predictors.items():
        if isinstance(own, (str, int)):
            raise WrongOption(
                "a predictor comes with the list of years it is averaged over",
                value={name: own},
                fix=f"{{{name!r}: [1964, 1965]}}",
            )
    return {str(name): [int(year) for year in own] for name, own in predictors.items()}
