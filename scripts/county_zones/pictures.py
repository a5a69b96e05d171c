"""Pictures for the page: the event study twice, and the effect by whom counties are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from technopole import charts
from technopole.charts import theme
from technopole.result import EffectResult

FIRST = -10  # earlier years rest on few cohorts


def years(effects: Mapping[str, EffectResult]) -> Any:
    """Draw event studies side by side on one scale, from ten years before the zone on."""
    drawn = []
    for title, effect in effects.items():
        rows = effect.aggregate("event").table
        chart = charts.event_study(rows[rows["event_time"] >= FIRST], title=title, width=400)
        chart.config = chart.background = chart.autosize = alt.Undefined  # the whole has them
        drawn.append(chart)
    return theme.style(alt.hconcat(*drawn, spacing=16).resolve_scale(y="shared"), fit=False)


def comparisons(rows: pd.DataFrame) -> Any:
    """Draw an effect by whom counties are compared with."""
    return charts.forest(
        rows,
        label="name",
        axis="effect on log real GDP per head",
        title="The effect of a zone, by whom counties with one are compared with",
        width=560,
    )


def write_png(path: Path, chart: Any) -> None:
    """Write a chart."""
    path.write_bytes(vl_convert.vegalite_to_png(chart.to_dict(), scale=1.4))
