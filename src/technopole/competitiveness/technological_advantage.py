"""Revealed technological advantage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from technopole.competitiveness._matrix import counted
from technopole.competitiveness._selection import chosen
from technopole.competitiveness._technologies import Pool, doubts, pools, series, when
from technopole.errors import WrongOption
from technopole.kernels import location_quotient as kernel
from technopole.kernels.comparative_advantage import balassa
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Patents, Sector

Method = Literal["wilson", "exact", "none"]


@member
def technological_advantage(
    patents: Patents,
    *,
    value: str | None = None,
    year: int | None = None,
    window: int = 1,
    sector: Sector | None = None,
    technologies: Sector | Sequence[str] | None = None,
    places: Sequence[str] | None = None,
    minimum: float = 0.0,
    interval: Method = "wilson",
    level: float = 0.95,
) -> Result:
    """How many times a place's share of patents in a technology exceeds the world's.

        RTA[p, t] = (P[p, t] / P[p]) / (P[t] / P)      symmetric = (RTA - 1) / (RTA + 1)

    RTA: 0 or more, 1 = as everywhere; symmetric: -1 to 1, 0 = as everywhere. `low` and `high` are a binomial interval of the place's
    share, its total and the world's share being given: patents are counts, and small places have few. All places together are the world.

    Parameters
    ----------
    patents : Patents
        Place x technology x year.
    value : {"patents", "citations"}, optional
        What is counted; citations come in bunches and get no interval.
    year : int, optional
        This year (the last of the window) only; none = every year.
    window : int
        Years taken together, up to each year: 3 or 5 where places have few patents.
    sector : Sector, optional
        Count these technologies as one.
    technologies : Sector or list of str, optional
        Return these only; totals are of all.
    places : list of str, optional
        Return these only; the world is all.
    minimum : float
        Places with fewer patents than this in the window aren't named in the text and in `.leading`. The table keeps them.
    interval : {"wilson", "exact", "none"}
        Score interval (Wilson), exact binomial (Clopper-Pearson), or none.
    level : float
        Confidence level of the interval, in (0, 1).

    Returns
    -------
    Result
        place, technology, year, first_year, patents, rta, symmetric, low, high, undefined. `.leading`: the cells of the latest year whose
        interval starts highest.

    Raises
    ------
    EmptyTable
        The table has no rows.
    MissingColumn
        The table has no such value.
    BadInput
        Technologies differ in case or spaces only.
    UnknownName
        The table has no such year, place or technology.
    WrongOption
        An unknown interval, a level outside (0, 1), or a window that isn't in the table.

    References
    ----------
    Soete, L. (1987). The impact of technological innovation on international trade patterns: the evidence reconsidered. Research Policy
    16(2-4), 101-130.
    Dalum, B., Laursen, K. & Villumsen, G. (1998). Structural change in OECD export specialisation patterns: de-specialisation and
    'stickiness'. International Review of Applied Economics 12(3), 423-443.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> counts = pd.DataFrame({"place": ["A", "A", "B", "B"], "technology": ["Optics", "Engines"] * 2, "patents": [30, 10, 10, 30]})
    >>> tp.competitiveness.technological_advantage(counts).table["rta"].tolist()
    [0.5, 1.5, 1.5, 0.5]
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    read = series(patents, value, sector)
    found = pools(read, window=window, year=year, source=patents.source)
    rows = chosen(read.places, places, "place", patents.source)
    columns = chosen(read.technologies, technologies, "technology", patents.source)
    warnings = doubts(patents, read, value=value, until=found[-1].last, places=places or ())
    if interval != "none" and counted(patents, value) == "citations":
        interval = "none"
        warnings.append(
            "a patent's citations come in bunches, so a binomial interval of them would be too narrow: none is given"
        )
    table = pd.concat([_cells(pool, rows, columns, interval, level) for pool in found], ignore_index=True)
    table = table.sort_values("undefined", key=lambda said: said.ne(""), kind="stable", ignore_index=True)
    leading = _leading(table, minimum, single=len(columns) == 1)
    return Result.of(
        table.drop(columns="of_place"),
        text=_text(
            table,
            leading,
            found,
            f"{minimum:,.0f} {counted(patents, value)}" if minimum > 0 else "",
            None if interval == "none" else level,
        ),
        fields=_fields(counted(patents, value)),
        chart=_chart(rows, columns, found),
        warnings=warnings,
        leading=leading,
    )


