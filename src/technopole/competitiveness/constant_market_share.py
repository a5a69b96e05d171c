"""Constant market share."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal

from technopole.competitiveness import _market_effects as effects
from technopole.competitiveness._market_cells import market_cells
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import Chart, Result
from technopole.tables import Sector, Trade


@member
def constant_market_share(
    trade: Trade,
    *,
    exporter: str,
    from_: int,
    to: int,
    products: Sector | Sequence[str] | None = None,
    world: Literal["products", "table"] = "products",
    exclude_own: bool = False,
    base: Literal["first", "last", "mean"] = "first",
    method: Literal["classic", "dynamic"] = "classic",
) -> Result:
    """How much of an exporter's growth is the world's, its products', its markets', and won or lost share.

        x1 - x0 = world + commodity + market + competitiveness
        world           = r x0
        commodity       = sum_p (r[p] - r) x0[p]
        market          = sum_pj (r[p, j] - r[p]) x0[p, j]
        competitiveness = sum_pj (x1[p, j] - x0[p, j] - r[p, j] x0[p, j])

    x0, x1 = exports in `from_` and `to`; r = growth of the world's exports, of product p in it, of product p to market j. Taking markets
    first (r[j] - r, then r[p, j] - r[j]) splits commodity and market otherwise; neither order is the right one, so both are given,
    and their mean (the Shapley value of the two). World and competitiveness are the same in both. Without importers the market
    effect isn't known: it is null, and part of competitiveness. An exact accounting of a full count, so there is no interval;
    competitiveness is what is left over, not a cause.

    Parameters
    ----------
    trade : Trade
        Exporter x product x year, better with importers. A cell that is absent in a year counts as zero.
    exporter : str
        Whose exports.
    from_, to : int
        First and last year.
    products : Sector or list of str, optional
        The exports of these products only (a sector's weights apply); none = all.
    world : {"products", "table"}
        Whose growth is the world's: that of the products chosen, or of everything in the table; then `commodity` says too whether
        the products chosen grew faster than trade.
    exclude_own : bool
        Whether the world is all others; default, it is all exporters.
    base : {"first", "last", "mean"}
        The year whose exports weight growth: the first (Laspeyres, the formula above), the last (Paasche: the same from `to` back to
        `from_`), or the mean of the two.
    method : {"classic", "dynamic"}
        One step from first to last year, or year by year with the parts added up, so that weights keep up.

    Returns
    -------
    Result
        order ("commodity first", "market first", "Shapley mean"), world, commodity, market, competitiveness, total, start, end,
        undefined. `.bases`: the Shapley mean by base. `.products`: product, label, the effects (Shapley mean), total, start, end, share_start, share_end. `.markets`, where
        there are importers: the same by importer. `.steps`, of the dynamic method: from_year, to_year and the effects.

    Raises
    ------
    EmptyTable
        The table has no rows.
    UnknownName
        There is no such exporter, product or year.
    WrongOption
        `from_` isn't before `to`; some rows have an importer and others none.

    References
    ----------
    Tyszynski, H. (1951). World trade in manufactured commodities, 1899-1950. The Manchester School 19(3), 272-304.
    Leamer, E. E. & Stern, R. M. (1970). Quantitative International Economics. Allyn and Bacon, Boston, chapter 7.
    Richardson, J. D. (1971). Constant-market-shares analysis of export growth. Journal of International Economics 1(2), 227-239.
    Milana, C. (1988). Constant-market-shares analysis and index number theory. European Journal of Political Economy 4(4), 453-478.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> exports = pd.DataFrame({
    ...     "exporter": ["A", "A", "B", "B"] * 2, "product": ["x", "y"] * 4, "year": [2010] * 4 + [2020] * 4,
    ...     "value": [10, 10, 90, 90, 30, 12, 170, 98]})
    >>> found = tp.competitiveness.constant_market_share(exports, exporter="A", from_=2010, to=2020)
    >>> found.table[["world", "competitiveness", "total"]].iloc[2].tolist()
    [11.0, 11.0, 22.0]
    """
    if from_ >= to:
        raise WrongOption("from_ is a year before to", value=f"{from_} to {to}")
    years = [from_, to] if method == "classic" else effects.years_between(trade, from_, to)
    cells = market_cells(trade, exporter, years, products, exclude_own=exclude_own)
    steps = list(itertools.pairwise(years))
    everything = world == "table"
    parts = [effects.step(cells, pair, base, everything=everything) for pair in steps]
    bases = effects.by_base(cells, steps, from_, to, everything=everything)
    table = effects.table(cells, parts, from_, to)
    by_product = effects.by_product(cells, parts, from_, to, products)
    tables = {"bases": bases, "products": by_product}
    if cells.markets != [""]:
        tables["markets"] = effects.by_market(cells, parts, from_, to)
    if method == "dynamic":
        tables["steps"] = effects.by_step(cells, parts, steps)
    return Result.of(
        table,
        text=effects.text(table, bases, exporter, products, (from_, to)),
        fields=effects.fields(trade.schema["value"].unit),
        chart=Chart("waterfall", {"names": effects.called(table), "axis": "change of exports"}),
        warnings=[*effects.warnings(cells, parts, from_, to)],
        **tables,
    )
