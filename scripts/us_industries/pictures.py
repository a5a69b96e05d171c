"""Pictures for the page: industries as dots on the map of the United States."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

from technopole.charts import theme
from technopole.charts.geography import canvas
from technopole.tables import Activity, Places

WEST, EAST, SOUTH, NORTH = -125.0, -66.5, 24.4, 49.5  # the 48 adjoining states
FRAME = np.array([-121.5, -70.0, -121.5, -79.0]), np.array([46.5, 45.5, 36.0, 27.0])  # margins come on top
WIDTH = 430
SMALLEST, LARGEST = 4.0, 130.0  # area of a dot


def dots(activity: Activity, places: Places, industry: str, title: str) -> Any:
    """Draw the establishments of one industry: one dot a ZIP, its area their number (small ones alike)."""
    rows = activity.expr.filter(activity.expr.industry == industry).join(places.expr, "place")
    found = rows.select("place", "longitude", "latitude", "establishments").order_by("place")
    frame = found.to_pyarrow().to_pandas()
    inside = frame["longitude"].between(WEST, EAST) & frame["latitude"].between(SOUTH, NORTH)
    frame = frame[inside].sort_values(["establishments", "place"], ascending=[False, True])
    view = canvas(*FRAME, WIDTH)
    x, y = view.pixels(frame["longitude"].to_numpy(float), frame["latitude"].to_numpy(float))
    area = (LARGEST * frame["establishments"] / frame["establishments"].max()).clip(lower=SMALLEST)
    marks = pd.DataFrame({"x": x.round(1), "y": y.round(1), "area": area.round(1)})
    land = alt.Chart(alt.InlineData(values=view.outline("us_states")))
    ground = land.mark_geoshape(fill=theme.LAND, stroke=theme.COAST, strokeWidth=0.6)
    circles = (
        alt.Chart(
            alt.InlineData(
                values=[{"x": row[0], "y": row[1], "area": row[2]} for row in marks.to_numpy().tolist()]
            )
        )
        .mark_circle(color=theme.MAIN, opacity=0.55, stroke="white", strokeWidth=0.3)
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, view.width], nice=False)),
            y=alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[view.height, 0], nice=False)),
            size=alt.Size("area:Q", scale=None),
        )
    )
    layers = alt.layer(ground.project(type="identity", scale=1, translate=[0, 0]), circles)
    return layers.properties(title=title, width=view.width, height=view.height)


def write_png(path: Path, charts: list[Any]) -> None:
    """Write the charts side by side, two in a row."""
    whole = theme.style(alt.concat(*charts, columns=2, spacing=8), fit=False)
    path.write_bytes(vl_convert.vegalite_to_png(whole.to_dict(), scale=1.5))
