"""Specialization of places."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from technopole.engine import sql
from technopole.measures import _suppression as suppression
from technopole.measures._latest import of_latest
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity


@member
def specialization(
    activity: Activity,
    *,
    value: str = "employment",
    reference: Literal["nation", "rest"] = "nation",
) -> Result:
    """How far each place's mix of industries departs from the nation's.

        krugman            = 1/2 sum_i |s[p, i] - t[i]|
        hoover_balassa_max = max_i s[p, i] / t[i]
        herfindahl         = sum_i s[p, i]^2
        hachman            = 1 / sum_i (s[p, i]^2 / t[i])

    s[p, i] is the industry's share in the place, t[i] in the reference. Krugman and Herfindahl lie in [0, 1], Hachman in (0, 1] with
    1 = the nation's own mix. There is no interval: the indices describe a full count, they don't estimate from a sample.

    Parameters
    ----------
    activity : Activity
        Place x industry x year; the places together are the nation.
    value : str
        What is counted.
    reference : {"nation", "rest"}
        Compare with all places (the place among them), or with all others.

    Returns
    -------
    Result
        place, year, krugman, hoover_balassa_max, herfindahl, hachman, suppressed_share, undefined.

    Raises
    ------
    MissingColumn
        The table has no such value.
    EmptyTable
        The table has no rows.

    References
    ----------
    Krugman, P. (1991). Geography and Trade. MIT Press, Cambridge MA.
    Hachman, F. (1995). Economic report to the Governor, State of Utah. Bureau of Economic and Business Research, University of Utah.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> jobs = pd.DataFrame({"place": ["A", "A", "B", "B"], "industry": ["x", "y", "x", "y"], "employment": [30, 10, 10, 30]})
    >>> tp.measures.specialization(jobs).table[["krugman", "herfindahl", "hachman"]].iloc[0].tolist()
    [0.25, 0.625, 0.8]
    """
    cells = activity.cells(value)
    rows = suppression.with_totals(cells)
    share = rows.amount / rows.of_place.nullif(0)
    if reference == "nation":
        other = rows.of_industry / rows.of_all.nullif(0)
    else:
        other = (rows.of_industry - rows.amount) / (rows.of_all - rows.of_place).nullif(0)
    ratio = share / other.nullif(0)
    lacking = (rows.amount > 0) & sql.coalesce(other <= 0, True)
    # An industry the place lacks adds its reference share; those shares sum to 1, so only present cells are needed.
    apart = (
        (share - other).abs() - other
    ).sum() + 1  # null where there is no reference; greatest() alone would make it 0
    measures = {
        "krugman": sql.ifelse(apart.isnull(), sql.null("float64"), sql.greatest(0.0, apart)) / 2,
        "hoover_balassa_max": ratio.max(),
        "herfindahl": (share * share).sum(),
        "hachman": sql.ifelse(lacking.any(), sql.null("float64"), 1 / (share * ratio).sum()),
    }
    said = suppression.summaries(rows, "place", rows.of_place, value, measures)
    table = _explained(
        said.select("place", "year", *measures, "suppressed_share", "undefined").to_pyarrow().to_pandas()
    )
    return Result.of(
        table,
        text=of_latest(_text(table), table["year"]),
        fields={
            "place": Field("place"),
            "year": Field("year; 0 = one unnamed period"),
            "krugman": Field("half the sum of absolute differences from the reference's shares", "0 to 1", 3),
            "hoover_balassa_max": Field("highest location quotient of any industry", "1 = as everywhere", 2),
            "herfindahl": Field("sum of squared industry shares", "1 / industries to 1", 3),
            "hachman": Field("likeness of the mix to the reference", "0 to 1; 1 = the same", 3),
            "suppressed_share": Field(
                "part of the place's total that rests on bounds of withheld values", "", 3
            ),
            "undefined": Field("why there is no number, or which one there isn't"),
        },
        chart=Chart("ranking", {"label": "place", "value": "krugman"}),
        warnings=suppression.warnings(cells, value),
    )


def _explained(table: pd.DataFrame) -> pd.DataFrame:
    """Name what a place has no number for because the rest of the table lacks its industries; such rows last."""
    whole, rest = table["undefined"] == "", table["krugman"].notna()
    table.loc[whole & ~rest, "undefined"] = "there is no other place to compare with"
    lacking = whole & rest & table["hachman"].isna()
    table.loc[lacking, "undefined"] = "no hachman: the other places lack one of its industries"
    nothing = lacking & table["hoover_balassa_max"].isna()
    table.loc[nothing, "undefined"] = (
        "no hoover_balassa_max, no hachman: the other places lack all its industries"
    )
    return table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)


def _text(table: pd.DataFrame) -> str:
    rows = table[table["krugman"].notna() & (table["year"] == table["year"].max())]
    if rows.empty:
        return "No place has a mix to describe: the table holds nothing but zeros or withheld values."
    rows = rows.sort_values(["krugman", "place"], ascending=[False, True])
    first, last = rows.iloc[0], rows.iloc[-1]
    if first["krugman"] - last["krugman"] < 1e-12:
        who = first["place"] if len(rows) == 1 else f"Each of the {len(rows)} places"
        return (
            f"{who} would have to change the industry of {first['krugman']:.0%} of its activity to have the reference's mix. "
            "These describe a full count, so no sampling interval applies."
        )
    return (
        f"{first['place']} is the most specialised of {len(rows)} places: {first['krugman']:.0%} of its activity would have to "
        f"change industry to give it the reference's mix. {last['place']} is nearest to it ({last['krugman']:.0%}). "
        "These describe a full count, so no sampling interval applies."
    )
