"""The sample of a matched comparison: one row per firm, inside or not, with its outcomes and what it is matched on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from technopole.effects._entry import with_entry
from technopole.effects._panel import Panel, panel
from technopole.engine import sql
from technopole.errors import EmptyTable, TechnopoleError, WrongOption
from technopole.tables import Firms


@dataclass(slots=True)
class Sample:
    """One row per firm: unit, `.treated`, `.y0`, `.y1`, ... (the outcomes), the covariates under their names, `.block` (firms alike in `exact`).

    `panel` holds the same firms in the year of the outcome, for the gap in levels.
    """

    rows: pd.DataFrame
    panel: Panel
    outcomes: tuple[str, ...]
    on: tuple[str, ...]
    year: int

    @property
    def treated(self) -> np.ndarray:
        """Who is inside."""
        return self.rows[".treated"].to_numpy(bool)

    @property
    def covariates(self) -> np.ndarray:
        """What is matched on, a column each."""
        return self.rows[list(self.on)].to_numpy("float64")

    @property
    def block(self) -> np.ndarray:
        """Which firms are alike in what has to be the same."""
        return self.rows[".block"].to_numpy("int64")

    def outcome(self, number: int) -> np.ndarray:
        """Values of an outcome, or of its change."""
        return self.rows[f".y{number}"].to_numpy("float64")

    def keep(self, rows: pd.Series, *, step: str, reason: str) -> None:
        """Drop the firms where `rows` is false, and count them."""
        self.panel.keep(rows, step=step, reason=reason)
        self.rows = self.rows[rows].reset_index(drop=True)


def sample(
    firms: Firms,
    *,
    outcomes: Sequence[str],
    on: Sequence[str],
    exact: Sequence[str],
    cluster: str | None,
    year: int | None,
    before: int,
    change: bool,
) -> Sample:
    """Take the outcomes of `year` and what the firms are matched on, `before` years earlier; who was inside by then is left out."""
    at, here = _years(firms, year, before)
    now = panel(
        here,
        outcome=outcomes[0],
        covariates=[*outcomes[1:], *(name for name in on if not before and name not in outcomes)],
        cluster=cluster,
        always_treated="keep",
    )
    now.keep(now.rows["year"] == at, step="outcome measured", reason=f"another year than {at}")
    rows = now.rows.assign(**{".treated": now.rows["entered"] > 0})
    if before:
        rows = _earlier(now, here, on, outcomes if change else (), at - before)
    elif set(on) & set(outcomes):
        raise WrongOption(
            "an outcome can't be matched on in the year it is measured in",
            value=sorted(set(on) & set(outcomes))[0],
            fix="before=1 matches on its value a year earlier",
        )
    names = {name: f".y{number}" for number, name in enumerate(outcomes)}
    values = {
        names[name]: rows["outcome" if name == outcomes[0] else name]
        - (rows[f"base {name}"] if change else 0.0)
        for name in outcomes
    }
    rows = rows.assign(**values, **{".block": _blocks(rows, here, exact, at - before)})
    made = Sample(rows.reset_index(drop=True), now, tuple(outcomes), tuple(on), at)
    _both_groups(made)
    _same_everywhere(made)
    return made


def _years(firms: Firms, year: int | None, before: int) -> tuple[int, Firms]:
    """Return the year of the outcome, and the table of that year and of the one that is matched on."""
    if not firms.rows:
        raise EmptyTable("a panel without rows", where=firms.source)
    expr = with_entry(firms).expr
    there = sorted(int(value) for value in expr["year"].to_pyarrow().unique().to_pylist())
    at = there[-1] if year is None else year
    for needed in (at, at - before):
        if needed not in there:
            raise WrongOption("the table has no such year", value=needed, where=firms.source, exists=there)
    kept = expr.filter(expr["year"].isin([at, at - before]))
    rows = int(kept.count().to_pyarrow().as_py())
    return at, Firms(kept, source=firms.source, digest=firms.digest, rows=rows, warnings=firms.warnings)


def _earlier(now: Panel, here: Firms, on: Sequence[str], bases: Sequence[str], then: int) -> pd.DataFrame:
    """Add the values of the earlier year; firms without them, or inside by then, are dropped."""
    names = list(dict.fromkeys([*on, *bases]))
    base = panel(here, outcome=names[0], covariates=names[1:], always_treated="keep")
    old = base.rows[base.rows["year"] == then].rename(columns={"outcome": names[0]}).set_index("unit")[names]
    inside = (now.rows["entered"] > 0) & (now.rows["entered"] <= then)
    now.keep(~inside, step="outside before", reason=f"in a park by {then}, the year that is matched on")
    known = now.rows["unit"].isin(old.index)
    now.keep(known, step="seen before", reason=f"no values in {then} to be matched on")
    values = old.loc[now.rows["unit"]].reset_index(drop=True)
    added = {name: values[name] for name in on}
    added |= {f"base {name}": values[name] for name in bases}
    return now.rows.assign(**{".treated": now.rows["entered"] > 0}, **added)


def _blocks(rows: pd.DataFrame, here: Firms, exact: Sequence[str], then: int) -> np.ndarray:
    """Number the groups of firms that are alike in `exact`; a missing value is a value of its own."""
    if not exact:
        return np.zeros(len(rows), dtype=np.int64)
    here.require(*exact)
    codes = {
        f"c{i}": sql.dense_rank().over(sql.window(order_by=here.expr[name])) for i, name in enumerate(exact)
    }
    unit = sql.dense_rank().over(sql.window(order_by=here.expr["firm"])).cast("int64")
    found = here.expr.select(unit=unit, year=here.expr["year"], **codes).order_by(["unit", "year"])
    frame = found.to_pyarrow().to_pandas()
    frame = frame[frame["year"] == then].set_index("unit").reindex(rows["unit"])
    return frame.groupby(list(codes), dropna=False, sort=True).ngroup().to_numpy("int64")


def _both_groups(made: Sample) -> None:
    inside = int(made.treated.sum())
    if 0 < inside < len(made.rows):
        return
    missing = "inside" if not inside else "outside"
    raise TechnopoleError(
        f"in {made.year} no firm with all values is {missing} a park, so there is nothing to compare",
        value=made.outcomes[0],
        fix="another year, or covariates that are known for more firms",
    )


def _same_everywhere(made: Sample) -> None:
    """Leave out covariates that are the same for all firms: they are balanced by themselves."""
    flat = [name for name in made.on if made.rows[name].nunique() < 2]
    if flat:
        made.panel.warnings.append(f"not matched on, as it is the same for all firms: {', '.join(flat)}")
        made.on = tuple(name for name in made.on if name not in flat)
    if not made.on:
        raise TechnopoleError(
            "nothing to match on: each covariate is the same for all firms", value=", ".join(flat)
        )
