"""Which classification codes are from."""

from __future__ import annotations

from collections.abc import Iterable

from technopole.tables.conversion.levels import Listed, bare
from technopole.tables.conversion.links import codes as codes_of
from technopole.tables.conversion.links import schemes


def recognise(codes: Iterable[str], *, among: Iterable[str] | None = None) -> dict[str, float]:
    """Say which classifications have these codes: scheme -> share of the codes it has, best first.

    Coarser codes (HS headings, sections) and finer national ones count as had; among schemes that have equally many the one with
    more of them written just so comes first.

    Parameters
    ----------
    codes : iterable of str
    among : iterable of str, optional
        Classifications to look at; none = all.

    Examples
    --------
    >>> next(iter(recognise(["333314", "334413", "335921"])))
    'NAICS-2012'
    """
    asked = sorted(set(codes))
    found: list[tuple[float, float, str]] = []
    for scheme in among or schemes():
        listed = Listed(scheme, codes_of(scheme))
        places = [listed.place(bare(code, scheme)).how for code in asked]
        had = sum(how != "unknown" for how in places)
        found.append((-had / max(len(asked), 1), -places.count("same"), scheme))
    return {scheme: -share for share, _, scheme in sorted(found) if share}
