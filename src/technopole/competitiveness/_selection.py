"""Which products and which exporters a result names, and what they are called. Totals are always those of all."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from technopole.competitiveness._matrix import Matrix, Source, names
from technopole.errors import UnknownName, WrongOption
from technopole.tables import Sector, classification

LONGEST = 48  # letters of a title


def chosen_items(years: Sequence[Matrix], wanted: Sector | Sequence[str] | None, table: Source) -> list[str]:
    """Return the items (products, industries, technologies) to name, sorted; all where nothing is asked for.

    A sector names the table's codes that belong to it, at least partly.

    Raises
    ------
    UnknownName
        A code that no year has, with near ones; or a sector of which the table has no code.
    WrongOption
        An empty list.
    """
    return chosen((code for one in years for code in one.items), wanted, names(table)[1], table.source)


def chosen_places(years: Sequence[Matrix], wanted: Sequence[str] | None, table: Source) -> list[str]:
    """Return the places (exporters) to name, sorted; all where nothing is asked for. Errors as `chosen_items`."""
    return chosen((place for one in years for place in one.places), wanted, names(table)[0], table.source)


def chosen(
    listed: Iterable[str], wanted: Sector | Sequence[str] | None, what: str, where: str = ""
) -> list[str]:
    """Return those of `listed` that are wanted, sorted. `what` says in errors what they are; errors as `chosen_items`."""
    there = sorted(set(listed))
    if wanted is None:
        return there
    if isinstance(wanted, Sector):
        found = list(wanted.weights(there))
        if not found:
            raise UnknownName(
                f"no {what} of the table belongs to the sector {wanted.name} ({wanted.scheme})",
                value=", ".join(list(wanted.codes)[:8]),
                where=where,
                exists=there,
                fix="choose the scheme your codes are in, or define the sector yourself",
            )
        return found
    asked = sorted({str(code) for code in wanted})
    if not asked:
        raise WrongOption(f"an empty list names no {what}", where=where, fix="leave it out for all")
    known = set(there)
    for code in asked:
        if code not in known:
            raise UnknownName(f"the table has no {what}", value=code, where=where, exists=near(code, there))
    return asked


def near(name: str, listed: Sequence[str]) -> list[str]:
    """Names like a wrong one: those that start with it or that it starts with, then those that look like it; else all."""
    bare = name.casefold().lstrip("0")
    begun = [other for other in listed if bare and other.casefold().lstrip("0").startswith(bare)]
    shorter = [other for other in listed if other and name.startswith(other)]
    alike = difflib.get_close_matches(name, listed, n=8, cutoff=0.5)
    return list(dict.fromkeys([*begun[:8], *shorter[:4], *alike])) or list(listed)


def label(code: str, of: Sector | str | None = None) -> str:
    """Return a code with the start of its bundled title, or the code alone where there is none.

    `of` is the scheme, or a sector of that scheme; the title of a product whose scheme isn't known isn't guessed.

    Examples
    --------
    >>> label("2670", "ISIC-4")
    '2670 Manufacture of optical instruments and…'
    >>> label("9001")
    '9001'
    """
    scheme = of.scheme if isinstance(of, Sector) else of
    title = classification.title(scheme, code) if scheme else ""
    short = re.split(r"[;:(]", title, maxsplit=1)[0].strip().rstrip(",")
    if len(short) > LONGEST:
        short = short[:LONGEST].rsplit(" ", 1)[0].rstrip(" ,") + "…"
    return f"{code} {short}".strip()


def amount(value: float, *, sign: bool = False) -> str:
    """Write an amount in words: 60.4 billion.

    Examples
    --------
    >>> amount(60.35e9), amount(1e9), amount(-950.0, sign=True)
    ('60.4 billion', '1 billion', '-950')
    """
    size = abs(value)
    unit, name = next(
        (
            (unit, name)
            for unit, name in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"))
            if size >= unit
        ),
        (1.0, ""),
    )
    scaled = value / unit
    shown = f"{scaled:+,.3g}" if sign else f"{scaled:,.3g}"
    if abs(scaled) >= 1000:
        shown = f"{scaled:+,.0f}" if sign else f"{scaled:,.0f}"
    return f"{shown}{name}"
