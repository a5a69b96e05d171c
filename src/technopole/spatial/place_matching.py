"""Whether the places of a table are those of the map: codes that match none, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from technopole.engine import Expr
from technopole.errors import EmptyTable
from technopole.tables import Places

SHOWN = 3


def codes(rows: Expr) -> list[str]:
    """Return the codes of the places of a table, sorted."""
    found = rows.filter(rows.place.notnull()).select("place").distinct().order_by("place")
    return [str(code) for code in found.to_pyarrow()["place"].to_pylist()]


def stray(mine: Sequence[str], places: Places, source: str) -> list[str]:
    """Return the codes that no place has.

    Raises
    ------
    EmptyTable
        That is all of them.
    """
    there = codes(places.expr)
    known = set(there)
    lost = [code for code in mine if code not in known]
    if mine and len(lost) == len(mine):
        raise EmptyTable(
            f"none of the {len(mine):,} places of the table is among the {len(there):,} places of the map",
            value=", ".join(mine[:SHOWN]),
            where=f"{source} and {places.source}",
            exists=there,
            fix=f"both need the same codes, letter by letter{_zeros(mine, there)}",
        )
    return lost


def said(lost: Sequence[str]) -> str:
    """Name a few of them."""
    more = f" and {len(lost) - SHOWN:,} more" if len(lost) > SHOWN else ""
    return f" ({', '.join(lost[:SHOWN])}{more})"


def _zeros(mine: Collection[str], there: Collection[str]) -> str:
    """Say which side has lost its leading zeros, where that is what is wrong."""
    if not {code.lstrip("0") for code in mine} & {code.lstrip("0") for code in there}:
        return ""
    digits = [max(map(len, side)) for side in (mine, there)]
    table = "table's" if digits[0] < digits[1] else "places'"
    option = "place" if digits[0] < digits[1] else "places.place"
    return (
        f"; the {table} have lost leading zeros: read it with pad={{'place': {max(digits)}}}, "
        f"on the command line --pad {option}={max(digits)}"
    )
