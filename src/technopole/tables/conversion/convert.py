"""Tables converted from one classification to another: values divided by weights and added up, what is lost said."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from technopole import engine
from technopole.engine import sql
from technopole.errors import EmptyTable, MissingColumn, WrongOption
from technopole.tables.activity import Activity
from technopole.tables.conversion.added import added
from technopole.tables.conversion.chain import shortest
from technopole.tables.conversion.concordance import Concordance, Rule, concordance, summed
from technopole.tables.conversion.noticed import notes, noticed, refuse_unknown
from technopole.tables.patents import Patents
from technopole.tables.table import Table
from technopole.tables.trade import Trade

T = TypeVar("T", Trade, Activity, Patents)

# Noun -> its column of codes.
CODES = {"trade": "product", "activity": "industry", "patents": "technology"}


@dataclass(frozen=True, slots=True, eq=False)
class Conversion(Generic[T]):
    """A converted table, and what became of each code.

    Attributes
    ----------
    table : Trade, Activity or Patents
        The same kind of table in the new classification; its warnings hold `text`.
    report : pandas.DataFrame
        One row per code: `code`, `targets`, `outcome` (one, split, partly lost, lost), `mapped_share` (its weights added up),
        `value`, `mapped`, `lost`, `share` (of the table's total value) and `note` (how the code was read, or why it is lost).
    chain, sources : tuple of str
        The classifications on the way, and who published each step's table.
    weights, counted : str
        How codes were divided, and the value column that shares are shares of.
    warnings : tuple of str
        What looks wrong with the codes.
    """

    table: T
    report: pd.DataFrame = field(repr=False)
    chain: tuple[str, ...]
    sources: tuple[str, ...]
    weights: str
    counted: str
    warnings: tuple[str, ...]

    @property
    def mapped(self) -> float:
        """Share of the value that arrives."""
        return 1.0 - self.lost

    @property
    def split(self) -> float:
        """Share of the value in codes that go to several targets."""
        several = self.report[self.report["targets"] > 1]
        return float(several["share"].sum())

    @property
    def lost(self) -> float:
        """Share of the value that has no target."""
        total = float(self.report["value"].sum())
        return float(self.report["lost"].sum()) / total if total else float("nan")

    @property
    def text(self) -> str:
        """The chain, the shares and what is lost most, in words."""
        gone = self.report[self.report["lost"] > 0].sort_values(["lost", "code"], ascending=[False, True])
        said = (
            f"{' -> '.join(self.chain)} (weights: {self.weights}): {_percent(self.mapped)} of {self.counted} is mapped, "
            f"{_percent(self.split)} is in codes split over several targets, {_percent(self.lost)} is lost."
        )
        if not len(gone):
            return said
        parts = gone["lost"].head(3) / self.report["value"].sum()
        worst = ", ".join(
            f"{code} ({_percent(part)})" for code, part in zip(gone["code"], parts, strict=False)
        )
        return f"{said} Lost most: {worst}; in all {len(gone):,} of {len(self.report):,} codes lose value."


def convert(
    table: T,
    *,
    from_: str,
    to: str,
    weights: Rule | Mapping[str, float] | Table = "main",
    through: Sequence[str] = (),
    digits: int | None = None,
    value: str | None = None,
) -> Conversion[T]:
    """Convert a table from one classification to another.

        y[c] = sum over a of w[a, c] x[a]        sum of x = sum of y + what is lost

    Values (of an activity or patents table all numbers, of a trade table value and quantity) are multiplied by the link's weight
    and added up. A cell is missing where any part of it is; known parts stay as its lower bound. Other columns stay where all
    rows that come together agree, and so does the quantity where they have one unit.

    Parameters
    ----------
    table : Trade, Activity or Patents
    from_, to : str
        Classifications, such as ``"HS-2007"`` and ``"NAICS-2017"``.
    weights : {"main", "equal"}, mapping of str to float, or Table
        See `concordance`; a table in the target classification stands for its values.
    through : sequence of str
        Classifications the chain has to pass.
    digits : int, optional
        Length that target codes are cut to.
    value : str, optional
        Value column that shares are counted by (and that a table of weights is read by); none = the first.

    Returns
    -------
    Conversion
        The table, the report by code, the chain and the shares mapped, split and lost.

    Raises
    ------
    UnknownName
        A classification that no concordance has, or none of the table's codes is in it.
    WrongOption, MissingColumn, EmptyTable
        A table that can't be converted, or a wrong option.

    Examples
    --------
    >>> import technopole as tp
    >>> cells = {"exporter": ["DEU", "DEU"], "product": ["901320", "900110"], "value": [30.0, 70.0]}
    >>> done = tp.convert(tp.read_trade(cells), from_="HS-2007", to="SITC-4")
    >>> done.table.to_pandas()[["product", "value"]].values.tolist()
    [['87192', 30.0], ['88419', 70.0]]
    """
    name = type(table).schema.name
    check_conversion(name, from_, to, through)
    if table.rows == 0:
        raise EmptyTable(f"the {name} table has no rows", where=table.source)
    values = _values(table)
    counted = _counted(table, value, values)
    given = _worth(weights, value) if isinstance(weights, Table) else weights
    found = concordance(from_, to, weights=given, through=through, digits=digits)
    frame = table.expr.order_by([sql._[column] for column in table.columns]).to_pyarrow().to_pandas()
    codes = frame[CODES[name]]
    links = found.of(codes)
    refuse_unknown(links, from_, table.source)
    report = _report(frame, CODES[name], counted, links, found)
    made = added(table, frame, CODES[name], values, links)
    warnings = noticed(codes, from_)
    if withheld := int(frame[counted].isna().sum()):
        warnings = (
            *warnings,
            f"{counted} is withheld in {withheld:,} {'row' if withheld == 1 else 'rows'}, and so in every cell that takes part of it",
        )
    done = Conversion(table, report, found.chain, found.sources, found.weights, counted, warnings)
    return Conversion(
        _remade(table, made, done, given, digits),
        report,
        found.chain,
        found.sources,
        found.weights,
        counted,
        warnings,
    )


def check_conversion(noun: str, from_: str, to: str, through: Sequence[str] = ()) -> None:
    """Raise `WrongOption` or `UnknownName` unless this kind of table can be converted and a chain leads there."""
    if noun not in CODES:
        raise WrongOption(
            "this kind of table can't be converted",
            value=noun,
            exists=CODES,
            fix="add it up to one of these first",
        )
    shortest(from_, to, through)


def _values(table: Trade | Activity | Patents) -> tuple[str, ...]:
    if isinstance(table, Activity):
        return tuple(name for name in table.values if name not in ("x", "y", "longitude", "latitude"))
    if isinstance(table, Trade):
        return tuple(name for name in ("value", "quantity") if name in table.columns)
    kinds = table.expr.schema()
    return tuple(
        name
        for name in table.columns
        if name not in table.schema.key and kinds[name].is_numeric() and not name.endswith(("_low", "_high"))
    )


def _counted(table: Table, value: str | None, values: Sequence[str]) -> str:
    chosen = value if value is not None else next(iter(values), "")
    if chosen not in values:
        raise MissingColumn(
            f"this {table.schema.name} table has no value",
            value=value,
            where=table.source,
            exists=values,
            fix="name one of these with value=",
        )
    return chosen


def _worth(table: Table, value: str | None) -> dict[str, float]:
    """Total value by code of a table that weights are made of."""
    name = table.schema.name
    if not isinstance(table, (Trade, Activity, Patents)):
        raise WrongOption("weights can't be made of this kind of table", value=name, exists=CODES)
    of = _counted(table, value if value in _values(table) else None, _values(table))
    worth = engine.ordered_sum(sql._[of].cast("float64"))
    totals = table.expr.group_by(CODES[name]).agg(worth=worth).order_by(CODES[name]).to_pyarrow()
    pairs = zip(totals[CODES[name]].to_pylist(), totals["worth"].to_pylist(), strict=True)
    return {code: float(worth) for code, worth in pairs if code is not None and worth is not None}


def _report(
    frame: pd.DataFrame, code: str, counted: str, links: pd.DataFrame, found: Concordance
) -> pd.DataFrame:
    by_code = summed(links).rename(columns={"mapped": "mapped_share"}).reset_index()
    values = frame[counted].astype("float64").fillna(0.0).groupby(frame[code]).sum()
    report = by_code.assign(value=values.reindex(by_code["code"]).to_numpy())
    report["mapped"] = report["value"] * report["mapped_share"]
    report["lost"] = report["value"] - report["mapped"]
    total = float(report["value"].sum())
    report["share"] = report["value"] / total if total else np.nan
    outcome = np.select(
        [report["targets"] == 0, report["mapped_share"] < 1, report["targets"] > 1],
        ["lost", "partly lost", "split"],
        "one",
    )
    report.insert(2, "outcome", outcome)
    return report.assign(note=notes(links, by_code["code"], found.chain[0]))


def _remade(
    table: T, made: pd.DataFrame, done: Conversion[T], weights: Rule | Mapping[str, float], digits: int | None
) -> T:
    said = weights if isinstance(weights, str) else sorted(weights.items())
    signed = hashlib.sha256(repr((table.digest, done.chain, said, digits)).encode()).hexdigest()
    engine.connection()
    return type(table)(
        sql.memtable(pa.Table.from_pandas(made, preserve_index=False)),
        source=table.source,
        digest=signed,
        rows=len(made),
        warnings=(*table.warnings, done.text, *done.warnings),
        crs=table.crs,
    )


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %" if share == share else "an unknown share"
