"""Charts as pictures inside the file: one for wide screens and paper, one for phones, the same bytes every time."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from itertools import count
from typing import Any

import vl_convert

from technopole.result import Result

WIDE, NARROW = 640, 320


@dataclass(frozen=True, slots=True)
class Picture:
    """Two data addresses, the size of the wide one, and what a reader who can't see it is told."""

    wide: str
    narrow: str
    width: int
    height: int
    alt: str


def picture(result: Result, title: str) -> Picture | None:
    """Draw a result's chart; None where it has none."""
    if result.chart is None:
        return None
    wide, narrow = (_svg(result.plot(width=width)) for width in (WIDE, NARROW))
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', wide)
    width, height = (round(float(part)) for part in size.groups()) if size else (WIDE, WIDE)
    alt = f"Chart: {title}. {result.text}".strip()
    return Picture(
        _address(wide), _address(narrow), width, height, alt if len(alt) <= 600 else alt[:599] + "…"
    )


def _svg(chart: Any) -> str:
    svg = vl_convert.vegalite_to_svg(chart.to_json())
    numbers: dict[str, str] = {}
    following = count()

    def renamed(found: re.Match[str]) -> str:
        return numbers.setdefault(found.group(0), f"{found.group(1)}{next(following)}")

    return re.sub(r"\b(clip|gradient_|pattern_)\d+", renamed, svg)  # Vega counts on from picture to picture


def _address(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
