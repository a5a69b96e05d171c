"""Who is in a park in which year, from the years of entry and exit, or, where these aren't known, from the park named in the row."""

from __future__ import annotations

from collections.abc import Sequence

from technopole.effects._panel import Panel, panel
from technopole.engine import sql
from technopole.errors import EmptyTable, TechnopoleError
from technopole.tables import Firms

INSIDE = "_inside"


def inside_panel(
    firms: Firms,
    *,
    outcome: str,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    year: int | None = None,
) -> Panel:
    """Make a panel with the column `_inside` (1 in a park, 0 not); rows of units that have left a park are dropped and counted."""
    chosen = firms if year is None else _only(firms, year)
    made = panel(
        _told(chosen), outcome=outcome, covariates=[*covariates, INSIDE], cluster=cluster, treatment=False
    )
    made.covariates = tuple(covariates)
    made.keep(
        made.rows[INSIDE] >= 0,
        step="still in the park",
        reason="from the year on in which the unit left the park",
    )
    return made


def _only(firms: Firms, year: int) -> Firms:
    years = firms.expr.select("year").distinct().order_by("year").to_pyarrow()["year"].to_pylist()
    if year not in years:
        raise EmptyTable(
            "no row of this year",
            value=year,
            where=firms.source,
            fix=f"there is {years[0]} to {years[-1]}" if years else "",
        )
    return _like(firms, firms.expr.filter(firms.expr["year"] == year))


def _told(firms: Firms) -> Firms:
    expr = firms.expr
    if "entered" in firms.columns:
        entered = expr["entered"].fill_null(0)
        left = expr["left"].fill_null(0) if "left" in firms.columns else sql.literal(0)
        now = (entered > 0) & (entered <= expr["year"])
        status = sql.cases((now & (left > 0) & (left <= expr["year"]), -1), (now, 1), else_=0)
    elif "park" in firms.columns:
        status = expr["park"].notnull().cast("int64")
    else:
        raise TechnopoleError(
            "nothing says which firms are in a park",
            where=firms.source,
            exists=firms.columns,
            fix="a column `entered` (year of entry, 0 = never) or `park` (name, empty = in none)",
        )
    return _like(firms, expr.mutate(**{INSIDE: status}))


def _like(firms: Firms, expr: object) -> Firms:
    return Firms(
        expr,
        source=firms.source,
        digest=firms.digest,
        rows=firms.rows,
        warnings=firms.warnings,
        crs=firms.crs,
    )


def counts(made: Panel) -> dict[str, int]:
    """Return units, treated and controls as `overall` takes them: a unit is treated if it is ever inside."""
    ever = made.rows.groupby("unit")[INSIDE].max()
    return {"units": len(ever), "treated": int((ever > 0).sum()), "controls": int((ever == 0).sum())}
