"""Map of local statistics: significance first; what is significant stands out by hue, symbol and outline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import mapping

from technopole.charts import theme
from technopole.charts.geography import Canvas, Numbers, canvas, rounded

FRAME = 12
PLAIN = "not significant"
BLANK = "undefined"
HUES = ("#b2182b", "#1d5a8f", "#8f6d00", "#11806a")
SYMBOLS = ("triangle-up", "triangle-down", "diamond", "square")
PALE, EDGE, WHITE = "#e3e1d9", "#b9bfb6", "#ffffff"
CORE = (0.01, 0.99)  # the frame is that of the middle 98 % of the places ...
BEYOND = 0.15  # ... and this much of its width around them
COARSE = 0.5  # pixels


@dataclass(frozen=True, slots=True)
class _Frame:
    pixels: Callable[[Numbers, Numbers], tuple[Numbers, Numbers]]
    width: float
    height: float
    land: Canvas | None


def local_map(
    table: pd.DataFrame,
    *,
    kinds: Sequence[str] = ("high-high", "low-low", "high-low", "low-high"),
    what: str = "",
    base: str = "land",
    title: str = "",
    width: int = 560,
) -> alt.LayerChart:
    """Draw places, those of a significant `kind` in colour with a symbol, the others pale.

    `table` has `kind` (one of `kinds`, "not significant" or "undefined") and a `geometry`, or `longitude` and `latitude`, or x and y in
    kilometres. `kinds` are at most four. A few places far from the others don't shrink the map: they are left out and counted.
    """
    if table.empty:
        blank = alt.Chart(pd.DataFrame({"text": ["no place to show"]})).mark_text().encode(text="text:N")
        return theme.style(alt.layer(blank).properties(title=title, width=width, height=40))
    east, north, geographic = _points(table)
    inside = _inside(east) & _inside(north)
    frame = _framed(east[inside], north[inside], width - FRAME, geographic)
    x, y = frame.pixels(east[inside], north[inside])
    marks = pd.DataFrame({"x": x.round(1), "y": y.round(1), "kind": table["kind"].to_numpy()[inside]})
    entries = _entries(table["kind"], kinds)
    marks["entry"] = marks["kind"].map(entries)
    shapes = _in_pixels(table.loc[inside], frame) if isinstance(table, gpd.GeoDataFrame) else None
    lines = _notes(table, inside, what)
    height = frame.height + 16 * len(lines)
    across = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, frame.width], nice=False))
    down = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False))
    layers = [
        *([_land(frame.land, base)] if frame.land is not None else []),
        *(_areas(shapes, marks["kind"].to_numpy(), kinds) if shapes is not None else []),
        _symbols(marks, entries, across, down, polygons=shapes is not None, narrow=theme.narrow(width)),
        _texts(lines, frame.height, across, down),
    ]
    return theme.style(
        alt.layer(*layers).properties(title=title, width=frame.width, height=height), fit=False
    )


def _points(table: pd.DataFrame) -> tuple[Numbers, Numbers, bool]:
    if isinstance(table, gpd.GeoDataFrame):
        points = shapely.point_on_surface(table.geometry.to_numpy())
        return shapely.get_x(points), shapely.get_y(points), table.crs is not None
    names = ("longitude", "latitude") if "longitude" in table else ("x", "y")
    return table[names[0]].to_numpy(float), table[names[1]].to_numpy(float), names[0] == "longitude"


def _inside(position: Numbers) -> Any:
    low, high = np.quantile(position, CORE)
    spare = BEYOND * (high - low)
    near = (position >= low - spare) & (position <= high + spare)
    # only where that helps: a frame of everything that isn't much wider stays
    return near if np.ptp(position) > 1.3 * max(np.ptp(position[near]), 1e-9) else np.ones(len(near), bool)


def _framed(east: Numbers, north: Numbers, width: float, geographic: bool) -> _Frame:
    if geographic:
        frame = canvas(east, north, width)
        return _Frame(frame.pixels, frame.width, frame.height, frame)
    across, down = max(np.ptp(east), 1e-9), max(np.ptp(north), 1e-9)
    margin = 0.06 * max(across, down)
    scale = min(width / (across + 2 * margin), 1.2 * width / (down + 2 * margin))
    left, top = east.mean() - width / scale / 2, north.max() + margin
    left = (east.max() + east.min() - width / scale) / 2

    def pixels(x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        return (x - left) * scale, (top - y) * scale

    return _Frame(pixels, width, max(round((down + 2 * margin) * scale), 60.0), None)


def _entries(kind: pd.Series, kinds: Sequence[str]) -> dict[str, str]:
    """Legend words with counts, in order."""
    counts = kind.value_counts()
    shown = [*kinds, PLAIN, *([BLANK] if BLANK in counts else [])]
    return {name: f"{name} ({int(counts.get(name, 0)):,})" for name in shown}


def _in_pixels(table: gpd.GeoDataFrame, frame: _Frame) -> Any:
    shapes = shapely.transform(
        table.geometry.to_numpy(), lambda xy: np.column_stack(frame.pixels(xy[:, 0], xy[:, 1]))
    )
    return shapely.make_valid(shapely.simplify(shapes, COARSE))


def _areas(shapes: Any, kind: Any, kinds: Sequence[str]) -> list[alt.Chart]:
    """What isn't significant is one pale area; each significant place has its outline."""
    layers: list[alt.Chart] = []
    for name, fill in ((BLANK, WHITE), (PLAIN, PALE)):
        if (kind == name).any():
            whole = shapely.simplify(shapely.union_all(shapely.buffer(shapes[kind == name], 0.3)), 0.3)
            layers.append(_shape([whole], fill, EDGE, 0.5))
    for name, hue in zip(kinds, HUES, strict=False):
        if (kind == name).any():
            layers.append(_shape(list(shapes[kind == name]), hue, WHITE, 0.6))
    return layers


