"""How often two products are made by the same places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from technopole.competitiveness._matrix import Array, names, refuse_too_many
from technopole.competitiveness._presence import (
    Presence,
    Rule,
    many,
    presences,
    spread,
    undefined_last,
    warnings_of,
)
from technopole.competitiveness._selection import chosen
from technopole.errors import WrongOption
from technopole.kernels.complexity import proximity
from technopole.kernels.correlation import correlation
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Patents, Sector, Trade

Kind = Literal["cooccurrence", "correlation"]


@member
def product_proximity(
    trade: Trade | Activity | Patents,
    *,
    year: int | None = None,
    kind: Kind = "cooccurrence",
    minimum: float = 0.0,
    products: Sector | Sequence[str] | None = None,
    presence: Rule = "advantage",
    threshold: float = 1.0,
    reference: Trade | Activity | Patents | None = None,
    value: str | None = None,
    sector: Sector | None = None,
) -> Result:
    """How near two products are: the chance that a place that makes one makes the other too.

        phi[p, q] = sum_c M[c, p] M[c, q] / max(k[p], k[q]),  M[c, p] = 1 where RCA[c, p] >= threshold,  k[p] = sum_c M[c, p]

    0 to 1; the smaller of the two conditional chances, so that a product that everybody makes isn't near to all others. It says that
    places have both, not that one leads to the other. Exports and jobs are full counts, so there is no interval; few patents may be chance.

    Parameters
    ----------
    trade : Trade, Activity or Patents
        Exporter x product (or place x industry, place x technology) x year.
    year : int, optional
        This year only; none = each year for itself.
    kind : {"cooccurrence", "correlation"}
        The smaller conditional chance; or (1 + r) / 2 with r the correlation of the two products' RCA over places, which needs no
        threshold ("continuous" in ecomplexity).
    minimum : float
        Only pairs at least as near; the others count as 0 where this result is used further.
    products : Sector or sequence of str, optional
        Return pairs among these only; presence is still told from all.
    presence : {"advantage", "above", "positive"}
        A place has a product at an RCA of `threshold` or more (Atlas), above it (Hidalgo and Hausmann 2009, Stata), or with any value.
    threshold : float
        The revealed comparative advantage that counts.
    reference : Trade, Activity or Patents, optional
        The world whose shares advantage is measured against; none = the places of the table together.
    value : str, optional
        What is counted; none = exports, patents, or the activity table's first value.
    sector : Sector, optional
        Count these codes as one product.

    Returns
    -------
    Result
        product_a, product_b (or industry_a, technology_a ...), year, proximity, each pair once. `.products`: product, year, ubiquity,
        undefined: products that no place has are near to nothing, and have no pair. `.leading`: the nearest pairs of the latest year, the
        most widespread first where they are equally near.

    Raises
    ------
    EmptyTable
        The table has no rows.
    UnknownName
        There is no such year or product.
    WrongOption
        A threshold of 0 or less, or a minimum outside 0 to 1.

    References
    ----------
    Hidalgo, C. A., Klinger, B., Barabási, A.-L. & Hausmann, R. (2007). The product space conditions the development of nations. Science
    317(5837), 482-487. https://doi.org/10.1126/science.1144581

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> has = [("A", "wxyz"), ("B", "wxy"), ("C", "wx"), ("D", "w")]
    >>> rows = pd.DataFrame([(c, p, 1.0) for c, products in has for p in products], columns=["exporter", "product", "value"])
    >>> tp.competitiveness.product_proximity(rows, presence="positive").table["proximity"].round(6).tolist()
    [0.75, 0.5, 0.25, 0.666667, 0.333333, 0.5]
    """
    if not 0 <= minimum <= 1:
        raise WrongOption("minimum is a proximity between 0 and 1", value=minimum)
    what = names(trade)
    years = presences(
        trade,
        presence=presence,
        threshold=threshold,
        value=value,
        year=year,
        sector=sector,
        reference=reference,
    )
    wanted = None
    if products is not None:
        wanted = chosen((code for one in years for code in one.items), products, what[1], trade.source)
    refuse_too_many(max((len(one.items) for one in years), default=0), trade.source)
    parts = [_one_year(one, what[1], kind, minimum, wanted) for one in years]
    table = (
        parts[0].pairs if len(parts) == 1 else pd.concat([part.pairs for part in parts], ignore_index=True)
    )
    items = undefined_last([part.items for part in parts])
    return Result.of(
        table,
        text=_text(parts[-1], what, kind, minimum),
        fields=_fields(what, kind),
        chart=Chart("ranking", {"label": "label", "value": "proximity"}, of="leading"),
        warnings=warnings_of(years, what),
        products=items,
        leading=parts[-1].leading,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One year's pairs and items; the nearest pairs; how many pairs there are, and their mean."""

    year: int
    pairs: pd.DataFrame
    items: pd.DataFrame
    leading: pd.DataFrame
    count: int
    mean: float


