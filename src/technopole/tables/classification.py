"""Classifications: official code lists, how their codes are written, and which codes are near a wrong one."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from types import MappingProxyType

from technopole.errors import UnknownName

# Scheme -> whether national or finer codes may follow an official one (NAF 26.70Z, eight-digit tariff lines).
SCHEMES = MappingProxyType(
    {
        "NAICS-2012": False,
        "NAICS-2017": False,
        "NACE-2": True,
        "ISIC-4": True,
        "HS-2012": True,
        "HS-2017": True,
        "IPC": True,
        "CPC": True,
    }
)
OFFICIAL = 4  # characters of an official code that finer ones may follow: chapters and divisions are no ground to stand on
_SYMBOL = re.compile(r"([A-HY])(?:(\d{2})(?:([A-Z])(?:(\d{1,4})(?:/(\d{2,6}))?)?)?)?")


def normal(code: str, scheme: str = "") -> str:
    """Return a code in the form prefixes are compared in.

    Dots, spaces and case don't count: 26.70Z = 2670z. Main groups of IPC and CPC get four digits, so that H04B 1 isn't a
    prefix of H04B 10; subgroup 00 is the main group itself.

    Examples
    --------
    >>> normal("26.70z"), normal("H04B 10/25", "IPC"), normal("G02B 6/00", "CPC")
    ('2670Z', 'H04B001025', 'G02B0006')
    """
    if scheme in ("IPC", "CPC"):
        found = _SYMBOL.fullmatch(re.sub(r"\s", "", code).upper())
        if found:
            section, number, letter, group, subgroup = (part or "" for part in found.groups())
            return (
                section
                + number
                + letter
                + (group.zfill(4) if group else "")
                + (subgroup if subgroup != "00" else "")
            )
    return "".join(character for character in code if character.isalnum()).upper()


def check(scheme: str, codes: Iterable[str]) -> None:
    """Raise `UnknownName` for a code the scheme hasn't, listing near ones, and for a scheme's name written otherwise.

    A scheme nobody here knows is the caller's own: its codes aren't checked.
    """
    if scheme not in SCHEMES:
        meant = [known for known in SCHEMES if normal(known) == normal(scheme)]
        if meant:
            raise UnknownName("this classification is written otherwise here", value=scheme, exists=meant)
        return
    for code in codes:
        if not _known(scheme, code):
            raise UnknownName(
                f"{scheme} has no code",
                value=code,
                exists=_near(scheme, code),
                fix="name one, or a prefix of one",
            )


def title(scheme: str, code: str) -> str:
    """Return the official title of a code, or "" where there is none at hand."""
    return _listed(scheme).get(normal(code, scheme), {}).get("title", "")


@cache
def rows(file: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a bundled classification file."""
    path = resources.files("technopole") / "data" / "classifications" / file
    return tuple(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@cache
def _listed(scheme: str) -> dict[str, dict[str, str]]:
    return {normal(row["code"], scheme): row for row in rows("codes.csv") if row["scheme"] == scheme}


@cache
def _prefixes(scheme: str) -> frozenset[str]:
    return frozenset(code[:length] for code in _listed(scheme) for length in range(1, len(code) + 1))


def _known(scheme: str, code: str) -> bool:
    if scheme in ("IPC", "CPC"):
        return _SYMBOL.fullmatch(re.sub(r"\s", "", code).upper()) is not None
    bare = normal(code, scheme)
    longer = SCHEMES[scheme] and any(
        bare[:length] in _listed(scheme) for length in range(OFFICIAL, len(bare))
    )
    return bare in _prefixes(scheme) or longer


def _near(scheme: str, code: str) -> list[str]:
    """Codes beside this one, codes that look like it, and codes whose title has its words."""
    listed = _listed(scheme)
    if not listed:
        return ["G02B", "H01S 5/00", "H04B 10/25"]
    bare = normal(code, scheme)
    shared = next((bare[:n] for n in range(len(bare), 1, -1) if bare[:n] in _prefixes(scheme)), "")
    found = [item for item in listed if shared and item.startswith(shared)][:8]
    found += difflib.get_close_matches(bare, listed, n=4, cutoff=0.6)
    words = [word.lower()[:6] for word in re.findall(r"[^\W\d_]{4,}", code)]
    if words:
        found += [
            item for item, row in listed.items() if all(word in row["title"].lower() for word in words)
        ][:8]
    return [f"{listed[item]['code']} {listed[item]['title']}".strip() for item in dict.fromkeys(found)]