def _shape(shapes: list[Any], fill: str, stroke: str, thick: float) -> alt.Chart:
    values = [{"type": "Feature", "geometry": rounded(mapping(shape))} for shape in shapes]
    shape = alt.Chart(alt.InlineData(values=values))
    return shape.mark_geoshape(fill=fill, stroke=stroke, strokeWidth=thick).project(
        type="identity", scale=1, translate=[0, 0]
    )


def _land(frame: Canvas, base: str) -> alt.Chart:
    shape = alt.Chart(alt.InlineData(values=frame.outline(base)))
    return shape.mark_geoshape(fill="#f7f7f4", stroke=theme.COAST, strokeWidth=0.5).project(
        type="identity", scale=1, translate=[0, 0]
    )


def _symbols(
    marks: pd.DataFrame, entries: dict[str, str], x: alt.X, y: alt.Y, *, polygons: bool, narrow: bool
) -> Any:
    strong = len(entries) - sum(name in (PLAIN, BLANK) for name in entries)
    hues = [*HUES[:strong], PALE, WHITE][: len(entries)]
    edges = ["#ffffff"] * strong + ["#9aa09a", "#9aa09a"]
    forms = [*SYMBOLS[:strong], "circle", "circle"][: len(entries)]
    domain = list(entries.values())
    legend = alt.Legend(
        orient="bottom",
        title=None,
        direction="horizontal",
        columns=2 if narrow else 0,
        symbolSize=70,
        offset=4,
    )
    plain = marks["kind"].isin([PLAIN, BLANK])
    size = np.where(plain, 7.0 if len(marks) > 2000 else 16.0, 22.0 if polygons else 42.0)
    shown = marks.assign(size=size, rank=(~plain).astype(int)).sort_values("rank", kind="stable")
    shown = shown[["x", "y", "entry", "size"]]
    if polygons:
        shown = shown[~plain.loc[shown.index]]
    return (
        alt.Chart(shown)
        .mark_point(filled=True, opacity=1, strokeWidth=0.5)
        .encode(
            x=x,
            y=y,
            size=alt.Size("size:Q", scale=None),
            fill=alt.Fill("entry:N", scale=alt.Scale(domain=domain, range=hues), legend=legend),
            stroke=alt.Stroke("entry:N", scale=alt.Scale(domain=domain, range=edges), legend=legend),
            shape=alt.Shape("entry:N", scale=alt.Scale(domain=domain, range=forms), legend=legend),
        )
    )


def _notes(table: pd.DataFrame, inside: Any, what: str) -> list[str]:
    lines = [what] if what else []
    out = int((~inside).sum())
    if out:
        strong = int((~table["kind"].isin([PLAIN, BLANK]) & ~inside).sum())
        lines.append(f"outside the frame: {out:,} places, {strong} of them significant")
    return lines


def _texts(lines: list[str], top: float, x: alt.X, y: alt.Y) -> Any:
    frame = pd.DataFrame({"text": lines, "x": 0.0, "y": [top + 10.0 + 16 * i for i in range(len(lines))]})
    return alt.Chart(frame).mark_text(align="left", color=theme.MUTED).encode(x=x, y=y, text="text:N")
