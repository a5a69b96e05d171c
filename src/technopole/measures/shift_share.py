"""Shift-share."""

from __future__ import annotations

import itertools
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from technopole.engine import Expr, sql
from technopole.errors import UnknownName, WrongOption
from technopole.measures import _suppression
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity

PARTS = ["national", "industry_mix", "regional", "change"]


@member
def shift_share(
    activity: Activity,
    *,
    from_: int,
    to: int,
    value: str = "employment",
    method: Literal["classic", "dynamic"] = "classic",
) -> Result:
    """How much of a place's growth is the nation's, its industries', and its own.

        change[p, i] = national + industry_mix + regional
        national     = E0[p, i] g
        industry_mix = E0[p, i] (g[i] - g)
        regional     = E1[p, i] - E0[p, i] (1 + g[i])

    E0, E1 = the value in `from_` and `to`; g = growth of the whole table, g[i] of an industry in it. ``"dynamic"``
    (Barff and Knight) does this for every pair of consecutive years between and adds up the parts, so that weights
    keep up with the structure. An industry new to a place is `regional`, also where it is new to the nation. There is
    no interval: the parts are an exact accounting of counted totals, not an estimate.

    Parameters
    ----------
    activity : Activity
        Place x industry x year; the places together are the nation. A cell that is absent in a year counts as zero.
    from_, to : int
        First and last year.
    value : str
        What is counted.
    method : {"classic", "dynamic"}
        One step from first to last year, or year by year.

    Returns
    -------
    Result
        place, industry, national, industry_mix, regional, change, start, end, undefined; `.places`: the same by place;
        `.bounds` where values are withheld: place, industry, change, change_low, change_high.

    Raises
    ------
    UnknownName
        A year isn't in the table.

    References
    ----------
    Dunn, E. S. (1960). A statistical and analytical technique for regional analysis. Papers of the Regional Science
    Association 6, 97-112. https://doi.org/10.1111/j.1435-5597.1960.tb01705.x
    Barff, R. A. & Knight, P. L. (1988). Dynamic shift-share analysis. Growth and Change 19(2), 1-10.
    https://doi.org/10.1111/j.1468-2257.1988.tb00465.x

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> jobs = pd.DataFrame({"place": list("ABABABAB"), "industry": list("xxyyxxyy"), "year": [2010] * 4 + [2020] * 4,
    ...     "employment": [100, 100, 100, 100, 150, 130, 90, 110]})
    >>> tp.measures.shift_share(jobs, from_=2010, to=2020).table.iloc[0, 2:6].astype(float).round(6).tolist()
    [20.0, 20.0, 10.0, 50.0]
    """
    if not from_ < to:
        raise WrongOption("from_ comes before to", value=(from_, to))
    cells = _suppression.filled(activity.cells(value))
    years = _years(cells, from_, to)
    cells = cells.filter(cells.year.between(from_, to))
    steps = [(from_, to)] if method == "classic" else list(itertools.pairwise(years))
    parts = _parts(_paired(cells, steps))
    found = parts.group_by(["place", "industry"]).agg(
        **{name: parts[name].sum() for name in PARTS}, unfounded=parts.nothing.max()
    )
    ends = _paired(cells, [(from_, to)]).drop("step")
    joined = found.left_join(ends, ["place", "industry"]).drop("place_right", "industry_right")
    joined = joined.mutate(
        withheld=sql.coalesce(joined.withheld, False),
        **{name: sql.coalesce(joined[name], 0.0) for name in ("start", "end", "change_low", "change_high")},
    )
    table = joined.order_by(["unfounded", "place", "industry"]).to_pyarrow().to_pandas()
    table["undefined"] = np.where(table["unfounded"], "the table has nothing at the start to grow from", "")
    table[PARTS[:3]] = table[PARTS[:3]].mask(table["unfounded"])
    places = table.groupby("place", sort=True)[[*PARTS, "start", "end"]].sum(min_count=1).reset_index()
    table[["change_low", "change_high"]] = table[["change_low", "change_high"]].where(np.isfinite, np.nan)
    bounds = table.loc[table["withheld"], ["place", "industry", "change", "change_low", "change_high"]]
    return Result.of(
        table[["place", "industry", *PARTS, "start", "end", "undefined"]],
        text=_text(places, from_, to, value, activity.unit(value)),
        fields=_fields(value, activity.unit(value), from_, to),
        chart=Chart(
            "ranking", {"label": "place", "value": "regional", "reference": 0.0, "axis": value}, "places"
        ),
        warnings=[*_gaps(steps, method), *_suppression.warnings(cells, value)],
        places=places,
        **({} if bounds.empty else {"bounds": bounds}),
    )


