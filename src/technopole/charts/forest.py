"""Forest: estimates with their intervals below one another, squares by weight, pooled rows as diamonds."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme


def forest(
    table: pd.DataFrame,
    *,
    label: str,
    estimate: str = "estimate",
    low: str = "low",
    high: str = "high",
    weight: str | None = None,
    kind: str | None = None,
    group: str | None = None,
    reference: float = 0.0,
    bound: float | None = None,
    axis: str = "effect",
    title: str = "",
    width: int = 560,
) -> alt.LayerChart:
    """Draw estimates in the order of the table.

    Rows without an estimate are left out. The area of a square is its `weight` (a share, or a number of units); rows whose `kind` is "pooled" are
    diamonds and stand below the others; `group` is written before the label. A dashed line stands at `reference`,
    and dotted ones `bound` to either side of it.
    """
    rows = table[table[estimate].notna()]
    pooled = rows[kind].eq("pooled") if kind else pd.Series(False, index=rows.index)
    names = rows[label].astype(str)
    if group:
        names = rows[group].astype(str).str.replace("_", " ") + ": " + names
    drawn = pd.DataFrame(
        {
            "label": names,
            "estimate": rows[estimate].astype(float),
            "low": rows[low].astype(float),
            "high": rows[high].astype(float),
            "weight": rows[weight].astype(float) if weight else 1.0,
            "shape": pooled.map({True: "pooled", False: "single"}),
        }
    )
    drawn = drawn.sort_values("shape", ascending=False, kind="stable").reset_index(drop=True)
    drawn["weight"] = drawn["weight"].fillna(drawn["weight"].max()).fillna(1.0)
    chart = alt.layer(*_layers(drawn, reference, bound, axis, width)).properties(
        title=title, width=width, height=alt.Step(36 if theme.narrow(width) else 24) if len(drawn) else 40
    )
    return theme.style(chart)


def _layers(drawn: pd.DataFrame, reference: float, bound: float | None, axis: str, width: int) -> list[Any]:
    phone = theme.narrow(width)
    y = alt.Y(
        "label:N",
        sort=list(drawn["label"]),
        title=None,
        axis=None if phone else alt.Axis(ticks=False, domain=False, labelLimit=230),
        scale=alt.Scale(paddingInner=0.4),
    )
    x = alt.X(
        "estimate:Q", title=axis, axis=alt.Axis(tickCount=4 if phone else 7), scale=alt.Scale(zero=False)
    )
    base = alt.Chart(drawn).encode(y=y)
    size = alt.Size("weight:Q", scale=alt.Scale(domainMin=0, range=[12, 190]), legend=None)
    single, pooled = alt.datum.shape == "single", alt.datum.shape == "pooled"
    line = alt.Chart(pd.DataFrame({"reference": [reference]}))
    layers: list[Any] = [
        line.mark_rule(color=theme.MUTED, strokeDash=[5, 3]).encode(x="reference:Q"),
        base.mark_rule(strokeWidth=1.5).encode(x="low:Q", x2="high:Q"),
        base.transform_filter(single).mark_point(shape="square", opacity=1).encode(x=x, size=size),
        base.transform_filter(pooled)
        .mark_point(shape="diamond", size=190, opacity=1, color=theme.ACCENT)
        .encode(x=x),
    ]
    if bound is not None:
        ends = alt.Chart(pd.DataFrame({"bound": [reference - bound, reference + bound]}))
        layers.append(ends.mark_rule(color=theme.ACCENT, strokeDash=[2, 2]).encode(x="bound:Q"))
    if phone:
        text = base.mark_text(align="left", baseline="bottom", dy=-7, limit=width - 20)
        layers.append(text.encode(text="label:N", x=alt.value(0)))
    return layers
