"""Cluster map: clusters as numbered outlines, the line telling how significant they are, with their list below."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import shapely

from technopole.charts import theme
from technopole.charts.geography import Canvas, canvas
from technopole.charts.labels import LINE, SIZE, Label, place_labels, text_width

FRAME = 12  # the padding left and right of the map
LEAST = 30_000.0  # metres across
STRONG = 0.01
MARKER = 4.5
CLASSES = (  # line, width, opacity of the fill
    ("p at most 0.01: full line", (1, 0), 1.8, 0.5),
    ("p at most {alpha:g}: dashes", (5, 3), 1.4, 0.22),
    ("not significant, or not tested: dots", (1.5, 2.5), 1.2, 0.0),
)


def cluster_map(
    table: pd.DataFrame,
    *,
    label: str = "name",
    p: str = "p_value",
    alpha: float = 0.05,
    base: str = "land",
    top: int = 24,
    title: str = "",
    width: int = 560,
) -> alt.LayerChart:
    """Draw clusters on a map.

    `table` has a `geometry` in longitude and latitude (outlines or points), `label`, `p`, and, where known, members,
    employment and location_quotient with low and high. Clusters are numbered in the table's order; the first `top` are
    listed below the map. `base` is ``"land"``, ``"us_states"`` or the path of a GeoJSON.
    """
    shapes = table["geometry"].to_numpy(object) if "geometry" in table else np.empty(0, dtype=object)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    rows, shapes = table[there], shapes[there]
    if rows.empty:
        blank = alt.Chart(pd.DataFrame({"text": ["no cluster found"]})).mark_text().encode(text="text:N")
        return theme.style(alt.layer(blank).properties(title=title, width=width, height=40))
    west, south, east, north = shapely.bounds(shapes).T
    frame = canvas(np.concatenate([west, east]), np.concatenate([south, north]), width - FRAME, least=LEAST)
    drawn = [frame.shape(one) for one in shapes]
    middles = shapely.point_on_surface(np.array([_largest(one) for one in drawn], dtype=object))
    small = np.array(
        [max(one.bounds[2] - one.bounds[0], one.bounds[3] - one.bounds[1]) < 2 * MARKER for one in drawn]
    )
    marks = pd.DataFrame(
        {
            "x": shapely.get_x(middles),
            "y": shapely.get_y(middles),
            "small": small,
            "kind": _kinds(rows[p], alpha),
        }
    )
    radii = np.where(small, MARKER, 0.0)
    points = list(
        zip(
            *(np.asarray(part, dtype=float).tolist() for part in (marks["x"], marks["y"], radii)), strict=True
        )
    )
    numbers, _ = place_labels([str(i) for i in range(1, len(marks) + 1)], points, frame.width, frame.height)
    listed = _listed(rows, label, frame, top, _legend(marks, alpha))
    height = round(listed[-1].y + LINE)
    across = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, frame.width], nice=False))
    down = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False))
    layers = [
        _land(frame, base),
        *(_outlines(drawn, marks, kind) for kind in sorted(set(marks["kind"]), reverse=True)),
        _markers(marks[marks["small"]], across, down),
        _leaders(numbers, across, down),
        _texts(numbers, across, down, halo=True),
        _texts(listed, across, down, halo=False),
    ]
    chart = alt.layer(*(layer for layer in layers if layer is not None))
    return theme.style(chart.properties(title=title, width=frame.width, height=height), fit=False)


def _kinds(p: pd.Series, alpha: float) -> Any:
    values = p.to_numpy("float64", na_value=np.nan)
    return np.select([values <= min(STRONG, alpha), values <= alpha], [0, 1], default=2)


def _largest(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    return parts[int(np.argmax(shapely.area(parts)))]


def _land(frame: Canvas, base: str) -> Any:
    land: Any = alt.Chart(alt.InlineData(values=frame.outline(base)))
    return land.mark_geoshape(fill=theme.LAND, stroke=theme.COAST, strokeWidth=0.6).project(
        type="identity", scale=1, translate=[0, 0]
    )


def _outlines(drawn: list[Any], marks: pd.DataFrame, kind: int) -> Any:
    _, dash, thick, opacity = CLASSES[kind]
    features = [Canvas.feature(drawn[i]) for i in np.flatnonzero(marks["kind"] == kind)]
    chart: Any = alt.Chart(
        alt.InlineData(
            values={"type": "FeatureCollection", "features": features},
            format=alt.DataFormat(property="features", type="json"),
        )
    )
    return chart.mark_geoshape(
        fill=theme.ACCENT, fillOpacity=opacity, stroke=theme.ACCENT, strokeWidth=thick, strokeDash=list(dash)
    ).project(type="identity", scale=1, translate=[0, 0])


def _markers(marks: pd.DataFrame, x: alt.X, y: alt.Y) -> Any:
    """Outlines too small to see get a circle."""
    if marks.empty:
        return None
    rows = marks.assign(fill=[CLASSES[kind][3] for kind in marks["kind"]])
    layers = [
        alt.Chart(rows[rows["kind"] == kind])
        .mark_point(
            shape="circle",
            filled=True,
            fill=theme.ACCENT,
            stroke=theme.ACCENT,
            size=np.pi * MARKER**2,
            strokeWidth=CLASSES[kind][2],
            strokeDash=list(CLASSES[kind][1]),
            fillOpacity=CLASSES[kind][3],
            opacity=1,
        )
        .encode(x=x, y=y)
        for kind in sorted(set(rows["kind"]))
    ]
    return alt.layer(*layers)


def _leaders(labels: list[Label], x: alt.X, y: alt.Y) -> Any:
    leads = [
        (*i.lead, i.x if i.x > i.lead[0] else min(i.lead[0], i.x + text_width(i.text)), i.y)
        for i in labels
        if i.lead
    ]
    if not leads:
        return None
    lines = pd.DataFrame(leads, columns=["x", "y", "x2", "y2"])
    rule: Any = alt.Chart(lines).mark_rule(color=theme.MUTED, strokeWidth=0.8)
    return rule.encode(x=x, y=y, x2="x2:Q", y2="y2:Q")


def _texts(labels: list[Label], x: alt.X, y: alt.Y, *, halo: bool) -> Any:
    frame = pd.DataFrame(
        {"text": [i.text for i in labels], "x": [i.x for i in labels], "y": [i.y for i in labels]}
    )
    base: Any = alt.Chart(frame).encode(x=x, y=y, text="text:N")
    ink = base.mark_text(align="left", fontSize=SIZE, fontWeight="bold" if halo else "normal")
    if not halo:
        return ink
    return alt.layer(
        base.mark_text(
            align="left", fontSize=SIZE, fontWeight="bold", stroke="white", strokeWidth=3, strokeOpacity=0.9
        ),
        ink,
    )


def _listed(rows: pd.DataFrame, label: str, frame: Canvas, top: int, legend: list[str]) -> list[Label]:
    """The list below the map: number, name and figures, in as many columns as fit; then what the lines mean."""
    said = [_figures(row, label) for row in rows.head(top).to_dict("records")]
    full = [f"{i}  {' '.join(filter(None, parts))}" for i, parts in enumerate(said, start=1)]
    columns = max(1, min(3, int(frame.width // (max(text_width(line) for line in full) + 14))))
    room = frame.width / columns - 6
    if max(text_width(line) for line in full) > room:
        full = [f"{i}  {short}" for i, (short, _) in enumerate(said, start=1)]
    lines = [_cut(line, room) for line in full]
    deep = -(-len(lines) // columns)
    found = [
        Label(line, round(frame.width / columns * (i // deep), 1), frame.height + LINE * (1.3 + i % deep))
        for i, line in enumerate(lines)
    ]
    bottom = frame.height + LINE * (1.3 + deep)
    rest = [f"and {len(rows) - top} more"] if len(rows) > top else []
    return [*found, *(Label(text, 0.0, bottom + LINE * (i + 0.3)) for i, text in enumerate([*rest, *legend]))]


def _figures(row: dict[Any, Any], label: str) -> tuple[str, str]:
    """Name, establishments or jobs, and the location quotient; its interval, which goes first where there is no room."""
    parts, ends = [str(row[label])], ""
    for name, word in (("members", "est."), ("employment", "jobs")):
        if len(parts) == 1 and pd.notna(row.get(name)):
            parts.append(f"{row[name]:,.0f} {word}")
    if pd.notna(row.get("location_quotient")):
        parts.append(f"LQ {row['location_quotient']:.1f}")
        if pd.notna(row.get("low")) and pd.notna(row.get("high")):
            ends = f"({row['low']:.1f}-{row['high']:.1f})"
    return " · ".join(parts), ends


def _cut(text: str, width: float) -> str:
    while text_width(text) > width and len(text) > 4:
        text = text[:-2].rstrip() + "…"
    return text


def _legend(marks: pd.DataFrame, alpha: float) -> list[str]:
    return [CLASSES[kind][0].format(alpha=alpha) for kind in sorted(set(marks["kind"]))]
