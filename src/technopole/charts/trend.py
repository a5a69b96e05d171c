"""Trend: lines over the years, each named at its end; on a phone, where there is no room, below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

LINE = 15.0
HEIGHT = 280


def trend(
    table: pd.DataFrame,
    *,
    value: str,
    year: str = "year",
    series: str = "",
    axis: str = "",
    percent: bool = False,
    top: int = 8,
    title: str = "",
    width: int = 560,
) -> alt.LayerChart:
    """Draw `value` over `year`, one line per `series` (the `top` largest at their last year).

    Lines differ in colour, dash and point shape; a missing year breaks the line. `axis` names the value and its unit; `percent` writes
    shares as percentages.
    """
    rows = table[table[value].notna() & table[year].notna()]
    rows = pd.DataFrame(
        {
            "year": rows[year].astype(int),
            "value": rows[value].astype(float),
            "series": rows[series].astype(str) if series else "",
        }
    ).sort_values(["series", "year"], ignore_index=True)
    last = (
        rows.groupby("series", sort=True)
        .tail(1)
        .sort_values(["value", "series"], ascending=[False, True])
        .head(top)
    )
    names = list(last["series"])
    rows = rows[rows["series"].isin(names)]
    gaps = rows.groupby("series")["year"].diff().gt(1)
    rows = rows.assign(stretch=gaps.groupby(rows["series"]).cumsum().astype(int))
    phone = theme.narrow(width)
    listed = alt.Legend(title=None, orient="bottom", columns=1, labelLimit=width - 60, symbolSize=90)
    legend: Any = listed if phone and series else None
    color = alt.Color("series:N", sort=names, scale=_scale(names, theme.SERIES), legend=legend)
    shape = alt.Shape("series:N", sort=names, scale=_scale(names, theme.SHAPES), legend=legend)
    dash = alt.StrokeDash("series:N", sort=names, scale=_scale(names, theme.DASHES), legend=legend)
    years = alt.Axis(format="d", tickMinStep=1, grid=False, tickCount=4 if phone else 8)
    base = alt.Chart(rows).encode(
        x=alt.X("year:Q", title=None, axis=years, scale=alt.Scale(zero=False)),
        y=alt.Y(
            "value:Q",
            title=axis or value.replace("_", " "),
            axis=alt.Axis(tickCount=5, **theme.percentages(percent)),
        ),
    )
    layers: list[Any] = [
        base.mark_line().encode(color=color, detail="stretch:N", strokeDash=dash),
        base.mark_point(size=36, filled=True, opacity=1).encode(color=color, shape=shape),
    ]
    if series and not phone:
        layers.append(_ends(last, color))
    return theme.style(alt.layer(*layers).properties(title=title, width=width, height=HEIGHT))


def _ends(last: pd.DataFrame, color: alt.Color) -> Any:
    span = float(last["value"].max()) if len(last) else 1.0
    free, at = float("inf"), []
    for value in last["value"]:  # largest first: each name at least a line below the one before
        free = min(value, free - LINE / HEIGHT * span)
        at.append(free)
    base = alt.Chart(last.assign(at=at)).encode(x="year:Q", y="at:Q", text="series:N")
    spot: dict[str, Any] = {"align": "left", "dx": 8, "limit": 200}
    halo = base.mark_text(**spot, stroke="white", strokeWidth=3)
    return alt.layer(halo, base.mark_text(**spot).encode(color=color))


def _scale(names: list[str], values: Sequence[Any]) -> alt.Scale:
    return alt.Scale(
        domain=names, range=[list(v) if isinstance(v, tuple) else v for v in values[: len(names)]]
    )
