"""What all tables share: checked columns on the relational engine, and the hash of what came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import pandas as pd
import pyarrow as pa

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
        source: str = "frame",
    ) -> Self:
        """Check a frame (anything that speaks Arrow) as this table; files are read by `tp.read_<table>`.

        Raises
        ------
        BadInput
            With every problem found, by row, column and value.
        """
        from technopole.tables.validation import validate

        return validate(cls, frame, columns=columns or {}, crs=crs, year=year, source=source)

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
                    fix=f"map yours: columns={{{name!r}: 'your column'}}",
                )

    def to_arrow(self) -> pa.Table:
        """Return the whole table as Arrow."""
        return self.expr.to_pyarrow()

    def to_pandas(self) -> pd.DataFrame:
        """Return the whole table as a pandas DataFrame."""
        return self.to_arrow().to_pandas()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.rows} rows from {self.source}: {', '.join(self.columns)})"
