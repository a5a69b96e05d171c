"""The relational engine: DuckDB in memory unless a URL names another."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

import ibis
from ibis.backends import BaseBackend

# Ibis types its columns too loosely for a checker: expressions, and the functions that build them, are Any.
Expr: TypeAlias = Any  # an Ibis table or column
sql: Any = ibis  # sql.coalesce, sql.ifelse, sql.literal, sql.memtable, sql.union, sql.window ...

_current: dict[str, BaseBackend] = {}


@cache
def _default() -> BaseBackend:
    # One thread: the order of a floating-point sum, and so its last digit, must not depend on the machine.
    return ibis.duckdb.connect(threads=1)


def connection() -> BaseBackend:
    """Return the engine that tables live in."""
    return _current.get("engine") or connect()


def connect(url: str = "duckdb://") -> BaseBackend:
    """Choose the engine for the tables read from now on.

    Parameters
    ----------
    url : str
        An Ibis URL: ``"duckdb://"`` (in memory, the default), ``"duckdb://country.duckdb"``,
        ``"pyspark://..."``. Only DuckDB promises results that are identical to the byte.

    Examples
    --------
    >>> import technopole as tp
    >>> tp.connect().name
    'duckdb'
    """
    backend = _default() if url == "duckdb://" else ibis.connect(url)
    ibis.set_backend(backend)
    _current["engine"] = backend
    return backend
