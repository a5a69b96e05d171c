"""The relational engine: DuckDB in memory unless a URL names another."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any, TypeAlias

import ibis
from ibis.backends import BaseBackend

from technopole.errors import UnreadableFile

# Ibis types its columns too loosely for a checker: expressions, and the functions that build them, are Any.
Expr: TypeAlias = Any  # an Ibis table or column
sql: Any = ibis  # sql.coalesce, sql.ifelse, sql.literal, sql.memtable, sql.union, sql.window ...

# A connection serves one Python thread at a time, and refuses the others instead of letting them wait.
alone = threading.RLock()

_current: dict[str, BaseBackend] = {}


@cache
def _default() -> BaseBackend:
    # One thread: the order of a floating-point sum, and so its last digit, must not depend on the machine.
    return ibis.duckdb.connect(threads=1)


def _other(url: str) -> BaseBackend:
    try:
        backend: Any = ibis.connect(url)
    except Exception as error:  # every engine has errors of its own
        said = (str(error) or type(error).__name__).splitlines()[0]
        fix = "duckdb:// needs nothing; others need their Ibis extra and a server that answers"
        raise UnreadableFile(f"this engine can't be used: {said}", value=url, fix=fix) from error
    if backend.name == "duckdb":
        backend.raw_sql("SET threads = 1")
    return backend


def ordered_sum(column: Expr, where: Expr | None = None) -> Expr:
    """A floating-point sum by size, so that its last digit doesn't hang on the order of rows."""
    return column.collect(where=where).sort().sums()


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

    Raises
    ------
    UnreadableFile
        The engine isn't installed or can't be reached.

    Examples
    --------
    >>> import technopole as tp
    >>> tp.connect().name
    'duckdb'
    """
    backend = _default() if url == "duckdb://" else _other(url)
    ibis.set_backend(backend)
    _current["engine"] = backend
    return backend
