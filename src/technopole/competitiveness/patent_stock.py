"""Patent stocks with depreciation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from technopole.competitiveness._matrix import Array
from technopole.competitiveness._selection import chosen
from technopole.competitiveness._technologies import Series, doubts, series
from technopole.errors import UnknownName, WrongOption
from technopole.kernels import perpetual_inventory as kernel
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Patents, Sector

Weighting = Literal["count", "citations", "linear"]
ALL = "all technologies"


@member
def patent_stock(
    patents: Patents,
    *,
    depreciation: float = 0.15,
    initial: Literal["zero", "growth"] = "zero",
    growth: float = 0.08,
    weighting: Weighting = "count",
    year: int | None = None,
    sector: Sector | None = None,
    technologies: Sector | Sequence[str] | None = None,
    places: Sequence[str] | None = None,
    level: float = 0.95,
) -> Result:
    """How much patented knowledge each place has, older patents counting less.

        K[t] = (1 - d) K[t - 1] + P[t]
        K[before the first year] = 0  or  P[first] / (g + d)

    d = depreciation, g = growth before the first year, K at the end of the year. `low` and `high` take the patents of each year as Poisson
    counts (a gamma interval for their weighted sum) and the initial stock and the rate of depreciation as given.

    Parameters
    ----------
    patents : Patents
        Place x technology x year. A place without a row in a year that others have has no patents in it; a year without any rows is
        bridged by a straight line.
    depreciation : float
        Share of its worth that a patent loses in a year, in [0, 1]: 0.15 since Griliches.
    initial : {"zero", "growth"}
        Stock before the first year of the table: nothing, or what patents that had always grown by `growth` a year would have left.
    growth : float
        Growth a year before the first year of the table; 0.08 is Hall, Jaffe and Trajtenberg's.
    weighting : {"count", "citations", "linear"}
        What is added up: patents; citations received; or each patent with one plus its citations (Trajtenberg).
    year : int, optional
        Stocks of this year only, from all years up to it; none = every year.
    sector : Sector, optional
        Count these technologies as one.
    technologies : Sector or list of str, optional
        Return these only.
    places : list of str, optional
        Return these only.
    level : float
        Confidence level of the interval, in (0, 1).

    Returns
    -------
    Result
        place, technology, year, patents (of the year), stock, low, high, initial_share, undefined. `.places`: the same for all
        technologies together.

    Raises
    ------
    EmptyTable
        The table has no rows.
    MissingColumn
        The table has no patents, or no citations.
    BadInput
        Technologies differ in case or spaces only.
    UnknownName
        The table has no such year, place or technology.
    WrongOption
        The table has no years, or a rate or level is out of range.

    References
    ----------
    Griliches, Z. (1990). Patent statistics as economic indicators: a survey. Journal of Economic Literature 28(4), 1661-1707.
    Hall, B. H., Jaffe, A. & Trajtenberg, M. (2005). Market value and patent citations. RAND Journal of Economics 36(1), 16-38.
    Hall, B. H. & Mairesse, J. (1995). Exploring the relationship between R&D and productivity in French manufacturing firms. Journal of
    Econometrics 65(1), 263-293.
    Trajtenberg, M. (1990). A penny for your quotes: patent citations and the value of innovations. RAND Journal of Economics 21(1),
    172-187.
    Fay, M. P. & Feuer, E. J. (1997). Confidence intervals for directly standardized rates: a method based on the gamma distribution.
    Statistics in Medicine 16(7), 791-801.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> counts = pd.DataFrame({"place": "A", "technology": "Optics", "year": [2001, 2002, 2003], "patents": [100, 100, 100]})
    >>> tp.competitiveness.patent_stock(counts).table["stock"].round(2).tolist()
    [100.0, 185.0, 257.25]
    """
    _refuse(depreciation, growth, level)
    read = _weighted(patents, weighting, sector)
    rows = chosen(read.places, places, "place", patents.source)
    columns = chosen(read.technologies, technologies, "technology", patents.source)
    until = read.years[-1] if year is None else year
    if until not in read.years:
        raise UnknownName("the table has no year", value=year, where=patents.source, exists=read.years)
    shown = read.years if year is None else [year]
    rates = (depreciation, growth if initial == "growth" else None, growth)
    level_ = level if weighting == "count" else None
    whole = _together(read)
    table = _stocks(read, shown, rows, columns, rates, level_)
    totals = _stocks(whole, shown, rows, [ALL], rates, level_).drop(columns="technology")
    return Result.of(
        table,
        text=_text(totals if len(columns) > 1 else table, columns, until, rates, weighting, level_),
        fields=_fields(weighting),
        chart=_chart(shown, columns),
        warnings=[*doubts(patents, read, value=None, until=until, places=places or ()), *_late(weighting)],
        places=totals,
    )


def _refuse(depreciation: float, growth: float, level: float) -> None:
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if not 0 <= depreciation <= 1:
        raise WrongOption("depreciation is a share between 0 and 1", value=depreciation)
    if growth + depreciation <= 0 or growth <= -1:
        raise WrongOption(
            "growth and depreciation together are above 0, else the stock before the first year has no end",
            value=growth,
        )


def _weighted(patents: Patents, weighting: Weighting, sector: Sector | None) -> Series:
    read = series(patents, "citations" if weighting == "citations" else "patents", sector)
    if read.years == [0]:
        raise WrongOption(
            "a stock is built over years, and this table names none",
            where=patents.source,
            fix=patents.advice("year"),
        )
    if weighting == "linear":
        cited = series(patents, "citations", sector)
        read = Series(
            read.years,
            read.places,
            read.technologies,
            read.values + cited.values,
            read.withheld | cited.withheld,
        )
    return read


def _together(read: Series) -> Series:
    return Series(
        read.years,
        read.places,
        [ALL],
        read.values.sum(axis=2, keepdims=True),
        np.asarray(read.withheld.any(axis=2, keepdims=True), dtype=bool),
    )


def _stocks(
    read: Series,
    shown: Sequence[int],
    places: Sequence[str],
    technologies: Sequence[str],
    rates: tuple[float, float | None, float],
    level: float | None,
) -> pd.DataFrame:
    """One row per place, technology and year shown."""
    depreciation, before, growth = rates
    every = np.arange(read.years[0], read.years[-1] + 1)
    at = np.ix_(
        np.arange(len(read.years)),
        np.searchsorted(read.places, places),
        np.searchsorted(read.technologies, technologies),
    )
    flow, hidden = _bridged(read.years, every, read.values[at]), read.withheld[at]
    found = kernel.perpetual_inventory(flow, depreciation, before)
    other = found if before is not None else kernel.perpetual_inventory(flow, depreciation, growth)
    with np.errstate(divide="ignore", invalid="ignore"):
        rests = np.where(other.level > 0, other.initial / other.level, 0.0)
    ends = np.full((2, *flow.shape), np.nan)
    if level is not None:
        spread = kernel.gamma_interval(found.level, found.variance, found.heaviest[:, None, None], level)
        ends = np.stack([spread.low, spread.high])
    keep = [year - read.years[0] for year in shown]
    own = hidden[[read.years.index(year) for year in shown]]

    def listed(values: Array) -> Array:
        return np.where(own, np.nan, values[keep]).transpose(1, 2, 0).ravel()

    table = pd.DataFrame(
        {
            "place": np.repeat(places, len(technologies) * len(shown)),
            "technology": np.tile(np.repeat(technologies, len(shown)), len(places)),
            "year": np.tile(shown, len(places) * len(technologies)),
            "patents": listed(flow),
            "stock": listed(found.level),
            "low": listed(ends[0]),
            "high": listed(ends[1]),
            "initial_share": listed(rests),
            "undefined": np.where(own, "withheld", "").transpose(1, 2, 0).ravel(),
        }
    )
    return table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)


def _bridged(years: Sequence[int], every: np.ndarray[tuple[int], np.dtype[np.int64]], flow: Array) -> Array:
    """Years without any rows on a straight line between their neighbours."""
    if len(every) == len(years):
        return flow
    flat = flow.reshape(len(years), -1)
    found = np.column_stack([np.interp(every, years, column) for column in flat.T])
    return found.reshape(len(every), *flow.shape[1:])


def _late(weighting: Weighting) -> list[str]:
    if weighting == "count":
        return []
    return [
        "citations come for decades: patents of recent years have few yet, and stocks weighted by them fall short most at the end",
        "citations come in bunches, so there is no interval",
    ]


def _chart(shown: Sequence[int], technologies: Sequence[str]) -> Chart:
    of = "table" if len(technologies) == 1 else "places"
    axis = "patent stock"
    if len(shown) > 1:
        return Chart("trend", {"value": "stock", "series": "place", "axis": axis}, of=of)
    return Chart("ranking", {"label": "place", "value": "stock", "axis": axis}, of=of)


def _fields(weighting: Weighting) -> dict[str, Field]:
    unit = {"count": "patents", "citations": "citations", "linear": "patents and citations"}[weighting]
    return {
        "place": Field("place"),
        "technology": Field("technology"),
        "year": Field("year; the stock is that at its end"),
        "patents": Field(f"{unit} of the year", unit, 0),
        "stock": Field(f"depreciated sum of {unit} so far", unit, 1),
        "low": Field("lower end of the interval of the stock", unit, 1),
        "high": Field("upper end of the interval of the stock", unit, 1),
        "initial_share": Field(
            "share of the stock that stems from before the first year if patents had always grown by `growth` till then: how much the "
            "choice of the initial stock matters",
            "",
            3,
        ),
        "undefined": Field("why there is no number"),
    }


def _text(
    table: pd.DataFrame,
    technologies: Sequence[str],
    until: int,
    rates: tuple[float, float | None, float],
    weighting: Weighting,
    level: float | None,
) -> str:
    rows = table[(table["year"] == until) & (table["undefined"] == "")]
    rows = rows.sort_values(["stock", "place"], ascending=[False, True])
    what = f" in {technologies[0]}" if len(technologies) == 1 else ""
    if rows.empty or rows["stock"].iloc[0] <= 0:
        return f"At the end of {until} no place has a stock of patents{what}."
    unit = {"count": "patents", "citations": "citations", "linear": "patents and citations"}[weighting]
    named = [
        f"{row.place} ({row.stock:,.0f} {unit}"
        + (f", {level:.0%} interval {row.low:,.0f} to {row.high:,.0f})" if level else ")")
        for row in rows.head(3).itertuples()
    ]
    worth = 1 - rates[0]
    most = rows.head(3).sort_values("initial_share").iloc[-1]
    start = (
        "Nothing is taken over from before the first year"
        if rates[1] is None
        else f"Patents are taken to have grown by {rates[1]:.0%} a year before the first year"
    )
    return (
        f"At the end of {until} the largest patent stocks{what} are those of {', '.join(named)}, a patent keeping {worth:.0%} of its worth "
        f"each year. {start}; of the stocks named, that choice concerns at most {most['initial_share']:.1%}."
    )
