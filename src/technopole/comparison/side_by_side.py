"""Parks side by side on published figures."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from technopole.comparison import _alignment as alignment
from technopole.comparison import _presentation as presentation
from technopole.comparison._published import TARGETS, chosen_parks, measured, published
from technopole.errors import UnknownName, WrongOption
from technopole.member import member
from technopole.result import Chart, Result
from technopole.tables import Figures, Parks


@member
def side_by_side(
    parks: Parks,
    names: Sequence[str] | None = None,
    *,
    figures: Figures,
    facets: Sequence[str] | None = None,
    currency: str = "USD",
    max_gap: int = 5,
    year: int | None = None,
    results: Sequence[Result] = (),
) -> Result:
    """Published figures about parks, aligned so that only like stands beside like.

        one row       = facet, indicator, scope and kind of unit
        one window    = the max_gap years with figures of most parks; then nearest to one year; then latest
        one figure    = nearest to that year; then official > institute > press > weak; then reported > approximate
        money         = value * rate(currency of the figure -> currency, average of the figure's own year), nominal

    Targets, plans and forecasts are a table of their own, part of a year never stands beside full years, another
    scope never beside this one. A blank has its reason, and every figure that isn't shown is in a further table with
    the reason. There is no interval: sources give none; where they differ for one year, `low` and `high` are their range.

    Parameters
    ----------
    parks : Parks
        The parks there are.
    names : sequence of str, optional
        The 2 to 12 parks to compare, in this order, in any script; none = all parks.
    figures : Figures
        Published numbers; `place` is the park's name.
    facets : sequence of str, optional
        Only these aspects: size, stage, technology, composition, market, policy.
    currency : str
        Three letters; money is shown in it.
    max_gap : int
        Most years between two figures of a row; a default of ours.
    year : int, optional
        Compare in a window that holds this year; none = chosen per row.
    results : sequence of Result, optional
        Measured results by place (location quotients ...) to set beside the figures as further rows.

    Returns
    -------
    Result
        facet, indicator, scope, unit, reference_year, parks_with_figure, years_apart, then per park: value, year,
        status, source, reason; undefined. Further tables: `cells` (long, with low, high, grade, note, original value and unit, rate),
        `conflicts`, `targets`, `left_out`.

    Raises
    ------
    UnknownName
        A park or facet that isn't there, with near names; or no figure of any of the parks.
    WrongOption
        Fewer than 2 or more than 12 parks, a currency without rates, a negative gap.

    References
    ----------
    OECD & JRC (2008). Handbook on Constructing Composite Indicators: Methodology and User Guide. OECD, Paris (steps 2
    and 3: data selection, treatment of missing data). Exchange rates: Board of Governors of the Federal Reserve
    System, G.5A annual averages (2026).

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> parks = pd.DataFrame({"park": ["A", "B"]})
    >>> figures = pd.DataFrame({"place": ["A", "B"], "indicator": "revenue", "value": [67.569, 8.849],
    ...     "unit": ["billion CNY", "billion EUR"], "year": 2017, "source": "a yearbook"})
    >>> tp.comparison.side_by_side(parks, figures=figures).cells["value"].round(9).tolist()
    [10.0, 10.0]
    """
    if max_gap < 0:
        raise WrongOption("max_gap is a number of years, 0 or more", value=max_gap)
    chosen = chosen_parks(parks, names)
    frames = [published(figures, chosen, facets=facets, currency=currency)]
    if results:
        frames.append(measured(results, chosen))
    every = alignment.ordered(pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0])
    if every.empty:
        raise UnknownName(
            "there is no figure of any of these parks",
            value=", ".join(chosen),
            where=figures.source,
            exists=sorted(set(figures.to_pandas()["place"].dropna())),
            fix="the column place of the figures holds the park's name as in the parks table",
        )
    cells = alignment.cells(every, chosen, max_gap, year)
    taken = {int(index) for index in cells["figure"].dropna()}
    tables = {
        "cells": presentation.cells(cells),
        "conflicts": presentation.conflicts(alignment.conflicts(every, taken)),
        "targets": presentation.targets(every[every["status"].isin(TARGETS)]),
        "left_out": presentation.left_out(every[~every["status"].isin(TARGETS)], taken, tables_of=cells),
    }
    wide = presentation.wide(tables["cells"], chosen)
    return Result.of(
        wide,
        text=presentation.text(wide, tables, chosen),
        fields=presentation.fields(chosen, currency),
        chart=Chart("small_multiples", {}, of="cells"),
        warnings=[*presentation.warnings(tables, every, chosen, currency)],
        **tables,
    )
