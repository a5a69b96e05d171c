"""Temporary files of this process; they go when it ends."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def scratch() -> Path:
    """Return a folder for temporary files of this process; it is removed when the process ends."""
    path = Path(tempfile.mkdtemp(prefix="technopole-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def scratch_file(suffix: str) -> Path:
    """Return the name of a temporary file that doesn't exist yet."""
    handle, name = tempfile.mkstemp(suffix=suffix, dir=scratch())
    os.close(handle)
    Path(name).unlink()
    return Path(name)
