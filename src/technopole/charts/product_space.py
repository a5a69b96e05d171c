"""Product space: products as points, near ones linked; those a place has are filled and grow with its exports."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from technopole.charts import theme
from technopole.charts.labels import LINE, SIZE, Label, place_labels, text_width

FRAME = 12  # the padding left and right of the picture
EDGE = 8.0  # from the outermost point to the picture's edge
DIM, SMALL, LARGE, RING = 1.5, 2.0, 9.0, 4.5  # radii of a picture 640 wide
NAMED = 14  # highlighted products at most
# A group is named that has so many products, such a share of them so near one of them (of the picture's longer side).
OF_GROUP, SHARE, CLOSE = 10, 0.4, 0.1
LINKS, POINTS = "#d3d8dc", "#8e99a3"


def product_space(
    table: pd.DataFrame,
    *,
    label: str = "label",
    item: str = "product",
    has: str = "has it",
    lacks: str = "doesn't have it",
    size: str = "exports",
    highlight: str = "",
    title: str = "",
    width: int = 560,
) -> alt.LayerChart:
    """Draw products where the network puts them.

    Columns: part (product, or the kind of link), x, y, x2, y2 (shares of the picture's width), `item` (the code), label, group_label,
    exports, present, highlighted. Products that the place has are filled discs, their area its exports; the others small hollow ones.
    Highlighted products are diamonds, filled or hollow; the first of them have their codes and are listed below. On a phone the picture is
    turned, so that it is high instead of wide.
    """
    products = table[table["part"] == "product"]
    if products.empty:
        blank = alt.Chart(pd.DataFrame({"text": ["no product to show"]})).mark_text().encode(text="text:N")
        return theme.style(alt.layer(blank).properties(title=title, width=width, height=40))
    across, down = ("y", "x") if theme.narrow(width) else ("x", "y")
    inner = width - FRAME
    shrink = float((inner / 640) ** 0.5)
    scale = (inner - 2 * EDGE) / max(float(products[across].max()), 0.25)
    height = float(products[down].max()) * scale + 2 * EDGE

    def pixels(rows: pd.DataFrame, end: str = "") -> np.ndarray:
        return (rows[[across + end, down + end]].to_numpy(float) * scale + EDGE).round(1)

    links = table[table["part"] != "product"]
    marks = _marks(products, pixels(products), item, label, shrink)
    named = _named(marks)
    large = marks[(marks["radius"] > RING * shrink) & ~marks.index.isin(named.index)]
    points, others = (
        list(rows[["x", "y", "radius"]].itertuples(index=False, name=None)) for rows in (named, large)
    )
    names, _ = place_labels(list(named["code"]), points, inner, height, others=others)
    regions = _regions(marks, names, inner, height)
    notes, symbols = _legend(marks, (has, lacks, highlight), size, height, inner)
    below = max([item.y for item in notes], default=height) + LINE
    listed = _listed(named, below, inner)
    total = round(max([below - LINE / 2, *(item.y + LINE / 2 for item in listed)]))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, inner], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[total, 0], nice=False))
    lines = np.stack([pixels(links), pixels(links, "2")], axis=1)
    dim = marks[~marks["present"] & ~marks["marked"]]
    dot = round(DIM * shrink, 2)
    layers = [
        _shape("MultiLineString", lines, dot, filled=False, stroke=LINKS, strokeWidth=0.6),
        _shape("MultiPoint", dim[["x", "y"]].to_numpy(), dot, fill="white", stroke=POINTS, strokeWidth=0.8),
        _points(marks.drop(dim.index), x, y),
        _texts(regions, x, y, theme.MUTED, italic=True, halo=True),
        _shape("MultiLineString", _leads(names), dot, filled=False, stroke=theme.MUTED, strokeWidth=0.8),
        _texts(names, x, y, theme.INK, italic=False, halo=True),
        _points(symbols, x, y),
        _texts([*notes, *listed], x, y, theme.INK, italic=False, halo=False),
    ]
    chart = alt.layer(*(layer for layer in layers if layer is not None))
    return theme.style(chart.properties(title=title, width=inner, height=total), fit=False)


def _marks(products: pd.DataFrame, at: np.ndarray, item: str, label: str, shrink: float) -> pd.DataFrame:
    """Radius, shape and colours of each product; what is drawn last comes last."""
    present, marked = (products[name].to_numpy(bool) for name in ("present", "highlighted"))
    amount = np.nan_to_num(products["exports"].to_numpy(float)).clip(min=0)
    largest = float(amount[present].max(initial=0.0)) or 1.0
    radius = np.where(present, SMALL + (LARGE - SMALL) * np.sqrt(amount / largest).clip(max=1.0), DIM)
    radius = np.where(marked, np.maximum(radius, RING), radius) * shrink
    color = np.where(marked, theme.ACCENT, np.where(present, theme.MAIN, POINTS))
    marks = pd.DataFrame(
        {
            "x": at[:, 0],
            "y": at[:, 1],
            "radius": radius,
            "area": (np.pi * radius**2).round(1),
            "shape": np.where(marked, "diamond", "circle"),
            "stroke": np.where(present & ~marked, "white", color),
            "fill": np.where(present, color, "white"),
            "code": products[item].astype(str).to_numpy(),
            "label": products[label].astype(str).to_numpy(),
            "group": products["group_label"].astype(str).to_numpy(),
            "amount": amount,
            "present": present,
            "marked": marked,
        }
    )
    return marks.sort_values(["marked", "present", "radius", "label"], ascending=[True, True, False, True])


def _shape(kind: str, coordinates: Any, radius: float, **look: Any) -> alt.Chart | None:
    """Many lines or dots as one shape, a tenth of the bytes of a mark each; what has the same projection shares it."""
    if not len(coordinates):
        return None
    shape = {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates.tolist()}}
    drawn = alt.Chart(alt.InlineData(values=shape)).mark_geoshape(aria=False, **look)
    return drawn.project(type="identity", scale=1, translate=[0, 0], pointRadius=radius)


def _points(marks: pd.DataFrame, x: alt.X, y: alt.Y) -> alt.Chart:
    shown = marks[["x", "y", "area", "shape", "stroke", "fill"]]
    return (
        alt.Chart(shown)
        .mark_point(strokeWidth=0.8, opacity=1, aria=False)
        .encode(
            x=x,
            y=y,
            size=alt.Size("area:Q", scale=None),
            shape=alt.Shape("shape:N", scale=None),
            stroke=alt.Stroke("stroke:N", scale=None),
            fill=alt.Fill("fill:N", scale=None),
        )
    )


def _named(marks: pd.DataFrame) -> pd.DataFrame:
    """The highlighted products that are named: what the place has first, then by its exports."""
    order = {"present": False, "amount": False, "code": True}
    return marks[marks["marked"]].sort_values(list(order), ascending=list(order.values())).head(NAMED)


def _leads(names: list[Label]) -> np.ndarray:
    """Lines from products to the near end of names that stand farther off."""
    ends = [
        (i.lead, (i.x if i.x > i.lead[0] else min(i.lead[0], i.x + text_width(i.text)), i.y))
        for i in names
        if i.lead
    ]
    return np.array(ends)


def _regions(marks: pd.DataFrame, names: list[Label], width: float, height: float) -> list[Label]:
    """Name groups where most of their products lie close together, those with most there first, where no other name is."""
    near = CLOSE * max(width, height)
    middles: list[tuple[int, str, float, float]] = []
    for group, rows in marks.groupby("group"):
        at = rows[["x", "y"]].to_numpy(float)
        close = np.hypot(*(at[:, None] - at).transpose(2, 0, 1)) < near
        most = close[close.sum(axis=1).argmax()]
        if len(at) >= OF_GROUP and most.sum() >= SHARE * len(at):
            x, y = at[most].mean(axis=0)
            middles.append((-int(most.sum()), str(group), float(x), float(y)))
    diamonds = marks.loc[marks["marked"], ["x", "y"]].itertuples(index=False)
    taken = [*names, *(Label("MM", float(x) - SIZE / 2, float(y)) for x, y in diamonds)]
    found: list[Label] = []
    for _, group, x, y in sorted(middles):
        text = _without_code(group)
        wide = text_width(text)
        here = Label(text, round(min(max(x - wide / 2, 0.0), width - wide), 1), round(y, 1))
        if here.x >= 0 and not any(_touch(here, other) for other in [*taken, *found]):
            found.append(here)
    return found[: 6 if theme.narrow(int(width)) else 14]


def _without_code(group: str) -> str:
    code, _, said = group.partition(" ")
    return said or code


def _touch(one: Label, other: Label) -> bool:
    apart = one.x > other.x + text_width(other.text) + 4 or other.x > one.x + text_width(one.text) + 4
    return not apart and abs(one.y - other.y) < LINE


def _legend(
    marks: pd.DataFrame, said: tuple[str, str, str], size: str, top: float, width: float
) -> tuple[list[Label], pd.DataFrame]:
    """Say below the picture what the signs mean, as many to a line as fit."""
    has, lacks, highlight = said
    lit = marks.loc[marks["present"], "amount"]
    largest = f"area of a disc: {size}, largest {_short(float(lit.max()))}" if len(lit) else ""
    signs = [
        (has, "circle", theme.MAIN, theme.MAIN),
        (lacks, "circle", POINTS, "white"),
        (highlight, "diamond", theme.ACCENT, theme.ACCENT),
        (largest, "", "", ""),
    ]
    notes: list[Label] = []
    symbols: list[dict[str, Any]] = []
    x, y = 0.0, top + LINE
    for text, shape, stroke, fill in (sign for sign in signs if sign[0]):
        sign = 14 if shape else 0
        if x and x + sign + text_width(text) > width:
            x, y = 0.0, y + LINE * 1.2
        if shape:
            symbols.append({"x": x + 5, "y": y, "area": 40, "shape": shape, "stroke": stroke, "fill": fill})
        notes.append(Label(text, x + sign, y))
        x += sign + text_width(text) + 16
    return notes, pd.DataFrame(symbols)


def _short(amount: float) -> str:
    for unit, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if amount >= unit:
            return f"{amount / unit:,.3g} {word}"
    return f"{amount:,.0f}" if amount >= 100 else f"{amount:,.3g}"


def _listed(named: pd.DataFrame, top: float, width: float) -> list[Label]:
    """The titles of highlighted products, where there is more to say than the code."""
    titled = named[named["label"] != named["code"]].sort_values("code")
    columns = 1 if theme.narrow(int(width)) else 2
    rows = -(-len(titled) // columns)
    return [
        Label(text, round(width / columns * (i // rows), 1), top + LINE * (0.5 + i % rows))
        for i, text in enumerate(titled["label"])
    ]


def _texts(labels: list[Label], x: alt.X, y: alt.Y, color: str, *, italic: bool, halo: bool) -> Any:
    if not labels:
        return None
    frame = pd.DataFrame([(i.text, i.x, i.y) for i in labels], columns=["text", "x", "y"])
    base = alt.Chart(frame).encode(x=x, y=y, text="text:N")
    look: dict[str, Any] = {"align": "left", "fontSize": SIZE, "fontStyle": "italic" if italic else "normal"}
    ink = base.mark_text(color=color, **look)
    back = base.mark_text(stroke="white", strokeWidth=3, strokeOpacity=0.85, **look)
    return alt.layer(back, ink) if halo else ink
