"""The only place that writes files: to a temporary name, synced, then renamed. A reader never sees half a file."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from technopole.errors import StoreError


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(
            "can't write into it: a file has this name, not a folder",
            value=Path(error.filename or path).name,
            where=str(path.parent),
            fix="choose another folder with --out",
        ) from error
    except OSError as error:
        raise StoreError(
            f"can't write: {error.strerror or error}",
            value=path.name,
            where=str(path.parent),
            fix="check the folder's permissions and the free disk space, or choose another folder with --out",
        ) from error


def folder(path: str | Path) -> Path:
    """Make a folder (with its parents) and return it."""
    path = Path(path)
    with _explained(path):
        path.mkdir(parents=True, exist_ok=True)
    return path


def write(path: str | Path, fill: Callable[[Path], None]) -> Path:
    """Let `fill` write a temporary file beside `path`, sync it, and rename it to `path`."""
    path = Path(path)
    folder(path.parent)
    with _explained(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        try:
            fill(temporary)
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
    return path


def write_text(path: str | Path, text: str) -> Path:
    """Write UTF-8 text with newline line ends."""
    return write(path, lambda temporary: _put(temporary, text.encode()))


def write_json(path: str | Path, value: Any) -> Path:
    """Write JSON: sorted keys, UTF-8 kept readable, no NaN."""
    return write_text(
        path, json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n"
    )


def write_parquet(path: str | Path, table: pa.Table) -> Path:
    """Write a Parquet file (zstd)."""
    return write(path, lambda temporary: pq.write_table(table, temporary, compression="zstd"))


def move(path: str | Path, to: str | Path) -> None:
    """Rename a file; one that has the new name already is replaced."""
    with _explained(Path(path)):
        Path(path).replace(to)


def remove(path: str | Path) -> None:
    """Remove a file, if it is there."""
    with _explained(Path(path)):
        Path(path).unlink(missing_ok=True)


def _put(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
