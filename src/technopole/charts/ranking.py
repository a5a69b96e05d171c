"""Ranking: the largest values as bars, with their intervals."""

from __future__ import annotations

import altair as alt
import pandas as pd


def ranking(
    table: pd.DataFrame,
    *,
    label: str,
    value: str,
    low: str = "low",
    high: str = "high",
    top: int = 15,
    title: str = "",
    width: int = 560,
) -> alt.LayerChart:
    """Draw the `top` largest rows as bars with intervals where `low` and `high` are columns."""
    rows = table.nlargest(top, value)
    base = alt.Chart(rows, title=title, width=width).encode(y=alt.Y(label, sort="-x", title=None))
    layers = [base.mark_bar().encode(x=alt.X(value))]
    if low in rows and high in rows:
        layers.append(base.mark_rule().encode(x=low, x2=high))
    return alt.layer(*layers)
