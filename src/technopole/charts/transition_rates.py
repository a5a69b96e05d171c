"""Transition rates: how often products are gained and lost, by how near they are to what is there."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

HEIGHT = 280
SAID = {"entry": "gained", "exit": "lost"}


def transition_rates(table: pd.DataFrame, *, title: str = "", width: int = 560) -> alt.LayerChart:
    """Draw `rate` with its interval (`low`, `high`) over `density`, one line per `event`.

    Events differ in colour, in the shape of their points and in dash.
    """
    rows = table[table["rate"].notna()].sort_values(["event", "density"])
    names = [name for key, name in SAID.items() if (rows["event"] == key).any()]
    tidy = rows[["density", "rate", "low", "high"]].astype(float).assign(event=rows["event"].map(SAID))
    legend: Any = alt.Legend(
        title=None, orient="bottom", symbolSize=90, symbolDash=[1, 0], symbolStrokeWidth=0
    )

    def scale(values: Any) -> alt.Scale:
        return alt.Scale(domain=names, range=[*values[: len(names)]])

    color = alt.Color("event:N", scale=scale(theme.SERIES), legend=legend)
    base = alt.Chart(tidy).encode(
        x=alt.X(
            "density:Q",
            title=["density at the start:", "how much of what is near is there"]
            if theme.narrow(width)
            else "density at the start: how much of what is near is there",
            axis=alt.Axis(grid=False, tickCount=5),
        )
    )
    y = alt.Y(
        "rate:Q",
        title="share gained or lost",
        axis=alt.Axis(format=".0%", tickCount=5),
        scale=alt.Scale(zero=True),
    )
    layers: list[Any] = [
        base.mark_line(strokeWidth=1.5).encode(
            y=y,
            color=color,
            strokeDash=alt.StrokeDash(
                "event:N", scale=scale([list(dash) for dash in theme.DASHES]), legend=None
            ),
        ),
        base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q"), y2="high:Q", color=color),
        base.mark_point(filled=True, opacity=1, size=70).encode(
            y=y, color=color, shape=alt.Shape("event:N", scale=scale(theme.SHAPES), legend=legend)
        ),
    ]
    return theme.style(alt.layer(*layers).properties(title=title, width=width, height=HEIGHT))
