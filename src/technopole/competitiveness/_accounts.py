"""One year of input-output accounts as arrays: coefficients at home and abroad, value added, exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from technopole.errors import EmptyTable, UnknownName
from technopole.kernels.domestic_content import domestic_share
from technopole.kernels.input_output import by_makers
from technopole.tables import InputOutput

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Codes:
    """Which codes of the table are what."""

    exports: tuple[str, ...]
    value_added: tuple[str, ...]
    taxes: tuple[str, ...]
    imports: tuple[str, ...]
    leave_out: tuple[str, ...]

    @classmethod
    def of(cls, *given: str | Sequence[str]) -> Codes:
        """Take single codes and lists alike."""
        return cls(*((one,) if isinstance(one, str) else tuple(one) for one in given))

    @property
    def named(self) -> set[str]:
        """All codes that aren't industries."""
        return {*self.exports, *self.value_added, *self.taxes, *self.imports}


@dataclass(frozen=True, slots=True)
class Accounts:
    """Per unit of output: inputs `domestic[i, j]` that j buys from i, imported inputs, value added. In money: output and exports.

    `clipped` cells or goods have more imports than use, `backward` goods imports of the sign opposite to all others; `unmade` are exports
    of goods that no industry makes.
    """

    industries: pd.Index
    domestic: Array
    imported: Array
    value_added: Array
    output: Array
    exports: Array
    clipped: int
    backward: int
    unmade: float


def last_year(table: InputOutput, year: int | None) -> int:
    """Return the year asked for, or the last."""
    if table.rows == 0:
        raise EmptyTable("the input-output table has no rows", where=table.source)
    years = sorted(table.expr.select("year").distinct().to_pyarrow()["year"].to_pylist())
    if year is not None and year not in years:
        raise UnknownName("the input-output table has no such year", value=year, exists=years)
    return years[-1] if year is None else year


def accounts(
    table: InputOutput, codes: Codes, year: int, *, make: InputOutput | None, imported: InputOutput | None
) -> Accounts:
    """Read the accounts of one year.

    Raises
    ------
    EmptyTable
        No code is both a seller and a buyer.
    UnknownName
        A code that isn't there.
    """
    cells = _wide(table, year)
    _require(cells.columns, (*codes.exports, *codes.imports), "column", table.source)
    _require(cells.index, (*codes.value_added, *codes.taxes), "row", table.source)
    supply = None if make is None else _wide(make, year)
    industries = _industries(cells, supply, codes, table.source)
    goods = industries if supply is None else _goods(cells.index, codes)
    bought = _block(cells, goods, industries)
    added = cells.loc[list(codes.value_added), industries].sum().to_numpy("float64")
    output = bought.sum(axis=0) + added + cells.loc[list(codes.taxes), industries].sum().to_numpy("float64")
    makers = np.diag(output) if supply is None else _block(supply, industries, goods)
    abroad = cells.loc[goods, list(codes.exports)].sum(axis=1).to_numpy("float64")
    backward = 0
    if imported is not None:
        foreign = _block(_wide(imported, year), goods, industries)
        home, clipped = _at_home(bought, foreign)
    else:
        brought, backward = _brought(cells.loc[goods, list(codes.imports)].sum(axis=1).to_numpy("float64"))
        made = makers.sum(axis=0)
        home = bought * domestic_share(made, abroad, brought)[:, None]
        clipped = int((brought > np.maximum(made + brought - abroad, 0.0) * (1 + 1e-9)).sum())
    foreign_inputs = (bought - home).sum(axis=0)
    if supply is not None:
        home, by_maker = np.hsplit(by_makers(makers, np.column_stack([home, abroad])), [len(industries)])
        exports = by_maker[:, 0]
    else:
        exports = abroad
    per = np.divide(1.0, output, out=np.zeros_like(output), where=output > 0)
    unmade = float(abroad.sum() - exports.sum())
    return Accounts(
        industries, home * per, foreign_inputs * per, added * per, output, exports, clipped, backward, unmade
    )


def _brought(column: Array) -> tuple[Array, int]:
    """Imports by good as positive numbers, whichever sign the table gives them, and how many goods have the other sign.

    These are freight, insurance and duties, which the value of imported goods holds and this takes out again: nothing of them is imported.
    """
    signed = column if column.sum() > 0 else -column
    return np.maximum(signed, 0.0), int((signed < 0).sum())


def _wide(table: InputOutput, year: int) -> pd.DataFrame:
    """Return the cells of the year, or of the unnamed one; what isn't there is 0."""
    expr = table.expr
    rows = expr.filter(expr.year.isin([year, 0])).order_by(["row", "column"]).select("row", "column", "value")
    cells = rows.to_pyarrow().to_pandas().dropna(subset="value")
    return cells.pivot(index="row", columns="column", values="value").astype("float64").fillna(0.0)


def _require(there: pd.Index, codes: Sequence[str], kind: str, source: str) -> None:
    for code in codes:
        if code not in there:
            raise UnknownName(f"the input-output table has no {kind}", value=code, where=source, exists=there)


def _industries(cells: pd.DataFrame, supply: pd.DataFrame | None, codes: Codes, source: str) -> pd.Index:
    sellers = cells.index if supply is None else supply.index
    both = sellers.intersection(cells.columns)
    kept = both[~both.isin(codes.named) & ~both.str.startswith(codes.leave_out)].sort_values()
    if kept.empty:
        raise EmptyTable(
            "no code of the input-output table is both a seller and a buyer",
            where=source,
            exists=cells.index,
            fix="give make=, or a table of industries by industries",
        )
    return kept


def _goods(rows: pd.Index, codes: Codes) -> pd.Index:
    return rows[~rows.isin(codes.named) & ~rows.str.startswith(codes.leave_out)].sort_values()


def _block(cells: pd.DataFrame, rows: pd.Index, columns: pd.Index) -> Array:
    return cells.reindex(index=rows, columns=columns).fillna(0.0).to_numpy("float64")


def _at_home(bought: Array, foreign: Array) -> tuple[Array, int]:
    """What is bought less what of it is imported; not below 0 where something is bought."""
    over = foreign > np.maximum(bought, 0.0) * (1 + 1e-9)
    return np.where(over, np.minimum(bought, 0.0), bought - foreign), int(over.sum())
