"""Who was at risk of closing when: firm-years with the time lived so far, whether in a park, and whether it was the last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from technopole.effects._gap import inside
from technopole.effects._panel import Exits, Panel, panel
from technopole.engine import Expr, sql
from technopole.errors import TechnopoleError, WrongOption
from technopole.tables import Firms

Array = npt.NDArray[np.float64]
DISAPPEARED = (
    "a firm counts as closed after the last year in which it is seen, if that is before the panel's last year: firms that moved, merged "
    "or stopped reporting are among them"
)


def risk_panel(
    firms: Firms,
    *,
    covariates: Sequence[str],
    cluster: str | None,
    born: str | None,
    closed: str | None,
    exits: Exits,
) -> Panel:
    """Make the panel: outcome 1 in the year a firm closes, else 0; `lived` = whole years since birth, or since first seen; `inside`."""
    _refuse_design(covariates)
    firms.require(*[name for name in (born, closed) if name])
    made = panel(
        _with_closing(firms, closed),
        outcome="closing",
        covariates=[*covariates, *([born] if born else [])],
        cluster=cluster,
        exits=exits,
        always_treated="keep",
    )
    made.covariates = tuple(covariates)
    rows = made.rows
    made.keep(rows["outcome"] >= 0, step="still open", reason="after the year of closing")
    if closed is None:
        made.warnings.append(DISAPPEARED)
        end = made.rows["year"].max()
        made.keep(
            made.rows["year"] < end,
            step="next year known",
            reason=f"in {end}, the last year: who closed in it isn't known",
        )
    rows = made.rows
    since = rows[born] if born else rows.groupby("unit")["year"].transform("min")
    made.rows = rows.assign(lived=rows["year"] - since, inside=inside(rows).astype("float64"))
    made.keep(made.rows["lived"] >= 0, step="after birth", reason="before the year of birth")
    _check(made)
    return made


def _refuse_design(covariates: Sequence[str]) -> None:
    for name in ("closing", "lived", "inside"):
        if name in covariates:
            raise WrongOption(
                "this name is part of the design", value=name, fix="give the column another name"
            )


def _with_closing(firms: Firms, closed: str | None) -> Firms:
    """Add `closing`: 1 in a firm's last year if it then closes, -1 after it closed, else 0."""
    expr: Expr = firms.expr
    last = expr["year"].max().over(sql.window(group_by=expr["firm"]))
    if closed is None:
        closing = ((expr["year"] == last) & (last < expr["year"].max().over(sql.window()))).cast("int64")
    else:
        when = expr[closed].cast("float64").fill_null(0)
        gone = (when > 0) & (expr["year"] > when)
        dies = (
            (when > 0) & (expr["year"] <= when) & (sql.least(last, when) == expr["year"]) & (when <= last + 1)
        )
        closing = sql.ifelse(gone, -1, dies.cast("int64"))
    return Firms(
        expr.mutate(closing=closing),
        source=firms.source,
        digest=firms.digest,
        rows=firms.rows,
        warnings=firms.warnings,
        crs=firms.crs,
    )


def _check(made: Panel) -> None:
    rows = made.rows
    deaths = rows["outcome"].sum()
    if not deaths:
        raise TechnopoleError(
            "no firm closes while it is observed",
            fix="say the year of closing in a column and name it: closed='...'; or survival isn't what this table can show",
        )
    there = rows.groupby("inside")["outcome"].sum()
    for status, said in ((1.0, "in a park"), (0.0, "outside parks")):
        if status not in there.index:
            raise TechnopoleError(f"no firm is seen {said}: there is nothing to compare")
        if not there[status]:
            raise TechnopoleError(
                f"no firm closes {said} ({int((rows['inside'] == status).sum()):,} firm-years): the ratio of hazards is 0 or infinite",
                fix="more years or more firms",
            )


def pieces(lived: Array, events: npt.NDArray[np.bool_], most: int) -> npt.NDArray[np.int64]:
    """Cut the time lived into pieces of constant hazard: its own values, or `most` pieces with about as many closings each."""
    values = np.unique(lived)
    if len(values) <= most:
        return np.searchsorted(values, lived)
    cuts = np.unique(np.quantile(lived[events], np.arange(1, most) / most, method="inverted_cdf"))
    return np.searchsorted(cuts, lived, side="left")
