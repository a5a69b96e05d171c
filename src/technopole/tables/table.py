"""What all tables share: checked columns on the relational engine, and the hash of what came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import pandas as pd
import pyarrow as pa

from technopole import engine
from technopole.engine import Expr
from technopole.errors import MissingColumn
from technopole.tables.schema import Schema


class Table:
    """A checked table. Its data live in the engine; `expr` is the Ibis expression to compute with.

    Attributes
    ----------
    expr : ibis Table
        Standard columns with their types: codes are text, years int64 (0 = one unnamed period), numbers int64 or float64.
    source : str
        File name or "frame", for provenance; never a path.
    digest : str
        SHA-256 of what came in.
    rows : int
    warnings : tuple of str
        What reading changed, filled or left out.
    crs : str or None
        Coordinate reference of x, y or geometry: "EPSG:4326", "planar-km", ...
    """

    schema: ClassVar[Schema]

    def __init__(
        self,
        expr: Expr,
        *,
        source: str,
        digest: str,
        rows: int,
        warnings: Sequence[str] = (),
        crs: str | None = None,
    ) -> None:
        self.expr, self.source, self.digest, self.rows = expr, source, digest, rows
        self.warnings, self.crs = tuple(warnings), crs

    @classmethod
    def of(
        cls,
        frame: Any,
        *,
        columns: Mapping[str, str] | None = None,
        crs: str | None = None,
        year: int | None = None,
        pad: Mapping[str, int] | None = None,
        decimal: Literal[".", ","] | None = None,
        source: str = "frame",
    ) -> Self:
        """Check a frame (anything that speaks Arrow) as this table; files are read by `tp.read_<table>`.

        Parameters
        ----------
        frame
            pandas, GeoPandas, Polars, Arrow, Ibis, a DuckDB relation, or a dict of columns.
        columns : mapping of str to str, optional
            Standard name -> your column. What isn't mapped is taken by its standard name; others are kept.
        crs : str, optional
            Reference system of x, y or geometry: an EPSG code, or "planar-km".
        year : int, optional
            The year of a table without a year column; of one with it, the rows to keep.
        pad : mapping of str to int, optional
            Column -> number of digits, for codes that lost their leading zeros.
        decimal : {".", ","}, optional
            The decimal sign of numbers in text, where it can't be told from them.
        source : str
            What to call the table in messages and provenance.

        Raises
        ------
        BadInput
            With every problem found, by row, column and value.
        MissingColumn
            A column the table needs isn't there.
        """
        from technopole.tables.checking.raw import from_frame
        from technopole.tables.checking.validation import Options, validate

        options = Options(columns=columns or {}, crs=crs, year=year, pad=pad or {}, decimal=decimal)
        return validate(cls, from_frame(frame, source), options)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns there are."""
        return tuple(self.expr.columns)

    def require(self, *names: str) -> None:
        """Raise `MissingColumn` unless all these columns are there."""
        for name in names:
            if name not in self.expr.columns:
                raise MissingColumn(
                    f"this {self.schema.name} table has no column",
                    value=name,
                    where=self.source,
                    exists=self.columns,
                    fix=self.advice(name),
                )

    def advice(self, *names: str) -> str:
        """Say how to map these standard columns, with a guess among the columns that are none."""
        from technopole.tables.checking.names import OTHERS_SAY, guess, mapping

        if not any(name in self.schema or name in OTHERS_SAY for name in names):
            near = [other for name in names for other in guess(name, self.columns)]
            return f"is it {' or '.join(map(repr, near))}?" if near else "name one of these columns"
        others = [column for column in self.columns if column not in self.schema]
        likely = [(guess(name, others) or ["your column"])[0] for name in names]
        return f"map yours: {'; '.join(map(mapping, names, likely))}"

    def to_arrow(self) -> pa.Table:
        """Return the whole table as Arrow."""
        with engine.alone:
            return self.expr.to_pyarrow()

    def to_pandas(self) -> pd.DataFrame:
        """Return the whole table as a pandas DataFrame."""
        return self.to_arrow().to_pandas()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.rows} rows from {self.source}: {', '.join(self.columns)})"
