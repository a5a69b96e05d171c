"""Where in a sheet or text file the header is, and whether it is one row."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

LOOK_AT = 30


def plain(name: str) -> str:
    """Return a name without case, spaces and signs."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if character.isalnum())


def is_number(text: str) -> bool:
    """Say whether a cell looks like a number rather than a name."""
    bare = text.strip().replace(",", "").replace(".", "").replace(" ", "").lstrip("+-")
    return bare.isdigit()


def find_header(rows: Sequence[Sequence[str]], wanted: Collection[str]) -> int:
    """Return the position of the header: the first row with most of the wanted names, else the first full row of words."""
    known = {plain(name) for name in wanted}
    hits = [len({plain(cell) for cell in row} & known) for row in rows[:LOOK_AT]]
    if hits and max(hits) > 0:
        return hits.index(max(hits))
    filled = [sum(1 for cell in row if cell.strip()) for row in rows[:LOOK_AT]]
    widest = max(filled, default=0)
    for i, row in enumerate(rows[:LOOK_AT]):
        words = [cell for cell in row if cell.strip()]
        if len(words) == widest and not any(is_number(cell) for cell in words):
            return i
    return next((i for i, n in enumerate(filled) if n > 1), next((i for i, n in enumerate(filled) if n), 0))


def is_merged(header: Sequence[str], below: Sequence[str]) -> bool:
    """Say whether the header goes on in the next row: blanks beside names, and only words below."""
    last = max((i for i, cell in enumerate(header) if cell.strip()), default=-1)
    wide = max((i for i, cell in enumerate(below) if cell.strip()), default=-1)
    blanks = [i for i in range(1, max(last, wide) + 1) if i >= len(header) or not header[i].strip()]
    under = [below[i] for i in blanks if i < len(below) and below[i].strip()]
    words = [cell for cell in below if cell.strip()]
    return bool(under) and not any(is_number(cell) and len(cell.strip()) != 4 for cell in words)
