"""Ring decay: the effect by distance from the park, with intervals; zero is what lies beyond."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

HEIGHT = 260


def ring_decay(
    table: pd.DataFrame,
    *,
    outcome: str = "outcome",
    control: str = "units beyond",
    title: str = "",
    width: int = 560,
) -> Any:
    """Draw estimate, low and high of each ring (ring, ring_low_km) from the inside out.

    Rings whose interval lies below zero are squares, above it triangles, others circles.
    """
    rows = table[table["estimate"].notna()].sort_values(["ring_low_km", "ring_high_km"], kind="stable")
    names = list(rows["ring"].astype(str))
    signs = ["below zero", "above zero", "zero not excluded"]
    below, above = rows["high"] < 0, rows["low"] > 0
    sign = pd.Series(signs[2], index=rows.index).mask(below, signs[0]).mask(above, signs[1])
    tidy = rows[["estimate", "low", "high"]].astype(float).assign(ring=names, sign=sign)
    base = alt.Chart(tidy).encode(
        x=alt.X("ring:N", sort=names, title="distance from the park", axis=alt.Axis(labelAngle=0, grid=False))
    )
    there = [name for name in signs if (sign == name).any()]
    look = {
        signs[0]: (theme.ACCENT, "square"),
        signs[1]: (theme.MAIN, "triangle-up"),
        signs[2]: (theme.MUTED, "circle"),
    }
    color = alt.Color(
        "sign:N",
        scale=alt.Scale(domain=there, range=[look[name][0] for name in there]),
        legend=alt.Legend(title=None, orient="bottom", columns=1 if theme.narrow(width) else 3),
    )
    shape = alt.Shape("sign:N", scale=alt.Scale(domain=there, range=[look[name][1] for name in there]))
    said = outcome.replace("_", " ")
    layers: list[Any] = [
        alt.Chart(pd.DataFrame({"zero": [0.0]}))
        .mark_rule(color=theme.MUTED, strokeWidth=1)
        .encode(y="zero:Q"),
        base.mark_rule(strokeWidth=2).encode(
            y=alt.Y("low:Q", title=f"change in {said}", axis=alt.Axis(tickCount=5)), y2="high:Q", color=color
        ),
        base.mark_point(size=110, filled=True, opacity=1).encode(y="estimate:Q", color=color, shape=shape),
    ]
    words = alt.TitleParams(
        title or "When the park came",
        subtitle=[f"zero: {control}", "lines: intervals of each ring"],
        offset=12,
    )
    return theme.style(alt.layer(*layers).properties(title=words, width=width, height=HEIGHT))
