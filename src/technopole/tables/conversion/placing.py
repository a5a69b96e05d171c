"""Which of a table's codes a user's, or another table's, codes mean."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pandas as pd

from technopole.tables.conversion.levels import Listed, bare
from technopole.tables.conversion.links import codes as codes_of


def placed(codes: Iterable[str], scheme: str, linked: Iterable[str]) -> pd.DataFrame:
    """Return one row per code and code of the table it means: `code`, `at`, `part`, `how`.

    A coarser code is the sum of all finest codes of its classification below it, in equal parts, so that those the table hasn't
    are lost. A code that the table hasn't in any way has one row with part 0.
    """
    table, whole = Listed(scheme, linked), _whole(scheme)
    rows: list[tuple[str, str, float, str]] = []
    for code in sorted(set(codes)):
        plain = bare(code, scheme)
        if plain in table.codes:
            rows.append((code, plain, 1.0, "same"))
            continue
        place = whole.place(plain)
        found = [
            (code, item, 1.0 / len(place.codes) / len(at.codes), place.how)
            for leaf in place.codes
            for at in [table.place(leaf)]
            for item in at.codes
        ]
        rows += found or [(code, "", 0.0, place.how)]
    return pd.DataFrame(rows, columns=["code", "at", "part", "how"])


@cache
def _whole(scheme: str) -> Listed:
    return Listed(scheme, codes_of(scheme))
