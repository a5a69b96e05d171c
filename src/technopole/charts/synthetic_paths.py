"""Synthetic paths: the treated unit beside its mixture of donors, and below their gap among those of the placebos."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

HEIGHT = 190
GREY = "#c3c9ce"


def synthetic_paths(
    table: pd.DataFrame, *, start: int, axis: str = "outcome", title: str = "", width: int = 560
) -> Any:
    """Draw lines of `table` (year, series, kind, value): kind is treated, synthetic, gap or placebo.

    The dashed rule is the start: the first year of treatment begins right of it. Placebos are pale and thin, the gap strong.
    """
    names = table.loc[table["kind"] == "treated", "series"]
    name = str(names.iloc[0]) if len(names) else ""
    key = [f"solid: {name}", "dashed: its synthetic control"]
    upper = _lines(table, start, axis, width, ("treated", "synthetic")).properties(
        title=_title(title or "Against its synthetic control", key, width)
    )
    placebos = int(table.loc[table["kind"] == "placebo", "series"].nunique())
    below = (
        ["difference of the two", f"grey: the same for {placebos} placebos"]
        if placebos
        else ["difference of the two"]
    )
    lower = _lines(table, start, "gap", width, ("placebo", "gap"), zero=True).properties(
        title=_title("Gap", below, width)
    )
    return theme.style(alt.vconcat(upper, lower, spacing=18), fit=False)


def _title(title: str, words: list[str], width: int) -> alt.TitleParams:
    return alt.TitleParams(title, subtitle=words if theme.narrow(width) else [" · ".join(words)], offset=10)


def _lines(
    table: pd.DataFrame, start: int, axis: str, width: int, kinds: tuple[str, str], *, zero: bool = False
) -> Any:
    rows = table[table["kind"].isin(kinds)]
    room = width - 90
    years = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(zero=False, nice=False),
        axis=alt.Axis(format="d", grid=False, tickMinStep=1, tickCount=4 if theme.narrow(width) else 8),
    )
    value = alt.Y(
        "value:Q", title=axis.replace("_", " "), scale=alt.Scale(zero=zero), axis=alt.Axis(tickCount=4)
    )
    layers: list[Any] = []
    if zero:
        layers.append(
            alt.Chart(pd.DataFrame({"value": [0.0]}))
            .mark_rule(color=theme.MUTED, strokeWidth=1)
            .encode(y="value:Q")
        )
    begins = alt.Chart(pd.DataFrame({"year": [start - 0.5]}))
    layers.append(begins.mark_rule(color=theme.INK, strokeDash=[4, 4], strokeWidth=1).encode(x=years))
    for kind in kinds:
        own = rows[rows["kind"] == kind]
        if own.empty:
            continue
        base = alt.Chart(own).encode(x=years, y=value, detail="series:N")
        layers.append(base.mark_line(**_LOOK[kind]))
    return alt.layer(*layers).properties(width=room, height=HEIGHT)


_LOOK: dict[str, dict[str, Any]] = {
    "treated": {"color": theme.ACCENT, "strokeWidth": 2.6},
    "synthetic": {"color": theme.MAIN, "strokeWidth": 2, "strokeDash": [6, 3]},
    "placebo": {"color": GREY, "strokeWidth": 1},
    "gap": {"color": theme.ACCENT, "strokeWidth": 2.6},
}
