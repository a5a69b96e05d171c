"""Goals matrix: parks by goals, each cell with its score, the chosen ones framed and ranked."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme


def goals_matrix(table: pd.DataFrame, *, title: str = "", width: int = 560) -> Any:
    """Draw the fit of every goal for every park; chosen goals are framed, marked ● and carry their rank.

    `table` has the columns park, goal, score (null where a goal is no candidate) and rank (null where not chosen).
    On a phone the goals' names stand above their rows.
    """
    phone = theme.narrow(width)
    wanted = table.groupby("goal")["score"].max().dropna().index
    rows = table[table["goal"].isin(wanted)].copy()
    if rows.empty:
        rows = table.copy()
    rows["score"] = rows["score"].astype(float)
    rows["chosen"] = rows["rank"].notna()
    rows["label"] = [
        "–" if pd.isna(score) else (f"● {rank:.0f} · {score:.2f}" if pd.notna(rank) else f"{score:.2f}")
        for score, rank in zip(rows["score"], rows["rank"].astype(float), strict=True)
    ]
    if phone:
        rows["label"] = rows["label"].str.replace(" · ", "·", regex=False)
    rows["dark"] = rows["score"].fillna(0) > 0.48
    goals = rows.drop_duplicates("goal")["goal"].tolist()
    parks = rows.drop_duplicates("park")["park"].tolist()
    y = alt.Y(
        "goal:N",
        sort=goals,
        title=None,
        axis=None if phone else alt.Axis(ticks=False, domain=False, labelLimit=300),
        scale=alt.Scale(paddingInner=0.55 if phone else 0.08),
    )
    x = alt.X(
        "park:N",
        sort=parks,
        title=None,
        axis=alt.Axis(
            orient="top", labelAngle=0 if len(parks) <= 4 and not phone else -35, ticks=False, domain=False
        ),
        scale=alt.Scale(paddingInner=0.04),
    )
    base = alt.Chart(rows).encode(x=x, y=y)
    cells = base.mark_rect().encode(
        color=alt.Color(
            "score:Q",
            title="fit, 0 to 1",
            scale=alt.Scale(domain=[0, 1], range=list(theme.SEQUENTIAL)),
            legend=alt.Legend(orient="bottom", gradientLength=120, tickCount=3),
        ),
        stroke=alt.condition("datum.chosen", alt.value(theme.INK), alt.value("white")),
        strokeWidth=alt.condition("datum.chosen", alt.value(2.5), alt.value(0)),
    )
    numbers = base.mark_text(fontSize=11).encode(
        text="label:N",
        color=alt.condition("datum.dark", alt.value("white"), alt.value(theme.INK)),
    )
    layers: list[Any] = [cells, numbers]
    if phone:
        names = rows.drop_duplicates("goal")[["goal"]].assign(park=parks[0])
        layers.append(
            alt.Chart(names)
            .mark_text(align="left", baseline="bottom", dy=-10, fontSize=11, xOffset=-46, limit=width - 30)
            .encode(y=y, x=alt.value(46), text="goal:N")
        )
    chart = alt.layer(*layers).properties(title=title, width=width, height=alt.Step(40 if phone else 28))
    return theme.style(chart)