def _one_year(one: Presence, item: str, kind: Kind, minimum: float, wanted: Sequence[str] | None) -> Part:
    near = proximity(one.there) if kind == "cooccurrence" else (1 + correlation(one.advantage)) / 2
    ubiquity = one.there.sum(axis=0)
    known = (ubiquity > 0) if kind == "cooccurrence" else np.isfinite(np.diag(near))
    chosen_too = np.ones(len(known), bool) if wanted is None else np.isin(one.items, wanted)
    kept = np.flatnonzero(known & chosen_too)
    if len(kept) < len(near):
        near = near[np.ix_(kept, kept)]
    a, b, far = _pairs(near, kept.astype(np.int32))
    count, mean = len(far), float(far.mean()) if len(far) else np.nan
    if minimum > 0:
        enough = far >= minimum
        a, b, far = a[enough], b[enough], far[enough]
    pairs = pd.DataFrame(
        {
            f"{item}_a": spread(one.items, a),
            f"{item}_b": spread(one.items, b),
            "year": one.year,
            "proximity": far,
        }
    )
    rows = np.flatnonzero(chosen_too)
    why = np.where(known, "", np.where(one.item_why != "", one.item_why, f"all have as much of this {item}"))
    items = pd.DataFrame(
        {
            item: spread(one.items, rows),
            "year": one.year,
            "ubiquity": ubiquity[rows],
            "undefined": spread(why, rows),
        }
    )
    return Part(one.year, pairs, items, _leading(one, a, b, far, ubiquity, item), count, mean)


def _pairs(near: Array, numbers: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], Array]:
    """Each pair once: the numbers of both items, and how near they are."""
    size = len(numbers)
    first = np.repeat(numbers, np.arange(size - 1, -1, -1))
    second = np.concatenate([numbers[:0], *(numbers[i + 1 :] for i in range(size))])
    return first, second, np.concatenate([np.zeros(0), *(near[i, i + 1 :] for i in range(size))])


def _leading(
    one: Presence, a: NDArray[Any], b: NDArray[Any], far: Array, ubiquity: NDArray[Any], item: str
) -> pd.DataFrame:
    edge = np.partition(far, -15)[-15] if len(far) > 15 else 0.0
    at = np.flatnonzero(far >= edge)
    spreading = np.minimum(ubiquity[a[at]], ubiquity[b[at]])
    at = at[np.lexsort((at, -spreading, -far[at]))][:15]
    first, second = one.items[a[at]].astype(str), one.items[b[at]].astype(str)
    label = [f"{x} · {y}" for x, y in zip(first, second, strict=True)]
    return pd.DataFrame(
        {
            "label": pd.Series(label, dtype="str"),
            f"{item}_a": pd.Series(first, dtype="str"),
            f"{item}_b": pd.Series(second, dtype="str"),
            "year": one.year,
            "proximity": far[at],
        }
    )


def _text(part: Part, what: tuple[str, str], kind: Kind, minimum: float) -> str:
    place, item = what
    when = f"In {part.year}" if part.year else "In this table"
    if not part.count:
        return f"{when} no two {many(item)} can be compared: fewer than two of them are made with a comparative advantage."
    top = [f"{row.label} ({row.proximity:.2f})" for row in part.leading.head(3).itertuples()]
    kept = f"; {len(part.pairs):,} pairs are {minimum:g} or nearer" if minimum > 0 else ""
    how = (
        f"of the {many(place)} that have a comparative advantage in one, at least {part.mean:.0%} have one in the other too, on average"
        if kind == "cooccurrence"
        else f"mean proximity by correlation is {part.mean:.2f}"
    )
    named = f" The nearest are {', '.join(top)}." if top else ""
    return f"{when}, of {part.count:,} pairs of {many(item)}: {how}{kept}.{named} It says who has both, not that one leads to the other."


def _fields(what: tuple[str, str], kind: Kind) -> dict[str, Field]:
    place, item = what
    meaning = {
        "cooccurrence": f"{place}s with both over {place}s with the more widespread one",
        "correlation": f"(1 + r) / 2, r the correlation of comparative advantage over {place}s",
    }[kind]
    return {
        f"{item}_a": Field(f"one {item}"),
        f"{item}_b": Field(f"the other {item}"),
        item: Field(item),
        "year": Field("year; 0 = one unnamed period"),
        "proximity": Field(meaning, "0 to 1", 3),
        "ubiquity": Field(f"how many have it: {place} with a comparative advantage", place, 0),
        "undefined": Field("why it is near to nothing"),
        "label": Field("the pair"),
    }
