"""Revealed comparative advantage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from technopole.competitiveness import _advantage as advantage
from technopole.competitiveness import _advantage_words as words
from technopole.competitiveness._matrix import matrices, names
from technopole.competitiveness._selection import chosen_items, chosen_places
from technopole.competitiveness._world import with_imports, with_world
from technopole.errors import WrongOption
from technopole.member import member
from technopole.result import Chart, Result
from technopole.tables import Activity, Patents, Sector, Trade


@member
def revealed_comparative_advantage(
    trade: Trade | Activity | Patents,
    *,
    index: Literal["balassa", "symmetric", "log", "vollrath", "michaely", "normalised"] = "balassa",
    own: Literal["excluded", "included"] = "excluded",
    imports: Trade | None = None,
    reference: Trade | Activity | Patents | None = None,
    threshold: float = 1.0,
    value: str | None = None,
    year: int | None = None,
    sector: Sector | None = None,
    products: Sector | Sequence[str] | None = None,
    exporters: Sequence[str] | None = None,
    minimum: float | None = None,
) -> Result:
    """How much more of a product a country exports than countries do on the whole.

        RCA[c, p]  = (x[c, p] / X[c]) / (X[p] / X)
        symmetric  = (RCA - 1) / (RCA + 1)
        log        = ln RCA
        Vollrath   : RXA as RCA for exports, RMA for imports, RTA = RXA - RMA, RC = ln RXA - ln RMA
        Michaely   = x[c, p] / X[c] - m[c, p] / M[c]
        normalised = x[c, p] / X - X[c] X[p] / X^2

    x are exports, m imports; a missing subscript is a sum. RCA is 0 or more, 1 = as everywhere; the others lie around 0 (symmetric in
    [-1, 1), Michaely in [-1, 1]; the normalised sum to 0 over products and over countries). It says what a country is specialised in,
    which isn't the same as cheap, good or profitable. Exports and jobs are full counts, so there is no interval; few patents may be chance.

    Parameters
    ----------
    trade : Trade, Activity or Patents
        Exporter x product (or place x industry, place x technology) x year. A cell that is absent counts as zero.
    index : {"balassa", "symmetric", "log", "vollrath", "michaely", "normalised"}
        Which index; Vollrath's and Michaely's need imports.
    own : {"excluded", "included"}
        For Vollrath's: ``"excluded"`` leaves the country and the product out of the totals they are compared with, as he did;
        ``"included"`` makes RXA Balassa's index.
    imports : Trade, optional
        Who imports how much; none = the rows of `trade` by importer. A table with importers is read by importer; in one without,
        `exporter` is the country that imports.
    reference : Trade, Activity or Patents, optional
        The world that is compared with, such as all countries for a table of regions; none = the table's own places together.
    threshold : float
        An RCA of this or more is an advantage, as in the Atlas of Economic Complexity; above 0. Vollrath's and Michaely's indices
        are one above 0.
    value : str, optional
        What is counted; none = exports, patents, or the activity table's first value.
    year : int, optional
        This year only; none = each year for itself.
    sector : Sector, optional
        Count these codes as one product and return it alone.
    products : Sector or list of str, optional
        Return these products only; totals are always those of all.
    exporters : list of str, optional
        Return these exporters (places) only.
    minimum : float, optional
        Cells with smaller exports in both the first and the last year aren't named in the text and the chart; none = places with
        less than a ten-thousandth of the whole (or a tenth of an even share) in each year aren't, unless `exporters` or `reference` is given. The table keeps them.

    Returns
    -------
    Result
        exporter, product (or place, industry; place, technology), year, value, the columns of the index (rca; rca, rsca; rca, log_rca;
        rxa, rma, rta, rc; export_share, import_share, michaely; rca, nrca), advantage, undefined. `.change`, where there are several
        years: exporter, product, first_year, last_year, first, last, change, status (gained, lost, kept, none), undefined.
        `.leading`: the cells of the chart, the highest of the last year first.

    Raises
    ------
    EmptyTable
        The table has no rows.
    MissingColumn
        The table has no such value, or the index needs imports and nothing says who imports.
    UnknownName
        There is no such year, product or exporter, or the reference lacks a year.
    WrongOption
        A threshold of 0 or less; a reference for an index that has none; rows for the world beside rows by importer.

    References
    ----------
    Balassa, B. (1965). Trade liberalisation and "revealed" comparative advantage. The Manchester School 33(2), 99-123.
    https://doi.org/10.1111/j.1467-9957.1965.tb00050.x
    Vollrath, T. L. (1991). A theoretical evaluation of alternative trade intensity measures of revealed comparative advantage.
    Weltwirtschaftliches Archiv 127(2), 265-280. https://doi.org/10.1007/BF02707986
    Laursen, K. (2015). Revealed comparative advantage and the alternatives as measures of international specialization. Eurasian
    Business Review 5(1), 99-115. https://doi.org/10.1007/s40821-015-0017-1
    Michaely, M. (1962). Concentration in International Trade. North-Holland, Amsterdam.
    Yu, R., Cai, J. & Leung, P. (2009). The normalized revealed comparative advantage index. The Annals of Regional Science 43(1),
    267-282. https://doi.org/10.1007/s00168-008-0213-3

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> exports = pd.DataFrame({"exporter": list("AABB"), "product": list("xyxy"), "value": [60, 40, 40, 160]})
    >>> tp.competitiveness.revealed_comparative_advantage(exports).table["rca"].round(6).tolist()
    [1.8, 0.6, 0.6, 1.2]
    """
    if threshold <= 0:
        raise WrongOption("the threshold of an advantage is above 0", value=threshold)
    if reference is not None and index in ("vollrath", "michaely"):
        raise WrongOption("this index compares with the table itself, not with a reference", value=index)
    years = matrices(trade, value=value, year=year, sector=sector)
    if index in ("vollrath", "michaely"):
        bought = with_imports(years, trade, imports, sector=sector)
        parts = [advantage.with_imports(*pair, index, own) for pair in bought]
    else:
        compared = with_world(years, trade, reference, value=value, sector=sector)
        parts = [advantage.of_exports(*pair, index, threshold) for pair in compared]
    wanted = [sector.name] if sector is not None and products is None else products
    listed = [part.matrix for part in parts]
    places, items = chosen_places(listed, exporters, trade), chosen_items(listed, wanted, trade)
    table = pd.concat([advantage.rows(part, places, items, names(trade)) for part in parts])
    table = advantage.sorted_last(table, names(trade))
    change = advantage.change(table, index, names(trade))
    unnamed = advantage.tiny(parts) if minimum is None and exporters is None and reference is None else []
    leading = advantage.leading(table, change, index, names(trade), minimum or 0.0, products, unnamed)
    said = words.Said(trade, index, threshold, names(trade))
    return Result.of(
        table,
        text=words.text(table, change, leading, said),
        fields=words.fields(said, value),
        chart=_chart(index, names(trade)[0], several=not change.empty),
        warnings=[
            *trade.warnings,
            *words.warnings(parts, said, alone=reference is None),
            *_left_unnamed(unnamed, names(trade)[0]),
        ],
        **({} if change.empty else {"change": change}),
        leading=leading,
    )


def _left_unnamed(places: Sequence[str], what: str) -> list[str]:
    if not places:
        return []
    who = f"{len(places):,} {what}{'' if len(places) == 1 else 's'}"
    shown = ", ".join(places[:4]) + (" ..." if len(places) > 4 else "")
    return [
        f"{who} with less than {advantage.TINY:.2%} of the whole ({shown}) can have a very high index by having little else: the table has "
        "them, text and chart don't name them; minimum=0 does"
    ]


def _chart(index: str, place: str, *, several: bool) -> Chart:
    axis = words.AXIS[index]
    if not several:
        shown = {"label": "label", "value": advantage.MAIN[index], "reference": advantage.NEUTRAL[index]}
        return Chart("ranking", {**shown, "axis": axis}, of="leading")
    scale = "log" if index == "balassa" else "linear"
    options = {"group": place, "scale": scale, "reference": advantage.NEUTRAL[index], "axis": axis}
    return Chart("advantage_change", options, of="leading")
