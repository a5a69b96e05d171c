"""The product space as tables: products with their place on paper, the links between them, and both as one picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from technopole.competitiveness._lit_place import LitPlace
from technopole.competitiveness._matrix import Array
from technopole.competitiveness._selection import label
from technopole.kernels import complexity
from technopole.kernels.backbone import Backbone, backbone
from technopole.kernels.layout import layout
from technopole.tables import classification

NOBODY = "no place has it, or none with anything else, so it is near nothing"
WITHHELD = "withheld"


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """The network of the items that are near others, and where it is drawn; `near` says which of all items these are."""

    closeness: Array
    near: NDArray[np.bool_]
    links: Backbone
    points: Array


def space(closeness: Array, *, strong: float | None, degree: float, seed: int) -> Space:
    """Build the network of items from their proximity and lay it out; an item that is near no other is left out."""
    near: NDArray[np.bool_] = (closeness - np.diag(np.diag(closeness))).max(axis=1, initial=0.0) > 0
    links = backbone(closeness[np.ix_(near, near)], threshold=strong, degree=degree)
    return Space(closeness, near, links, layout(links.first, links.second, int(near.sum()), seed=seed))


def nodes(of: LitPlace, found: Space, marked: list[str], scheme: str, digits: int) -> pd.DataFrame:
    """Return a row per item, those drawn first."""
    x, y, ties = (np.full(len(of.items), np.nan) for _ in range(3))
    x[found.near], y[found.near] = found.points.T
    ends = np.concatenate([found.links.first, found.links.second])
    ties[found.near] = np.bincount(ends, minlength=int(found.near.sum()))
    density = complexity.density(of.present[None, :], found.closeness)[0]
    density[~found.near] = np.nan
    codes = [str(code) for code in of.items]
    group = [code[:digits] for code in codes]
    table = pd.DataFrame(
        {
            "item": codes,
            "label": [_called(code, own, scheme) for code, own in zip(codes, group, strict=True)],
            "group": group,
            "group_label": [label(code, scheme) for code in group],
            "x": x,
            "y": y,
            "exports": np.where(of.withheld, np.nan, of.amount),
            "rca": np.where(of.withheld, np.nan, of.advantage),
            "present": of.present,
            "density": density,
            "pci": of.complexity,
            "links": np.where(found.near, ties, 0).astype("int64"),
            "highlighted": np.isin(codes, marked),
            "undefined": np.select(
                [of.withheld, of.why != "", ~found.near], [WITHHELD, of.why, NOBODY], default=""
            ),
        }
    )
    return _ranked(table).sort_values(["undefined", "item"], key=_last, kind="stable", ignore_index=True)


def _last(column: pd.Series) -> pd.Series:
    return column.ne("") if column.name == "undefined" else column


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Add the rank by density among what the place doesn't have: 1 = the nearest."""
    missing = table["density"].where(~table["present"] & table["undefined"].eq(""))
    rank = missing.rank(ascending=False, method="min").astype("Int64")
    names = list(table.columns)
    after = names.index("density") + 1
    return table.assign(rank=rank)[[*names[:after], "rank", *names[after:]]]


def edges(items: NDArray[Any], found: Space) -> pd.DataFrame:
    """Return a row per link, with the ends in order."""
    drawn, links = items[found.near], found.links
    return pd.DataFrame(
        {
            "item_a": drawn[links.first],
            "item_b": drawn[links.second],
            "proximity": links.strength,
            "kind": np.where(links.tree, "tree", "strong"),
        }
    )


def nearest(table: pd.DataFrame, ties: pd.DataFrame, top: int = 20) -> pd.DataFrame:
    """Return what the place doesn't have and is nearest to, and all that is highlighted, with how many of its links lead to what it has."""
    have = set(table.loc[table["present"], "item"])
    both = pd.concat(
        [ties[["item_a", "item_b"]], ties[["item_b", "item_a"]].set_axis(["item_a", "item_b"], axis=1)]
    )
    lit = both[both["item_b"].isin(have)].groupby("item_a").size()
    rows = table[table["rank"].notna() & (table["rank"].le(top) | table["highlighted"])]
    rows = rows.sort_values(["rank", "item"], ignore_index=True)
    linked = rows["item"].map(lit).fillna(0).astype("int64")
    shown = ["item", "label", "rank", "density", "pci", "rca", "exports", "links", "highlighted"]
    return rows[shown].assign(links_to_present=linked)


def drawing(table: pd.DataFrame, ties: pd.DataFrame) -> pd.DataFrame:
    """Return links and products as one table: what the chart is drawn from."""
    drawn = table[table["x"].notna()]
    at = drawn.set_index("item")[["x", "y"]]
    first, second = at.loc[ties["item_a"]], at.loc[ties["item_b"]]
    lines = pd.DataFrame(
        {
            "part": ties["kind"].to_numpy(),
            "x": first["x"].to_numpy(),
            "y": first["y"].to_numpy(),
            "x2": second["x"].to_numpy(),
            "y2": second["y"].to_numpy(),
        }
    ).assign(item="", label="", group_label="", present=False, highlighted=False)
    kept = ["x", "y", "item", "label", "group_label", "exports", "present", "highlighted"]
    return pd.concat([lines, drawn[kept].assign(part="product")], ignore_index=True)


def _called(code: str, group: str, scheme: str) -> str:
    """Return a code with its title, or with its group's where it has none of its own."""
    named = label(code, scheme)
    title = classification.title(scheme, group) if scheme and named == code else ""
    return f"{code} in {title}" if title else named
