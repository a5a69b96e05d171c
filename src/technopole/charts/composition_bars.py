"""Composition bars: each park's shares as one bar; every segment has a number as well as a colour."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

_COLOURS = (
    *theme.SERIES,
    "#c9b458",
    "#9db9d1",
    "#3f4a54",
    "#d9a38a",
    "#9fc9bf",
    "#c7b3d6",
    "#d3d8dc",
    "#6b3f16",
)


def composition_bars(table: pd.DataFrame, *, title: str = "", width: int = 560) -> alt.LayerChart:
    """Draw one stacked bar of shares per park.

    `table` has the columns park, segment, year, share and undefined. Segments are numbered by their weight over all
    parks; the number stands in the bar where it fits, and in the key. A park without shares shows the reason.
    """
    phone = theme.narrow(width)
    known = table[table["share"].notna() & (table["share"] > 0)]
    order = known.groupby("segment")["share"].sum().reset_index()
    order = order.sort_values(["share", "segment"], ascending=[False, True])["segment"].astype(str).tolist()
    number = {segment: i for i, segment in enumerate(order, start=1)}
    rows = known.assign(
        number=known["segment"].map(number).astype("int64"),
        name=_names(known),
        place=known["park"].map({park: i for i, park in enumerate(known["park"].unique())}),
    ).sort_values(["place", "name", "number"], ignore_index=True)
    rows["key"] = rows["number"].astype(str) + "  " + rows["segment"].astype(str)
    rows["end"] = rows.groupby("name")["share"].cumsum()
    rows["start"] = rows["end"] - rows["share"]
    rows["middle"] = (rows["start"] + rows["end"]) / 2
    missing = table[table["share"].isna()].drop_duplicates("park")
    blank = pd.DataFrame(
        {"name": _names(missing), "why": missing["undefined"].astype(str).str.split(":").str[0]}
    )
    names = [str(name) for name in [*rows["name"].unique(), *blank["name"]]]
    y = alt.Y(
        "name:N",
        sort=names,
        title=None,
        axis=None if phone else alt.Axis(ticks=False, domain=False),
        scale=alt.Scale(domain=names, paddingInner=0.5 if phone else 0.25),
    )
    keys = [f"{i}  {segment}" for segment, i in number.items()]
    colours = [_COLOURS[i % len(_COLOURS)] for i in range(len(keys))]
    colour = alt.Color(
        "key:N",
        title=None,
        scale=alt.Scale(domain=keys, range=colours),
        legend=alt.Legend(
            orient="bottom", columns=1 if phone else 2, symbolType="square", labelLimit=width - 40
        ),
    )
    base = alt.Chart(rows).encode(y=y)
    bars = base.mark_bar(stroke="white", strokeWidth=1).encode(
        x=alt.X(
            "start:Q",
            title="share",
            scale=alt.Scale(domain=[0, 1], nice=False),
            axis=alt.Axis(format="%", tickCount=5),
        ),
        x2="end:Q",
        color=colour,
    )
    fits = base.transform_filter(f"datum.share >= {0.06 if phone else 0.03}")
    digits = fits.mark_text(fontWeight="bold", fontSize=11, color="white").encode(
        x="middle:Q", text="number:N"
    )
    layers: list[Any] = [bars, digits]
    if len(blank):
        words = alt.Chart(blank).mark_text(
            align="left", color=theme.MUTED, fontStyle="italic", limit=width - 30
        )
        layers.append(words.encode(y=y, x=alt.datum(0), text="why:N"))
    if phone:
        heads = alt.Chart(pd.DataFrame({"name": names})).mark_text(
            align="left", baseline="bottom", dy=-12, limit=width - 30
        )
        layers.append(heads.encode(y=y, x=alt.datum(0), text="name:N"))
    return theme.style(
        alt.layer(*layers).properties(title=title, width=width, height=alt.Step(44 if phone else 30))
    )


def _names(table: pd.DataFrame) -> list[str]:
    return [
        f"{park} ({year})" if pd.notna(year) and year else str(park)
        for park, year in table[["park", "year"]].itertuples(index=False)
    ]
