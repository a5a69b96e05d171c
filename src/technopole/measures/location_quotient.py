"""Location quotient."""

from __future__ import annotations

from technopole.engine import sql
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Sector


@member
def location_quotient(
    activity: Activity,
    *,
    value: str = "employment",
    sector: Sector | None = None,
    level: float = 0.95,
) -> Result:
    """How many times a place's share of an industry exceeds the nation's.

        LQ[p, i] = (E[p, i] / E[p]) / (E[i] / E)

    Unitless, 0 or more; 1 = as everywhere.

    Parameters
    ----------
    activity : Activity
        Place x industry x year; the places together are the nation.
    value : str
        What is counted.
    sector : Sector, optional
        Count these codes as one industry and return it alone.
    level : float
        Confidence level of the interval, in (0, 1).

    Returns
    -------
    Result
        place, industry, year, value, location_quotient, low, high, undefined.

    Raises
    ------
    MissingColumn
        The table has no such value.
    EmptyTable
        The table has no rows.

    References
    ----------
    Florence, P. S. (1939). Report on the Location of Industry. Political and Economic Planning, London.

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
    total = {
        name: cells.value.sum().over(sql.window(group_by=by))
        for name, by in (
            ("of_place", ["place", "year"]),
            ("of_industry", ["industry", "year"]),
            ("of_all", ["year"]),
        )
    }
    rows = cells.mutate(**total)
    if sector is not None:
        rows = rows.filter(rows.industry == sector.name)
    table = rows.order_by(["year", "industry", "place"]).to_pandas()
    share = table["of_industry"] / table["of_all"]
    table["location_quotient"] = table["value"] / table["of_place"] / share
    return Result.of(
        table[["place", "industry", "year", "value", "location_quotient"]],
        text="",
        fields={
            "place": Field("place"),
            "industry": Field("industry or sector"),
            "year": Field("year; 0 = one unnamed period"),
            "value": Field(value),
            "location_quotient": Field(
                "share of the industry here over its share in the nation", "1 = as everywhere", 2
            ),
        },
        chart=Chart("ranking", {"label": "place", "value": "location_quotient"}),
        warnings=activity.warnings,
    )
