"""Coagglomeration of industries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from technopole.errors import MissingColumn, UnknownName, WrongOption
from technopole.measures import _plants, _suppression
from technopole.measures._latest import of_latest
from technopole.measures._place_matrix import PlaceMatrix, by_year
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Establishments


@member
def coagglomeration(
    table: Activity | Establishments,
    *,
    value: str = "employment",
    pairs: Literal["all"] | Sequence[Sequence[str]] = "all",
    groups: Mapping[str, Sequence[str]] | None = None,
    aggregate: Literal["mean", "total"] = "mean",
    plants: str = "auto",
    level: float = 0.95,
) -> Result:
    """How much two industries are found in the same places.

        c[i, j] = sum_p (s[p, i] - x[p]) (s[p, j] - x[p]) / (1 - sum_p x[p]^2)

        a group: gamma_c = (G - sum_i w[i]^2 G[i]) / ((1 - sum_p x[p]^2) (1 - sum_i w[i]^2))

    s = a place's share of the industry; x = the mean of these shares over industries (``aggregate="mean"``, Ellison,
    Glaeser and Kerr 2010) or the place's share of all activity (``"total"``, Ellison and Glaeser 1997); w = an
    industry's share of its group; G = sum_p (s - x)^2. 0 = unrelated, above = together, below = apart. A group of two
    has the index of the pair with ``"total"``; groups always use ``"total"``. `low` and `high` are an interval
    for drawing the plants of both industries again, each by its industry's shares; they need the number of plants.

    Parameters
    ----------
    table : Activity or Establishments
        The places together are the nation.
    value : str
        What is counted.
    pairs : "all" or sequence of (str, str)
        Which pairs.
    groups : mapping of str to sequence of str, optional
        Name -> industries of a group; the result then has the table `.groups`.
    aggregate : {"mean", "total"}
        What an industry is compared with.
    plants : str
        Activity only: the column with the number of plants; ``"auto"`` = ``establishments`` where there is one.
    level : float
        Confidence level of the interval, in (0, 1).

    Returns
    -------
    Result
        industry_a, industry_b, year, coagglomeration, low, high, undefined; `.strongest`: the 15 closest pairs of the
        last year; with groups also `.groups`: group, year, coagglomeration, low, high, industries, undefined.

    Raises
    ------
    UnknownName
        A pair or group has an industry that doesn't occur.
    WrongOption
        A pair isn't two different industries, or a group has fewer than two.

    References
    ----------
    Ellison, G., Glaeser, E. L. & Kerr, W. R. (2010). What causes industry agglomeration? Evidence from coagglomeration
    patterns. American Economic Review 100(3), 1195-1213. https://doi.org/10.1257/aer.100.3.1195
    Ellison, G. & Glaeser, E. L. (1997). Geographic concentration in U.S. manufacturing industries: a dartboard
    approach. Journal of Political Economy 105(5), 889-927. https://doi.org/10.1086/262098

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> jobs = pd.DataFrame({"place": list("ABCABC"), "industry": list("iiijjj"), "employment": [8, 1, 1, 6, 2, 2]})
    >>> tp.measures.coagglomeration(jobs, aggregate="total").table["coagglomeration"].round(6).tolist()
    [-0.032258]
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    counted = _counted(table, value, plants)
    years = by_year(counted)
    there = {name for matrix in years.values() for name in matrix.named}
    wanted = None if pairs == "all" else np.array([_pair(pair, there) for pair in pairs], dtype=object)
    members = {name: _members(name, group, there) for name, group in (groups or {}).items()}
    rows: list[pd.DataFrame] = []
    grouped: list[dict[str, object]] = []
    for year, matrix in years.items():
        first, second = matrix.all_pairs() if wanted is None else wanted.reshape(-1, 2).T
        rows.append(matrix.pairs(first, second, aggregate, level).assign(year=year))
        grouped += [matrix.group(name, codes, level) | {"year": year} for name, codes in members.items()]
    found = pd.concat(rows, ignore_index=True)
    columns = ["industry_a", "industry_b", "year", "coagglomeration", "low", "high", "undefined"]
    ordered = _last(found[columns], ["year", "industry_a", "industry_b"])
    warnings = [*counted.warnings, *_notes(list(years.values()))]
    if any(matrix.withheld for matrix in years.values()):
        warnings += _suppression.warnings(counted.cells, value)
    undefined = int((ordered["undefined"] != "").sum())
    if undefined:
        warnings.append(f"{undefined} of {len(ordered)} pairs are undefined: see the column undefined")
    parts = {"groups": _last(pd.DataFrame(grouped)[_GROUP], ["year", "group"])} if grouped else {}
    return Result.of(
        ordered,
        text=of_latest(_text(ordered, aggregate, level), ordered.loc[ordered["undefined"] == "", "year"]),
        fields=_fields(level),
        chart=Chart("ranking", {"label": "pair", "value": "coagglomeration", "reference": 0.0}, "strongest"),
        warnings=warnings,
        strongest=_strongest(ordered),
        **parts,
    )


