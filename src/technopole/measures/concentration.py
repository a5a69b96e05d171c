"""Concentration of industries over places."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from technopole.engine import sql
from technopole.measures import _suppression as suppression
from technopole.measures._latest import of_latest
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Sector


@member
def concentration(
    activity: Activity,
    *,
    value: str = "employment",
    sector: Sector | None = None,
    reference: Literal["overall", "uniform"] = "overall",
) -> Result:
    """How unevenly each industry is spread over places, against all activity.

        gini   = 1 - sum_k x[k] (S[k] + S[k-1])     places k in order of s / x, S the running sum of s
        theil  = sum_p s[p] ln(s[p] / x[p])
        hoover = 1/2 sum_p |s[p] - x[p]|

    s[p] is the place's share of the industry, x[p] its share of all activity (or 1 / places with any). All are 0 where the industry is
    spread like the reference; Gini and Hoover stay below 1, Theil (in nats) has no common upper end. There is no interval: the
    indices describe a full count, they don't estimate from a sample.

    Parameters
    ----------
    activity : Activity
        Place x industry x year.
    value : str
        What is counted.
    sector : Sector, optional
        Count these codes as one industry and return it alone.
    reference : {"overall", "uniform"}
        Compare with where all activity is (relative concentration), or with equal shares for all places that have any activity
        (absolute concentration).

    Returns
    -------
    Result
        industry, year, gini, theil, hoover, places, suppressed_share, undefined.

    Raises
    ------
    MissingColumn
        The table has no such value.
    EmptyTable
        The table has no rows.

    References
    ----------
    Krugman, P. (1991). Geography and Trade. MIT Press, Cambridge MA.
    Theil, H. (1967). Economics and Information Theory. North-Holland, Amsterdam.
    Hoover, E. M. (1936). The measurement of industrial localization. Review of Economics and Statistics 18(4), 162-171.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> jobs = pd.DataFrame({"place": ["A", "A", "B", "B"], "industry": ["x", "y", "x", "y"], "employment": [30, 10, 10, 30]})
    >>> tp.measures.concentration(jobs).table[["gini", "hoover"]].iloc[0].tolist()
    [0.25, 0.25]
    """
    cells = activity.cells(value, sector=sector)
    rows = suppression.with_totals(cells)
    if sector is not None:
        rows = rows.filter(rows.industry == sector.name)
    rows = rows.mutate(
        s=sql.coalesce(rows.amount / rows.of_industry.nullif(0), 0.0),
        x=sql.coalesce(rows.of_place / rows.of_all.nullif(0), 0.0),
    )
    if reference == "uniform":
        everywhere = suppression.with_totals(activity.cells(value))
        count = everywhere.filter(everywhere.of_place > 0).group_by("year").agg(n=lambda t: t.place.nunique())
        rows = rows.left_join(count, "year").drop("year_right")
        rows = rows.mutate(x=sql.ifelse(rows.of_place > 0, 1 / rows.n, 0.0))
    rows = rows.mutate(ratio=sql.coalesce(rows.s / rows.x.nullif(0), 0.0))
    order = sql.cumulative_window(group_by=["industry", "year"], order_by=["ratio", "place"])
    rows = rows.mutate(run=rows.s.sum().over(order))
    # A place without the industry comes first on the Lorenz curve and adds x to Hoover's sum: present cells are enough.
    measures = {
        "gini": sql.greatest(0.0, 1 - (rows.x * (2 * rows.run - rows.s)).sum()),
        "theil": sql.greatest(0.0, sql.coalesce((rows.s * rows.ratio.nullif(0).ln()).sum(), 0.0)),
        "hoover": sql.greatest(0.0, ((rows.s - rows.x).abs() - rows.x).sum() + 1) / 2,
        "places": (rows.amount > 0).sum().cast("float64"),
    }
    said = suppression.summaries(rows, "industry", rows.of_industry, value, measures)
    table = (
        said.select("industry", "year", *measures, "suppressed_share", "undefined").to_pyarrow().to_pandas()
    )
    return Result.of(
        table,
        text=of_latest(_text(table, reference), table["year"]),
        fields={
            "industry": Field("industry or sector"),
            "year": Field("year; 0 = one unnamed period"),
            "gini": Field("locational Gini: twice the area between Lorenz curve and diagonal", "0 to 1", 3),
            "theil": Field("relative entropy of the industry's spread", "nats", 3),
            "hoover": Field(
                "part of the industry that would have to move to be spread like the reference", "0 to 1", 3
            ),
            "places": Field("places with any of it", "places", 0),
            "suppressed_share": Field(
                "part of the industry's total that rests on bounds of withheld values", "", 3
            ),
            "undefined": Field("why there is no number"),
        },
        chart=Chart("ranking", {"label": "industry", "value": "gini"}),
        warnings=suppression.warnings(cells, value),
    )


def _text(table: pd.DataFrame, reference: str) -> str:
    rows = table[(table["undefined"] == "") & (table["year"] == table["year"].max())]
    if rows.empty:
        return "No industry has a spread to describe: the table holds nothing but zeros or withheld values."
    rows = rows.sort_values(["gini", "industry"], ascending=[False, True])
    first, last = rows.iloc[0], rows.iloc[-1]
    against = "all activity" if reference == "overall" else "an equal share for every place"
    least = (
        ""
        if len(rows) == 1
        else f" Least concentrated of {len(rows)} is {last['industry']} (Gini {last['gini']:.2f})."
    )
    return (
        f"{first['industry']} has a locational Gini of {first['gini']:.2f}: {first['hoover']:.0%} of it would have to move to be spread "
        f"like {against}.{least} These describe a full count, so no sampling interval applies."
    )
