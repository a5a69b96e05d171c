"""Numbers the sources in the order in which the report comes to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from technopole.report.words import is_blank


@dataclass(frozen=True, slots=True)
class Reference:
    """A source: its number, its text, and its address where it has one that is safe to follow."""

    number: int
    text: str
    href: str


class References:
    """The numbered sources of one report."""

    def __init__(self) -> None:
        self._found: dict[str, Reference] = {}

    def of(self, said: Any) -> list[Reference]:
        """Return the references a source cell means; several addresses in one cell are several."""
        if is_blank(said):
            return []
        parts = re.split(r"\s*[;|,]?\s+(?=https?://)|;(?=https?://)", str(said))
        return [self._one(part.strip(" ;|")) for part in parts if part.strip(" ;|")]

    def _one(self, text: str) -> Reference:
        if text not in self._found:
            link = re.match(r"https?://\S+$", text)
            self._found[text] = Reference(len(self._found) + 1, text, text if link else "")
        return self._found[text]

    def all(self) -> list[Reference]:
        """Return every source so far, in order."""
        return list(self._found.values())
