"""The hash of a table's content: the same cells in the same order, the same hash, however they are stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def of_content(table: pa.Table) -> str:
    """Return the SHA-256 of names, types and cells of a table."""
    seen = hashlib.sha256()
    for name, column in zip(table.column_names, table.columns, strict=True):
        seen.update(f"{name}\0{column.type}\0{len(column)}\0".encode())
        for part in _parts(column):
            seen.update(part)
    return seen.hexdigest()


def _parts(column: Any) -> list[Any]:
    whole = column.combine_chunks()
    absent = np.packbits(whole.is_null().to_numpy(zero_copy_only=False))
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        lengths = pc.binary_length(whole).fill_null(0).to_numpy(zero_copy_only=False).astype("<i8")  # type: ignore[attr-defined]
        bound = np.frombuffer(whole.buffers()[1], dtype=np.int32)[
            whole.offset : whole.offset + len(whole) + 1
        ]
        held = whole.buffers()[2]
        content = memoryview(held)[bound[0] : bound[-1]] if held is not None and len(whole) else b""
        if whole.null_count:
            content = b"".join(item for item in whole.cast(pa.binary()).to_pylist() if item is not None)
        return [absent, lengths, content]
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return [absent, np.ascontiguousarray(whole.fill_null(0).to_numpy(zero_copy_only=False))]
    return [absent, json.dumps([str(item) for item in whole.to_pylist()]).encode()]


def of_file(digest: str, reading: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a file's own SHA-256 and of how it was read."""
    said = json.dumps(reading, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(f"{digest}\0{said}".encode()).hexdigest()
