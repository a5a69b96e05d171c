"""Turns the steps into calls: names become tables, sectors and earlier results; what can't be called is said at once."""

from __future__ import annotations

import functools
import inspect
import operator
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from technopole import rooms
from technopole.errors import TechnopoleError, UnknownName, WrongOption
from technopole.member import choices
from technopole.result import Result
from technopole.study.model import Study, TableFile
from technopole.study.reading import near, where
from technopole.tables import NOUNS, Sector, Table
from technopole.tables.conversion import check_conversion


@dataclass(frozen=True, slots=True)
class Name:
    """An argument that stands for a table, a sector or an earlier result of the study."""

    kind: Literal["table", "sector", "step"]
    name: str


@dataclass(frozen=True, slots=True)
class Job:
    """One step, ready to be called once its names are looked up."""

    name: str
    call: str
    function: Callable[..., Result]
    arguments: Mapping[str, Any]

    @property
    def names(self) -> tuple[Name, ...]:
        """The tables, sectors and results it needs."""
        return tuple(_names(self.arguments))


def plan(study: Study) -> list[Job]:
    """Return the study's steps as jobs, each after those it needs, otherwise in the file's order.

    Raises
    ------
    UnknownName, WrongOption
        A call, argument, table, sector or step that isn't there, or steps that need each other in a circle.
    """
    text = study.path.read_text(encoding="utf-8-sig") if study.path.is_file() else ""
    place = functools.partial(where, study.path.name, text)
    for name, table in study.tables.items():
        if table.noun not in NOUNS:
            raise UnknownName(
                "no such kind of table",
                value=table.noun,
                where=place(("tables", name, "as")),
                exists=near(table.noun, NOUNS),
            )
        if table.convert is not None:
            _check_conversion(table, place(("tables", name, "convert")))
    jobs = [_job(study, name, place) for name in study.steps]
    return _ordered(jobs, study)


def _check_conversion(table: TableFile, spot: str) -> None:
    said = table.convert
    if said is None:
        return
    try:
        check_conversion(table.noun, said.from_, said.to, said.through)
    except TechnopoleError as error:
        error.where = spot
        raise


def _job(study: Study, name: str, place: Callable[[Sequence[str]], str]) -> Job:
    step = study.steps[name]
    if step.call not in rooms.catalogue():
        raise UnknownName(
            "there is no such member to call",
            value=step.call,
            where=place(("steps", name, "call")),
            exists=near(step.call, rooms.catalogue()),
            fix="name a room and its member: `technopole catalogue` lists them",
        )
    function = rooms.load(step.call)
    signature = inspect.signature(function)
    hints = typing.get_type_hints(inspect.unwrap(function))
    for key in step.arguments:
        if key not in signature.parameters:
            own = [field for field in type(step).model_fields if field != "arguments"]
            raise UnknownName(
                f"{step.call} has no argument",
                value=key,
                where=place(("steps", name, key)),
                exists=near(key, [*signature.parameters, *own]),
                fix="remove or correct it",
            )
    said = dict(step.arguments)
    if "seed" in signature.parameters:
        said.setdefault("seed", study.study.seed)
    for key, parameter in signature.parameters.items():
        if key not in said and parameter.default is parameter.empty:
            raise WrongOption(
                f"{step.call} needs the argument",
                value=key,
                where=place(("steps", name)),
                exists=_offers(study, choices(hints.get(key, Any)), name),
                fix=f"add {key} = ... to this step",
            )
    taken = {
        key: _take(study, name, value, hints.get(key, Any), place(("steps", name, key)))
        for key, value in said.items()
    }
    return Job(name, step.call, function, taken)


def _take(study: Study, step: str, value: Any, hint: Any, spot: str) -> Any:
    """Return the argument, with `Name` for what is a name, and plain values checked against the annotation."""
    kinds = choices(hint)
    nouns = [kind for kind in kinds if _is_noun(kind)]
    plain = [kind for kind in kinds if not mentions(kind)]
    if isinstance(value, str) and nouns:
        found = _named(
            study, step, value, nouns, spot, strict=not any(kind is not type(None) for kind in plain)
        )
        if found is not None:
            return found
    for kind in kinds:
        inner = [item for item in typing.get_args(kind) if item is not Ellipsis]
        if inner and mentions(kind) and isinstance(value, list):
            return tuple(_take(study, step, item, inner[0], spot) for item in value)
        if inner and mentions(kind) and isinstance(value, dict):
            return {key: _take(study, step, item, inner[-1], spot) for key, item in value.items()}
    return checked(value, plain, spot, offers=_offers(study, kinds, step))


