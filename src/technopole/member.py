"""What every member of a room has in common: tables are checked, options are checked, the result is signed."""

from __future__ import annotations

import functools
import hashlib
import inspect
import math
import numbers
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, ParamSpec, TypeVar

from technopole import engine
from technopole._version import __version__
from technopole.docstrings import describe
from technopole.errors import MissingColumn, TechnopoleError, WrongOption
from technopole.result import Input, Provenance, Result
from technopole.tables import Sector, Table

P = ParamSpec("P")
R = TypeVar("R", bound=Result)


def member(function: Callable[P, R]) -> Callable[P, R]:
    """Make a plain function a member of its room.

    - a parameter annotated with a table (``Activity``, ``Activity | Establishments``) takes such a table, or any
      frame that speaks Arrow, or another member's result (its main table), which is checked as one;
    - a parameter annotated with ``Literal[...]`` refuses other values and lists the allowed ones; plain numbers, a sector
      and lists are refused where something else is given;
    - the result warns of what its tables warned of;
    - one thread computes at a time, as tables share one connection;
    - the result gets the docstring's References as citation, and its provenance.
    """
    signature = inspect.signature(function)
    hints = functools.cache(lambda: typing.get_type_hints(function))
    name = f"{function.__module__.split('.')[1]}.{function.__name__}"

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with engine.alone:
            return compute(*args, **kwargs)

    def compute(*args: P.args, **kwargs: P.kwargs) -> R:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        inputs: list[Input] = []
        heard: list[str] = []
        said: dict[str, Any] = {}
        for parameter, value in bound.arguments.items():
            kinds = choices(hints().get(parameter, Any))
            value = bound.arguments[parameter] = _take(name, parameter, value, kinds)
            found = list(_inputs(parameter, value))
            inputs += found
            heard += _heard(value)
            if not found:
                said[parameter] = _plain(value)
        result = function(*bound.args, **bound.kwargs)
        seed = said.get("seed")
        signed = Provenance(__version__, name, said, tuple(inputs), seed if isinstance(seed, int) else None)
        warnings = tuple(dict.fromkeys([*heard, *result.warnings]))
        return replace(result.with_provenance(signed, describe(function).citation), warnings=warnings)

    return call


def choices(hint: Any) -> tuple[Any, ...]:
    """Return the alternatives of a (possibly optional, possibly union) annotation."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return tuple(choice for part in typing.get_args(hint) for choice in choices(part))
    return (hint,)


def _take(name: str, parameter: str, value: Any, kinds: tuple[Any, ...]) -> Any:
    tables = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Table)]
    of_results = any(isinstance(kind, type) and issubclass(kind, Result) for kind in kinds)
    if (
        tables
        and not (isinstance(value, Result) and of_results)
        and (value is not None or type(None) not in kinds)
    ):
        return _as_table(value.table if isinstance(value, Result) else value, tables)
    options = _options(kinds)
    if options and _is_option(value, kinds) and value not in options:
        raise WrongOption(f"{name} doesn't take {parameter} =", value=value, exists=options)
    _refuse_wrong_kind(name, parameter, value, kinds)
    return value


def _makers(results: Sequence[type[Result]]) -> str:
    rooms = {"effect": "an estimator of technopole.effects", "check": "a check of technopole.checks"}
    return " or ".join(rooms.get(kind.kind, "a member of a room") for kind in results)


def _function_of(result: Result) -> str:
    return result.provenance.function if result.provenance else "result"


def _is_option(value: Any, kinds: tuple[Any, ...]) -> bool:
    """Whether a value can only be one of the options: nothing else that the parameter takes."""
    if isinstance(value, str):
        return str not in kinds
    return all(typing.get_origin(kind) is typing.Literal for kind in kinds)


def _refuse_wrong_kind(name: str, parameter: str, value: Any, kinds: tuple[Any, ...]) -> None:
    if value is None and type(None) in kinds:
        return
    plain = float(value) if isinstance(value, numbers.Real) and not isinstance(value, bool) else math.nan
    if set(kinds) <= {int, float, type(None)} and not math.isfinite(plain):
        raise WrongOption(f"{name} takes a number as {parameter} =", value=value)
    if set(kinds) <= {int, type(None)} and not plain.is_integer():
        raise WrongOption(f"{name} takes a whole number as {parameter} =", value=value)
    lists = [kind for kind in kinds if typing.get_origin(kind) is Sequence]
    listed = bool(lists) and isinstance(value, Sequence) and not isinstance(value, str)
    if Sector in kinds and not isinstance(value, Sector) and not listed:
        raise WrongOption(
            f"{name} takes a sector{' or a list' if lists else ''} as {parameter} =",
            value=value,
            fix="tp.sector(name, scheme=...) makes one",
        )
    results = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Result)]
    if results and not isinstance(value, tuple(kind for kind in kinds if isinstance(kind, type))):
        raise WrongOption(
            f"{name} takes as {parameter} = what {_makers(results)} returns",
            value=type(value).__name__ if not isinstance(value, Result) else _function_of(value),
        )
    if lists and isinstance(value, str) and str not in kinds and not _options(kinds):
        raise WrongOption(
            f"{name} takes a list as {parameter} =", value=value, fix=f"{parameter}=[{value!r}]"
        )


def _options(kinds: tuple[Any, ...]) -> list[Any]:
    return [
        option
        for kind in kinds
        if typing.get_origin(kind) is typing.Literal
        for option in typing.get_args(kind)
    ]


def _as_table(value: Any, tables: list[type[Table]]) -> Table:
    if isinstance(value, tuple(tables)):
        return value
    failures: list[TechnopoleError] = []
    for kind in _likely_first(value, tables):
        try:
            return kind.of(value)
        except TechnopoleError as error:
            failures.append(error)
    fitting = (failure for failure in failures if not isinstance(failure, MissingColumn))
    raise next(fitting, failures[0])


def _likely_first(value: Any, tables: list[type[Table]]) -> list[type[Table]]:
    """Order the kinds by how many of their columns the frame has, then of their key: a frame may fit more than one."""
    columns = getattr(value, "column_names", getattr(value, "columns", ()))
    there = {str(column) for column in columns}
    return sorted(
        tables, key=lambda kind: (-len(there & set(kind.schema.names)), -len(there & set(kind.schema.key)))
    )


def _inputs(parameter: str, value: Any) -> typing.Iterator[Input]:
    if isinstance(value, Table):
        yield Input(parameter, value.source, value.rows, value.digest)
    elif isinstance(value, Result):
        function = value.provenance.function if value.provenance else "result"
        yield Input(parameter, function, len(value.table), value.digest)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _inputs(parameter, item)


def _heard(value: Any) -> typing.Iterator[str]:
    """What reading changed, filled or left out of the tables, or converting them lost."""
    if isinstance(value, Table):
        yield from value.warnings
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _heard(item)


def _plain(value: Any) -> Any:
    if isinstance(value, Sector):
        return {"sector": value.name, "scheme": value.scheme, "digest": value.digest}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, numbers.Real) and not isinstance(value, (bool, int, float)):
        value = int(value) if isinstance(value, numbers.Integral) else float(value)
    graph: Any = value
    if hasattr(graph, "adjacency"):  # a libpysal Graph: its name in memory says nothing
        links = graph.adjacency
        seen = hashlib.sha256(links.to_csv(lineterminator="\n").encode()).hexdigest()
        return {"graph": type(value).__name__, "links": len(links), "digest": seen}
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
