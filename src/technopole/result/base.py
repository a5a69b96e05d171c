"""What every analysis returns: a frozen table with its words, units, citation and provenance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from technopole import charts, writing

ROWS_OF_FIRMS = "one row per firm and year: for estimating from, not for release"


@dataclass(frozen=True, slots=True)
class Field:
    """A result column in words: what it means, its unit, and how many decimals to show."""

    meaning: str
    unit: str = ""
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Which chart shows this result: a name in `technopole.charts`, its options, and the table it is drawn from."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    of: str = "table"


@dataclass(frozen=True, slots=True)
class Input:
    """One table that went in: which parameter, what it was called, how many rows, and the hash of its content."""

    parameter: str
    source: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who computed what from what: enough to compute it again. No time and no path: the same run, the same bytes."""

    version: str
    function: str
    arguments: Mapping[str, Any]
    inputs: tuple[Input, ...]
    seed: int | None


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Result:
    """A finished analysis. Make one with `Result.of`; the member decorator adds citation and provenance.

    Attributes
    ----------
    frames : mapping of str to DataFrame
        ``"table"`` and any further tables, also reachable as attributes (``result.summary_table``).
    fields : mapping of str to Field
        Meaning and unit of each column.
    warnings : tuple of str
        What was dropped, filled or undefined, and how many.
    citation : str
        What to cite for the method.
    provenance : Provenance or None
        Version, function, arguments, inputs and seed.
    """

    kind: ClassVar[str] = "result"

    frames: Mapping[str, pd.DataFrame]
    text: str
    fields: Mapping[str, Field]
    chart: Chart | None = None
    warnings: tuple[str, ...] = ()
    citation: str = ""
    provenance: Provenance | None = None

    @classmethod
    def of(
        cls,
        table: pd.DataFrame,
        *,
        text: str,
        fields: Mapping[str, Field],
        chart: Chart | None = None,
        warnings: Sequence[str] = (),
        **parts: pd.DataFrame,
    ) -> Self:
        """Build a result from its main table, a text of up to three sentences, and named further tables."""
        frames = {"table": table, **parts}
        tidy = {name: frame.reset_index(drop=True) for name, frame in frames.items()}
        return cls(frames=tidy, text=text, fields=dict(fields), chart=chart, warnings=tuple(warnings))

    @property
    def table(self) -> pd.DataFrame:
        """The main table; changing it doesn't change the result."""
        return self.frames["table"].copy(deep=False)

    @property
    def confidential(self) -> bool:
        """Whether the main table has a row per firm and so isn't for release: reports show another of its tables."""
        return ROWS_OF_FIRMS in self.warnings

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Result) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name not in self.frames:
            raise AttributeError(f"this result has the tables {', '.join(self.frames)}; no {name!r}")
        return self.frames[name].copy(deep=False)

    def summary(self) -> str:
        """Say what was found, in sentences that need no statistics."""
        return self.text

    def plot(self, **options: Any) -> Any:
        """Return the result's Altair chart (nothing is shown by itself), or None where a table says it all."""
        if self.chart is None:
            return None
        draw = getattr(charts, self.chart.name)
        return draw(self.frames[self.chart.of], **{**self.chart.options, **options})

    def to_arrow(self) -> pa.Table:
        """Return the main table as Arrow (geometry as WKB)."""
        return _arrow(self.frames["table"])

    def with_provenance(self, provenance: Provenance, citation: str) -> Self:
        """Return the same result, signed."""
        return replace(self, provenance=provenance, citation=citation)

    def _description(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "fields": {name: asdict(item) for name, item in self.fields.items()},
            "chart": asdict(self.chart) if self.chart else None,
            "warnings": list(self.warnings),
            "citation": self.citation,
            "provenance": asdict(self.provenance) if self.provenance else None,
            "frames": list(self.frames),
            **({"kind": self.kind} if self.kind != "result" else {}),
        }

    @property
    def digest(self) -> str:
        """SHA-256 over every table's CSV and the description: equal digests, equal results."""
        seen = hashlib.sha256(json.dumps(self._description(), sort_keys=True).encode())
        for name in self.frames:
            seen.update(name.encode() + b"\0" + _csv(self.frames[name]).encode())
        return seen.hexdigest()

    def save(self, path: str | Path) -> Path:
        """Write the result as a folder: one Parquet and one CSV per table, then ``result.json``, which makes it whole."""
        path = writing.folder(path)
        for name, frame in self.frames.items():
            writing.write_parquet(path / f"{name}.parquet", _arrow(frame))
            writing.write_text(path / f"{name}.csv", _csv(frame))
        writing.write_json(path / "result.json", {**self._description(), "digest": self.digest})
        return path


def _arrow(frame: pd.DataFrame) -> pa.Table:
    if isinstance(frame, gpd.GeoDataFrame):
        return pa.table(frame.to_arrow(index=False))
    return pa.Table.from_pandas(frame, preserve_index=False)


def _csv(frame: pd.DataFrame) -> str:
    if isinstance(frame, gpd.GeoDataFrame):
        frame = pd.DataFrame(frame.to_wkt())
    return frame.to_csv(index=False, lineterminator="\n")
