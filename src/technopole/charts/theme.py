"""One look for every chart: colours told apart without colour vision and in grey print, fonts for every script."""

from __future__ import annotations

from typing import Any

import altair as alt

# Liberation Sans first: the renderer carries it, so text measures alike everywhere; Arial has the same widths.
FONT = (
    'Liberation Sans, Arial, Helvetica, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", '
    "sans-serif"
)
INK = "#1c2733"
MUTED = "#56626d"
GRID = "#e4e8eb"
LAND = "#e9ebe6"
COAST = "#b9bfb6"

MAIN = "#1d5a8f"
ACCENT = "#c2570c"
PALE = "#9db9d1"
SERIES = (MAIN, ACCENT, "#11806a", "#8e5fb8", "#8f6d00", "#4b8fc4", "#a3375a", "#5f6b75")
SHAPES = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "triangle-left",
    "triangle-right",
)
DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (4, 4), (10, 4), (1, 3), (6, 2, 1, 2))
SEQUENTIAL = ("#eef3f7", "#bcd1e2", "#82a9c9", "#4a7fae", "#1d5a8f", "#0d3558")
DIVERGING = ("#8a3b05", "#c2570c", "#e5a777", "#f2f0ec", "#9db9d1", "#1d5a8f", "#0d3558")


def style(chart: Any, *, fit: bool = True) -> Any:
    """Return the finished (outermost) chart in the house style.

    With `fit` the chart's `width` becomes that of the whole picture, labels included; a concatenation can't be fitted.
    """
    size: dict[str, Any] = {"autosize": alt.AutoSizeParams(type="fit-x", contains="padding")} if fit else {}
    return chart.properties(config=_config(), background="white", **size)


def percentages(wanted: bool) -> dict[str, Any]:
    """Return the axis option that writes 0.12 as 12%."""
    return {"labelExpr": "format(100 * datum.value, '~g') + '%'"} if wanted else {}


def narrow(width: int) -> bool:
    """Tell whether a chart of this width is for a phone: labels go above their marks, legends below."""
    return width < 440


def _config() -> alt.Config:
    return alt.Config(
        font=FONT,
        padding=6,
        view=alt.ViewConfig(stroke=None),
        title=alt.TitleConfig(
            anchor="start",
            color=INK,
            fontSize=14,
            fontWeight="bold",
            subtitleColor=MUTED,
            subtitleFontSize=12,
            offset=10,
        ),
        axis=alt.AxisConfig(
            labelColor=INK,
            labelFontSize=12,
            labelLimit=260,
            titleColor=MUTED,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=8,
            gridColor=GRID,
            domainColor="#9aa4ac",
            tickColor="#9aa4ac",
        ),
        legend=alt.LegendConfig(
            labelColor=INK,
            labelFontSize=12,
            titleColor=MUTED,
            titleFontSize=12,
            titleFontWeight="normal",
            labelLimit=260,
        ),
        range=alt.RangeConfig(
            category=list(SERIES),
            diverging=list(DIVERGING),
            heatmap=list(SEQUENTIAL),
            ordinal=list(SEQUENTIAL[1:]),
        ),
        bar=alt.BarConfig(color=MAIN),
        point=alt.MarkConfig(color=MAIN, filled=True, size=60),
        line=alt.LineConfig(color=MAIN, strokeWidth=2),
        rule=alt.MarkConfig(color=INK),
        text=alt.MarkConfig(color=INK, fontSize=12),
    )
