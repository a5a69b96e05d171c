"""The same estimate again, from an effect's provenance: with other arguments, or on other rows of its own table."""

from __future__ import annotations

import hashlib
import inspect
from typing import Any

from technopole import rooms
from technopole.engine import Expr
from technopole.errors import TechnopoleError, UnknownName
from technopole.result import EffectResult, Provenance
from technopole.tables import Table


def again(
    effect: EffectResult, table: Table | None, *, rows: Expr | None = None, **changes: Any
) -> EffectResult:
    """Estimate an effect again.

    Parameters
    ----------
    effect : EffectResult
    table : Table
        The table it was estimated from.
    rows : Ibis table, optional
        Other rows or values of that table (an expression on `table.expr`), to be used in its place.
    **changes
        Arguments of the estimator that are to differ; all others are as they were.

    Raises
    ------
    TechnopoleError
        No table, another one than the effect's, or an effect that doesn't say how it was made.
    """
    origin = made_by(effect)
    used = own(effect, table)
    function = rooms.load(origin.function)
    first, *_ = inspect.signature(function).parameters
    arguments = {**origin.arguments, **changes}
    missing = [item.parameter for item in origin.inputs if item.parameter not in {first, *changes}]
    if missing:
        raise TechnopoleError(
            "this effect was estimated with a further table, so it can't be estimated again",
            value=", ".join(missing),
            where=origin.function,
        )
    return function(
        used if rows is None else _with_rows(used, rows),
        **{key: value for key, value in arguments.items() if key != first},
    )


def made_by(effect: EffectResult) -> Provenance:
    """Return how an effect was made, or say that it doesn't tell."""
    origin = effect.provenance
    if origin is None or not origin.inputs:
        raise TechnopoleError(
            "this effect doesn't say how it was estimated",
            fix="take it as an estimator of technopole.effects returned it",
        )
    try:
        rooms.load(origin.function)
    except UnknownName as error:
        raise TechnopoleError("this effect comes from no known estimator", value=origin.function) from error
    return origin


def own(effect: EffectResult, table: Table | None) -> Table:
    """Return the table, if it is the one (or a variant of the one) that the effect was estimated from."""
    used = made_by(effect).inputs[0]
    if table is None:
        raise TechnopoleError(
            "this check estimates again and needs the table that the effect was estimated from",
            value=used.source,
            fix="give it: check(effect, table), or on the command line --table FILE",
        )
    if table.digest != used.digest:
        raise TechnopoleError(
            "this isn't the table that the effect was estimated from",
            value=table.source,
            where=f"{made_by(effect).function}, estimated from {used.source} with {used.rows:,} rows",
            fix="give the same file or frame, unchanged; or estimate the effect again from this one",
        )
    return table


def _with_rows(table: Table, rows: Expr) -> Table:
    digest = hashlib.sha256(f"{table.digest}, changed".encode()).hexdigest()
    number = int(rows.count().to_pyarrow().as_py())
    return type(table)(rows, source=f"{table.source}, changed", digest=digest, rows=number, crs=table.crs)
