"""Values in words: numbers with their decimals, years, blanks, names, marks for what is less than certain."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

THIN = "\u202f"  # narrow no-break space
MINUS = "\u2212"
BLANK = "–"

MARKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "approximate": ("≈", "approximate, as published"),
        "part-year": ("◔", "covers part of the year only"),
        "target": ("◇", "a target, not a result"),
        "plan": ("◇", "a target, not a result"),
        "forecast": ("◇", "a target, not a result"),
        "weak": ("†", "from a weak source: a mirror, an undated page, advertising"),
        "not graded": ("‡", "the source isn't graded"),
        "not comparable": (
            "⊘",
            "stands alone: the other parks' figures differ in scope, year or unit, or there are none",
        ),
    }
)


def number(value: float, digits: int | None = None, *, published: bool = False) -> str:
    """Write a number: thousands apart, so many decimals, or three significant digits; never a false zero.

    A published number gets no decimals that it didn't have: 2,100 firms, not 2,100.00.
    """
    value = float(value)
    if not math.isfinite(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if digits is None:
        digits = 0 if value == round(value) else max(0, 2 - math.floor(math.log10(abs(value))))
    if value and round(value, digits) == 0:
        digits = -math.floor(math.log10(abs(value)))
        if digits > 6:
            return re.sub(r"e-0*", "e-", f"{value:.1e}").replace("-", MINUS)
    text = f"{value:,.{digits}f}"
    if published and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", THIN).replace("-", MINUS)


SHORT = ("rca", "eci", "pci")  # short names that are written in capitals


def plain(name: str) -> str:
    """Turn a name of the code into words: ``rd_intensity`` -> ``rd intensity``, ``rca`` -> ``RCA``."""
    if name in SHORT:
        return name.upper()
    return name.replace("_", " ") if re.fullmatch(r"[A-Za-z0-9]+(_[A-Za-z0-9]+)*", name) else name


def is_blank(value: Any) -> bool:
    """Tell whether a cell holds nothing."""
    return not isinstance(value, (list, dict)) and (bool(pd.isna(value)) or str(value) == "")


def is_year(name: str) -> bool:
    """Tell whether a column holds years, which are written without a gap between thousands."""
    return bool(
        re.search(
            r"(^|[ _:])(year|designated|opened|born(_low|_high)?|onset|until|from|to|entered|left|since|first_entry)$|(^|: )(group|time)$",
            name,
        )
    )


def said(value: Any, *, digits: int | None = None, year: bool = False, published: bool = False) -> str:
    """Write any cell."""
    if is_blank(value):
        return BLANK
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return "yes" if value else "no"
    if isinstance(value, (int, float)) or hasattr(value, "dtype"):
        return (
            f"{int(value)}"
            if year and float(value).is_integer()
            else number(value, digits, published=published)
        )
    return plain(str(value))


def marks_of(*words: Any) -> tuple[str, ...]:
    """Return the marks for what a status or grade says, each once."""
    text = " ".join(str(word) for word in words if not is_blank(word))
    return tuple(dict.fromkeys(mark for word, (mark, _) in MARKS.items() if re.search(rf"\b{word}\b", text)))


def legend(marks: set[str]) -> list[tuple[str, str]]:
    """Return these marks with their meaning, in a fixed order."""
    return [pair for pair in dict.fromkeys(MARKS.values()) if pair[0] in marks]


def sentences(text: str) -> list[str]:
    """Split a long enumeration ("a; b (c; d); e") into its items, not inside brackets; a short text stays one."""
    if len(text) <= 60:
        return [text]
    return [part.strip() for part in re.split(r";\s+(?![^()]*\))", text)]


def prose(text: str) -> str:
    """Write names of the code that stand in a sentence as words, and minus signs as such."""
    words = re.sub(r"\b[A-Za-z]+(?:_[A-Za-z0-9]+)+\b", lambda found: found.group(0).replace("_", " "), text)
    return re.sub(r"(?<=[\s(])-(?=\d)", MINUS, words)


def brief(text: str) -> str:
    """Leave the source out of a bracket that begins with a year; what the figure covers stays."""
    return re.sub(r"\((\d{4}[^();]*);[^()]*\)", r"(\1)", text)
