"""Stage path: one line of cells per cluster, one cell per year, each with the first letters of its stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

_UNKNOWN = "cannot tell"
_COLOURS = (theme.PALE, theme.SERIES[2], theme.MAIN, theme.ACCENT, theme.SERIES[3])


def stage_path(
    table: pd.DataFrame, *, stages: Sequence[str], top: int = 15, title: str = "", width: int = 560
) -> alt.LayerChart:
    """Draw the stage of each cluster in each year; the paler a cell, the less probable its stage.

    `table` has the columns name, year, stage and confidence. The `top` clusters known for most years are drawn, in the order of the table.
    """
    phone = theme.narrow(width)
    told = (
        table["stage"].ne(_UNKNOWN).groupby(table["name"]).sum().sort_values(ascending=False, kind="stable")
    )
    rows = table[table["name"].isin(told.head(top).index)].sort_values(["name", "year"])
    names = rows["name"].drop_duplicates().tolist()
    first = rows["stage"].str[0].str.upper().where(rows["stage"].ne(_UNKNOWN), "?")
    rows = rows[["name", "year", "stage"]].assign(
        letter=first,
        sure=rows["confidence"].fillna(0.25).clip(0.25, 1.0),
        year=rows["year"].astype(int).astype(str),
    )
    kinds = [stage for stage in stages if stage in set(rows["stage"])]
    kinds += [_UNKNOWN] if _UNKNOWN in set(rows["stage"]) else []
    colours = dict(zip(stages, _COLOURS, strict=False)) | {_UNKNOWN: "#d3d8dc"}
    legend: dict[str, Any] = {stage: f"{stage[0].upper()} {stage}" for stage in stages} | {
        _UNKNOWN: f"? {_UNKNOWN}"
    }
    base = alt.Chart(rows).encode(
        x=alt.X(
            "year:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, ticks=False, domain=False)
        ),
        y=alt.Y(
            "name:N",
            sort=names,
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelLimit=90 if phone else 220),
        ),
    )
    cells = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color(
            "stage:N",
            title="the paler, the less probable",
            scale=alt.Scale(domain=kinds, range=[colours[kind] for kind in kinds]),
            legend=alt.Legend(
                orient="top",
                columns=2 if phone else 0,
                titleOrient="top" if phone else "left",
                labelExpr=f"({legend})[datum.label]",
            ),
        ),
        opacity=alt.Opacity("sure:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None),
    )
    dark = "datum.sure > 0.75 && datum.stage != 'emergence'"
    crowded = width / max(rows["year"].nunique(), 1) < 20
    letters = base.mark_text(fontWeight="bold", fontSize=8 if crowded else 12).encode(
        text="letter:N", color=alt.condition(dark, alt.value("white"), alt.value(theme.INK))
    )
    return theme.style(alt.layer(cells, letters).properties(title=title, width=width, height=alt.Step(28)))
