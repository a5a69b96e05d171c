"""Unit-value segments: how much of each exporter's exports competes by price or quality, with and without success."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

STEP = 22


def unit_value_segments(
    table: pd.DataFrame, *, top: int = 5, title: str = "", width: int = 560
) -> alt.LayerChart:
    """Draw `share` of each `segment` as bars, a block of exporters per segment; of several years the last.

    The `top` exporters with the largest `exports` are drawn. Each bar says which exporter it is of and how much it is; each block is named.
    """
    rows = table[table["year"] == table["year"].max()] if len(table) else table
    rows = rows[rows["share"].notna()]
    sums = rows.groupby("exporter", sort=True)["exports"].sum()
    names = list(sums.nlargest(top, keep="first").index)
    segments = list(dict.fromkeys(rows["segment"]))
    tidy: list[dict[str, Any]] = []
    for segment in segments:
        tidy.append({"row": f"{segment}|", "text": segment, "share": None, "said": ""})
        for name in names:
            share = float(rows.loc[(rows["segment"] == segment) & (rows["exporter"] == name), "share"].sum())
            tidy.append({"row": f"{segment}|{name}", "text": name, "share": share, "said": f"{share:.0%}"})
    drawn = pd.DataFrame(tidy, columns=["row", "text", "share", "said"]).astype({"share": "float64"})
    phone = theme.narrow(width)
    y = alt.Y("row:N", sort=list(drawn["row"]), title=None, axis=None, scale=alt.Scale(paddingInner=0.25))
    room = 0.55 if phone else 0.25
    longest = max(float(drawn["share"].max()) if len(drawn) else 1.0, 0.01)
    x = alt.X(
        "share:Q",
        title="share of exports"
        + (f", {int(rows['year'].iloc[0])}" if len(rows) and rows["year"].iloc[0] else ""),
        axis=alt.Axis(format=".0%", tickCount=5, values=[v / 5 for v in range(6) if v / 5 <= longest + 0.1]),
        scale=alt.Scale(domain=[-room * longest, longest * 1.12]),
    )
    heads = drawn["share"].isna()
    base = alt.Chart(drawn[~heads]).encode(y=y)
    zero = alt.datum(0.0)
    layers: list[Any] = [
        base.mark_bar().encode(x=x, x2=zero),
        base.mark_text(align="left", dx=4).encode(x=x, text="said:N"),
        base.mark_text(align="right", dx=-6).encode(x=alt.X(datum=0.0), text="text:N"),
        alt.Chart(drawn[heads])
        .mark_text(align="left", fontWeight="bold")
        .encode(y=y, x=alt.X(datum=-room * longest), text="text:N"),
    ]
    height = alt.Step(STEP) if len(drawn) else 40
    return theme.style(alt.layer(*layers).properties(title=title, width=width, height=height))
