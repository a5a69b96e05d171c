"""A verdict in words, with the results it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from technopole.result.base import Result


@dataclass(frozen=True, slots=True, eq=False)
class Verdict(Result):
    """A finding in words. Its table has one row per piece of evidence: because, role, outcome, numbers."""

    kind: ClassVar[str] = "verdict"

    @property
    def finding(self) -> str:
        """The finding, one of the words the verdict's page lists."""
        return str(self.frames["conclusion"]["finding"].iloc[0])

    @property
    def because(self) -> tuple[str, ...]:
        """The sentences the finding rests on, each with its numbers."""
        return tuple(self.frames["table"]["because"])
