"""Map: places as circles on the land, sized by a value, hollow where the value may not exceed the reference."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from technopole.charts import theme
from technopole.charts.geography import Canvas, Numbers, canvas
from technopole.charts.labels import LINE, SIZE, Label, place_labels, text_width

FRAME = 12  # the padding left and right of the map
SMALL, LARGE = 3.5, 16.0


def place_map(
    table: pd.DataFrame,
    *,
    label: str = "place",
    longitude: str = "longitude",
    latitude: str = "latitude",
    value: str = "",
    low: str = "low",
    reference: float = 1.0,
    group: str = "",
    axis: str = "",
    about: str = "",
    base: str = "land",
    top: int = 40,
    title: str = "",
    width: int = 560,
) -> alt.LayerChart:
    """Draw places on a map.

    Circles grow with `value` (area). Where a column `low` exists, circles whose lower bound doesn't exceed
    `reference` are hollow; `about` says what that bound is of, where it isn't the value. `group` tells kinds of places apart by shape and colour. Names that find no room on the map
    are numbered and listed below it. `base` is ``"land"``, ``"us_states"`` or the path of a GeoJSON.
    """
    rows = table[table[longitude].notna() & table[latitude].notna()]
    if value:
        rows = rows[rows[value].notna()].sort_values([value, label], ascending=[False, True])
    rows = rows.head(top)
    if rows.empty:
        blank = alt.Chart(pd.DataFrame({"text": ["no place to show"]})).mark_text().encode(text="text:N")
        return theme.style(alt.layer(blank).properties(title=title, width=width, height=40))
    east, north = rows[longitude].to_numpy(float), rows[latitude].to_numpy(float)
    frame = canvas(east, north, width - FRAME)
    x, y = frame.pixels(east, north)
    marks = _marks(rows, x, y, label, value, low, reference, group)
    labels, key = place_labels(
        list(marks["label"]),
        list(marks[["x", "y", "radius"]].itertuples(index=False)),
        frame.width,
        frame.height,
    )
    listed = _key_lines(key, frame)
    if value:
        listed.append(
            Label(_note(marks, axis or value.replace("_", " "), reference, about), 0, _below(listed, frame))
        )
    height = round(_below(listed, frame) - LINE / 2) if listed else frame.height
    across = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, frame.width], nice=False))
    down = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False))
    layers = [
        _land(frame, base),
        _leaders(labels, across, down),
        _circles(marks, across, down, group),
        _texts(labels, across, down, stroke=True),
        _texts(listed, across, down, stroke=False),
    ]
    chart = alt.layer(*(layer for layer in layers if layer is not None))
    return theme.style(chart.properties(title=title, width=frame.width, height=height), fit=False)


def _marks(
    rows: pd.DataFrame, x: Numbers, y: Numbers, label: str, value: str, low: str, reference: float, group: str
) -> pd.DataFrame:
    marks = pd.DataFrame({"label": rows[label].astype(str).to_numpy(), "x": x.round(1), "y": y.round(1)})
    sizes = rows[value].to_numpy(float).clip(min=0) if value else np.full(len(rows), np.nan)
    largest = sizes.max() if value and sizes.max() > 0 else 1.0
    marks["radius"] = (SMALL + (LARGE - SMALL) * np.sqrt(sizes / largest)).round(1) if value else SMALL + 1
    marks["value"] = sizes
    marks["area"] = (np.pi * marks["radius"] ** 2).round(1)
    marks["sure"] = (rows[low].to_numpy(float) > reference) if low in rows else True
    marks["kind"] = rows[group].fillna("").astype(str).to_numpy() if group else ""
    return marks


def _land(frame: Canvas, base: str) -> alt.Chart:
    shape = alt.Chart(alt.InlineData(values=frame.outline(base)))
    return shape.mark_geoshape(fill=theme.LAND, stroke=theme.COAST, strokeWidth=0.6).project(
        type="identity", scale=1, translate=[0, 0]
    )


def _circles(marks: pd.DataFrame, x: alt.X, y: alt.Y, group: str) -> alt.Chart:
    kinds = list(dict.fromkeys(marks["kind"]))
    legend = alt.Legend(orient="bottom", title=None, direction="horizontal", offset=6) if group else None
    scale = alt.Scale(domain=kinds, range=list(theme.SERIES[: len(kinds)]))
    forms = alt.Scale(domain=kinds, range=list(theme.SHAPES[: len(kinds)]))
    return (
        alt.Chart(marks.iloc[::-1])  # the first is drawn last, on top
        .mark_point(filled=True, strokeWidth=1.6, opacity=1)
        .encode(
            x=x,
            y=y,
            size=alt.Size("area:Q", scale=None),
            stroke=alt.Stroke("kind:N", scale=scale, legend=legend),
            fill=alt.Fill("kind:N", scale=scale, legend=legend),
            shape=alt.Shape("kind:N", scale=forms, legend=legend),
            fillOpacity=alt.FillOpacity("opacity:Q", scale=None),
        )
        .transform_calculate(opacity="datum.sure ? 0.55 : 0")
    )


def _leaders(labels: list[Label], x: alt.X, y: alt.Y) -> alt.Chart | None:
    leads = [
        (i.lead, i.x if i.x > i.lead[0] else min(i.lead[0], i.x + text_width(i.text)), i.y)
        for i in labels
        if i.lead
    ]
    if not leads:
        return None
    lines = pd.DataFrame([(*lead, end, level) for lead, end, level in leads], columns=["x", "y", "x2", "y2"])
    return (
        alt.Chart(lines).mark_rule(color=theme.MUTED, strokeWidth=0.8).encode(x=x, y=y, x2="x2:Q", y2="y2:Q")
    )


def _texts(labels: list[Label], x: alt.X, y: alt.Y, *, stroke: bool) -> Any:
    if not labels:
        return None
    frame = pd.DataFrame(
        {"text": [i.text for i in labels], "x": [i.x for i in labels], "y": [i.y for i in labels]}
    )
    base = alt.Chart(frame).encode(x=x, y=y, text="text:N")
    halo: Any = base.mark_text(align="left", fontSize=SIZE, stroke="white", strokeWidth=3, strokeOpacity=0.85)
    ink: Any = base.mark_text(align="left", fontSize=SIZE)
    return alt.layer(halo, ink) if stroke else ink


def _key_lines(key: list[tuple[int, str]], frame: Canvas) -> list[Label]:
    columns = 1 if frame.width < 440 else 3
    rows = -(-len(key) // columns)
    return [
        Label(
            f"{number}  {name}",
            round(frame.width / columns * (i // rows), 1),
            frame.height + LINE * (1.2 + i % rows),
        )
        for i, (number, name) in enumerate(key)
    ]


def _below(listed: list[Label], frame: Canvas) -> float:
    return max((item.y for item in listed), default=frame.height - LINE / 2) + LINE * 1.3


def _note(marks: pd.DataFrame, axis: str, reference: float, about: str) -> str:
    most = float(marks["value"].max())
    largest = f"{most:,.0f}" if most.is_integer() else f"{most:,.3g}"
    hollow = "" if marks["sure"].all() else f"; hollow: {about and about + ' '}not surely above {reference:g}"
    return f"area of a circle: {axis}, largest {largest}{hollow}"
