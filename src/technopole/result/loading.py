"""Reads what `Result.save` wrote: the same result, of the same kind, or an error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from technopole.errors import UnreadableFile
from technopole.result.base import Chart, Field, Input, Provenance, Result
from technopole.result.check import CheckResult
from technopole.result.effect import EffectResult
from technopole.result.verdict import Verdict

KINDS = {kind.kind: kind for kind in (Result, EffectResult, CheckResult, Verdict)}


def load_result(path: str | Path) -> Result:
    """Read a result that `Result.save` wrote.

    Raises
    ------
    UnreadableFile
        Where the folder holds no whole result, or its tables were changed since.
    """
    path = Path(path)
    try:
        said = json.loads((path / "result.json").read_text(encoding="utf-8"))
        frames = {name: _frame(path / f"{name}.parquet") for name in said["frames"]}
        source: dict[str, Any] | None = said["provenance"]
        result = KINDS[said.get("kind", "result")](
            frames=frames,
            text=said["text"],
            fields={name: Field(**item) for name, item in said["fields"].items()},
            chart=Chart(**said["chart"]) if said["chart"] else None,
            warnings=tuple(said["warnings"]),
            citation=said["citation"],
            provenance=_provenance(source) if source else None,
        )
        digest = said["digest"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException) as error:
        raise UnreadableFile(
            "no whole result in this folder",
            value=path.name,
            where=str(path),
            fix="give the folder that --out or Result.save wrote (it holds result.json), or run the study again",
        ) from error
    if result.digest != digest:
        raise UnreadableFile(
            "the tables of this result were changed after it was written",
            value=path.name,
            where=str(path),
            fix="run the study again, or keep your changes under another name",
        )
    return result


def _provenance(said: dict[str, Any]) -> Provenance:
    inputs = tuple(Input(**item) for item in said.pop("inputs"))
    return Provenance(**said, inputs=inputs)


def _frame(path: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    geometric = any(b"geoarrow" in (f.metadata or {}).get(b"ARROW:extension:name", b"") for f in schema)
    if geometric:
        return gpd.GeoDataFrame.from_arrow(pq.read_table(path))
    return pq.read_table(path).to_pandas()
