"""Overlap heat map: how much each pair of parks has in common, with the numbers."""

from __future__ import annotations

import altair as alt
import pandas as pd

from technopole.charts import theme


def overlap_heatmap(table: pd.DataFrame, *, title: str = "", width: int = 560) -> alt.LayerChart:
    """Draw each pair of parks once, its overlap as a colour and a number; duplicating pairs are framed and starred.

    `table` has the columns park_a, park_b, overlap and duplicating; a pair without an overlap shows a dash.
    """
    phone = theme.narrow(width)
    pairs = table[table["park_a"].astype(str) < table["park_b"].astype(str)]
    rows = pd.DataFrame(
        {
            "across": pairs["park_a"].astype(str),
            "down": pairs["park_b"].astype(str),
            "overlap": pairs["overlap"].astype("float64"),
            "duplicating": pairs["duplicating"].astype(bool),
        }
    )
    rows["text"] = rows["overlap"].map("{:.2f}".format).where(rows["overlap"].notna(), "–")
    rows["text"] += rows["duplicating"].map({True: "*", False: ""})
    across, down = (sorted(rows[side].unique()) for side in ("across", "down"))
    crowded = len(across) > (4 if phone else 8)
    base = alt.Chart(rows).encode(
        x=alt.X(
            "across:N",
            sort=across,
            title=None,
            axis=alt.Axis(
                labelAngle=-50 if phone or len(across) > 5 else 0,
                labelLimit=90 if phone else 150,
                ticks=False,
                domain=False,
            ),
        ),
        y=alt.Y(
            "down:N",
            sort=down,
            title=None,
            axis=alt.Axis(labelLimit=90 if phone else 200, ticks=False, domain=False),
        ),
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "overlap:Q",
            title="overlap, 0 to 1; * = duplicating",
            scale=alt.Scale(domain=[0, 1], range=list(theme.SEQUENTIAL)),
            legend=alt.Legend(orient="bottom", gradientLength=140, tickCount=3),
        ),
        stroke=alt.condition("datum.duplicating", alt.value(theme.INK), alt.value("white")),
        strokeWidth=alt.condition("datum.duplicating", alt.value(2.5), alt.value(1)),
    )
    numbers = base.mark_text(fontSize=9 if crowded and phone else 11).encode(
        text="text:N",
        color=alt.condition("datum.overlap > 0.55", alt.value("white"), alt.value(theme.INK)),
    )
    chart = alt.layer(cells, numbers).properties(
        title=title, width=width, height=alt.Step(26 if phone else 32)
    )
    return theme.style(chart)
