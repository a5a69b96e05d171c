"""The bundled concordances: which schemes they join, and their links, read when first needed."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import NamedTuple

import pandas as pd
import pyarrow.parquet as pq

_FOLDER = resources.files("technopole") / "data" / "concordances"


class Bundled(NamedTuple):
    """One table: the schemes it joins, how many targets a code has either way, who published it and as what, its place in the file."""

    a: str
    b: str
    spread: float
    spread_back: float
    publisher: str
    title: str
    place: int


@cache
def tables() -> tuple[Bundled, ...]:
    """Return every bundled table."""
    rows = csv.DictReader((_FOLDER / "tables.csv").read_text(encoding="utf-8").splitlines())
    return tuple(
        Bundled(
            row["a"],
            row["b"],
            float(row["spread"]),
            float(row["spread_back"]),
            row["publisher"],
            row["title"],
            place,
        )
        for place, row in enumerate(rows)
    )


@cache
def schemes() -> tuple[str, ...]:
    """Return every scheme that some table has."""
    return tuple(sorted({scheme for table in tables() for scheme in (table.a, table.b)}))


def table_of(a: str, b: str) -> Bundled:
    """Return the table that joins two schemes, whichever way it was published."""
    return next(table for table in tables() if {table.a, table.b} == {a, b})


@cache
def read(a: str, b: str) -> pd.DataFrame:
    """Return the links from one scheme to another: `a`, `b`, `main` (the publisher's conversion table has it)."""
    table = table_of(a, b)
    links = _group("links.parquet", table.place)
    if table.a != a:
        links = links.rename(columns={"a": "b", "b": "a"})[["a", "b", "main"]]
        links = links.sort_values(["a", "b"], ignore_index=True)
    return links


@cache
def codes(scheme: str) -> frozenset[str]:
    """Return every finest code of a scheme that some table has, without dots."""
    return frozenset(_group("codes.parquet", schemes().index(scheme))["code"])


def _group(file: str, place: int) -> pd.DataFrame:
    with (_FOLDER / file).open("rb") as stream:
        return pq.ParquetFile(stream).read_row_group(place).to_pandas()
