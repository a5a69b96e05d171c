"""Stage evidence: parks by stages, with how much speaks for, against, and is missing."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

_WORDS = ("for", "against", "missing")
_SIGNS = {"for": "+", "against": "−", "missing": "?"}
_COLOURS = (theme.MAIN, theme.ACCENT, "#d3d8dc")


def stage_evidence(table: pd.DataFrame, *, title: str = "", width: int = 560) -> alt.LayerChart:
    """Draw one bar per park and stage out of for, against and missing; the named stage is marked.

    `table` has the columns park, stage, order, evidence_for, evidence_against, missing and chosen. Each part carries
    its sign and count, so that nothing hangs on colour.
    """
    phone = theme.narrow(width)
    rows = table.melt(
        id_vars=["park", "stage", "order", "chosen"],
        value_vars=["evidence_for", "evidence_against", "missing"],
        var_name="word",
        value_name="count",
    )
    rows["word"] = rows["word"].str.replace("evidence_", "", regex=False)
    rows["rank"] = rows["word"].map({word: i for i, word in enumerate(_WORDS)})
    rows["place"] = rows["park"].map({park: i for i, park in enumerate(table["park"].unique())})
    rows = rows.sort_values(["place", "order", "rank"], ignore_index=True)
    rows["end"] = rows.groupby(["park", "order"])["count"].cumsum()
    rows["start"] = rows["end"] - rows["count"]
    rows["middle"] = (rows["start"] + rows["end"]) / 2
    rows["sign"] = rows["word"].map(_SIGNS) + rows["count"].astype(str)
    rows["name"] = rows["park"] + " · " + rows["stage"]
    order = rows.drop_duplicates("name")["name"].tolist()
    stage = alt.Y(
        "name:N",
        sort=order,
        title=None,
        axis=None if phone else alt.Axis(ticks=False, domain=False, labelLimit=300),
        scale=alt.Scale(paddingInner=0.5 if phone else 0.2),
    )
    top = float(rows["end"].max())
    base = alt.Chart(rows).encode(y=stage)
    bars = base.mark_bar(stroke="white").encode(
        x=alt.X(
            "start:Q",
            title="observables",
            scale=alt.Scale(domain=[0, top * 1.02 if phone else top * 1.12], nice=False),
            axis=alt.Axis(tickMinStep=1, tickCount=5),
        ),
        x2="end:Q",
        color=alt.Color(
            "word:N",
            sort=list(_WORDS),
            title=None,
            scale=alt.Scale(domain=list(_WORDS), range=list(_COLOURS)),
            legend=alt.Legend(orient="top", labelExpr=_LEGEND),
        ),
    )
    counts = (
        base.transform_filter("datum.count > 0")
        .mark_text(fontWeight="bold", fontSize=11)
        .encode(
            x="middle:Q",
            text="sign:N",
            color=alt.condition("datum.word == 'missing'", alt.value(theme.INK), alt.value("white")),
        )
    )
    named = rows[rows["chosen"] & (rows["word"] == "missing")]
    layers: list[Any] = [bars, counts]
    if phone:
        names = rows.drop_duplicates("name").assign(
            label=lambda t: t["name"] + t["chosen"].map({True: " (named)", False: ""})
        )
        layers.append(
            alt.Chart(names)
            .mark_text(align="left", baseline="bottom", dy=-9, fontSize=11, limit=width - 30)
            .encode(y=stage, x=alt.datum(0), text="label:N")
        )
    else:
        layers.append(
            alt.Chart(named)
            .mark_text(align="left", dx=6, fontWeight="bold")
            .encode(y=stage, x="end:Q", text=alt.value("named"))
        )
    step = 38 if phone else 22
    return theme.style(alt.layer(*layers).properties(title=title, width=width, height=alt.Step(step)))


_LEGEND = "{'for': '+ for', 'against': '− against', 'missing': '? not known'}[datum.label]"
