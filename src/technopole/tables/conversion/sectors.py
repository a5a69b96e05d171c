"""A sector of one classification in another."""

from __future__ import annotations

from technopole.errors import WrongOption
from technopole.tables.conversion.concordance import concordance
from technopole.tables.conversion.levels import written
from technopole.tables.conversion.links import codes as codes_of
from technopole.tables.sector import Sector


def in_scheme(sector: Sector, to: str) -> Sector:
    """Return a sector in another classification: each code weighs the part of it that links into the sector.

    s[c] = sum over a of w[c, a] s[a], with the weights of the concordance that leads from `to` back to the sector's own scheme.
    """
    found = concordance(to, sector.scheme)
    links = found.of(codes_of(to))
    own = sector.weights(set(links["to_code"]) - {""})
    parts = (
        (links["weight"] * [own.get(str(code), 0.0) for code in links["to_code"]])
        .groupby(links["code"])
        .sum()
    )
    codes = {
        written(str(code), to): min(round(float(part), 6), 1.0) for code, part in parts.items() if part > 5e-7
    }
    if not codes:
        raise WrongOption(
            f"no code of {to} links into the sector {sector.name} ({sector.scheme})",
            value=", ".join(list(sector.codes)[:8]),
            fix="define the sector in this classification yourself",
        )
    said = f"share that {' -> '.join(found.chain)} links into {sector.name} ({sector.scheme})"
    return Sector(sector.name, to, codes, (), dict.fromkeys(codes, said))
