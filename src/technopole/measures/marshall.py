"""Marshall's forces behind coagglomeration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from technopole.errors import EmptyTable, UnknownName, WrongOption
from technopole.measures import _pair_model
from technopole.measures.coagglomeration import coagglomeration
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Activity, Establishments, Links, Sector

FORCES = {"input_output": "goods", "labour": "workers", "knowledge": "ideas"}


@member
def marshall(
    table: Activity | Establishments,
    *,
    links: Links | Result,
    controls: Sequence[str] = (),
    sector: Sector | None = None,
    year: int | None = None,
    value: str = "employment",
    aggregate: Literal["mean", "total"] = "mean",
    errors: Literal["dyadic_jackknife", "dyadic", "bootstrap", "robust", "classical"] = "dyadic_jackknife",
    replications: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Which of Marshall's forces - goods, workers, ideas - go with industries being found in the same places?

        c[i, j] = a + sum_f b[f] link[f, i, j] + e[i, j]        over pairs of industries i < j

        share[f] = mean over orders of entry of R2(those before and f) - R2(those before), over R2

    c = coagglomeration, link = what ties the two industries, both in standard deviations over the pairs: b[f] is the change
    of c in its standard deviations with one more standard deviation of link f, the other links held. Pairs that share an
    industry aren't independent: by default the standard errors leave out each industry in turn (dyadic jackknife),
    with Student's t of the number of industries less one. The shares part the explained variance; their interval is
    from drawing the industries again. This is association: industries may also trade because they are neighbours.

    Parameters
    ----------
    table : Activity or Establishments
        The places together are the nation; coagglomeration is computed from it.
    links : Links or Result
        A row per pair: ``input_output``, ``labour``, ``knowledge``, any or all. A pair given in both directions has the
        larger value. The result of `input_output_links` is such a table. Forces it hasn't are named as missing.
    controls : sequence of str
        Further columns of `links` to hold, such as coagglomeration expected from natural advantages.
    sector : Sector, optional
        Only the industries of this sector (the paper: manufacturing), compared with each other; none = all.
    year : int, optional
        None = the last.
    value : str
        What is counted.
    aggregate : {"mean", "total"}
        What an industry's places are compared with: see `coagglomeration`.
    errors : {"dyadic_jackknife", "dyadic", "bootstrap", "robust", "classical"}
        Standard errors. ``"dyadic"`` is the sandwich of Aronow, Samii and Assenova (too small below about 80
        industries); ``"bootstrap"`` draws the industries again; ``"robust"`` (HC1) and ``"classical"`` take pairs as independent.
    replications : int
        Times the industries are drawn again.
    level : float
        Confidence level of the intervals, in (0, 1).
    seed : int
        Of drawing the industries.

    Returns
    -------
    Result
        force, year, coefficient, std_error, low, high, p_value, share, share_low, share_high, n_pairs, undefined, all
        links together; `.univariate`: the same of each link alone, with r_squared; `.model`: r_squared, its interval,
        n_pairs, n_industries. A force that isn't in `links` has a row that says so.

    Raises
    ------
    EmptyTable
        No pair has coagglomeration and all links.
    UnknownName
        A control that `links` hasn't, or a year that the table hasn't.

    References
    ----------
    Ellison, G., Glaeser, E. L. & Kerr, W. R. (2010). What causes industry agglomeration? Evidence from coagglomeration
    patterns. American Economic Review 100(3), 1195-1213. https://doi.org/10.1257/aer.100.3.1195
    Aronow, P. M., Samii, C. & Assenova, V. A. (2015). Cluster-robust variance estimation for dyadic data. Political
    Analysis 23(4), 564-577. https://doi.org/10.1093/pan/mpv018
    MacKinnon, J. G., Nielsen, M. Ø. & Webb, M. D. (2024). Jackknife inference with two-way clustering. arXiv:2406.08880.
    Lindeman, R. H., Merenda, P. F. & Gold, R. Z. (1980). Introduction to Bivariate and Multivariate Analysis. Scott,
    Foresman, Glenview (the shares).

    Examples
    --------
    >>> import itertools, numpy as np, pandas as pd, technopole as tp
    >>> random = np.random.default_rng(0)
    >>> cells = pd.DataFrame(itertools.product("ABCDEFGH", "ijklmn"), columns=["place", "industry"])
    >>> jobs = cells.assign(employment=random.integers(1, 90, len(cells)))
    >>> pairs = pd.DataFrame(itertools.combinations("ijklmn", 2), columns=["industry_a", "industry_b"])
    >>> links = pairs.assign(input_output=random.uniform(size=len(pairs)))
    >>> tp.measures.marshall(jobs, links=links).table[["force", "n_pairs"]].values.tolist()
    [['input_output', 15], ['knowledge', 0], ['labour', 0]]
    """
    if not 0 < level < 1:
        raise WrongOption("level is a share between 0 and 1", value=level)
    if replications < 1:
        raise WrongOption("drawing again takes at least one replication", value=replications)
    tied, said = _tied(
        Links.of(links.table, source="links") if isinstance(links, Result) else links, controls
    )
    chosen = _chosen(table, sector, year)
    found = coagglomeration(chosen, value=value, aggregate=aggregate)
    together = found.table[found.table["undefined"] == ""]
    names = [name for name in tied.columns if name not in ("industry_a", "industry_b")]
    every = _ordered(together).merge(tied, on=["industry_a", "industry_b"])
    pairs = every.dropna(subset=names).sort_values(["industry_a", "industry_b"], ignore_index=True)
    model = _pair_model.Model(errors, replications, level, seed)
    if pairs.empty:
        raise EmptyTable(
            "no pair of industries of the table has all links",
            where=", ".join(names),
            exists=sorted({*tied["industry_a"], *tied["industry_b"]}),
            fix="use the same industry codes in both tables",
        )
    estimated = _pair_model.estimate(pairs, names, model)
    absent = [force for force in FORCES if force not in names]
    period = int(together["year"].max())
    rows = _with_absent(estimated.together, absent).assign(year=period)[_COLUMNS]
    left = len(together) - len(pairs)
    warnings = [*(item for item in found.warnings if not item.startswith("no intervals")), *said]
    if left:
        warnings.append(f"{left} of {len(together)} pairs have not all links and were left out")
    if absent:
        warnings.append(f"not estimated, since no such links were given: {', '.join(absent)}")
    return Result.of(
        rows,
        text=_text(rows, estimated.model.iloc[0], absent, level),
        fields=_fields(level, errors, replications),
        chart=Chart("ranking", {"label": "force", "value": "coefficient", "reference": 0.0}),
        warnings=warnings,
        univariate=_last(estimated.alone.assign(year=period).reindex(columns=_ALONE)),
        model=estimated.model.assign(year=period)[_MODEL],
    )


