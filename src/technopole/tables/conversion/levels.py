"""How the codes of a scheme are written and nested: coarser ones are the sum of finer ones, national ones fall under official ones."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from technopole.tables.classification import normal

# Lengths a coarser code may have, and the length of a whole one, which national codes may follow.
_COARSER = {
    "HS": (2, 4),
    "ISIC": (1, 2, 3),
    "NACE": (2, 3),
    "OKVED": (2, 3),
    "NAICS": (2, 3, 4, 5),
    "SITC": (1, 2, 3, 4),
    "GB/T": (2, 3),
    "IPC": (1, 3, 4),
    "CPC": (1, 3, 4),
}
WHOLE = {"HS": 6, "ISIC": 4, "NACE": 4, "OKVED": 4, "NAICS": 6, "SITC": 5, "GB/T": 4}
_REV4 = "A01-03 B05-09 C10-33 D35-35 E36-39 F41-43 G45-47 H49-53 I55-56 J58-63 K64-66 L68-68 M69-75 N77-82 O84-84 P85-85 Q86-88 R90-93 S94-96 T97-98 U99-99"
_REV3 = "A01-02 B05-05 C10-14 D15-37 E40-41 F45-45 G50-52 H55-55 I60-64 J65-67 K70-74 L75-75 M80-80 N85-85 O90-93 P95-97 Q99-99"
_GBT = "A01-05 B06-12 C13-43 D44-46 E47-50 F51-52 G53-60 H61-62 I63-65 J66-69 K70-70 L71-72 M73-75 N76-79 O80-82 P83-83 Q84-85 R86-90 S91-96 T97-97"
_SECTIONS = {"ISIC-4": _REV4, "NACE-2": _REV4, "OKVED-2": _REV4, "ISIC-3": _REV3, "ISIC-3.1": _REV3, "GB/T-4754-2017": _GBT}  # fmt: skip

How = Literal["same", "coarser", "finer", "unknown"]


def family(scheme: str) -> str:
    """Return HS of HS-2017, GB/T of GB/T-4754-2017."""
    return scheme.partition("-")[0]


def bare(code: str, scheme: str) -> str:
    """Return a code in the form the bundled tables have: no dots, no section letter before digits, 31-33 as it is.

    Examples
    --------
    >>> bare("C26.70", "NACE-2"), bare("9013.20", "HS-2017"), bare("31-33", "NAICS-2017"), bare("H04B 10/25", "IPC")
    ('2670', '901320', '31-33', 'H04B001025')
    """
    text = code.strip()
    if family(scheme) == "NAICS" and re.fullmatch(r"\d\d-\d\d", text):
        return text
    found = re.fullmatch(r"[A-U](\d.*)", text) if scheme in _SECTIONS else None
    return normal(found[1] if found else text, scheme)


def written(code: str, scheme: str) -> str:
    """Return a bare code as its scheme writes it: NACE and OKVED have dots."""
    if scheme in ("NACE-2", "OKVED-2") and len(code) > 2:
        return f"{code[:2]}.{code[2:]}"
    return code


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code stands among listed ones: the codes it means, and how."""

    codes: tuple[str, ...]
    how: How


class Listed:
    """The codes a table has for a scheme, to find a user's codes among."""

    def __init__(self, scheme: str, codes: Iterable[str]) -> None:
        self.scheme = scheme
        self.codes = frozenset(codes)
        self._sorted = sorted(self.codes)

    def place(self, code: str) -> Place:
        """Return which listed codes a bare code means: itself, all below it, or the one above it."""
        if code in self.codes:
            return Place((code,), "same")
        below = tuple(item for prefix in self._prefixes(code) for item in self._under(prefix))
        if below:
            return Place(below, "coarser")
        above = self._above(code)
        return Place((above,), "finer") if above else Place((), "unknown")

    def _prefixes(self, code: str) -> tuple[str, ...]:
        span = re.fullmatch(r"(\d\d)-(\d\d)", code)
        if len(code) == 1 and code.isalpha() and self.scheme in _SECTIONS:
            span = re.search(rf"{code}(\d\d)-(\d\d)", _SECTIONS[self.scheme])
            if span is None:
                return ()
        if span:
            return tuple(f"{number:02}" for number in range(int(span[1]), int(span[2]) + 1))
        return (code,) if len(code) in _COARSER.get(family(self.scheme), ()) else ()

    def _under(self, prefix: str) -> list[str]:
        first = bisect_left(self._sorted, prefix)
        last = bisect_left(self._sorted, prefix + "￿")
        return self._sorted[first:last]

    def _above(self, code: str) -> str:
        kind = family(self.scheme)
        if kind in ("IPC", "CPC"):
            lengths = (8, 4)
        elif kind not in WHOLE or (len(code) > WHOLE[kind] and kind in ("NAICS", "SITC", "GB/T")):
            return ""
        elif len(code) > WHOLE[kind]:
            lengths = (WHOLE[kind],) if kind != "HS" or len(code) % 2 == 0 else ()
        else:
            lengths = range(len(code) - 1, 1, -1)
        return next((code[:length] for length in lengths if code[:length] in self.codes), "")