def _cells(
    pool: Pool, places: Sequence[str], technologies: Sequence[str], interval: Method, level: float
) -> pd.DataFrame:
    """One row per place and technology of a pool."""
    counts = pool.counts
    at = np.ix_(np.searchsorted(counts.places, places), np.searchsorted(counts.items, technologies))
    advantage = balassa(counts.values)[at]
    own = np.broadcast_to(counts.values.sum(axis=1, keepdims=True), counts.values.shape)[at]
    world = np.broadcast_to(counts.values.sum(axis=0), counts.values.shape)[at]
    value, hidden = counts.values[at], counts.withheld[at]
    ends = np.full((2, *value.shape), np.nan)
    if interval != "none":
        table = kernel.Counts.of_totals(value, own, world, np.full(value.shape, counts.values.sum()))
        spread = kernel.sampling(interval, table, table, level)
        ends = np.stack([spread.low, spread.high])
    said = np.select(
        [hidden, own <= 0, world <= 0],
        ["withheld", "the place has no patents in these years", "nobody has patents in this technology"],
        default="",
    )
    advantage = np.where(said == "", advantage, np.nan)
    ends = np.where(said == "", ends, np.nan)
    return pd.DataFrame(
        {
            "place": np.repeat(places, len(technologies)),
            "technology": np.tile(technologies, len(places)),
            "year": pool.last,
            "first_year": pool.first,
            "patents": np.where(hidden, np.nan, value).ravel(),
            "rta": advantage.ravel(),
            "symmetric": ((advantage - 1) / (advantage + 1)).ravel(),
            "low": ends[0].ravel(),
            "high": ends[1].ravel(),
            "undefined": said.ravel(),
            "of_place": own.ravel(),
        }
    )


def _leading(table: pd.DataFrame, minimum: float, *, single: bool) -> pd.DataFrame:
    """The cells of the latest pool whose interval starts highest (whose RTA is highest where there is none)."""
    rows = table[(table["year"] == table["year"].max()) & (table["undefined"] == "") & (table["patents"] > 0)]
    rows = rows[rows["of_place"] >= minimum]
    by = "low" if rows["low"].notna().any() else "rta"
    rows = rows.sort_values([by, "technology", "place"], ascending=[False, True, True]).head(15)
    label = rows["place"] if single else rows["place"] + " · " + rows["technology"]
    kept = ["label", "place", "technology", "year", "patents", "rta", "low", "high"]
    return rows.assign(label=label)[kept]


def _chart(places: Sequence[str], technologies: Sequence[str], found: Sequence[Pool]) -> Chart:
    """Lines over the years where they are few and of one technology or one place; else the leading cells."""
    axis = "technological advantage (1 = as everywhere)"
    if len(found) > 1 and min(len(places), len(technologies)) == 1:
        by = "place" if len(technologies) == 1 else "technology"
        return Chart("trend", {"value": "rta", "series": by, "axis": axis})
    return Chart("ranking", {"label": "label", "value": "rta", "reference": 1.0, "axis": axis}, of="leading")


def _fields(column: str) -> dict[str, Field]:
    return {
        "place": Field("place"),
        "technology": Field("technology"),
        "year": Field("last year of those taken together; 0 = one unnamed period"),
        "first_year": Field("first year of those taken together"),
        "patents": Field(f"{column} in these years", column, 0),
        "rta": Field(
            "the technology's share in the place's patents over its share in the world's",
            "1 = as everywhere",
            2,
        ),
        "symmetric": Field(
            "the same between -1 and 1: (RTA - 1) / (RTA + 1)", "-1 to 1; 0 = as everywhere", 3
        ),
        "low": Field("lower end of the interval of RTA", "as RTA", 2),
        "high": Field("upper end of the interval of RTA", "as RTA", 2),
        "undefined": Field("why there is no number"),
        "label": Field("place, and technology where there are several"),
    }


def _text(
    table: pd.DataFrame, leading: pd.DataFrame, found: Sequence[Pool], minimum: str, level: float | None
) -> str:
    at = when(found[-1])
    if leading.empty:
        who = f"place with {minimum} or more" if minimum else "place"
        return f"No {who} has an advantage to tell of{f' in {at}' if at else ''}."
    named = [
        f"{row.label} ({row.rta:.1f}"
        + (f", {level:.0%} interval {row.low:.1f} to {row.high:.1f})" if level else ")")
        for row in leading.head(3).itertuples()
    ]
    latest = table[(table["year"] == leading["year"].iloc[0]) & (table["undefined"] == "")]
    ends = ("low", "high") if level else ("rta", "rta")
    above, below = int((latest[ends[0]] > 1).sum()), int((latest[ends[1]] < 1).sum())
    said = "with the whole interval" if level else "without an interval"
    among = f" among places with {minimum} or more" if minimum else ""
    start = f"In {at} the" if at else "The"
    return (
        f"{start} strongest technological advantages{among} are those of {', '.join(named)}. Of {len(latest)} cells {above} lie above 1 "
        f"and {below} below it, {said}. {_moved(table, leading, found)}"
    ).strip()


def _moved(table: pd.DataFrame, leading: pd.DataFrame, found: Sequence[Pool]) -> str:
    """Say how the first named cell came to where it is."""
    first = leading.iloc[0]
    own = table[(table["place"] == first["place"]) & (table["technology"] == first["technology"])]
    own = own[own["undefined"] == ""].sort_values("year")
    if len(found) < 2 or len(own) < 2:
        return ""
    before = own.iloc[0]
    then = (
        f"{before['first_year']} to {before['year']}"
        if before["first_year"] < before["year"]
        else before["year"]
    )
    return f"{first['label']} had {before['rta']:.1f} in {then}."
