"""Complexity against diversity: places as points, the outstanding ones named, lines at the means."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from technopole.charts import theme
from technopole.charts.labels import SIZE, beside

Numbers = NDArray[np.float64]
Names = NDArray[Any]
RADIUS = 3.5
ASIDE = 68  # the vertical axis and the padding
WORDS = {"eci": "economic complexity", "fitness": "fitness"}


def complexity_diversity(
    table: pd.DataFrame,
    *,
    label: str = "exporter",
    value: str = "eci",
    named: int = 0,
    title: str = "",
    width: int = 560,
) -> alt.LayerChart:
    """Draw each place of the latest year at its diversity and complexity; above the line those that have rarer products than most.

    Columns: `label`, year, diversity, `value`. Named are the `named` places (0 = as many as the width has room for) that lie highest, lowest,
    and farthest right and left; a name that finds no room is left out, as the table has it.
    """
    rows = table[table[value].notna()]
    rows = rows[rows["year"] == rows["year"].max()] if len(rows) else rows
    if rows.empty:
        blank = alt.Chart(pd.DataFrame({"text": ["no place has a complexity"]})).mark_text()
        return theme.style(
            alt.layer(blank.encode(text="text:N")).properties(title=title, width=width, height=40)
        )
    phone = theme.narrow(width)
    wide, high = float(width - ASIDE), 300.0 if phone else 380.0
    x, y = rows["diversity"].to_numpy(float), rows[value].to_numpy(float)
    names = rows[label].astype(str).to_numpy()
    right, up = _ends(x, zero=True), _ends(y, zero=False)
    order = _outstanding(x, y, names)[: named or (14 if phone else 34)]
    spots = (x - right[0]) / (right[1] - right[0]) * wide, (up[1] - y) / (up[1] - up[0]) * high
    when = f", {rows['year'].iloc[0]}" if rows["year"].iloc[0] else ""
    to_x = alt.X(
        "x:Q",
        title=f"diversity: how many with a comparative advantage{when}" if not phone else f"diversity{when}",
        scale=alt.Scale(domain=list(right), nice=False),
        axis=alt.Axis(tickCount=4 if phone else 8, grid=False),
    )
    to_y = alt.Y(
        "y:Q",
        title=WORDS.get(value, value.replace("_", " ")),
        scale=alt.Scale(domain=list(up), nice=False, zero=False),
        axis=alt.Axis(tickCount=6, minExtent=30, maxExtent=30),
    )
    marks = alt.Chart(pd.DataFrame({"x": x, "y": y, "name": names}))
    mean = alt.Chart(pd.DataFrame({"y": [float(y.mean())]}))
    layers: list[Any] = [
        mean.mark_rule(color=theme.MUTED, strokeDash=[5, 3]).encode(y=to_y),
        marks.mark_point(filled=True, size=np.pi * RADIUS**2, opacity=0.7).encode(x=to_x, y=to_y),
    ]
    written = _written(names, *spots, order, wide, high)
    if len(written):
        written["x"] = right[0] + written["left"] / wide * (right[1] - right[0])
        written["y"] = up[1] - written["middle"] / high * (up[1] - up[0])
        texts: Any = alt.Chart(written[["text", "x", "y"]]).mark_text(
            align="left", baseline="middle", fontSize=SIZE
        )
        layers.append(texts.encode(x=to_x, y=to_y, text="text:N"))
    chart = alt.layer(*layers).properties(title=title, width=wide, height=high)
    return theme.style(chart, fit=False)


def _ends(values: Numbers, *, zero: bool) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = 0.06 * (high - low) or 1.0
    return (0.0 if zero else low - room), high + room


def _outstanding(x: Numbers, y: Numbers, names: Names) -> list[int]:
    """The places in the order in which they deserve a name: in turn the highest, most diverse, lowest, and farthest from a line."""
    line = np.polyval(np.polyfit(x, y, 1), x) if x.std() > 0 else np.full(len(y), y.mean())
    turns = [np.lexsort((names, key)) for key in (-y, -x, y, -np.abs(y - line).round(9))]
    return list(dict.fromkeys(int(turn[k]) for k in range(len(y)) for turn in turns))


def _written(
    names: Names, x: Numbers, y: Numbers, order: list[int], width: float, height: float
) -> pd.DataFrame:
    rest = sorted(set(range(len(names))) - set(order))
    points = [(float(x[i]), float(y[i]), RADIUS) for i in [*order, *rest]]
    found = beside([str(names[i]) for i in order], points, width, height)
    return pd.DataFrame([(one.text, one.x, one.y) for one in found], columns=["text", "left", "middle"])