def checked(value: Any, kinds: Sequence[Any], spot: str, *, offers: Sequence[str] = ()) -> Any:
    """Return a plain value as one of these types, or say what is allowed.

    Raises
    ------
    WrongOption
        The value is none of them.
    """
    options = [
        str(item) for kind in kinds if typing.get_origin(kind) is Literal for item in typing.get_args(kind)
    ]
    if not any(kind is not type(None) for kind in kinds):
        raise WrongOption("this must be a name", value=value, where=spot, exists=offers)
    try:
        config = ConfigDict(arbitrary_types_allowed=True)
        return TypeAdapter(functools.reduce(operator.or_, kinds), config=config).validate_python(value)
    except ValidationError as error:
        said = error.errors(include_url=False)[0]["msg"].removeprefix("Input ").lower()
        fix = "put it in quotes" if said.endswith("valid string") and isinstance(value, int) else ""
        raise WrongOption(
            "this value isn't one of those allowed" if options else f"this value {said}",
            value=value,
            where=spot,
            exists=[*options, *offers],
            fix=fix,
        ) from None


def mentions(hint: Any) -> bool:
    """Tell whether an annotation has a table, a sector or a result anywhere in it."""
    return _is_noun(hint) or any(mentions(part) for part in typing.get_args(hint))


def _is_noun(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, (Table, Sector, Result))


def _named(
    study: Study, step: str, value: str, nouns: Sequence[Any], spot: str, *, strict: bool
) -> Name | None:
    kinds = [kind for kind in nouns if issubclass(kind, Table)]
    if kinds and value in study.tables:
        fitting = [kind.schema.name for kind in kinds]
        noun = study.tables[value].noun
        if noun not in fitting:
            raise WrongOption(
                f"this argument takes a table of the kind {' or '.join(fitting)}; {value!r} is one of the kind",
                value=noun,
                where=spot,
                exists=_offers(study, nouns, step),
            )
        return Name("table", value)
    if Sector in nouns and value in study.sectors:
        return Name("sector", value)
    takes_result = kinds or any(issubclass(kind, Result) for kind in nouns)
    if takes_result and value in study.steps and value != step:
        return Name("step", value)
    if not strict:
        return None
    offers = _offers(study, nouns, step)
    what = " or ".join(dict.fromkeys(_word(kind) for kind in nouns))
    raise UnknownName(
        f"the study has no {what} of this name",
        value=value,
        where=spot,
        exists=near(value, offers),
        fix="correct the name, or add the section",
    )


def _word(kind: Any) -> str:
    return "table" if issubclass(kind, Table) else "sector" if issubclass(kind, Sector) else "earlier step"


def _offers(study: Study, kinds: Sequence[Any], step: str) -> list[str]:
    """Return the names in the study that an argument of these kinds could take."""
    flat = list(_flat(kinds))
    fitting = {kind.schema.name for kind in flat if issubclass(kind, Table)}
    found = [name for name, table in study.tables.items() if table.noun in fitting]
    if any(issubclass(kind, Sector) for kind in flat):
        found += study.sectors
    if any(issubclass(kind, (Result, Table)) for kind in flat):
        found += [name for name in study.steps if name != step]
    return found


def _flat(kinds: Sequence[Any]) -> Iterator[Any]:
    for kind in kinds:
        if _is_noun(kind):
            yield kind
        else:
            yield from _flat(typing.get_args(kind))


def _names(value: Any) -> Iterator[Name]:
    if isinstance(value, Name):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _names(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _names(item)


def _ordered(jobs: Sequence[Job], study: Study) -> list[Job]:
    needs = {job.name: {item.name for item in job.names if item.kind == "step"} for job in jobs}
    done: list[Job] = []
    while len(done) < len(jobs):
        finished = {job.name for job in done}
        ready = [job for job in jobs if job.name not in finished and needs[job.name] <= finished]
        if not ready:
            circle = _circle(
                {name: wants - finished for name, wants in needs.items() if name not in finished}
            )
            raise WrongOption(
                "these steps need each other in a circle",
                value=" -> ".join(circle),
                where=f"{study.path.name}, steps",
                fix="let one of them do without the other's result",
            )
        done.append(ready[0])
    return done


def _circle(needs: Mapping[str, set[str]]) -> list[str]:
    path = [min(needs)]
    while (following := min(needs[path[-1]])) not in path:
        path.append(following)
    return [*path[path.index(following) :], following]
