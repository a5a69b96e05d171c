"""Lead and lag: when each park was designated and opened, and when the cluster beside it was born, on one axis of years."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

SIGNS = {
    "born": ("cluster born (line: its interval)", "circle", theme.MAIN),
    "opened": ("park opened", "triangle-up", theme.ACCENT),
    "designated": ("park designated", "square", "#8f6d00"),
    "earliest_event": ("earliest dated event there", "diamond", "#8e5fb8"),
}


def lead_lag(table: pd.DataFrame, *, top: int = 30, title: str = "", width: int = 560) -> Any:
    """Draw one row per park and cluster, with the verdict in words; an arrow leads to where a birth lies outside the data.

    `table` has the columns park, name, designated, opened, born, born_low, born_high, open_low, open_high, verdict, data_from, data_to and
    earliest_event. Rows without any year are left out, and those after the first `top`.
    """
    rows = _rows(table, top)
    if rows.empty:
        said = alt.Chart(pd.DataFrame({"said": ["No park and no cluster has a year."]}))
        said = said.mark_text(align="left").encode(text="said:N", x=alt.value(0))
        return theme.style(said.properties(title=title, width=width, height=40))
    phone = theme.narrow(width)
    years = rows[[*SIGNS, "born_low", "born_high"]]
    first, last = int(years.min().min()), int(years.max().max())
    room = max(2, round((last - first) * 0.06))
    spans = rows.assign(
        start=rows["born_low"].where(~rows["open_low"], first - room),
        end=rows["born_high"].where(~rows["open_high"], last + room),
    ).astype({"start": "float64", "end": "float64"})
    axis = alt.Axis(format="d", tickMinStep=1, tickCount=4 if phone else 8)
    domain = alt.Scale(domain=[first - room, last + room], nice=False, zero=False)
    covered = _covered(rows, first - room, last + room)
    title_of_years = "shaded: years the data cover" if covered else None
    along: Any = {"scale": domain, "axis": axis, "title": title_of_years}
    up = alt.Y("row:N", sort=rows["row"].tolist(), axis=None, scale=alt.Scale(paddingInner=0.5))
    base = alt.Chart(spans).encode(y=up)
    names = base.mark_text(
        align="left", baseline="bottom", dy=-8, fontSize=11 if phone else 12, limit=width - 24
    )
    layers: list[Any] = [
        *(one.encode(x=alt.X("start:Q", **along), x2="end:Q") for one in covered),
        base.mark_rule(color=theme.GRID, strokeWidth=1),
        base.transform_filter("isValid(datum.start) && isValid(datum.end)")
        .mark_rule(strokeWidth=3, color=theme.PALE)
        .encode(x=alt.X("start:Q", **along), x2="end:Q"),
        _arrow(base, "open_low", "start", "triangle-left", along),
        _arrow(base, "open_high", "end", "triangle-right", along),
        _signs(rows, up, along, phone),
        names.encode(x=alt.value(2), text="label:N"),
    ]
    return theme.style(alt.layer(*layers).properties(title=title, width=width, height=alt.Step(40)))


def _rows(table: pd.DataFrame, top: int) -> pd.DataFrame:
    """Name each row by park, cluster where it is called otherwise, and verdict."""
    dated = table[[name for name in SIGNS if name in table]].notna().any(axis=1)
    rows = (
        table[dated]
        .head(top)
        .reset_index(drop=True)
        .reindex(columns=list(dict.fromkeys([*table.columns, *SIGNS])))
    )
    cluster = rows["name"].astype(object).fillna("").astype(str)
    between = (" · " + cluster).where((cluster != "") & (cluster != rows["park"]), "")
    label = rows["park"].astype(str) + between + ": " + rows["verdict"]
    return rows.assign(label=label, row=[f"{i:04d}" for i in range(len(rows))])


def _covered(rows: pd.DataFrame, least: int, most: int) -> list[Any]:
    """Shade the years the data cover, as far as they are in the picture."""
    if (
        rows["data_from"].isna().all()
        or int(rows["data_to"].max()) < least
        or int(rows["data_from"].min()) > most
    ):
        return []
    span = {"start": max(least, int(rows["data_from"].min())), "end": min(most, int(rows["data_to"].max()))}
    return [alt.Chart(pd.DataFrame([span])).mark_rect(color="#eef0ec")]


def _arrow(base: Any, flag: str, at: str, shape: Any, along: dict[str, Any]) -> Any:
    drawn = base.transform_filter(f"datum.{flag}").mark_point(
        shape=shape, size=60, filled=True, opacity=1, color=theme.MAIN
    )
    return drawn.encode(x=alt.X(f"{at}:Q", **along))


def _signs(rows: pd.DataFrame, up: alt.Y, along: dict[str, Any], phone: bool) -> Any:
    points = rows.melt(["row"], list(SIGNS), var_name="what", value_name="at").dropna(subset="at")
    points = points.assign(
        what=points["what"].map({name: said[0] for name, said in SIGNS.items()}), at=points["at"].astype(int)
    )
    there = [said for said in SIGNS.values() if (points["what"] == said[0]).any()]
    names = [said[0] for said in there]
    legend = alt.Legend(
        orient="bottom" if phone else "top", title=None, columns=1 if phone else 2, symbolSize=90
    )
    return (
        alt.Chart(points)
        .mark_point(filled=True, opacity=1, size=75, stroke="white", strokeWidth=0.8)
        .encode(
            y=up,
            x=alt.X("at:Q", **along),
            shape=alt.Shape(
                "what:N", scale=alt.Scale(domain=names, range=[said[1] for said in there]), legend=legend
            ),
            color=alt.Color(
                "what:N", scale=alt.Scale(domain=names, range=[said[2] for said in there]), legend=legend
            ),
        )
    )
