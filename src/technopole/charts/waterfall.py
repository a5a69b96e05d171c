"""Waterfall: parts of a change as steps that lead from zero to the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from technopole.charts import theme

STEPS = ("world", "commodity", "market", "competitiveness")
SIGNS = {"adds": theme.MAIN, "takes away": theme.ACCENT, "whole change": theme.MUTED}
UNITS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))


def waterfall(
    table: pd.DataFrame,
    *,
    steps: Sequence[str] = STEPS,
    total: str = "total",
    names: Mapping[str, str] | None = None,
    axis: str = "",
    lines: str = "from the least to the greatest of the orders",
    title: str = "",
    width: int = 560,
) -> alt.LayerChart:
    """Draw the last row's `steps` one after another and then `total`; other rows show as a line over each step, from least to greatest.

    A step without a number is left out. `names` says what columns are called in the picture, `axis` names what changes; the amounts' unit (million, billion) is added to it. The number
    beside a bar has its sign, so colour isn't needed. `lines` says what the lines are.
    """
    rows, unit = _rows(table, [name for name in (*steps, total) if name in table], total, names or {})
    phone = theme.narrow(width)
    y: Any = alt.Y(
        "step:N",
        sort=list(rows["step"]),
        title=None,
        axis=None if phone else alt.Axis(ticks=False, domain=False),
        scale=alt.Scale(paddingInner=0.55 if phone else 0.35, paddingOuter=0.4),
    )
    named = " ".join(filter(None, (axis, f"({unit})" if unit else "")))
    ranged = rows[rows["high"] - rows["low"] > 1e-9 * rows["end"].abs().max()]
    x: Any = {
        "title": [line for line in (named, f"lines: {lines}" if len(ranged) else "") if line] or None,
        "axis": alt.Axis(tickCount=4 if phone else 7),
        "scale": alt.Scale(padding=44, nice=False),
    }
    shown = [sign for sign in SIGNS if sign in set(rows["sign"])]
    color = alt.Color(
        "sign:N",
        sort=shown,
        legend=alt.Legend(title=None, orient="bottom"),
        scale=alt.Scale(domain=shown, range=[SIGNS[sign] for sign in shown]),
    )
    base = alt.Chart(rows).encode(y=y)
    layers: list[Any] = [
        base.mark_bar().encode(x=alt.X("start:Q", **x), x2="end:Q", color=color),
        alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=theme.MUTED).encode(x=alt.X("zero:Q", **x)),
    ]
    if len(ranged):
        spread = alt.Chart(ranged).encode(y=y)
        layers += [
            spread.mark_rule(strokeWidth=6, color="white").encode(x=alt.X("low:Q", **x), x2="high:Q"),
            spread.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q", **x), x2="high:Q"),
        ]
    sides: list[tuple[bool, Literal["left", "right"], int]] = [(True, "left", 5), (False, "right", -5)]
    for right, align, gap in sides:
        text = alt.Chart(rows[rows["right"] == right]).encode(y=y, x=alt.X("beside:Q", **x), text="said:N")
        layers.append(text.mark_text(align=align, dx=gap))
    if phone:
        name = base.encode(x=alt.value(0), text="step:N")
        layers.append(name.mark_text(align="left", baseline="bottom", dy=-10, limit=width - 20))
    height: Any = alt.Step(44 if phone else 34) if len(rows) else 40
    return theme.style(alt.layer(*layers).properties(title=title, width=width, height=height))


def _rows(
    table: pd.DataFrame, names: list[str], total: str, called: Mapping[str, str]
) -> tuple[pd.DataFrame, str]:
    """Where each bar starts and ends, and where the line over it does, in a readable unit."""
    last = table.iloc[-1]
    known = [name for name in names if pd.notna(last[name])]
    largest = max((abs(float(last[name])) for name in known), default=0.0)
    scale, unit = next(((size, word) for size, word in UNITS if largest >= size), (1.0, ""))
    at, rows = 0.0, []
    for name in known:
        size, start = float(last[name]) / scale, 0.0 if name == total else at
        every = table[name].dropna().astype(float) / scale
        end = start + size
        low, high = start + every.min(), start + every.max()
        rows.append(
            {
                "step": called.get(name, name.replace("_", " ")),
                "start": start,
                "end": end,
                "low": low,
                "high": high,
                "sign": "whole change" if name == total else "adds" if size >= 0 else "takes away",
                "right": size >= 0,
                "beside": max(end, high) if size >= 0 else min(end, low),
                "said": (f"{size:,.3g}" if name == total else f"{size:+,.3g}").replace("-", "\u2212"),
            }
        )
        at = end
    columns = ["step", "start", "end", "low", "high", "sign", "right", "beside", "said"]
    return pd.DataFrame(rows, columns=columns), unit
