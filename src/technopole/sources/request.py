"""What to read from a file, and how the user wants it read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """Options of the formats. `wanted` are headers that mark the header row: standard names and the user's own."""

    wanted: frozenset[str] = frozenset()
    sheet: str | int | None = None
    layer: str | None = None
    encoding: str | None = None
    header: int | None = None
    decimal: str | None = None
