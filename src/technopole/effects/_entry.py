"""Since when a firm is inside a park, where a table says only in which park it is."""

from __future__ import annotations

from technopole.engine import sql
from technopole.errors import MissingColumn
from technopole.tables import Firms


def with_entry(firms: Firms) -> Firms:
    """Return the firms with the column `entered`: as it stands, or else the first year in which a park is named.

    A firm without a park in a later year has left in the year after the last with one.
    """
    if "entered" in firms.columns:
        return firms
    if "park" not in firms.columns:
        raise MissingColumn(
            "nothing says who is inside a park",
            value="entered",
            where=firms.source,
            exists=firms.columns,
            fix=f"{firms.advice('entered')} (year of entry, 0 = never); or map park (name; empty = in no park)",
        )
    here = firms.expr["park"].notnull()
    each = sql.window(group_by=firms.expr["firm"])
    first = firms.expr["year"].min(where=here).over(each)
    last = firms.expr["year"].max(where=here).over(each)
    seen = firms.expr["year"].max().over(each)
    expr = firms.expr.mutate(
        entered=first.fill_null(0).cast("int64"),
        left=sql.ifelse(last < seen, last + 1, 0).fill_null(0).cast("int64"),
    )
    return Firms(expr, source=firms.source, digest=firms.digest, rows=firms.rows, warnings=firms.warnings)
