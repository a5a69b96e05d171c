"""Firms as a panel: one row per unit and year, when it entered, its outcome and covariates; what was dropped is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from technopole.engine import Expr, sql
from technopole.errors import EmptyTable, TechnopoleError, WrongOption
from technopole.tables import Firms

Exits = Literal["drop", "keep"]
RESERVED = ("unit", "year", "entered", "left", "outcome", "cluster")
LARGEST = 1e100  # squares of larger numbers overflow


@dataclass(slots=True)
class Panel:
    """A panel ready for an estimator.

    Attributes
    ----------
    rows : DataFrame
        unit (int64: 0, 1, ... in the order of the firms' names), year (int64), entered (int64, 0 = never within the panel), outcome
        (float64), the covariates (float64, under their own names), cluster (int64, where asked for); sorted by unit and year.
    sample : DataFrame
        step, units, observations, reason: from what was read to what is used.
    warnings : list of str
    """

    rows: pd.DataFrame
    outcome: str
    covariates: tuple[str, ...]
    sample: pd.DataFrame
    warnings: list[str] = field(default_factory=list)

    @property
    def units(self) -> pd.DataFrame:
        """One row per unit: unit, entered."""
        return self.rows.drop_duplicates("unit")[["unit", "entered"]].reset_index(drop=True)

    @property
    def treated(self) -> int:
        """Number of units that enter within the panel."""
        return int((self.units["entered"] > 0).sum())

    @property
    def controls(self) -> int:
        """Number of units that never enter within the panel."""
        return int((self.units["entered"] == 0).sum())

    def keep(self, rows: pd.Series, *, step: str, reason: str) -> None:
        """Drop the rows where `rows` is false, and count them."""
        if rows.all():
            return
        self.rows = self.rows[rows].reset_index(drop=True)
        self._count(step, reason)
        if self.rows.empty:
            raise EmptyTable(f"no row is left to estimate from: the last were {reason}", value=self.outcome)

    def _count(self, step: str, reason: str) -> None:
        before = int(self.sample["observations"].iloc[-1]), int(self.sample["units"].iloc[-1])
        after = len(self.rows), self.rows["unit"].nunique()
        row = {"step": step, "units": after[1], "observations": after[0], "reason": reason}
        self.sample = pd.concat([self.sample, pd.DataFrame([row])], ignore_index=True)
        gone = f"{before[0] - after[0]:,} of {before[0]:,} rows ({before[1] - after[1]:,} units)"
        self.warnings.append(f"{gone} dropped: {reason}")


def panel(
    firms: Firms,
    *,
    outcome: str,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    exits: Exits = "drop",
    treatment: bool = True,
    always_treated: Literal["drop", "keep"] = "drop",
) -> Panel:
    """Make the panel of an outcome.

    Rows without outcome or covariate are dropped and counted, likewise (`exits="drop"`) rows from the year a unit left on, and
    (`always_treated="drop"`) units that had entered by their first year, which have no "before". Entering after the last year of
    the panel counts as never.

    Raises
    ------
    MissingColumn
        No such outcome, covariate or cluster; or no `entered` where `treatment`.
    WrongOption
        A column that isn't numeric, or is the outcome as well as a covariate.
    TechnopoleError
        A unit with two years of entry, or without variation where it is needed.
    EmptyTable
        Nothing is left.
    """
    _check_names(firms, outcome, covariates, cluster, treatment)
    if not firms.rows:
        raise EmptyTable("a panel without rows", where=firms.source)
    rows = _fetch(firms, outcome, covariates, cluster, treatment)
    units = rows["unit"].nunique()
    sample = pd.DataFrame(
        {"step": ["read"], "units": [units], "observations": [len(rows)], "reason": [""]},
    )
    made = Panel(rows, outcome, tuple(covariates), sample, list(firms.warnings))
    if treatment:
        _one_entry_each(firms, rows)
    _drop_missing(made, covariates)
    if treatment:
        _drop_untreatable(made, exits, always_treated)
    made.rows = made.rows.drop(columns="left").reset_index(drop=True)
    return made


def _check_names(
    firms: Firms, outcome: str, covariates: Sequence[str], cluster: str | None, treatment: bool
) -> None:
    names = [outcome, *covariates]
    firms.require(*names, *([cluster] if cluster else []), *(["entered"] if treatment else []))
    numeric = [
        name for name in firms.columns if firms.expr[name].type().is_numeric() and name not in RESERVED
    ]
    for name in names:
        if not firms.expr[name].type().is_numeric() and not firms.expr[name].type().is_boolean():
            if not firms.expr[name].count().to_pyarrow().as_py():
                raise EmptyTable("the column is empty in every row", value=name, where=firms.source)
            raise WrongOption("not a column of numbers", value=name, where=firms.source, exists=numeric)
        if name in ("year", "entered", "left"):
            raise WrongOption("this column is part of the design", value=name, exists=numeric)
    for name in (*covariates, *([outcome] if outcome in ("unit", "cluster") else [])):
        if name in RESERVED:
            raise WrongOption(
                "a covariate can't have this name, which panels use themselves",
                value=name,
                where=firms.source,
                fix="rename the column",
            )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise WrongOption("named twice among outcome and covariates", value=twice)


def _fetch(
    firms: Firms, outcome: str, covariates: Sequence[str], cluster: str | None, treatment: bool
) -> pd.DataFrame:
    expr = firms.expr
    columns: dict[str, Expr] = {
        "unit": sql.dense_rank().over(sql.window(order_by=expr["firm"])).cast("int64"),
        "year": expr["year"].cast("int64"),
        "entered": expr["entered"].fill_null(0).cast("int64") if treatment else sql.literal(0, "int64"),
        "left": expr["left"].fill_null(0).cast("int64")
        if "left" in firms.columns
        else sql.literal(0, "int64"),
        "outcome": expr[outcome].cast("float64"),
        **{name: expr[name].cast("float64") for name in covariates if name != outcome},
    }
    if cluster:
        columns["cluster"] = sql.dense_rank().over(sql.window(order_by=expr[cluster])).cast("int64")
    return expr.select(**columns).order_by(["unit", "year"]).to_pyarrow().to_pandas()


def _one_entry_each(firms: Firms, rows: pd.DataFrame) -> None:
    """Treatment is absorbing here: a unit has one year of entry."""
    entries = rows.groupby("unit")["entered"].nunique()
    if (entries <= 1).all():
        return
    both = firms.expr.group_by("firm").agg(
        n=firms.expr["entered"].fill_null(0).nunique(),
        first=firms.expr["entered"].fill_null(0).min(),
        last=firms.expr["entered"].fill_null(0).max(),
    )
    bad = both.filter(both["n"] > 1).order_by("firm").limit(3).to_pyarrow().to_pandas()
    shown = "; ".join(f"{r['firm']}: {int(r['first'])} and {int(r['last'])}" for r in bad.to_dict("records"))
    raise TechnopoleError(
        f"{int((entries > 1).sum()):,} firms have more than one year of entry",
        value=shown,
        where=f"{firms.source}, column entered",
        fix="write the year of a firm's first entry in all its rows; say a later exit in the column left",
    )


def _drop_missing(made: Panel, covariates: Sequence[str]) -> None:
    if made.rows["outcome"].isna().all():
        raise EmptyTable("the outcome is empty in every row", value=made.outcome)
    made.keep(made.rows["outcome"].notna(), step="outcome known", reason=f"{made.outcome} missing")
    _drop_infinite(made, "outcome", made.outcome)
    for name in covariates:
        if made.rows[name].isna().all():
            raise EmptyTable(
                "the covariate is empty in every row that has an outcome",
                value=name,
                fix="leave it out of covariates=",
            )
        made.keep(made.rows[name].notna(), step=f"{name} known", reason=f"{name} missing")
        _drop_infinite(made, name, name)


def _drop_infinite(made: Panel, column: str, name: str) -> None:
    """Drop rows with an infinite value, which is mostly the logarithm of 0; refuse numbers that can't be squared."""
    size = made.rows[column].abs()
    made.keep(size < np.inf, step=f"{column} finite", reason=f"{name} infinite, as the logarithm of 0 is")
    largest = float(size[size < np.inf].max())
    if largest > LARGEST:
        raise WrongOption(
            f"numbers beyond {LARGEST:g} can't be reckoned with", value=name, fix="another unit"
        )


def _drop_untreatable(made: Panel, exits: Exits, always_treated: Literal["drop", "keep"]) -> None:
    rows = made.rows
    late = rows["entered"] > rows["year"].max()
    if late.any():
        number = rows.loc[late, "unit"].nunique()
        made.warnings.append(f"{number:,} units that enter after the last year count as not entering")
        rows.loc[late, "entered"] = 0
    if exits == "drop":
        gone = (rows["left"] > 0) & (rows["year"] >= rows["left"]) & (rows["entered"] > 0)
        made.keep(~gone, step="still in the park", reason="from the year on in which the unit left the park")
    elif (made.rows["left"] > 0).any():
        number = made.rows.loc[made.rows["left"] > 0, "unit"].nunique()
        made.warnings.append(
            f"{number:,} units that left count as treated ever since they entered (exits='keep')"
        )
    if always_treated == "drop":
        rows = made.rows
        first = rows.groupby("unit")["year"].transform("min")
        always = (rows["entered"] > 0) & (rows["entered"] <= first)
        made.keep(
            ~always,
            step="seen before entry",
            reason="in a park from the first year seen, so without a before",
        )
