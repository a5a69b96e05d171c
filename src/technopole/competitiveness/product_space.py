"""Product space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from technopole.competitiveness import _space as tables
from technopole.competitiveness._lit_place import Rules, lit_place
from technopole.competitiveness._matrix import names
from technopole.competitiveness._presence import Rule, warnings_of
from technopole.competitiveness._selection import chosen
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Patents, Sector, Trade

NAMED = 3


@member
def product_space(
    trade: Trade | Activity | Patents,
    *,
    place: str,
    year: int | None = None,
    value: str | None = None,
    reference: Trade | Activity | Patents | None = None,
    proximity: Result | None = None,
    presence: Rule = "advantage",
    threshold: float = 1.0,
    exporters: Sequence[str] | None = None,
    minimum_total: float = 0.0,
    strong: float | None = None,
    degree: float = 4.0,
    highlight: Sector | Sequence[str] | None = None,
    scheme: str | None = None,
    digits: int = 2,
    seed: int = 0,
) -> Result:
    """Which products are near one another, which of them a place has, and which lie one step away.

        phi[p, q] = #(places with p and q) / max(#(places with p), #(places with q))
        network   = spanning tree with the greatest sum of phi, and every link of phi >= t
        density[p] = sum of phi[p, q] over the q that the place has / sum of phi[p, q] over all q

    Products that nobody has, or nobody with anything else, stay out of the network. Positions on paper have no unit and no direction: only who is linked with whom means something. Being near says that places
    often have both, not that having one brings the other. Exports and jobs are full counts, so there is no interval; few patents may be chance.

    Parameters
    ----------
    trade : Trade, Activity or Patents
        Exporter x product (or place x industry, place x technology) x year.
    place : str
        Whose products are lit.
    year : int, optional
        One year; none = the last.
    value : str, optional
        What is counted; none = exports, patents, or the activity table's first value.
    reference : Trade, Activity or Patents, optional
        The world: its places make the network, and its totals are what the place is compared with. None = the table's own places.
    proximity : Result, optional
        What `product_proximity` returned, for the same codes: the network's, instead of the one that those places make.
    presence : {"advantage", "above", "positive"}
        A place has a product at an RCA of `threshold` or more (Atlas), above it (Hidalgo et al. 2007), or with any value.
    threshold : float
        The revealed comparative advantage that counts; above 0.
    exporters : sequence of str, optional
        The places that make the network; none = all of the table (of the reference).
    minimum_total : float
        Places with a smaller total don't make the network. The Atlas takes countries of more than a million people that export for more
        than a billion dollars.
    strong : float, optional
        t: proximity from which on every link is drawn beside the tree, such as 0.55 (Hidalgo et al. 2007); none = the least with which
        products have `degree` links on average, or fewer.
    degree : float
        Links per product on average, 2 or more.
    highlight : Sector or list of str, optional
        Products to ring and name, and to say how near they are.
    scheme : str, optional
        Classification of the codes, such as ``"HS-2017"``, for their titles; none = the highlighted sector's.
    digits : int
        Signs of a code that say its group.
    seed : int
        Of the layout.

    Returns
    -------
    Result
        product (or industry, technology), label, group, group_label, x, y, exports, rca, present, density, rank (among what it doesn't
        have), pci (the product's complexity), links, highlighted, undefined. `.edges`: product_a, product_b, proximity, kind (tree or strong). `.nearest`: the 20 products
        of highest density that the place doesn't have, and those highlighted. `.drawing`: what the chart is drawn from.

    Raises
    ------
    EmptyTable
        The table has no rows.
    MissingColumn
        The table has no such value.
    UnknownName
        There is no such place, year or product.
    WrongOption
        A threshold of 0 or less, fewer than 2 links per product, a group of no signs, or another member's result as proximity.

    References
    ----------
    Hidalgo, C. A., Klinger, B., Barabási, A.-L. & Hausmann, R. (2007). The product space conditions the development of nations.
    Science 317(5837), 482-487. https://doi.org/10.1126/science.1144581
    Hausmann, R., Hidalgo, C. A., Bustos, S., Coscia, M., Simoes, A. & Yildirim, M. A. (2014). The Atlas of Economic Complexity.
    MIT Press. https://doi.org/10.7551/mitpress/9647.001.0001
    Zheng, J. X., Pawar, S. & Goodman, D. F. M. (2019). Graph drawing by stochastic gradient descent. IEEE Transactions on
    Visualization and Computer Graphics 25(9), 2738-2748. https://doi.org/10.1109/TVCG.2018.2859997

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> exports = pd.DataFrame({"exporter": list("AAABBC"), "product": list("xyzxyx"), "value": [1, 1, 1, 1, 1, 1]})
    >>> found = tp.competitiveness.product_space(exports, place="B", presence="positive")
    >>> found.table[["product", "present", "rank"]].to_string(index=False, header=False).split()
    ['x', 'True', '<NA>', 'y', 'True', '<NA>', 'z', 'False', '1']
    """
    if degree < 2:
        raise WrongOption("a spanning tree alone has 2 links per product", value=degree, fix="degree=4")
    if digits < 1:
        raise WrongOption("a group has at least one sign", value=digits, fix="digits=2")
    rules = Rules(presence, threshold, value, exporters, minimum_total)
    of = lit_place(trade, place, reference, proximity, rules, year)
    marked = chosen(of.items, highlight, names(trade)[1], trade.source) if highlight is not None else []
    found = tables.space(of.closeness, strong=strong, degree=degree, seed=seed)
    titles = scheme or (highlight.scheme if isinstance(highlight, Sector) else "")
    table = tables.nodes(of, found, marked, titles, digits)
    edges = tables.edges(of.items, found)
    frames = {
        "edges": edges,
        "nearest": tables.nearest(table, edges),
        "drawing": tables.drawing(table, edges),
    }
    item = names(trade)[1]
    said = Said(place, item, of.year, highlight, presence, threshold)
    called = {"item": item, "item_a": f"{item}_a", "item_b": f"{item}_b"}
    return Result.of(
        table.rename(columns=called),
        text=_text(table, frames["nearest"], said),
        fields=_fields(item, found.links.threshold),
        chart=Chart("product_space", _options(said), of="drawing"),
        warnings=[*warnings_of([of.network], names(trade)), *_warnings(table, said)],
        **{name: frame.rename(columns=called) for name, frame in frames.items()},
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What the words are about."""

    place: str
    item: str
    year: int
    highlight: Sector | Sequence[str] | None
    presence: str
    threshold: float

    @property
    def items(self) -> str:
        """The items, in the plural."""
        return {"product": "products", "industry": "industries", "technology": "technologies"}[self.item]

    @property
    def marked(self) -> str:
        """What is highlighted."""
        if isinstance(self.highlight, Sector):
            return self.highlight.name.replace("_", " ")
        return f"highlighted {self.items}"

    @property
    def having(self) -> str:
        """What a place that has an item does."""
        if self.presence == "positive":
            return "has any of"
        least = f"above {self.threshold:g}" if self.presence == "above" else f"of {self.threshold:g} or more"
        return f"has an advantage (RCA {least}) in"


def _warnings(table: pd.DataFrame, said: Said) -> list[str]:
    alone = int(table["x"].isna().sum())
    return [f"{alone:,} of {len(table):,} {said.items} are near nothing and not drawn"] if alone else []


def _text(table: pd.DataFrame, nearest: pd.DataFrame, said: Said) -> str:
    drawn = table[table["x"].notna()]
    if drawn.empty:
        return f"No two {said.items} are had by one place, so there is no network to show."
    when = f"In {said.year} " if said.year else ""
    first = (
        f"{when}{said.place} {said.having} {int(drawn['present'].sum()):,} of {len(drawn):,} {said.items}."
    )
    missing = nearest[nearest["rank"].le(NAMED) & nearest["density"].gt(0)].head(NAMED)
    if missing.empty:
        return first
    listed = ", ".join(f"{row.label} (density {row.density:.2f})" for row in missing.itertuples())
    near = f"The nearest it does not have: {listed}; near means that the same places tend to have both, not that one brings the other."
    return " ".join(filter(None, (first, near, _marked(drawn, said))))


def _marked(drawn: pd.DataFrame, said: Said) -> str:
    rows = drawn[drawn["highlighted"]]
    if rows.empty:
        return ""
    first = f"Of {len(rows)} {said.marked} it has {int(rows['present'].sum())}"
    away = rows[rows["rank"].notna()].sort_values(["rank", "item"]).head(NAMED)
    if away.empty:
        return f"{first}."
    of = int(drawn["rank"].notna().sum())
    listed = ", ".join(f"{row['label']} (rank {row['rank']:.0f})" for row in away.to_dict("records"))
    return f"{first}; the nearest of the others, among {of:,} it does not have: {listed}."


def _options(said: Said) -> dict[str, str]:
    when = f", {said.year}" if said.year else ""
    some = said.presence == "positive"
    return {
        "item": said.item,
        "has": f"{said.place} has {'it' if some else 'an advantage'}{when}",
        "lacks": "has none",
        "size": "exports" if said.item == "product" else "amount",
        **({"highlight": said.marked} if said.highlight is not None else {}),
    }


def _fields(item: str, threshold: float) -> dict[str, Field]:
    drawn_from = (
        f"every link of {threshold:.4g} or more" if np.isfinite(threshold) else "no link beside the tree"
    )
    return {
        item: Field(f"{item}; empty = a link"),
        f"{item}_a": Field("one end of the link"),
        f"{item}_b": Field("its other end"),
        "label": Field("code, with the start of its title where one is bundled"),
        "group": Field("first signs of the code"),
        "group_label": Field("what the group is called"),
        "x": Field("position on paper", "share of the picture's width", 3),
        "y": Field("position on paper, downwards", "share of the picture's width", 3),
        "x2": Field("where a link ends", "share of the picture's width", 3),
        "y2": Field("where a link ends, downwards", "share of the picture's width", 3),
        "exports": Field("what the place exports (has) of it", "as in the table", 0),
        "rca": Field("revealed comparative advantage", "1 = as everywhere", 2),
        "present": Field("whether the place has it"),
        "density": Field("share of what is near that the place has, weighted by proximity", "share", 3),
        "rank": Field("rank by density among what the place doesn't have; 1 = the nearest"),
        "pci": Field(
            "complexity of the product among the places of the network",
            "standard deviations of their complexity",
            2,
        ),
        "links": Field("links in the network"),
        "links_to_present": Field("of them to what the place has"),
        "highlighted": Field("whether it was asked to be named"),
        "proximity": Field("share of places with one that have the other, the smaller of both", "share", 3),
        "kind": Field(f"tree = of the spanning tree; strong = beside it: {drawn_from}"),
        "part": Field("product, or the kind of link"),
        "undefined": Field("why there is no number or position; empty = there is"),
    }
