"""Advantage change: for each row where an index was in the first year, where it is in the last, and an arrow between."""

from __future__ import annotations

from typing import Any, Literal

import altair as alt
import pandas as pd

from technopole.charts import theme

FLOOR = 0.02  # a logarithmic axis starts here: what lies below is drawn on its edge
SIGNS = {
    "first": ("first year", "circle", theme.MUTED),
    "rose": ("last year, higher", "triangle-right", theme.MAIN),
    "fell": ("last year, lower", "triangle-left", theme.ACCENT),
    "same": ("last year (first unknown or equal)", "diamond", "#8f6d00"),
}


def advantage_change(
    table: pd.DataFrame,
    *,
    label: str = "label",
    first: str = "first",
    last: str = "last",
    group: str = "",
    scale: Literal["log", "linear"] = "log",
    reference: float = 1.0,
    axis: str = "",
    percent: bool = False,
    top: int = 30,
    title: str = "",
    width: int = 560,
) -> alt.LayerChart:
    """Draw one row per `label`, in the order of the table; with `group`, group by group with a gap between.

    `table` has `first` and `last`, and first_year and last_year for the legend; rows without `last` are left out, and those after the
    first `top`. A dashed line stands at `reference`. On a logarithmic axis, values below 0.02 are drawn at its edge.
    `percent` writes shares as percentages.
    """
    known = table[table[last].notna()].head(top)
    rows = pd.DataFrame(
        {
            "label": known[label].astype(str),
            "group": known[group].astype(str) if group else "",
            "first": known[first].astype(float),
            "last": known[last].astype(float),
        }
    )
    best = rows.groupby("group")["last"].transform("max")
    rows = rows.assign(best=best).sort_values(["best", "group"], ascending=[False, True], kind="stable")
    apart = (
        rows["label"].value_counts().max() == 1 and rows["group"].value_counts().max() > 1
        if len(rows)
        else False
    )
    if scale == "log":
        rows[["first", "last"]] = rows[["first", "last"]].clip(lower=FLOOR)
    names = _legend(known)
    return theme.style(
        alt.layer(
            *_layers(
                rows,
                _order(rows, apart=bool(apart) and not theme.narrow(width)),
                names,
                scale,
                reference,
                axis,
                theme.percentages(percent),
                width,
            )
        ).properties(
            title=title, width=width, height=alt.Step(36 if theme.narrow(width) else 22) if len(rows) else 40
        )
    )


def _order(rows: pd.DataFrame, *, apart: bool) -> list[str]:
    """The labels from top to bottom; between groups an empty one, made of as many blanks as it takes to be its own."""
    order: list[str] = []
    previous = None
    for label, group in zip(rows["label"], rows["group"], strict=True):
        if apart and previous is not None and group != previous:
            order.append(" " * (1 + sum(not name.strip() for name in order)))
        order.append(label)
        previous = group
    return order


def _legend(known: pd.DataFrame) -> dict[str, str]:
    """What each sign means, with its year."""
    years = {
        word: str(int(known[f"{word}_year"].iloc[0]))
        if f"{word}_year" in known and len(known)
        else f"{word} year"
        for word in ("first", "last")
    }
    return {
        key: said.replace("first year", years["first"])
        .replace("last year", years["last"])
        .replace("first unknown", f"{years['first']} unknown")
        for key, (said, _, _) in SIGNS.items()
    }


def _layers(
    rows: pd.DataFrame,
    order: list[str],
    names: dict[str, str],
    scale: str,
    reference: float,
    axis: str,
    form: dict[str, Any],
    width: int,
) -> list[Any]:
    phone = theme.narrow(width)
    way = (rows["last"] - rows["first"]).map(
        lambda step: "rose" if step > 0 else "fell" if step < 0 else "same"
    )
    ends = pd.concat(
        [
            rows.assign(at=rows["first"], sign=names["first"])[rows["first"].notna()],
            rows.assign(at=rows["last"], sign=way.map(names)),
        ]
    )
    y = alt.Y(
        "label:N",
        sort=order,
        title=None,
        axis=None if phone else alt.Axis(ticks=False, domain=False, labelLimit=300),
        scale=alt.Scale(domain=order, paddingInner=0.3, paddingOuter=0.4),
    )
    least = f", {FLOOR:g} or less at the edge" if scale == "log" and (ends["at"] <= FLOOR).any() else ""
    said = [axis, f"logarithmic axis{least}"] if scale == "log" else [axis]
    x: Any = {
        "title": [line for line in said if line],
        "axis": alt.Axis(**{**_ticks(scale, phone), **form}),
        "scale": alt.Scale(type="log" if scale == "log" else "linear", nice=False, padding=8),
    }
    there = [key for key in SIGNS if names[key] in set(ends["sign"])]
    legend = alt.Legend(title=None, orient="bottom", columns=1 if phone else 2, symbolSize=90)
    shown = [names[key] for key in there]
    color = alt.Color(
        "sign:N",
        sort=shown,
        legend=legend,
        scale=alt.Scale(domain=shown, range=[SIGNS[key][2] for key in there]),
    )
    shape = alt.Shape(
        "sign:N",
        sort=shown,
        legend=legend,
        scale=alt.Scale(domain=shown, range=[SIGNS[key][1] for key in there]),
    )
    line = alt.Chart(pd.DataFrame({"reference": [reference]}))
    arrows = alt.Chart(rows[rows["first"].notna()]).encode(y=y)
    layers: list[Any] = [
        line.mark_rule(color=theme.MUTED, strokeDash=[5, 3]).encode(x=alt.X("reference:Q", **x)),
        arrows.mark_rule(strokeWidth=2.5, color=theme.PALE).encode(x=alt.X("first:Q", **x), x2="last:Q"),
        alt.Chart(ends)
        .mark_point(size=70, opacity=1)
        .encode(y=y, x=alt.X("at:Q", **x), color=color, shape=shape, tooltip=["label", "first", "last"]),
    ]
    if phone:
        text = alt.Chart(rows).encode(y=y, text="label:N", x=alt.value(0))
        layers.append(text.mark_text(align="left", baseline="bottom", dy=-7, limit=width - 20))
    return layers


def _ticks(scale: str, phone: bool) -> dict[str, Any]:
    if scale == "log":
        marks = (
            [0.02, 0.1, 1, 10, 100, 1000, 10000]
            if phone
            else [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000, 10000]
        )
        return {"values": marks, "format": "~g"}
    return {"tickCount": 4 if phone else 7}
