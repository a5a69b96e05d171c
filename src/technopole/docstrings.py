"""What a member's NumPy-style docstring says of it: the single source for the catalogue, the docs and citations."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Description:
    """The parts of a docstring. `formula` is the first indented block of the text before the sections."""

    title: str
    formula: str
    text: str
    sections: dict[str, str]

    @property
    def citation(self) -> str:
        """The References section on one line."""
        return " ".join(self.sections.get("References", "").split())

    @property
    def parameters(self) -> dict[str, str]:
        """Parameter name -> its description on one line."""
        found: dict[str, str] = {}
        name = ""
        for line in self.sections.get("Parameters", "").splitlines():
            head = re.match(r"^(\*{0,2}[a-z_0-9, ]+?)\s*(?::|$)", line)
            if line and not line.startswith(" ") and head:
                name = head.group(1)
                found[name] = ""
            elif name and line.strip():
                found[name] = f"{found[name]} {line.strip()}".strip()
        return {key: value for names, value in found.items() for key in names.split(", ")}


def describe(function: Callable[..., Any]) -> Description:
    """Take a docstring apart."""
    lines = (inspect.getdoc(function) or "").splitlines()
    heads = [
        i for i in range(len(lines) - 1) if lines[i].strip() and re.fullmatch(r"-{3,}", lines[i + 1].strip())
    ]
    ends = [*heads[1:], len(lines)][: len(heads)]
    sections = {
        lines[head].strip(): "\n".join(lines[head + 2 : end]).strip("\n")
        for head, end in zip(heads, ends, strict=True)
    }
    body = lines[1 : heads[0] if heads else len(lines)]
    block: list[str] = []
    for line in body:
        if line.startswith("    "):
            block.append(line[4:])
        elif block and not line.strip():
            block.append("")
        elif block:
            break
    return Description(
        title=lines[0].strip() if lines else "",
        formula="\n".join(block).strip(),
        text="\n".join(body).strip(),
        sections=sections,
    )
