"""`technopole catalogue`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from technopole import rooms
from technopole.tables import NOUNS, sectors


def test_every_member_with_title_and_citation(technopole: Callable[..., Any]) -> None:
    rows = json.loads(technopole("catalogue", "--format", "json").stdout)
    assert [row["member"] for row in rows] == rooms.catalogue()
    assert all(row["title"] and row["citation"] for row in rows)


def test_sectors_and_tables(technopole: Callable[..., Any]) -> None:
    rows = json.loads(technopole("catalogue", "sectors", "--format", "json").stdout)
    assert [(row["sector"], row["scheme"]) for row in rows] == sectors()
    answer = technopole("catalogue", "tables")
    assert answer.exit_code == 0, answer.exception
    assert [noun for noun in NOUNS if noun not in answer.stdout] == []
