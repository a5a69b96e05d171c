"""The rooms and their members, read from each room's `__init__` list without importing anything heavy."""

from __future__ import annotations

import ast
import difflib
import importlib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from technopole.errors import UnknownName

ROOMS = MappingProxyType(
    {
        "measures": "How concentrated is an industry, and where?",
        "clusters": "Where are the clusters, what kind, how old, and at which stage?",
        "parks": "How do parks sit on clusters, firms and places, and which came first?",
        "effects": "What did parks cause, for whom, and how sure is that?",
        "checks": "Should we believe an effect?",
        "competitiveness": "How competitive are products and technologies, and has it changed?",
        "comparison": "How do parks differ?",
        "policy": "What should each park aim at?",
    }
)


@cache
def members(room: str) -> tuple[str, ...]:
    """Return the names a room offers, in its own order."""
    if room not in ROOMS:
        raise UnknownName("no such room", value=room, exists=ROOMS)
    source = (Path(__file__).parent / room / "__init__.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets
        ):
            return tuple(ast.literal_eval(node.value))
    return ()


def load(name: str) -> Any:
    """Return the member called ``"room.member"`` (dashes may stand for underscores)."""
    room, _, member = name.replace("-", "_").partition(".")
    if member not in members(room):
        near = difflib.get_close_matches(member, members(room), n=3, cutoff=0.4)
        raise UnknownName(f"{room} has no such member", value=member, exists=near or members(room))
    return getattr(importlib.import_module(f"technopole.{room}"), member)


def catalogue() -> list[str]:
    """Return every member as ``"room.member"``, rooms in the order of the eight questions."""
    return [f"{room}.{member}" for room in ROOMS for member in members(room)]
