"""Balance: how far apart two groups are in each covariate, before and after they were made comparable (a love plot)."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from technopole.charts import theme

BEFORE, AFTER = "as they are", "as compared"
GOOD, FAIR = 0.1, 0.25


def balance(table: pd.DataFrame, *, top: int = 20, title: str = "", width: int = 560) -> alt.LayerChart:
    """Draw standardised differences: squares before, discs after; dashed lines at 0.1, dotted ones at 0.25, in both directions.

    Columns: covariate, difference_before, difference_after. The `top` covariates that were furthest apart are shown.
    """
    known = table[table["difference_before"].notna()]
    order = known["difference_before"].abs().sort_values(ascending=False, kind="stable").index[:top]
    shown = known.loc[order]
    names = [str(name) for name in shown["covariate"]]
    long = pd.concat(
        [
            pd.DataFrame(
                {"covariate": names, "when": when, "difference": shown[column].astype(float).to_numpy()}
            )
            for when, column in ((BEFORE, "difference_before"), (AFTER, "difference_after"))
        ],
        ignore_index=True,
    )
    phone = theme.narrow(width)
    y = alt.Y(
        "covariate:N",
        sort=names,
        title=None,
        axis=None if phone else alt.Axis(ticks=False, domain=False),
        scale=alt.Scale(paddingOuter=0.6),
    )
    x = alt.X(
        "difference:Q",
        title="standardised difference"
        if phone
        else "standardised difference (inside minus outside), standard deviations",
        axis=alt.Axis(tickCount=4 if phone else 7),
    )
    colors = alt.Scale(domain=[BEFORE, AFTER], range=[theme.ACCENT, theme.MAIN])
    shapes = alt.Scale(domain=[BEFORE, AFTER], range=["square", "circle"])
    legend = alt.Legend(title=None, orient="bottom" if phone else "top", direction="horizontal")
    base = alt.Chart(long).encode(y=y)
    layers: list[Any] = [
        _lines([0.0], []),
        _lines([-GOOD, GOOD], [5, 3]),
        _lines([-FAIR, FAIR], [1, 3]),
        base.mark_line(color=theme.GRID, strokeWidth=3).encode(x=x, detail="covariate:N"),
        base.mark_point(filled=True, size=90, opacity=1).encode(
            x=x,
            color=alt.Color("when:N", scale=colors, legend=legend),
            shape=alt.Shape("when:N", scale=shapes, legend=legend),
        ),
    ]
    if phone:
        text = alt.Chart(pd.DataFrame({"covariate": names}))
        layers.append(
            text.mark_text(align="left", baseline="bottom", dy=-8, limit=width - 30).encode(
                text="covariate:N", x=alt.value(2), y=y
            )
        )
    chart = alt.layer(*layers).properties(title=title, width=width, height=alt.Step(40 if phone else 28))
    return theme.style(chart)


def _lines(at: list[float], dash: list[int]) -> alt.Chart:
    return (
        alt.Chart(pd.DataFrame({"at": at}))
        .mark_rule(color=theme.MUTED, strokeDash=dash, strokeWidth=1)
        .encode(x="at:Q")
    )
