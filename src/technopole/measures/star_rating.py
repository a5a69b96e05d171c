"""Stars of the European Cluster Observatory."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from technopole.engine import Expr, sql
from technopole.errors import WrongOption
from technopole.measures import _suppression as suppression
from technopole.measures._latest import of_latest
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Sector

PUBLISHED, KNOWN = "published by the Observatory", "general knowledge, not read in the Observatory's text"


@member
def star_rating(
    activity: Activity,
    *,
    value: str = "employment",
    sector: Sector | None = None,
    top: float = 0.10,
    quotient: float = 2.0,
    minimum: float = 1000.0,
    focus: Literal["all", "industry"] = "all",
) -> Result:
    """Which regional clusters have critical mass: a star each for size, specialisation and focus.

        size:           among the top 10 % of places by E[p, i], within the industry
        specialisation: LQ[p, i] >= 2
        focus:          among the top 10 % of all clusters by E[p, i] / E[p]
        no star where E[p, i] < 1000

    A rule on a full count, so there is no interval; `stars_strict` and `stars_lax` show how the rating hangs on the thresholds: all of
    them 10 % stricter, all of them 10 % laxer.

    Parameters
    ----------
    activity : Activity
        Place x industry x year; an industry should be a cluster category, the places together are the whole that is rated.
    value : str
        What is counted.
    sector : Sector, optional
        Rate these codes as one cluster category and return it alone.
    top : float
        Share of places (clusters) that get the size (focus) star.
    quotient : float
        Location quotient from which the specialisation star is given.
    minimum : float
        A smaller cluster gets no star.
    focus : {"all", "industry"}
        Take the focus star's top share among all clusters, or within the industry.

    Returns
    -------
    Result
        place, industry, year, value, location_quotient, share, size_star, specialisation_star, focus_star, stars, stars_strict, stars_lax,
        undefined. `.thresholds`: each threshold, its value and whether it is published.

    Raises
    ------
    MissingColumn
        The table has no such value.
    EmptyTable
        The table has no rows.
    WrongOption
        `top` outside (0, 1), or a negative threshold.

    References
    ----------
    European Cluster Observatory (2007-2012). Evaluation of regional cluster strength. Stockholm School of Economics.
    http://www.clusterobservatory.eu/index.php?id=49&nid=

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> jobs = pd.DataFrame({"place": list("ABCDEFGHIJ") * 2, "industry": ["x"] * 10 + ["y"] * 10,
    ...                      "employment": [9000] + [100] * 9 + [1000] + [9900] * 9})
    >>> tp.measures.star_rating(jobs, focus="industry").table["stars"].head(2).tolist()
    [3, 0]
    """
    if not 0 < top < 1 or quotient < 0 or minimum < 0:
        raise WrongOption(
            "top is a share between 0 and 1; quotient and minimum are 0 or more",
            value=(top, quotient, minimum),
        )
    cells = activity.cells(value, sector=sector)
    rows = _ranked(suppression.with_totals(cells), focus)
    if sector is not None:
        rows = rows.filter(rows.industry == sector.name)
    rows = _starred(rows, top, quotient, minimum, value)
    table = rows.to_pyarrow().to_pandas()
    whole = ["size_star", "specialisation_star", "focus_star", "stars", "stars_strict", "stars_lax"]
    table[whole] = table[whole].astype("Int64")
    return Result.of(
        table,
        text=of_latest(_text(table), table["year"]),
        fields=_fields(activity, value),
        chart=Chart("ranking", {"label": "place", "value": "stars"}) if sector else None,
        warnings=suppression.warnings(cells, value),
        thresholds=pd.DataFrame(
            [
                ("size: top share of places", top, PUBLISHED if top == 0.10 else "chosen by the caller"),
                (
                    "specialisation: location quotient",
                    quotient,
                    KNOWN if quotient == 2.0 else "chosen by the caller",
                ),
                ("focus: top share of clusters", top, KNOWN if top == 0.10 else "chosen by the caller"),
                ("minimum size", minimum, KNOWN if minimum == 1000.0 else "chosen by the caller"),
            ],
            columns=["threshold", "setting", "basis"],
        ),
    )


def _ranked(rows: Expr, focus: str) -> Expr:
    """Add quotient, share, and the part of the clusters that are as large (as focused) or more; empty cells don't count."""
    rows = rows.mutate(
        present=rows.amount > 0,
        share=rows.amount / rows.of_place.nullif(0),
        location_quotient=rows.amount
        / rows.of_place.nullif(0)
        / (rows.of_industry / rows.of_all.nullif(0)).nullif(0),
    )
    by = ["year", "present"] if focus == "all" else ["year", "present", "industry"]
    return rows.mutate(
        in_size=sql.cume_dist().over(
            sql.window(group_by=["year", "present", "industry"], order_by=rows.amount.desc())
        ),
        in_focus=sql.cume_dist().over(sql.window(group_by=by, order_by=rows.share.desc())),
    )


