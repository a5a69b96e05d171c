"""Thresholds that users set: numbers by name, given as a mapping or as a TOML file."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from technopole.errors import UnreadableFile, WrongOption


def given(thresholds: Mapping[str, float] | str | Path | None, *, example: str) -> dict[str, float]:
    """Return the numbers by name; in a file they may stand in a table [thresholds].

    Raises
    ------
    UnreadableFile
        The file can't be read.
    WrongOption
        Something that isn't a number.
    """
    said: Mapping[str, Any] = (
        _read(Path(thresholds), example) if isinstance(thresholds, str | Path) else thresholds or {}
    )
    for name, value in said.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise WrongOption(f"the threshold {name} must be a number", value=value)
    return {name: float(value) for name, value in said.items()}


def _read(path: Path, example: str) -> Mapping[str, Any]:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnreadableFile(
            f"can't read thresholds: {error}",
            value=path.name,
            fix=f"give a TOML file with lines such as {example}, or a mapping",
        ) from error
    return said.get("thresholds", said)