def _years(cells: Expr, from_: int, to: int) -> list[int]:
    years: list[int] = sorted(cells.select("year").distinct().to_pyarrow()["year"].to_pylist())
    for year in (from_, to):
        if year not in years:
            raise UnknownName("the table has no such year", value=year, exists=years)
    return [year for year in years if from_ <= year <= to]


def _paired(cells: Expr, steps: list[tuple[int, int]]) -> Expr:
    """Return one row per step, place and industry with the value at its start and end, and bounds of the change."""
    number = range(len(steps))
    ends = sql.memtable(
        pa.table(
            {
                "step": [step for step in number for _ in (0, 1)],
                "at": [year for step in steps for year in step],
                "sign": [sign for _ in number for sign in (-1.0, 1.0)],
            }
        )
    )
    rows = cells.join(ends, cells.year == ends["at"])
    first = rows.sign < 0
    high = sql.ifelse(rows.suppressed & rows.high.isnull(), float("inf"), rows.high)
    return rows.group_by(["step", "place", "industry"]).agg(
        start=sql.ifelse(first, rows.amount, 0.0).sum(),
        end=sql.ifelse(first, 0.0, rows.amount).sum(),
        change_low=sql.ifelse(first, -high, rows.low).sum(),
        change_high=sql.ifelse(first, -rows.low, high).sum(),
        withheld=rows.suppressed.max(),
    )


def _parts(pairs: Expr) -> Expr:
    """Split the change of every cell and step."""
    total = {
        f"{end}_{name}": pairs[end].sum().over(group_by=by)
        for name, by in (("all", ["step"]), ("industry", ["step", "industry"]))
        for end in ("start", "end")
    }
    rows = pairs.mutate(**total)
    nation = rows.end_all / rows.start_all.nullif(0.0) - 1
    industry = sql.coalesce(rows.end_industry / rows.start_industry.nullif(0.0) - 1, nation)
    return rows.mutate(
        national=rows.start * nation,
        industry_mix=rows.start * (industry - nation),
        regional=rows.end - rows.start * (1 + industry),
        change=rows.end - rows.start,
        nothing=rows.start_all <= 0,
    )


def _gaps(steps: list[tuple[int, int]], method: str) -> list[str]:
    wide = [f"{first}-{last}" for first, last in steps if last - first > 1]
    if method == "classic" or not wide:
        return []
    return [f"years are missing: {', '.join(wide)} are one step each"]


def _text(places: pd.DataFrame, from_: int, to: int, value: str, unit: str) -> str:
    if places["regional"].isna().all():
        return f"There is no {value} in {from_}, so no growth to split."
    total = places[["start", "end", "change"]].sum()
    ranked = places.sort_values(["regional", "place"], kind="stable")
    worst, best = ranked.iloc[0], ranked.iloc[-1]
    ahead = int((places["regional"] > 1e-9 * places["start"]).sum())
    said = (
        f"Between {from_} and {to} {value} went from {total['start']:,.0f} to {total['end']:,.0f}{unit and ' '}{unit} "
        f"({total['change'] / total['start']:+.1%}). "
    )
    if len(places) == 1:
        return f"{said}{best['place']} is the only place, so nothing of this is its own."
    gap = best["regional"] - worst["regional"]
    if not gap > 1e-9 * places["start"].abs().max():
        return f"{said}No place grew by more or less than the nation's growth and its industries explain."
    return (
        f"{said}{ahead} of {len(places)} places grew by more than the nation's growth and "
        f"their industries explain: {best['place']} by most ({best['regional']:+,.0f}); "
        f"{worst['place']} by least ({worst['regional']:+,.0f})."
    )


def _fields(value: str, unit: str, from_: int, to: int) -> dict[str, Field]:
    exact = "; an exact part of the change, without sampling error"
    return {
        "place": Field("place"),
        "industry": Field("industry"),
        "national": Field(f"what the nation's growth would have brought{exact}", unit or value, 0),
        "industry_mix": Field(
            f"what its industry's growth beyond the nation's would have brought{exact}", unit or value, 0
        ),
        "regional": Field(f"the place's own growth beyond its industries'{exact}", unit or value, 0),
        "change": Field(f"change from {from_} to {to}", unit or value, 0),
        "start": Field(f"{value} in {from_}", unit or value, 0),
        "end": Field(f"{value} in {to}", unit or value, 0),
        "change_low": Field(
            "smallest change that the bounds of withheld values allow; empty = no bound", unit or value, 0
        ),
        "change_high": Field("largest change that the bounds allow; empty = no bound", unit or value, 0),
        "undefined": Field("why the row isn't split; empty = it is"),
    }