def _starred(rows: Expr, top: float, quotient: float, minimum: float, value: str) -> Expr:
    def stars(strict: float) -> tuple[Expr, Expr, Expr]:
        # A hair of slack, so that 3 of 30 is a tenth although 0.1 isn't a binary fraction.
        large = rows.present & (rows.amount >= minimum * strict)
        return (
            large & (rows.in_size <= top / strict + 1e-12),
            large & (rows.location_quotient >= quotient * strict),
            large & (rows.in_focus <= top / strict + 1e-12),
        )

    def number(given: Expr) -> Expr:
        return sql.ifelse(
            rows.suppressed | (rows.of_place <= 0), sql.null("int64"), sql.coalesce(given.cast("int64"), 0)
        )

    size, special, focused = (number(star) for star in stars(1.0))
    strict, lax = (sum(number(star) for star in stars(how)) for how in (1.1, 1 / 1.1))
    rows = rows.select(
        "place",
        "industry",
        "year",
        "value",
        location_quotient=sql.ifelse(rows.suppressed, sql.null("float64"), rows.location_quotient),
        share=sql.ifelse(rows.suppressed, sql.null("float64"), rows.share),
        size_star=size,
        specialisation_star=special,
        focus_star=focused,
        stars=size + special + focused,
        stars_strict=strict,
        stars_lax=lax,
        undefined=sql.cases(
            (rows.suppressed, "suppressed"),
            (rows.of_place > 0, ""),
            else_=f"the place has no {value}",
        ),
    )
    return rows.order_by(
        [rows.undefined != "", "year", rows.stars.desc(), rows.location_quotient.desc(), "industry", "place"]
    )


def _fields(activity: Activity, value: str) -> dict[str, Field]:
    return {
        "place": Field("place"),
        "industry": Field("cluster category"),
        "year": Field("year; 0 = one unnamed period"),
        "value": Field(value, activity.unit(value)),
        "location_quotient": Field(
            "the category's share here over its share in all places", "1 = as everywhere", 2
        ),
        "share": Field("the category's share in the place", "", 4),
        "size_star": Field("star for size", "0 or 1", 0),
        "specialisation_star": Field("star for specialisation", "0 or 1", 0),
        "focus_star": Field("star for focus", "0 or 1", 0),
        "stars": Field("stars in all", "0 to 3", 0),
        "stars_strict": Field("stars with every threshold 10 % stricter", "0 to 3", 0),
        "stars_lax": Field("stars with every threshold 10 % laxer", "0 to 3", 0),
        "undefined": Field("why there is no rating"),
        "threshold": Field("threshold"),
        "setting": Field("its value"),
        "basis": Field("whether the Observatory published it"),
    }


def _text(table: pd.DataFrame) -> str:
    rows = table[(table["undefined"] == "") & (table["year"] == table["year"].max())]
    if rows.empty:
        return "No cluster can be rated: the table holds nothing but zeros or withheld values."
    three = rows[rows["stars"] == 3]
    if len(rows) == 1:
        return f"{rows['industry'].iloc[0]} in {rows['place'].iloc[0]}, the only cluster, has {rows['stars'].iloc[0]} of three stars."
    if three.empty:
        some = int((rows["stars"] > 0).sum())
        return f"None of {len(rows)} clusters has three stars; {some or 'none'} {'has' if some < 2 else 'have'} at least one."
    firm = int((three["stars_strict"] == 3).sum())
    named = ", ".join(f"{row.industry} in {row.place}" for row in three.head(3).itertuples())
    return (
        f"{len(three)} of {len(rows)} clusters {'has' if len(three) == 1 else 'have'} three stars, led by {named}. "
        f"{firm} of them {'keeps' if firm == 1 else 'keep'} all three where every threshold is 10 % stricter."
    )
