"""Value added at home in exports."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from technopole.competitiveness._accounts import Accounts, Codes, accounts, last_year
from technopole.errors import TechnopoleError, WrongOption
from technopole.kernels import domestic_content as kernel
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.tables import InputOutput


@member
def domestic_value_added(
    table: InputOutput,
    *,
    exports: str | Sequence[str],
    value_added: str | Sequence[str],
    taxes: str | Sequence[str] = (),
    imports: str | Sequence[str] = (),
    imported: InputOutput | None = None,
    make: InputOutput | None = None,
    year: int | None = None,
    leave_out: Sequence[str] = ("T0", "V0", "S009"),
) -> Result:
    """How much of the value of exports is made at home, industry by industry.

        DVAX = v' (I - A_d)^-1 e
        A_d[i, j] = d[i] z[i, j] / x[j],  d[i] = 1 - m[i] / (x[i] + m[i] - e[i])

    z = inputs, x = output (inputs, taxes on them, value added), v = value added per unit of output, e = exports, m = imports; (I - A_d)^-1 adds up all rounds
    of suppliers. Where the accounts don't tell imported inputs from domestic ones, d takes each product's imports to be the same share of
    every use but exports (Hummels, Ishii and Yi 2001). Where exporters process imported parts more than others do, that is too much value
    added at home. `imported_content` is their vertical specialisation. Accounts aren't a sample, so there is no interval.

    Parameters
    ----------
    table : InputOutput
        Rows = selling industries (or goods, with `make`) and value added; columns = buying industries, exports, imports.
    exports : str or sequence of str
        Columns of exports.
    value_added : str or sequence of str
        Rows of value added: the total, or its parts, not both.
    taxes : str or sequence of str
        Rows of taxes on inputs, where they are part of neither inputs nor value added.
    imports : str or sequence of str
        Columns of imports, of either sign, where the inputs hold imported goods too.
    imported : InputOutput, optional
        The inputs that are imported, where they are published; takes the place of `imports`.
    make : InputOutput, optional
        Rows = industries, columns = goods; none = rows of `table` are industries. A good comes from its makers in proportion to what they
        make of it.
    year : int, optional
        None = the last.
    leave_out : sequence of str
        Beginnings of codes that are neither industries nor goods (totals, value added and the rest-of-the-world adjustment of the U.S.
        Bureau of Economic Analysis).

    Returns
    -------
    Result
        industry, year, output, exports, domestic_value_added, direct, indirect, imported_content, other, share (of the exports),
        value_added_by_industry (of this industry, in the exports of all), undefined. `.total`: the sums.

    Raises
    ------
    EmptyTable
        No code is both a seller and a buyer, or there is no row.
    UnknownName
        A code or year that isn't there.
    WrongOption
        Both `imports` and `imported`.
    TechnopoleError
        The accounts have no solution: an industry needs more than it makes.

    References
    ----------
    Hummels, D., Ishii, J. & Yi, K.-M. (2001). The nature and growth of vertical specialization in world trade. Journal of International
    Economics 54(1), 75-96. https://doi.org/10.1016/S0022-1996(00)00093-3
    Miller, R. E. & Blair, P. D. (2009). Input-Output Analysis: Foundations and Extensions, 2nd ed. Cambridge University Press.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> cells = {"a": [0, 20, 80], "b": [40, 0, 60], "EX": [20, 30, 0], "IM": [0, -25, 0]}
    >>> wide = pd.DataFrame(cells, index=["a", "b", "VA"]).rename_axis("row").reset_index()
    >>> long = wide.melt("row", var_name="column")
    >>> found = tp.competitiveness.domestic_value_added(long, exports="EX", value_added="VA", imports="IM")
    >>> found.table[["industry", "share"]].round(4).values.tolist()
    [['a', 0.9441], ['b', 0.9776]]
    """
    codes = Codes.of(exports, value_added, taxes, imports, leave_out)
    if imported is not None and codes.imports:
        raise WrongOption(
            "imports come either as columns or as a table", value=codes.imports, fix="give one of them"
        )
    last = last_year(table, year)
    read = accounts(table, codes, last, make=make, imported=imported)
    try:
        content = kernel.content(read.domestic, read.imported, read.value_added, read.exports)
    except np.linalg.LinAlgError as error:
        raise TechnopoleError(
            "the accounts have no solution: some industry needs more inputs than it has output",
            where=table.source,
            fix="give value_added= all of its rows, and leave totals out with leave_out=",
        ) from error
    rows, total = _rows(read, content, last)
    warnings = [*_warnings(read, rows, not codes.imports and imported is None)]
    largest = rows[rows["exports"] > 0].nlargest(15, "exports", keep="first")
    return Result.of(
        rows,
        text=_text(rows, total.iloc[0], imported is None and bool(codes.imports)),
        fields=_fields(),
        chart=Chart(
            "ranking",
            {"label": "industry", "value": "share", "axis": "domestic value added, share of exports"},
            of="largest",
        ),
        warnings=warnings,
        total=total,
        largest=largest[["industry", "year", "exports", "share"]],
    )


def _rows(read: Accounts, content: kernel.Content, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    exports, known = read.exports, read.output > 0
    direct, all_rounds = read.value_added * exports, content.domestic * exports
    foreign = content.imported * exports
    other = exports - all_rounds - foreign
    rows = pd.DataFrame(
        {
            "industry": read.industries.to_numpy(dtype=object),
            "year": year,
            "output": read.output,
            "exports": exports,
            "domestic_value_added": all_rounds,
            "direct": direct,
            "indirect": all_rounds - direct,
            "imported_content": foreign,
            "other": np.where(np.abs(other) > 1e-9 * np.abs(exports), other, 0.0),
            "share": content.domestic,
            "value_added_by_industry": read.value_added * content.origin,
        }
    )
    numbers = list(rows.columns[4:])
    rows.loc[~known, numbers] = np.nan
    rows["undefined"] = np.where(known, "", "the industry has no output")
    money = [name for name in rows.columns[2:-1] if name != "share"]
    total = rows[money].sum().to_frame().T.assign(year=year)
    total["share"] = np.where(total["exports"] > 0, total["domestic_value_added"] / total["exports"], np.nan)
    order = rows.assign(last=~known).sort_values(["last", "industry"], kind="stable").drop(columns="last")
    return order.reset_index(drop=True), total[["year", *money, "share"]]


def _warnings(read: Accounts, rows: pd.DataFrame, closed: bool) -> list[str]:
    said: list[str] = []
    if closed:
        said.append(
            "no imports are named, so all inputs count as made at home: right only for a table of domestic flows"
        )
    if read.clipped:
        said.append(
            f"{read.clipped:,} goods or flows have more imports than are used (they are exported again): nothing of them counts as made at home"
        )
    if read.backward:
        said.append(
            f"{read.backward:,} goods have imports of the sign opposite to all others (freight, insurance and duties that the value of imported "
            "goods holds): nothing of them counts as imported"
        )
    if abs(read.unmade) > 1e-9 * max(read.exports.sum(), 1.0):
        said.append(f"exports of {read.unmade:,.6g} are of goods that no industry makes and are left out")
    empty = int((rows["undefined"] != "").sum())
    if empty:
        said.append(f"{empty:,} industries have no output: see undefined")
    return said


def _text(rows: pd.DataFrame, total: pd.Series, proportional: bool) -> str:
    if not total["exports"] > 0:
        return "The accounts have no exports."
    when = f"In {int(total['year'])}, " if total["year"] else ""
    top = rows[rows["exports"] > 0].nlargest(1, "exports", keep="first").iloc[0]
    guess = (
        " Imports are taken to be the same share of every use, which is too favourable where exports are assembled from imported parts."
        if proportional
        else ""
    )
    return (
        f"{when}{total['share']:.1%} of the value of exports was added at home: {total['direct'] / total['exports']:.1%} in the exporting "
        f"industries themselves and {total['indirect'] / total['exports']:.1%} at "
        f"their suppliers; {total['imported_content'] / total['exports']:.1%} was imported. "
        f"In the largest exporting industry, {top['industry']}, {top['share']:.1%} was added at home.{guess}"
    )


def _fields() -> dict[str, Field]:
    money = "currency of the table"
    return {
        "industry": Field("industry"),
        "year": Field("year of the accounts; 0 = one unnamed period"),
        "output": Field("gross output: inputs, taxes on them and value added", money, 0),
        "exports": Field("exports", money, 0),
        "domestic_value_added": Field(
            "value added at home in these exports, all rounds of suppliers", money, 0
        ),
        "direct": Field(
            "of that, in the exporting industry itself, without what it supplies to its suppliers", money, 0
        ),
        "indirect": Field("of that, at domestic suppliers", money, 0),
        "imported_content": Field(
            "imported inputs in these exports, all rounds (vertical specialisation)", money, 0
        ),
        "other": Field("neither: taxes on inputs, goods that no industry makes", money, 0),
        "share": Field("value added at home per unit of exports", "share", 3),
        "value_added_by_industry": Field(
            "value added of this industry in the exports of all industries", money, 0
        ),
        "undefined": Field("why there is no number; empty = there is one"),
    }
