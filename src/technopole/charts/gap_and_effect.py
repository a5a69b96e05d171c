"""Gap and effect: how units inside differ, and below it what entering did, on one axis per outcome."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

GAP, EFFECT = "difference in levels", "effect of entering"
MARKS = {GAP: ("square", theme.MUTED), EFFECT: ("circle", theme.MAIN)}


def gap_and_effect(table: pd.DataFrame, *, title: str = "", width: int = 560) -> alt.VConcatChart:
    """Draw for each outcome the gap (a grey square) and the effect (a blue disc) with their intervals, and a line at zero.

    Columns: outcome, what ("difference in levels" or "effect of entering"), estimate, low, high, unit. Rows without an estimate keep
    their place and say so.
    """
    parts = [
        _one(rows, str(outcome), width, legend=theme.narrow(width))
        for outcome, rows in table.groupby("outcome", sort=False)
    ]
    chart = alt.vconcat(*parts, spacing=18)
    return theme.style(chart.properties(title=title) if title else chart, fit=False)


def _one(rows: pd.DataFrame, outcome: str, width: int, *, legend: bool) -> Any:
    label = 0 if legend else 150
    rows = rows.assign(what=pd.Categorical(rows["what"], list(MARKS)))
    known = rows[rows["estimate"].notna()]
    y = alt.Y(
        "what:N",
        sort=list(MARKS),
        title=None,
        scale=alt.Scale(domain=list(MARKS), paddingOuter=0.6 if legend else 0.3),
        axis=None
        if legend
        else alt.Axis(ticks=False, domain=False, minExtent=label, maxExtent=label, labelLimit=label),
    )
    unit = str(rows["unit"].iloc[0])
    shown = known[["what", "estimate", "low", "high"]].astype({"what": str})
    base = alt.Chart(shown).encode(y=y)
    colors = alt.Scale(domain=list(MARKS), range=[color for _, color in MARKS.values()])
    shapes = alt.Scale(domain=list(MARKS), range=[shape for shape, _ in MARKS.values()])
    layers: list[Any] = [
        alt.Chart(pd.DataFrame({"zero": [0.0]}))
        .mark_rule(color=theme.INK, strokeDash=[5, 3])
        .encode(x="zero:Q"),
        base.mark_rule(strokeWidth=2).encode(
            x=alt.X("low:Q", title=unit, axis=alt.Axis(tickCount=4 if legend else 7)),
            x2="high:Q",
            color=alt.Color("what:N", scale=colors, legend=None),
        ),
        base.mark_point(filled=True, size=120, opacity=1).encode(
            x="estimate:Q",
            color=alt.Color("what:N", scale=colors, legend=None),
            shape=alt.Shape("what:N", scale=shapes, legend=None),
        ),
    ]
    if legend:
        names = alt.Chart(pd.DataFrame({"what": list(MARKS)}))
        layers.append(names.mark_text(align="left", dy=-14).encode(y=y, text="what:N", x=alt.value(4)))
    missing = rows[rows["estimate"].isna()].astype({"what": str})
    if len(missing):
        layers.append(
            alt.Chart(missing[["what"]])
            .mark_text(align="left", color=theme.MUTED)
            .encode(y=y, x=alt.value(6), text=alt.datum("no estimate"))
        )
    inner = width - label - 30
    return alt.layer(*layers).properties(title=outcome, width=inner, height=110 if legend else 74)
