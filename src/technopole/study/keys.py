"""What a result depends on, as one hash: code, libraries, call, arguments, and the content of all that goes in."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import technopole
from technopole.errors import UnreadableFile
from technopole.study.model import TableFile
from technopole.study.planning import Job, Name

# Libraries whose release can change a result; some come with an extra only.
LIBRARIES = (
    "duckdb",
    "ibis-framework",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "geopandas",
    "shapely",
    "numba",
    "libpysal",
    "diff-diff",
    "statsmodels",
    "scikit-learn",
)


@cache
def code() -> str:
    """SHA-256 over the package's files (its bundled studies left out: they are inputs) and the libraries' releases."""
    root = Path(technopole.__file__).parent
    studies = {file.parent for file in (root / "data").glob("*/study.toml")}
    seen = hashlib.sha256(platform.python_version().encode())
    for name in LIBRARIES:
        seen.update(f"{name} {_release(name)}\n".encode())
    for file in sorted(root.rglob("*")):
        own = not file.name.endswith((".pyc", ".nbi", ".nbc")) and not studies.intersection(file.parents)
        if file.is_file() and own:
            seen.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return seen.hexdigest()


def _release(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def of_table(name: str, table: TableFile, file: Path) -> str:
    """SHA-256 over a table's file (with its companions: a shapefile's parts, a folder's files) and how it is read."""
    files = [file]
    if file.is_dir():
        files = sorted(item for item in file.rglob("*") if item.is_file())
    elif file.suffix.lower() == ".shp":
        files = sorted(file.parent.glob(f"{file.stem}.*"))
    try:
        content = [(item.name, of_file(item)) for item in files]
    except OSError as error:
        raise UnreadableFile(
            f"can't read the file of table {name!r}: {error.strerror}",
            value=table.path,
            where=str(file.parent),
            exists=sorted(item.name for item in file.parent.glob("*")) if file.parent.is_dir() else (),
            fix="correct path; it counts from the study file's folder",
        ) from error
    return _sha([content, table.model_dump(mode="json", exclude={"path", "optional"})])


def of_file(file: Path) -> str:
    """SHA-256 of a file's bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_job(job: Job, digests: Mapping[Name, str]) -> str:
    """SHA-256 of all that decides a step's result; `digests` has every table, sector and earlier result it needs."""

    def plain(value: Any) -> Any:
        if isinstance(value, Name):
            return {value.kind: digests[value]}
        if isinstance(value, Mapping):
            return {str(key): plain(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(item) for item in value]
        return value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)

    return _sha([code(), job.call, {key: plain(value) for key, value in job.arguments.items()}])


def _sha(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
