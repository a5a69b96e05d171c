"""Event study: the effect by years from entry, with intervals and bands; before and after entry differ in shape and colour."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

BEFORE, AFTER = "before entry", "since entry"
HEIGHT = 280
SIGNED = "(datum.value > 0 ? '+' : '') + format(datum.value, 'd')"


def event_study(table: pd.DataFrame, *, outcome: str = "", title: str = "", width: int = 560) -> Any:
    """Draw `estimate` over `event_time` with its interval (thin rule) and uniform band (wide, pale); entry and zero are lines.

    Takes the event-time rows of `aggregates`, or a table of them.
    """
    rows = _rows(table)
    phone = theme.narrow(width)
    base = alt.Chart(rows).encode(
        x=alt.X(
            "event_time:Q",
            title="years since entry",
            axis=alt.Axis(tickMinStep=1, labelExpr=SIGNED, grid=False, tickCount=5 if phone else 12),
            scale=alt.Scale(padding=14, nice=False),
        )
    )
    axis = alt.Axis(title="effect" + (f" on {outcome}" if outcome else ""), tickCount=5)
    color = alt.Color(
        "phase:N", legend=None, scale=alt.Scale(domain=[BEFORE, AFTER], range=[theme.MUTED, theme.ACCENT])
    )
    shape = alt.Shape(
        "phase:N", scale=alt.Scale(domain=[BEFORE, AFTER], range=["square", "circle"]), legend=None
    )

    def y(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", axis=axis)

    zero = (
        alt.Chart(pd.DataFrame({"at": [0.0]}))
        .mark_rule(color=theme.INK, strokeWidth=1)
        .encode(y=alt.Y("at:Q", axis=axis))
    )
    entry = (
        alt.Chart(pd.DataFrame({"at": [-0.5]})).mark_rule(color=theme.INK, strokeDash=[4, 3]).encode(x="at:Q")
    )
    layers: list[Any] = [zero, entry]
    if rows["band_low"].notna().any():
        wide = 5 if phone else 10
        bars = base.transform_filter("isValid(datum.band_low)").mark_rule(
            color=theme.PALE, strokeWidth=wide, opacity=0.6
        )
        layers.append(bars.encode(y=y("band_low"), y2="band_high:Q"))
    known = base.transform_filter("isValid(datum.low)")
    layers.append(known.mark_rule(strokeWidth=1.8).encode(y=y("low"), y2="high:Q", color=color))
    layers.append(
        base.mark_point(size=64, filled=True, opacity=1).encode(y=y("estimate"), color=color, shape=shape)
    )
    words = [f"■ {BEFORE}: should be 0", f"● {AFTER}"]
    words += [
        "lines: interval of each year"
        + ("; wide: band over all years" if rows["band_low"].notna().any() else "")
    ]
    named = alt.TitleParams(
        title or "Effect by years since entry", subtitle=words if phone else [" · ".join(words)]
    )
    return theme.style(alt.layer(*layers).properties(title=named, width=width, height=HEIGHT))


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[table["aggregation"] == "event"] if "aggregation" in table else table
    rows = rows[rows["event_time"].notna() & rows["estimate"].notna()]
    made = pd.DataFrame({"event_time": rows["event_time"].astype(int)})
    for column in ("estimate", "low", "high", "band_low", "band_high"):
        made[column] = rows[column].astype(float) if column in rows else float("nan")
    made["phase"] = [AFTER if time >= 0 else BEFORE for time in made["event_time"]]
    return made.sort_values("event_time", ignore_index=True)
