"""Opens risky formats in a child process with capped memory and time: whatever a file does there, the parent lives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa

from technopole.errors import UnknownName, UnreadableFile
from technopole.sources.files import Source, sha256
from technopole.sources.request import Request
from technopole.tables.checking.raw import Raw
from technopole.tables.checking.scratch import scratch_file

SECONDS = 30
MEGABYTES = 1024


def read(source: Source, request: Request) -> Raw:
    """Read a workbook, vector file or database through the child.

    Raises
    ------
    UnreadableFile
        The file is damaged, or needs more than 1 GiB of memory or 30 s.
    UnknownName
        It has no such sheet, layer or table; those there are listed.
    """
    target = scratch_file(".arrow")
    order = {
        "path": str(source.path),
        "format": source.format,
        "inside": source.inside or request.layer,
        "sheet": request.sheet,
        "header": request.header,
        "wanted": sorted(request.wanted),
        "encoding": request.encoding,
        "target": str(target),
        "megabytes": MEGABYTES,
        "seconds": SECONDS,
    }
    try:
        said = _ask(source, order)
        return _taken(source, said, target)
    finally:
        target.unlink(missing_ok=True)


def _ask(source: Source, order: dict[str, Any]) -> dict[str, Any]:
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", "technopole.sources.child"],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=SECONDS + 5,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_slow(source) from error
    try:
        said: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise _died(source, child.returncode, child.stderr) from None
    if "unknown" in said:
        raise UnknownName(said["unknown"], value=said.get("value"), where=source.name, exists=said["exists"], fix=said.get("fix", ""))  # fmt: skip
    if "error" in said:
        raise UnreadableFile(
            said["error"],
            value=source.name,
            where=said.get("where", ""),
            exists=said.get("exists", ()),
            fix=said["fix"],
        )
    return said


def _too_slow(source: Source) -> UnreadableFile:
    return UnreadableFile(
        f"the file takes more than {SECONDS} s to open, and was given up",
        value=source.name,
        fix="save the table alone as CSV or Parquet",
    )


def _died(source: Source, code: int, stderr: str) -> UnreadableFile:
    if code in (-24, -9) and "memory" not in stderr.lower():
        return _too_slow(source)
    memory = "memory" in stderr.lower() or "alloc" in stderr.lower() or code in (-6, -9)
    what = (
        f"opening the file needs more than {MEGABYTES} MB of memory: it claims far more cells than it fills, or is too big"
        if memory
        else f"the program that opens the file broke down: it is damaged, or needs more than {MEGABYTES} MB of memory"
    )
    fix = (
        "delete stray cells far from the table (or copy the table to a new workbook), or save it as CSV or Parquet"
        if memory
        else "export it again, as CSV or Parquet"
    )
    return UnreadableFile(what, value=source.name, fix=fix)


def _taken(source: Source, said: dict[str, Any], target: Path) -> Raw:
    with pa.OSFile(str(target)) as file:
        data = pa.ipc.open_file(file).read_all()
    return Raw(
        data=data,
        names=said["names"],
        file=source.name,
        sheet=said.get("sheet", ""),
        sheets=said.get("sheets", ()),
        first_row=said.get("first_row", 1),
        blanks=said.get("blanks", ()),
        text=said.get("text", False),
        crs=said.get("crs"),
        digest=sha256(source.path),
        warnings=said.get("warnings", []),
    )
