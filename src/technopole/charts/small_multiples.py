"""Small multiples: one panel per indicator, one bar per park, each panel to its own scale, marks that say how firm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme
from technopole.charts.labels import text_width

_NOT_A_SIZE = ("year", "rank")
_SHAPES = {"measured": "square", "reported": "circle", "approximate": "diamond"}
_LABEL = 12.0
_MOST_BLANKS = 4
_PANEL = ["facet", "indicator", "scope", "unit"]
_NO_AXIS = alt.Axis(labels=False, ticks=False, domain=False, grid=False)


def small_multiples(
    table: pd.DataFrame, *, rows: int = 8, title: str = "", width: int = 560
) -> alt.LayerChart:
    """Draw published figures of parks side by side, a panel per row of the comparison.

    `table` is the table `cells` of a side-by-side comparison. Panels with figures of most parks come first, at most
    `rows`, those with a single figure only where no panel compares; dates and ranks are no sizes and are left to the table. Bars are relative to the largest of their panel;
    the number and its year stand beside them. The mark's shape says how firm a figure is; a hollow mark is a weak source.
    """
    phone = theme.narrow(width)
    lines = _lines(table, rows)
    parks = [str(name) for name in lines.loc[~lines["head"], "name"].unique()]
    extent = min(max([text_width(name, _LABEL) for name in parks], default=0.0) + 12, 120 if phone else 230)
    y = alt.Y(
        "key:N",
        sort=None,
        title=None,
        axis=alt.Axis(
            labelExpr="split(datum.label, '|')[1]",
            labelLimit=extent - 8,
            minExtent=extent,
            maxExtent=extent,
            labelPadding=6,
            ticks=False,
            domain=False,
        ),
        scale=alt.Scale(domain=lines["key"].tolist(), paddingInner=0.3),
    )
    plot = width - extent - 24
    beside = max([text_width(words, _LABEL) for words in lines.loc[lines["there"], "text"]], default=0.0) + 12
    most = plot / max(plot - beside, plot / 3)
    x = alt.X("end:Q", title=None, axis=_NO_AXIS, scale=alt.Scale(domain=[0, most], nice=False))
    base = alt.Chart(lines).encode(y=y)
    there, blank = base.transform_filter("datum.there"), base.transform_filter("datum.why != ''")
    layers: list[Any] = [
        base.transform_filter("datum.head")
        .mark_text(
            align="left", fontWeight="bold", dx=-extent, limit=width - 16, fontSize=11.5 if phone else 12
        )
        .encode(x=alt.datum(0), text="text:N"),
        there.mark_bar(height=3 if phone else 4, color=theme.PALE).encode(x=x),
        there.transform_filter("isValid(datum.from)")
        .mark_rule(strokeWidth=1.5, color=theme.INK)
        .encode(x=alt.X("from:Q"), x2="to:Q"),
        _marks(there.encode(x=x), lines, phone),
        there.mark_text(align="left", dx=9).encode(x=alt.X("beside:Q"), text="text:N"),
        blank.mark_text(
            align="left", color=theme.MUTED, fontStyle="italic", limit=width - extent - 16
        ).encode(x=alt.datum(0), text="why:N"),
    ]
    chart = alt.layer(*layers).properties(title=title, width=width, height=alt.Step(20))
    return theme.style(chart)


def _marks(base: alt.Chart, lines: pd.DataFrame, phone: bool) -> alt.Chart:
    kinds = [str(kind) for kind in sorted(lines.loc[lines["there"], "mark"].unique())]
    scale = {
        "shape": [_SHAPES.get(kind.split(",")[0], "triangle-up") for kind in kinds],
        "fill": ["white" if "weak" in kind else theme.MAIN for kind in kinds],
    }
    legend = alt.Legend(orient="bottom", title=None, columns=1 if phone else 4)
    return base.mark_point(size=70, strokeWidth=1.5, opacity=1).encode(
        stroke=alt.Stroke(
            "mark:N", scale=alt.Scale(domain=kinds, range=[theme.MAIN] * len(kinds)), legend=legend
        ),
        shape=alt.Shape("mark:N", scale=alt.Scale(domain=kinds, range=scale["shape"]), legend=legend),
        fill=alt.Fill("mark:N", scale=alt.Scale(domain=kinds, range=scale["fill"]), legend=legend),
    )


def _lines(table: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Return one line per header and park, top to bottom."""
    sizes = table[~table["unit"].isin(_NOT_A_SIZE) & (table["parks_with_figure"] > 0)]
    compared = sizes[sizes["parks_with_figure"] > 1]
    panels = list((sizes if compared.empty else compared).groupby(_PANEL, sort=False))
    panels = sorted(panels, key=lambda panel: -int(panel[1]["parks_with_figure"].iloc[0]))[:rows]
    lines: list[dict[str, Any]] = []
    for number, ((_, indicator, scope, unit), own) in enumerate(panels):
        words = [str(indicator).replace("_", " "), *([str(scope)] if scope else [])]
        head = ", ".join(words) + ("" if unit == indicator else f" · {unit}")
        lines.append({"key": f"{number}|", "name": "", "head": True, "text": head})
        top = max(float(own[["value", "high"]].max().max()), 1e-300)
        shown = own if len(own) <= _MOST_BLANKS else own[own["value"].notna()]
        lines += [
            {"key": f"{number}|{cell['park']}", "name": str(cell["park"]), "head": False, **_line(cell, top)}
            for cell in shown.to_dict("records")
        ]
        if len(shown) < len(own):
            rest = f"{len(own) - len(shown)} without a comparable figure"
            lines.append({"key": f"{number}| ", "name": "", "head": False, "why": rest})
    columns = ["key", "name", "head", "text", "why", "there", "end", "from", "to", "beside", "mark"]
    blank: dict[str, Any] = {"text": "", "why": "", "there": False, "mark": ""}
    return pd.DataFrame([blank | line for line in lines], columns=columns)


def _line(cell: Mapping[Any, Any], top: float) -> dict[str, Any]:
    if pd.isna(cell["value"]):
        return {"why": str(cell["reason"]).removeprefix("not comparable: ").partition(":")[0]}
    end = max(float(cell["value"]), 0.0) / top
    drawn = {
        "there": True,
        "end": end,
        "beside": end,
        "text": f"{_number(float(cell['value']))} · {cell['year']}",
    }
    if pd.notna(cell["low"]) and pd.notna(cell["high"]):
        drawn |= {"from": float(cell["low"]) / top, "to": float(cell["high"]) / top}
        drawn["beside"] = max(end, drawn["to"])
    return drawn | {"mark": str(cell["status"]) + (", weak source" if cell["grade"] == "weak" else "")}


def _number(value: float) -> str:
    size = abs(value)
    return (
        f"{value:,.0f}"
        if size >= 100 or value == int(value)
        else f"{value:.1f}"
        if size >= 10
        else f"{value:.2g}"
    )
