"""Location quotient."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from technopole.engine import Expr, sql
from technopole.errors import WrongOption
from technopole.kernels import location_quotient as kernel
from technopole.kernels.proportion import Interval
from technopole.measures import _suppression as suppression
from technopole.measures._latest import of_latest
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Sector

Method = Literal["wilson", "exact", "delta", "none"]


@member
def location_quotient(
    activity: Activity,
    *,
    value: str = "employment",
    sector: Sector | None = None,
    minimum: float = 0.0,
    interval: Method = "wilson",
    level: float = 0.95,
) -> Result:
    """How many times a place's share of an industry exceeds the nation's.

        LQ[p, i] = (E[p, i] / E[p]) / (E[i] / E)

    Unitless, 0 or more; 1 = as everywhere. `low` and `high` are a binomial interval of the place's share, the place's total and the
    nation's share being given; for a withheld value they are the least and greatest quotient its bounds allow.

    Parameters
    ----------
    activity : Activity
        Place x industry x year; the places together are the nation.
    value : str
        What is counted.
    sector : Sector, optional
        Count these codes as one industry and return it alone.
    minimum : float
        Cells with a smaller value aren't named in the text, the chart and `.leading`: a quotient of a few jobs says little. The
        table keeps them.
    interval : {"wilson", "exact", "delta", "none"}
        Score interval (Wilson), exact binomial (Clopper-Pearson), delta method with the place as part of the nation
        (Moineddin, Beyene and Boyle), or no sampling interval. Values that aren't counts, such as output, have none.
    level : float
        Confidence level of the interval, in (0, 1).

    Returns
    -------
    Result
        place, industry, year, value, location_quotient, low, high, undefined. `.leading`: the cells of the latest year
        whose interval starts highest.

    Raises
    ------
    MissingColumn
        The table has no such value.
    EmptyTable
        The table has no rows.
    WrongOption
        An unknown interval, or a level outside (0, 1).

    References
    ----------
    Florence, P. S. (1939). Report on the Location of Industry. Political and Economic Planning, London.
    Moineddin, R., Beyene, J. & Boyle, E. (2003). On the location quotient confidence interval. Geographical Analysis 35(3), 249-256.
    Billings, S. B. & Johnson, E. B. (2012). The location quotient as an estimator of industrial concentration. Regional Science and
    Urban Economics 42(4), 642-647.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> jobs = pd.DataFrame({"place": ["A", "A", "B", "B"], "industry": ["x", "y", "x", "y"], "employment": [30, 10, 10, 30]})
    >>> tp.measures.location_quotient(jobs).table["location_quotient"].tolist()
    [1.5, 0.5, 0.5, 1.5]
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    cells = activity.cells(value, sector=sector)
    warnings = [*suppression.warnings(cells, value)]
    if interval != "none" and not activity.counts(value):
        interval = "none"
        warnings.append(f"{value} isn't a count, so there is no sampling interval")
    table = _judged(_with_totals(cells, interval, sector), interval, level, value)
    leading = _leading(table, minimum, sector is not None)
    return Result.of(
        table,
        text=of_latest(
            _text(
                table, leading, sector, minimum, level if interval != "none" else None, activity.unit(value)
            ),
            table["year"],
        ),
        fields={
            "place": Field("place"),
            "industry": Field("industry or sector"),
            "year": Field("year; 0 = one unnamed period"),
            "value": Field(value, activity.unit(value)),
            "location_quotient": Field(
                "the industry's share here over its share in the nation", "1 = as everywhere", 2
            ),
            "low": Field("lower end of the interval, or of what a withheld value allows", "as above", 2),
            "high": Field("upper end of the interval, or of what a withheld value allows", "as above", 2),
            "undefined": Field("why there is no quotient"),
            "label": Field("place, and industry where there are several"),
        },
        chart=Chart("ranking", {"label": "label", "value": "location_quotient"}, of="leading"),
        warnings=warnings,
        leading=leading,
    )


def _with_totals(cells: Expr, interval: Method, sector: Sector | None) -> pd.DataFrame:
    """Fetch each cell with the totals of its place, industry and year; of its bounds too where some cell is withheld."""
    windows = {
        name: sql.window(group_by=by)
        for name, by in (("place", ["place", "year"]), ("industry", ["industry", "year"]), ("all", ["year"]))
    }
    rows = cells.mutate(middle=suppression.middle(cells))
    parts = ["middle"]
    if cells.suppressed.any().to_pyarrow().as_py():
        rows = rows.mutate(open=rows.high.isnull().cast("float64"), high=sql.coalesce(rows.high, 0.0))
        parts += ["low", "high", "open"]
    rows = rows.mutate(
        **{
            f"{part}_{name}": rows[part].sum().over(window)
            for part in parts
            for name, window in windows.items()
        }
    )
    if interval == "delta":
        spread = sql.ifelse(rows.middle_place > 0, rows.middle - rows.middle**2 / rows.middle_place, 0.0)
        rows = rows.mutate(spread=spread.sum().over(windows["industry"]))
    if sector is not None:
        rows = rows.filter(rows.industry == sector.name)
    return rows.order_by(["year", "industry", "place"]).to_pyarrow().to_pandas()


