"""How a reader in the child process says that a file can't be read."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """The file can't be read; the keyword arguments are the answer to the parent."""

    def __init__(self, **answer: Any) -> None:
        super().__init__(answer)
        self.answer = answer
