"""Input-output links of industries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from technopole.errors import EmptyTable, UnknownName, WrongOption
from technopole.kernels import input_output as kernel
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import Crosswalk, InputOutput


@member
def input_output_links(
    use: InputOutput,
    *,
    make: InputOutput | None = None,
    crosswalk: Crosswalk | None = None,
    digits: int | None = None,
    year: int | None = None,
    leave_out: Sequence[str] = ("T0", "V0"),
) -> Result:
    """How much two industries buy from and sell to each other.

        link[a, b] = max(F[a, b] / in[b],  F[b, a] / in[a],  F[a, b] / out[a],  F[b, a] / out[b])

        F[i, j] = sum_c (make[i, c] / sum_k make[k, c]) use[c, j]

    F = what industry i sells to industry j; in = all inputs an industry buys, out = all of its goods that is bought, final
    buyers included. So the shares are of all inputs and outputs, not only of those among the industries compared. Goods
    bought from abroad are in the use table, and so on both sides of each share; negative cells (imports, scrap) are no
    flows. The accounts are taken as they are: they aren't a sample, so there is no interval.

    Parameters
    ----------
    use : InputOutput
        Use table, rows = commodities (or selling industries), columns = buying industries and final buyers.
    make : InputOutput, optional
        Make table, rows = industries, columns = commodities; none = the rows of `use` are industries already.
    crosswalk : Crosswalk, optional
        Codes of the table -> codes of your industries. A code that belongs to several is parted equally, or by the
        crosswalk's `weight`; codes that belong to none still count as buyers and suppliers.
    digits : int, optional
        Keep the crosswalk's industries with codes of this length only.
    year : int, optional
        None = the last.
    leave_out : sequence of str
        Beginnings of codes that are totals or value added, and so neither inputs nor outputs (those of the U.S. Bureau
        of Economic Analysis).

    Returns
    -------
    Result
        industry_a, industry_b, year, input_output, input_a_from_b, input_b_from_a, output_a_to_b, output_b_to_a,
        undefined; `.strongest`: the 15 closest pairs.

    Raises
    ------
    EmptyTable
        The table has no rows or no industry.
    UnknownName
        No code of the table is in the crosswalk, or the year isn't there.

    References
    ----------
    Ellison, G., Glaeser, E. L. & Kerr, W. R. (2010). What causes industry agglomeration? Evidence from coagglomeration
    patterns. American Economic Review 100(3), 1195-1213. https://doi.org/10.1257/aer.100.3.1195
    Eurostat (2008). Manual of Supply, Use and Input-Output Tables, chapter 11 (model D: fixed product sales structure).

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> use = pd.DataFrame({"row": list("aabb"), "column": ["b", "F010", "a", "F010"], "value": [30, 70, 10, 40]})
    >>> tp.measures.input_output_links(use).table[["industry_a", "industry_b", "input_output"]].values.tolist()
    [['a', 'b', 1.0]]
    """
    last = _year(use, year)
    flows, codes = _flows(
        _cells(use, last, leave_out), None if make is None else _cells(make, last, leave_out)
    )
    warnings = [*use.warnings]
    if crosswalk is not None:
        weights, names, parted = _weights(crosswalk, codes, digits)
        flows, codes = kernel.moved(flows, weights), names
        if parted:
            warnings.append(f"{parted} codes belong to more than one industry and were parted among them")
    table = _pairs(flows, codes).assign(year=last)[list(_fields())[:-1]]
    undefined = int((table["undefined"] != "").sum())
    if undefined:
        warnings.append(f"{undefined} of {len(table)} pairs have neither inputs nor outputs: see undefined")
    top = table.nlargest(15, "input_output", keep="first")
    strongest = top.assign(pair=top["industry_a"] + " + " + top["industry_b"])
    return Result.of(
        table,
        text=_text(table, len(codes)),
        fields=_fields(),
        chart=Chart("ranking", {"label": "pair", "value": "input_output"}, "strongest"),
        warnings=warnings,
        strongest=strongest[["pair", "year", "input_output"]],
    )


def _year(use: InputOutput, year: int | None) -> int:
    if use.rows == 0:
        raise EmptyTable("the input-output table has no rows", where=use.source)
    years = sorted(use.expr.select("year").distinct().to_pyarrow()["year"].to_pylist())
    if year is not None and year not in years:
        raise UnknownName("the input-output table has no such year", value=year, exists=years)
    return years[-1] if year is None else year


def _cells(table: InputOutput, year: int, leave_out: Sequence[str]) -> pd.DataFrame:
    """Return the cells of the year, or of the unnamed one, without totals and value added, in order."""
    expr = table.expr
    cells = (
        expr.filter(expr.year.isin([year, 0]))
        .order_by(["row", "column"])
        .select("row", "column", "value")
        .to_pyarrow()
        .to_pandas()
    )
    out = tuple(leave_out)
    kept = ~cells["row"].str.startswith(out) & ~cells["column"].str.startswith(out) & cells["value"].notna()
    if not kept.any():
        raise EmptyTable("the input-output table has no cells that aren't totals", where=table.source)
    return cells[kept].astype({"value": "float64"})


def _flows(use: pd.DataFrame, make: pd.DataFrame | None) -> tuple[kernel.Flows, pd.Index]:
    """Return the flows between industries, and their codes."""
    bought = use.pivot(index="row", columns="column", values="value").fillna(0.0).clip(lower=0.0)
    inputs = bought.sum()
    if make is not None:
        supply = make.pivot(index="row", columns="column", values="value").fillna(0.0)
        known = supply.columns.intersection(bought.index)
        made = kernel.by_makers(supply[known].to_numpy(), bought.loc[known].to_numpy())
        bought = pd.DataFrame(made, supply.index, bought.columns)
    codes = bought.index.intersection(bought.columns).sort_values()
    if codes.empty:
        raise EmptyTable(
            "no code of the input-output table is both a seller and a buyer",
            exists=bought.index,
            fix="give make=, or a table of industries by industries",
        )
    outputs = bought.loc[codes].sum(axis=1)
    return kernel.Flows(
        bought.loc[codes, codes].to_numpy(), inputs[codes].to_numpy(), outputs.to_numpy()
    ), codes


def _weights(crosswalk: Crosswalk, codes: pd.Index, digits: int | None) -> tuple[np.ndarray, pd.Index, int]:
    """Return codes x industries, the industries, and how many codes were parted."""
    there = [name for name in ("code", "industry", "weight") if name in crosswalk.columns]
    rows = crosswalk.expr.select(*there).to_pyarrow().to_pandas().dropna(subset="industry")
    if digits is not None:
        rows = rows[rows["industry"].str.len() == digits]
    rows = rows[rows["code"].isin(codes)].drop_duplicates().sort_values(["code", "industry"])
    if rows.empty:
        raise UnknownName(
            "no code of the input-output table leads to an industry",
            value=f"digits={digits}" if digits is not None else None,
            where=crosswalk.source,
            exists=codes,
        )
    weight = rows["weight"] if "weight" in rows else pd.Series(1.0, rows.index)
    if weight.isna().any() or (weight.groupby(rows["code"]).sum() <= 0).any():
        raise WrongOption(
            "every code of the crosswalk needs weights that add up to more than 0", where=crosswalk.source
        )
    wide = rows.assign(weight=weight).pivot_table(
        index="code", columns="industry", values="weight", aggfunc="sum"
    )
    parts = wide.div(wide.sum(axis=1), axis=0).fillna(0.0)
    parted = int(((parts > 0).sum(axis=1) > 1).sum())
    return parts.reindex(codes, fill_value=0.0).to_numpy(), parts.columns, parted


def _pairs(flows: kernel.Flows, codes: pd.Index) -> pd.DataFrame:
    of_inputs, of_outputs = kernel.shares(flows)
    a, b = np.triu_indices(len(codes), 1)
    four = np.column_stack([of_inputs[b, a], of_inputs[a, b], of_outputs[a, b], of_outputs[b, a]])
    known = ~np.isnan(four).all(axis=1)
    names = codes.to_numpy(dtype=object)
    table = pd.DataFrame({"industry_a": names[a], "industry_b": names[b]})
    table["input_output"] = np.nanmax(four, axis=1, initial=-np.inf, where=~np.isnan(four))
    table.loc[~known, "input_output"] = np.nan
    table[["input_a_from_b", "input_b_from_a", "output_a_to_b", "output_b_to_a"]] = four
    table["undefined"] = np.where(known, "", "neither industry buys or sells anything")
    order = table.assign(last=table["undefined"] != "").sort_values(
        ["last", "industry_a", "industry_b"], kind="stable"
    )
    return order.drop(columns="last").reset_index(drop=True)


def _text(table: pd.DataFrame, industries: int) -> str:
    defined = table[table["undefined"] == ""]
    if defined.empty:
        return "There is no pair of industries that buy or sell."
    top = defined.nlargest(1, "input_output", keep="first").iloc[0]
    return (
        f"Of {len(defined):,} pairs of {industries} industries, {top['industry_a']} and {top['industry_b']} have the closest "
        f"link by goods: {top['input_output']:.1%} of the inputs or outputs of one of them go between the two. "
        f"For half of the pairs it is at most {defined['input_output'].median():.2%}."
    )


def _fields() -> dict[str, Field]:
    return {
        "industry_a": Field("first industry"),
        "industry_b": Field("second industry"),
        "year": Field("year of the accounts; 0 = one unnamed period"),
        "input_output": Field(
            "largest of the four shares; from accounts, so without an interval", "share", 4
        ),
        "input_a_from_b": Field("share of the first industry's inputs that the second sells", "share", 4),
        "input_b_from_a": Field("share of the second industry's inputs that the first sells", "share", 4),
        "output_a_to_b": Field("share of the first industry's outputs that the second buys", "share", 4),
        "output_b_to_a": Field("share of the second industry's outputs that the first buys", "share", 4),
        "undefined": Field("why the pair has no link; empty = it has one"),
        "pair": Field("the two industries"),
    }