_GROUP = ["group", "year", "coagglomeration", "low", "high", "industries", "undefined"]


def _counted(table: Activity | Establishments, value: str, plants: str) -> _plants.Plants:
    try:
        return _plants.of_table(table, value=value, plants=plants, sector=None)
    except MissingColumn:
        if not isinstance(table, Activity) or plants != "auto" or value not in table.values:
            raise
        return _plants.of_table(table, value=value, plants=plants, sector=None, size_classes={})


def _pair(pair: Sequence[str], there: set[str]) -> tuple[str, str]:
    if isinstance(pair, str) or len(pair) != 2 or pair[0] == pair[1]:
        raise WrongOption(
            "a pair is two different industries", value=pair, fix='pairs=[("3333", "3341"), ...]'
        )
    _check(pair, there)
    return pair[0], pair[1]


def _members(name: str, codes: Sequence[str], there: set[str]) -> tuple[str, ...]:
    if isinstance(codes, str) or len(set(codes)) < 2:
        raise WrongOption(f"the group {name} needs at least two industries", value=codes)
    _check(codes, there)
    return tuple(codes)


def _check(codes: Sequence[str], there: set[str]) -> None:
    for code in codes:
        if code not in there:
            raise UnknownName("no such industry in this table", value=code, exists=sorted(there))


def _last(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    order = frame.assign(last=frame["undefined"] != "").sort_values(["last", *keys], kind="stable")
    return order.drop(columns="last").reset_index(drop=True)


def _notes(years: list[PlaceMatrix]) -> list[str]:
    empty = sum(len(matrix.named) - len(matrix.names) for matrix in years)
    said = [f"{empty} industries have no activity in a year and form no pair there"] if empty else []
    if any(matrix.herfindahl is None for matrix in years):
        said.append(
            "no intervals: the number of plants isn't known for every cell, and the plants are what is uncertain"
        )
    return said


def _strongest(rows: pd.DataFrame) -> pd.DataFrame:
    defined = rows[(rows["undefined"] == "") & (rows["year"] == rows["year"].max())]
    top = defined.nlargest(15, "coagglomeration", keep="first")
    pair = top["industry_a"].astype(str) + " + " + top["industry_b"].astype(str)
    return top.assign(pair=pair)[["pair", "year", "coagglomeration", "low", "high"]]


def _text(rows: pd.DataFrame, aggregate: str, level: float) -> str:
    defined = rows[rows["undefined"] == ""]
    if defined.empty:
        return "There is no pair of industries with activity to compare."
    latest = defined[defined["year"] == defined["year"].max()]
    top = latest.loc[latest["coagglomeration"].idxmax()]
    positive = int((latest["coagglomeration"] > 0).sum())
    interval = "" if pd.isna(top["low"]) else f" ({level:.0%} interval {top['low']:.3f} to {top['high']:.3f})"
    compared = "the mean industry" if aggregate == "mean" else "all activity"
    if len(latest) == 1:
        how = "together more" if positive else "together no more"
        return (
            f"{top['industry_a']} and {top['industry_b']} are found {how} than {compared} would have it: "
            f"{top['coagglomeration']:.3f}{interval}."
        )
    return (
        f"Of {len(latest)} pairs of industries, {positive} {'is' if positive == 1 else 'are'} found together more than {compared} would have it. "
        f"The closest pair is {top['industry_a']} and {top['industry_b']}: {top['coagglomeration']:.3f}{interval}."
    )


def _fields(level: float) -> dict[str, Field]:
    return {
        "industry_a": Field("first industry"),
        "industry_b": Field("second industry"),
        "pair": Field("the two industries"),
        "group": Field("group of industries"),
        "year": Field("year; 0 = one unnamed period"),
        "coagglomeration": Field("how much they share places", "0 = unrelated", 4),
        "low": Field(f"lower end of the {level:.0%} interval: the plants drawn again", "", 4),
        "high": Field(f"upper end of the {level:.0%} interval", "", 4),
        "industries": Field("industries of the group with activity", "industries", 0),
        "undefined": Field("why the row has no index; empty = it has one"),
    }