_COLUMNS = [
    "force", "year", "coefficient", "std_error", "low", "high", "p_value", "share", "share_low", "share_high",
    "n_pairs", "undefined",
]  # fmt: skip
_ALONE = [*_COLUMNS[:7], "r_squared", "n_pairs", "undefined"]
_MODEL = ["year", "r_squared", "r_squared_low", "r_squared_high", "n_pairs", "n_industries"]


def _chosen(
    table: Activity | Establishments, sector: Sector | None, year: int | None
) -> Activity | Establishments:
    """Return the rows of one year, and of the sector's industries."""
    if table.rows == 0:
        raise EmptyTable("the table has no rows", where=table.source)
    table.require("industry", "year")
    expr = table.expr
    years = sorted(expr.select("year").distinct().to_pyarrow()["year"].drop_null().to_pylist())
    if year is not None and year not in years:
        raise UnknownName("the table has no such year", value=year, exists=years)
    expr = expr.filter(expr.year == (years[-1] if year is None else year))
    if sector is not None:
        codes = expr.select("industry").distinct().order_by("industry").to_pyarrow()["industry"].to_pylist()
        belonging = list(sector.weights(code for code in codes if code is not None))
        if not belonging:
            raise UnknownName(
                "no industry of the table belongs to the sector", value=sector.name, exists=codes
            )
        expr = expr.filter(expr.industry.isin(belonging))
    rows = int(expr.count().to_pyarrow().as_py())
    return type(table)(
        expr, source=table.source, digest=table.digest, rows=rows, warnings=table.warnings, crs=table.crs
    )


