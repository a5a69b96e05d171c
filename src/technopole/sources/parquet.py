"""Parquet and GeoParquet."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from technopole.errors import UnreadableFile
from technopole.sources.files import Source, sha256
from technopole.sources.request import Request
from technopole.tables.checking.raw import Raw


def read(source: Source, _request: Request) -> Raw:
    """Point at a Parquet file; its columns are read when they are checked."""
    try:
        with pq.ParquetFile(source.path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            file.read_row_group(0, columns=[0]) if rows and schema.names else None
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UnreadableFile(
            "the Parquet file is damaged or cut short",
            value=source.name,
            where=str(error).splitlines()[0][:160],
            fix="export or download it again",
        ) from error
    return Raw(
        data=source.path,
        names=schema.names,
        file=source.name,
        crs=_crs(schema.metadata or {}),
        digest=sha256(source.path),
    )


def _crs(metadata: dict[bytes, bytes]) -> str | None:
    if b"geo" not in metadata:
        return None
    said: dict[str, Any] = json.loads(metadata[b"geo"])
    column = said.get("columns", {}).get(said.get("primary_column", ""), {})
    if "crs" not in column:
        return "EPSG:4326"
    return json.dumps(column["crs"]) if column["crs"] else None
