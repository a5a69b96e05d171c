"""Density curve: a function of distance against the bands that chance draws, one panel per industry."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

KEY = ("shaded: band at each distance", "dashed: band over all distances at once")
BANDS = ["local_low", "local_high", "global_low", "global_high"]
SINGLE, SMALL = 300, 150


def density_curve(
    table: pd.DataFrame,
    *,
    value: str = "density",
    reference: float | None = 0.0,
    distance: str = "distance_km",
    series: str = "industry",
    axis: str = "pairs of establishments per km",
    label: str = "",
    top: int = 6,
    title: str = "",
    width: int = 560,
) -> Any:
    """Draw `value` over distance (strong line), its local band (area), global band (dashed) and `reference` level.

    Several `series` become small multiples, at most `top`, those farthest outside their global band first; `label` names the
    curve. A column `expected` is drawn as a thin line.
    """
    names = _chosen(table, series, value, top)
    said = label or value.replace("_", " ")
    if len(names) <= 1:
        rows = _rows(table, names[0] if names else "", series, distance, value)
        chart = _panel(rows, said, axis, reference, width, SINGLE)
        return theme.style(chart.properties(title=_title(title or "".join(names), width)))
    columns = 1 if theme.narrow(width) else 2
    room = width // columns - 90
    panels = [
        _panel(
            _rows(table, name, series, distance, value), "" if number else said, axis, reference, room, SMALL
        ).properties(title=alt.TitleParams(name, anchor="start", offset=14))
        for number, name in enumerate(names)
    ]
    lines = [alt.hconcat(*panels[k : k + columns], spacing=16) for k in range(0, len(panels), columns)]
    return theme.style(alt.vconcat(*lines, spacing=14).properties(title=_title(title, width)), fit=False)


def _title(title: str, width: int) -> alt.TitleParams:
    words = list(KEY) if theme.narrow(width) else [" · ".join(KEY)]
    return alt.TitleParams(title or "Against chance", subtitle=words, offset=20)


def _chosen(table: pd.DataFrame, series: str, value: str, top: int) -> list[str]:
    above = (table[value] - table["global_high"]).clip(lower=0)
    below = (table["global_low"] - table[value]).clip(lower=0)
    wide = table["global_high"] - table["global_low"]
    far = ((above + below) / wide.where(wide > 0)).fillna(0.0).groupby(table[series].astype(str)).max()
    order = far.reset_index(name="far").sort_values(["far", series], ascending=[False, True])
    return [str(name) for name in order[series].head(top)]


def _rows(table: pd.DataFrame, name: str, series: str, distance: str, value: str) -> pd.DataFrame:
    own = table[table[series].astype(str) == name]
    kept = [*BANDS, "expected"] if "expected" in own.columns else BANDS
    return own[kept].assign(distance=own[distance].astype(float), value=own[value].astype(float))


def _panel(
    rows: pd.DataFrame, label: str, axis: str, reference: float | None, width: int, height: int
) -> Any:
    ticks = 4 if width < 440 else 6
    x = alt.X("distance:Q", title="distance, km", axis=alt.Axis(tickCount=ticks, grid=False))
    small = bool(len(rows)) and float(rows["value"].abs().max()) < 1e-3
    y_axis = alt.Axis(title=axis, tickCount=4, format="~e" if small else "~g")
    base = alt.Chart(rows).encode(x=x)

    def y(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", axis=y_axis, scale=alt.Scale(zero=False))

    dashed = base.mark_line(strokeDash=[5, 3], strokeWidth=1.4, color=theme.INK)
    layers: list[Any] = []
    if reference is not None:
        level = alt.Chart(pd.DataFrame({"level": [reference]}))
        layers.append(level.mark_rule(color=theme.MUTED, strokeWidth=1).encode(y=y("level")))
    layers.append(base.mark_area(color=theme.PALE, opacity=0.55).encode(y=y("local_low"), y2="local_high:Q"))
    if "expected" in rows:
        layers.append(base.mark_line(strokeWidth=1, color=theme.MAIN).encode(y=y("expected")))
    layers += [dashed.encode(y=y("global_low")), dashed.encode(y=y("global_high"))]
    layers.append(base.mark_line(strokeWidth=2.6, color=theme.ACCENT).encode(y=y("value")))
    if label and len(rows):
        layers += _name(rows, label)
    return alt.layer(*layers).properties(width=width, height=height)


def _name(rows: pd.DataFrame, label: str) -> list[Any]:
    """Name the curve at its highest point."""
    top = int(rows["value"].to_numpy().argmax())
    spot = alt.Chart(rows.iloc[[top]].assign(words=label)).encode(x="distance:Q", y="value:Q", text="words:N")
    align = "left" if top < len(rows) / 2 else "right"
    return [
        spot.mark_text(dy=-10, align=align, fontWeight="bold", stroke="white", strokeWidth=3),
        spot.mark_text(dy=-10, align=align, fontWeight="bold", color=theme.ACCENT),
    ]
