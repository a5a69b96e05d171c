"""Ranking: the largest values as bars, with their intervals and a line to compare them with."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme


def ranking(
    table: pd.DataFrame,
    *,
    label: str,
    value: str,
    low: str = "low",
    high: str = "high",
    reference: float | None = None,
    axis: str = "",
    percent: bool = False,
    top: int = 15,
    title: str = "",
    width: int = 560,
) -> alt.LayerChart:
    """Draw the `top` largest values as bars.

    Rows without a value are left out, and of several years all but the last. Intervals are drawn where the columns `low` and `high` exist, and a dashed
    line at `reference` (location quotients: 1). `axis` names the value and its unit; `percent` writes shares as percentages.
    """
    rows = table[table[value].notna()]
    when = ""
    if "year" in rows and len(rows):
        latest = rows["year"].max()
        rows = rows[rows["year"] == latest]
        when = f", {latest:.0f}" if latest else ""
    rows = rows.sort_values([value, label], ascending=[False, True]).head(top)
    rows = rows.assign(label=rows[label].astype(str), value=rows[value].astype(float))
    intervals = {low, high} <= set(rows) and bool(rows[[low, high]].notna().any(axis=None))
    kept = rows[["label", "value"]].assign(
        low=rows[low] if intervals else None, high=rows[high] if intervals else None
    )
    phone = theme.narrow(width)
    step = 34 if phone else 24
    y = alt.Y(
        "label:N",
        sort=list(kept["label"]),
        title=None,
        axis=None if phone else alt.Axis(ticks=False, domain=False),
        scale=alt.Scale(paddingInner=0.55 if phone else 0.3),
    )
    x = alt.X(
        "value:Q",
        title=(axis or value.replace("_", " ")) + when,
        axis=alt.Axis(tickCount=4 if phone else 7, **theme.percentages(percent)),
    )
    base = alt.Chart(kept).encode(y=y)
    layers: list[Any] = [base.mark_bar().encode(x=x)]
    if intervals:
        layers.append(base.mark_rule(strokeWidth=1.5).encode(x=alt.X("low:Q"), x2="high:Q"))
    if reference is not None:
        line = alt.Chart(pd.DataFrame({"reference": [reference]}))
        layers.append(line.mark_rule(color=theme.ACCENT, strokeDash=[5, 3]).encode(x="reference:Q"))
    if phone:
        layers.append(
            base.mark_text(align="left", baseline="bottom", dy=-8, dx=2, limit=width - 30).encode(
                text="label:N", x=alt.datum(0.0)
            )
        )
    chart = alt.layer(*layers).properties(
        title=title, width=width, height=alt.Step(step) if len(kept) else 40
    )
    return theme.style(chart)