def _judged(rows: pd.DataFrame, interval: Method, level: float, value: str) -> pd.DataFrame:
    """Add quotient, interval and reason; undefined rows last."""
    place, industry, everything = (
        rows[f"middle_{name}"].to_numpy("float64") for name in ("place", "industry", "all")
    )
    found = _interval(rows, interval, level)
    dead = (place <= 0) | (industry <= 0)
    reasons = ["suppressed", f"the place has no {value}", f"no place has {value} in this industry"]
    table = rows[["place", "industry", "year", "value"]].assign(
        location_quotient=kernel.quotient(rows["value"].to_numpy("float64"), place, industry, everything),
        low=np.where(dead, np.nan, found.low),
        high=np.where(dead | (found.high > kernel.HUGE**0.5), np.nan, found.high),
        undefined=np.select(
            [rows["suppressed"].to_numpy(bool), place <= 0, industry <= 0], reasons, default=""
        ),
    )
    return table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)


def _interval(rows: pd.DataFrame, interval: Method, level: float) -> Interval:
    """Sampling interval of known values, as wide as the bounds of withheld cells make it; limits of withheld values."""

    def counts(part: str, own: str = "") -> kernel.Counts:
        names = (own or part, *(f"{part}_{name}" for name in ("place", "industry", "all")))
        return kernel.Counts.of_totals(*(rows[name].to_numpy("float64") for name in names))

    given = counts("middle")
    bounded = "open" in rows
    low, high = (counts("low"), _opened(counts("high"), counts("open"))) if bounded else (given, given)
    none = np.full(len(rows), np.nan)
    if interval == "delta":
        found = kernel.delta(given, rows["spread"].to_numpy("float64"), level)
    elif interval == "none":
        found = Interval(none, none)
    else:
        found = kernel.sampling(interval, low, high, level)
    if not bounded:
        return found
    limits = kernel.limits(low, high)
    open_ended = ~np.isclose(limits.low, limits.high, rtol=1e-12, atol=0)
    only = rows["suppressed"].to_numpy(bool) | ((interval == "none") & open_ended)
    return Interval(
        np.where(only, limits.low, np.minimum(found.low, limits.low)),
        np.where(only, limits.high, np.maximum(found.high, limits.high)),
    )


def _opened(high: kernel.Counts, without_bound: kernel.Counts) -> kernel.Counts:
    sides = ("x", "a", "b", "c")
    return kernel.Counts(
        *(np.where(getattr(without_bound, side) > 0, kernel.HUGE, getattr(high, side)) for side in sides)
    )


def _leading(table: pd.DataFrame, minimum: float, alone: bool) -> pd.DataFrame:
    """The cells of the latest year whose interval starts highest (whose quotient is highest where there is none)."""
    rows = table[(table["year"] == table["year"].max()) & (table["undefined"] == "") & (table["value"] > 0)]
    rows = rows[rows["value"] >= minimum]
    by = "low" if rows["low"].notna().any() else "location_quotient"
    rows = rows.sort_values([by, "industry", "place"], ascending=[False, True, True]).head(15)
    label = rows["place"] if alone else rows["place"] + " · " + rows["industry"]
    return rows.assign(label=label)[
        ["label", "place", "industry", "year", "value", "location_quotient", "low", "high"]
    ]


def _text(
    table: pd.DataFrame,
    leading: pd.DataFrame,
    sector: Sector | None,
    minimum: float,
    level: float | None,
    unit: str,
) -> str:
    if leading.empty:
        if minimum > 0 and table["value"].gt(0).any():
            return f"No place reaches the minimum of {minimum:,.0f} that was asked for."
        return "No location quotient is defined: the table holds nothing but zeros or withheld values."
    what = f"{sector.name[:1].upper()}{sector.name[1:]}: the".replace("_", " ") if sector else "The"
    among = f" among places with {minimum:,.0f} or more{f' {unit}' if level else ''}" if minimum > 0 else ""
    named = [
        f"{row.label} ({row.location_quotient:.1f}"
        + (f", {level:.0%} interval {row.low:.1f} to {row.high:.1f})" if level else ")")
        for row in leading.head(3).itertuples()
    ]
    latest = table[table["year"] == leading["year"].iloc[0]]
    defined = latest[latest["undefined"] == ""]
    above = int((defined["low"] > 1).sum()) if level else int((defined["location_quotient"] > 1).sum())
    said = "with the whole interval" if level else "without an interval"
    cells = "places" if sector else "cells"
    plants = (
        " Jobs come in plants, so intervals on jobs are too narrow." if level and unit == "persons" else ""
    )
    rivals = defined.loc[defined["value"] >= minimum, "location_quotient"].nlargest(len(named)).min()
    truly = leading["location_quotient"].head(3).min() >= rivals
    first = "highest location quotients" if truly else "location quotients with the highest lower ends"
    return (
        f"{what} {first}{among} are those of {', '.join(named)}. "
        f"Of all {len(defined)} {cells} {above} lie above 1, {said}.{plants}"
    )
