"""Options given as NAME=VALUE."""

from __future__ import annotations

from collections.abc import Iterable

import typer


def pairs(given: Iterable[str], option: str, form: str = "STANDARD=YOURS") -> dict[str, str]:
    """Return pairs of this form as a mapping."""
    for item in given:
        if "=" not in item:
            raise typer.BadParameter(f"takes {form}, not {item!r}", param_hint=option)
    return dict(item.split("=", 1) for item in given)


def digits(given: Iterable[str], option: str) -> dict[str, int]:
    """Return COLUMN=DIGITS pairs as a mapping."""
    said = pairs(given, option)
    for item in said.values():
        if not item.isdecimal():
            raise typer.BadParameter(f"takes COLUMN=DIGITS, not {item!r}", param_hint=option)
    return {column: int(item) for column, item in said.items()}