def _tied(links: Links, controls: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Return one row per pair, first industry first, with its links, and what was said of it both ways round."""
    names = [force for force in FORCES if force in links.columns]
    links.require(*controls)
    kinds = links.expr.schema()
    wrong = [name for name in controls if name in FORCES or not kinds[name].is_numeric()]
    if wrong:
        raise WrongOption("a control is a further column of numbers", value=wrong[0], exists=links.columns)
    names += list(dict.fromkeys(controls))
    if not set(names) & set(FORCES):
        raise UnknownName("the links have none of Marshall's forces", where=links.source, exists=FORCES)
    rows = links.expr.select("industry_a", "industry_b", *names).to_pyarrow().to_pandas()
    rows = rows.astype(dict.fromkeys(names, "float64"))
    given = [name for name in names if rows[name].notna().any()]
    tied = _ordered(rows[rows["industry_a"] != rows["industry_b"]])
    pairs = tied.groupby(["industry_a", "industry_b"], as_index=False)[given]
    largest, least = pairs.max(), pairs.min()
    twice = int((largest[given] > least[given]).any(axis=1).sum())
    said = (
        [f"{twice:,} pairs have other links the other way round: the larger of both counts"] if twice else []
    )
    return largest, said


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the first industry of each pair first."""
    turn = rows["industry_a"] > rows["industry_b"]
    first, second = (
        rows["industry_a"].mask(turn, rows["industry_b"]),
        rows["industry_b"].mask(turn, rows["industry_a"]),
    )
    return rows.assign(industry_a=first, industry_b=second)


def _with_absent(rows: pd.DataFrame, absent: list[str]) -> pd.DataFrame:
    said = [
        {"force": force, "n_pairs": 0, "undefined": f"no links of {FORCES[force]} ({force}) were given"}
        for force in absent
    ]
    return _last(pd.concat([rows, pd.DataFrame(said)], ignore_index=True) if said else rows)


def _last(rows: pd.DataFrame) -> pd.DataFrame:
    order = rows.assign(last=rows["undefined"] != "").sort_values(["last", "force"], kind="stable")
    return order.drop(columns="last").reset_index(drop=True)


def _text(rows: pd.DataFrame, model: pd.Series, absent: list[str], level: float) -> str:
    defined = rows[(rows["undefined"] == "") & rows["force"].isin(FORCES)]
    if defined.empty:
        return "None of the links could be estimated: see the column undefined."
    said = "; ".join(
        f"{str(row['force']).replace('_', '-')} {row['coefficient']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})"
        for _, row in defined.sort_values("coefficient", ascending=False).iterrows()
    )
    left = (
        f" Not in it, for want of links: {' and '.join(absent)}, part of which the others may carry."
        if absent
        else ""
    )
    return (
        f"Over {model['n_pairs']:,.0f} pairs of {model['n_industries']:.0f} industries, one standard deviation more of a link "
        f"goes with this change of coagglomeration, in its standard deviations ({level:.0%} interval): {said}. "
        f"Together the links explain {model['r_squared']:.1%} of its variance; this shows association, not cause.{left}"
    )


def _fields(level: float, errors: str, replications: int) -> dict[str, Field]:
    spread = f"{level:.0%} interval, industries drawn again {replications} times"
    return {
        "force": Field(
            "link between industries: input_output = goods, labour = workers, knowledge = ideas, or a control"
        ),
        "year": Field("year; 0 = one unnamed period"),
        "coefficient": Field(
            "change of coagglomeration with one more standard deviation", "standard deviations", 3
        ),
        "std_error": Field(f"standard error ({errors.replace('_', ' ')})", "standard deviations", 3),
        "low": Field(f"lower end of the {level:.0%} interval", "standard deviations", 3),
        "high": Field(f"upper end of the {level:.0%} interval", "standard deviations", 3),
        "p_value": Field("of no association, two-sided", "", 4),
        "share": Field("share of the explained variance, averaged over orders of entry", "share", 3),
        "share_low": Field(f"lower end of the {spread}", "share", 3),
        "share_high": Field(f"upper end of the {spread}", "share", 3),
        "r_squared": Field("variance of coagglomeration that is explained", "share", 3),
        "r_squared_low": Field(f"lower end of the {spread}", "share", 3),
        "r_squared_high": Field(f"upper end of the {spread}", "share", 3),
        "n_pairs": Field("pairs of industries", "pairs", 0),
        "n_industries": Field("industries", "industries", 0),
        "undefined": Field("why the row has no estimate; empty = it has one"),
    }
