"""Survival curves: the share of firms still open after so many years, as steps with intervals."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

HEIGHT = 280
CLOSE = 0.06  # of ends whose names would lie on each other


def survival_curves(
    table: pd.DataFrame,
    *,
    by: str = "status",
    title: str = "",
    axis: str = "years lived",
    share: str = "still open",
    width: int = 560,
) -> alt.LayerChart:
    """Draw `survival` over `lived`, one step line per value of `by`, with the band from `low` to `high`.

    Lines differ in colour and dash; each is named at its end; on a phone, or where ends are close, below.
    """
    rows = (
        table[table["survival"].notna()]
        .rename(columns={by: "status"})
        .astype({"lived": float, "survival": float})
    )
    names = list(dict.fromkeys(rows["status"]))
    last = rows.sort_values("lived").groupby("status", sort=False).tail(1)
    below = theme.narrow(width) or bool((last["survival"].sort_values().diff() < CLOSE).any())
    legend: Any = (
        alt.Legend(title=None, orient="bottom", symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=3)
        if below
        else None
    )
    color = alt.Color(
        "status:N", sort=names, scale=alt.Scale(domain=names, range=theme.SERIES[: len(names)]), legend=legend
    )
    dashes = [list(dash) for dash in theme.DASHES[: len(names)]]
    dash = alt.StrokeDash("status:N", sort=names, scale=alt.Scale(domain=names, range=dashes), legend=legend)
    x = alt.X("lived:Q", title=axis, scale=alt.Scale(zero=False), axis=alt.Axis(grid=False, tickMinStep=1))
    shares = alt.Axis(format=".0%", tickCount=5)
    y = alt.Y("survival:Q", title=share, axis=shares, scale=alt.Scale(domain=[0, 1]))
    base = alt.Chart(rows)
    layers: list[Any] = [
        base.mark_area(opacity=0.18, interpolate="step-after").encode(
            x=x, y="low:Q", y2="high:Q", color=color
        ),
        base.mark_line(interpolate="step-after").encode(x=x, y=y, color=color, strokeDash=dash),
    ]
    if not below:
        spot: dict[str, Any] = {"align": "left", "dx": 8, "fontWeight": "bold"}
        named = alt.Chart(last).encode(x=x, y=y, text="status:N")
        layers.append(named.mark_text(**spot, stroke="white", strokeWidth=3))
        layers.append(named.mark_text(**spot).encode(color=color))
    return theme.style(alt.layer(*layers).properties(title=title, width=width, height=HEIGHT))
