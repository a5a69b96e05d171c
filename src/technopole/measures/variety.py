"""Related and unrelated variety of places."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa

from technopole.engine import Expr, sql
from technopole.errors import UnknownName, WrongOption
from technopole.measures import _suppression as suppression
from technopole.measures._latest import of_latest
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Sector


@member
def variety(
    activity: Activity,
    *,
    value: str = "employment",
    sector: Sector | None = None,
    group_digits: int = 2,
    digits: int | None = None,
    groups: Mapping[str, str] | None = None,
) -> Result:
    """How varied each place's industries are, within and between groups of related ones.

        unrelated = sum_g P[g] log2(1 / P[g])
        related   = sum_g P[g] sum_{i in g} (p[i] / P[g]) log2(P[g] / p[i])
        total     = sum_i p[i] log2(1 / p[i]) = unrelated + related

    p[i] is the industry's share in the place, P[g] the group's; in bits. There is no interval: the entropies describe a full count, they
    don't estimate from a sample.

    Parameters
    ----------
    activity : Activity
        Place x industry x year.
    value : str
        What is counted.
    sector : Sector, optional
        Count only these codes, with their weights: the variety within the sector.
    group_digits : int
        Codes with the same first characters (dots and spaces left out) are related.
    digits : int, optional
        Shorten codes to this many characters first; left out = codes as they are.
    groups : mapping of str to str, optional
        Code -> group, instead of `group_digits`.

    Returns
    -------
    Result
        place, year, related, unrelated, total, industries, suppressed_share, undefined.

    Raises
    ------
    MissingColumn
        The table has no such value.
    EmptyTable
        The table has no rows.
    UnknownName
        `groups` lacks a code of the table, or no code belongs to the sector.
    WrongOption
        `group_digits` isn't below `digits`.

    References
    ----------
    Frenken, K., Van Oort, F. & Verburg, T. (2007). Related variety, unrelated variety and regional economic growth. Regional Studies
    41(5), 685-697.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> jobs = pd.DataFrame({"place": "A", "industry": ["261", "262", "271", "272"], "employment": [10, 10, 10, 10]})
    >>> tp.measures.variety(jobs).table[["related", "unrelated", "total"]].iloc[0].tolist()
    [1.0, 1.0, 2.0]
    """
    if group_digits < 1 or (digits is not None and digits <= group_digits):
        raise WrongOption(
            "group_digits is 1 or more and below digits",
            value=group_digits,
            exists=[] if digits is None else [digits],
        )
    cells = activity.cells(value)
    if sector is not None:
        cells = sector.within(cells)
    rows = _grouped(suppression.filled(cells), group_digits, digits, groups)
    rows = rows.mutate(
        of_place=rows.amount.sum().over(sql.window(group_by=["place", "year"])),
        of_group=rows.amount.sum().over(sql.window(group_by=["place", "year", "group"])),
    )
    share, group = rows.amount / rows.of_place.nullif(0), rows.of_group / rows.of_place.nullif(0)
    between = sql.coalesce(sql.greatest(0.0, (share * -group.nullif(0).log2()).sum()), 0.0)
    within = sql.coalesce(sql.greatest(0.0, (share * (group / share.nullif(0)).log2()).sum()), 0.0)
    measures = {
        "related": within,
        "unrelated": between,
        "total": within + between,
        "industries": (rows.amount > 0).sum().cast("float64"),
    }
    said = suppression.summaries(rows, "place", rows.of_place, value, measures)
    table = said.select("place", "year", *measures, "suppressed_share", "undefined").to_pyarrow().to_pandas()
    return Result.of(
        table,
        text=of_latest(_text(table), table["year"]),
        fields={
            "place": Field("place"),
            "year": Field("year; 0 = one unnamed period"),
            "related": Field("variety within groups of related industries", "bits", 3),
            "unrelated": Field("variety between groups", "bits", 3),
            "total": Field("entropy of the industry shares", "bits", 3),
            "industries": Field("industries present", "industries", 0),
            "suppressed_share": Field(
                "part of the place's total that rests on bounds of withheld values", "", 3
            ),
            "undefined": Field("why there is no number"),
        },
        chart=Chart("ranking", {"label": "place", "value": "related"}),
        warnings=suppression.warnings(cells, value),
    )


def _grouped(rows: Expr, group_digits: int, digits: int | None, groups: Mapping[str, str] | None) -> Expr:
    """Give each cell its group; cells whose codes are shortened to one code become one."""
    bare = rows.industry.re_replace("[^0-9A-Za-z]", "").upper()
    if groups is None:
        rows = rows.mutate(group=bare.left(group_digits))
    else:
        present = rows.select("industry").distinct().order_by("industry").to_pyarrow()["industry"].to_pylist()
        lacking = [code for code in present if code not in groups]
        if lacking:
            raise UnknownName(
                "groups= lacks a code of the table",
                value=lacking[0],
                exists=groups,
                fix="give every code a group",
            )
        names = sql.memtable(pa.table({"code": present, "group": [groups[code] for code in present]}))
        rows = rows.join(names, rows.industry == names.code).drop("code")
    if digits is None:
        return rows
    rows = rows.mutate(industry=bare.left(digits))
    return rows.group_by(["place", "industry", "year", "group"]).agg(
        amount=rows.amount.sum(),
        guessed=rows.guessed.sum(),
        suppressed=rows.suppressed.any(),
        high=sql.ifelse((rows.suppressed & rows.high.isnull()).any(), sql.null("float64"), rows.high.sum()),
    )


def _text(table: pd.DataFrame) -> str:
    rows = table[(table["undefined"] == "") & (table["year"] == table["year"].max())]
    if rows.empty:
        return "No place has a mix to describe: the table holds nothing but zeros or withheld values."
    top = {
        kind: rows.sort_values([kind, "place"], ascending=[False, True]).iloc[0]
        for kind in ("related", "unrelated")
    }
    count = "These describe a full count, so no sampling interval applies."
    if len(rows) == 1:
        only = rows.iloc[0]
        return (
            f"{only['place']} has {only['related']:.2f} bits of variety within groups of related industries and "
            f"{only['unrelated']:.2f} between them. {count}"
        )
    return (
        f"Of {len(rows)} places {top['related']['place']} has the most variety within groups of related industries "
        f"({top['related']['related']:.2f} bits), {top['unrelated']['place']} the most between them "
        f"({top['unrelated']['unrelated']:.2f} bits). {count}"
    )
