"""Reads a study file; whatever is wrong with it is said by key and line."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
import typing
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from technopole.errors import TechnopoleError, UnknownName, UnreadableFile, WrongOption
from technopole.study.model import Study

BUNDLED = "bundled:"


def load(path: str | Path) -> Study:
    """Read a study file.

    Parameters
    ----------
    path : str or Path
        A file, or ``bundled:optical_valleys/study.toml``.

    Raises
    ------
    UnreadableFile
        There is no such file, or it isn't TOML in UTF-8.
    UnknownName, WrongOption
        A key or value that no study has; says which, where, and what there is.
    """
    file = located(str(path), Path())
    try:
        raw = file.read_bytes()
        text = raw.decode("utf-8-sig")
        said = tomllib.loads(text)
    except OSError as error:
        raise UnreadableFile(
            f"can't read the study file: {error.strerror}",
            value=str(path),
            where=str(file.parent),
            exists=sorted(item.name for item in file.parent.glob("*.toml")),
            fix="give the path of a study file (.toml)",
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            "a study file is text in UTF-8; this one isn't", value=file.name, fix="save it as UTF-8"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(
            f"this isn't TOML: {error}",
            value=file.name,
            where=str(file.parent),
            fix='text stands in quotes ("..."), lists in [ ], and every key comes once',
        ) from error
    try:
        study = Study.model_validate(said)
    except ValidationError as error:
        raise _explained(error, file.name, text) from None
    return study.located(file, hashlib.sha256(raw).hexdigest())


def located(path: str, base: Path) -> Path:
    """Return the file a path in a study means: bundled with the package, or from the study file's folder."""
    if path.startswith(BUNDLED):
        return Path(str(resources.files("technopole") / "data")) / path.removeprefix(BUNDLED)
    return base / Path(path).expanduser()


def where(file: str, text: str, key: Sequence[str | int]) -> str:
    """Say where a key stands: file, line (where it can be told) and the key itself."""
    line = _line(text, [part for part in key if isinstance(part, str)])
    return f"{file}, {f'line {line}, ' if line else ''}{'.'.join(map(str, key))}"


def near(name: str, names: Iterable[str]) -> list[str]:
    """Return the names most like this one, or all of them where none is."""
    known = list(names)
    return difflib.get_close_matches(name, known, n=3, cutoff=0.6) or known


def _line(text: str, key: list[str]) -> int | None:
    """Find the line of ``[a.b]`` or of ``c = `` below it."""
    heads = [".".join(key[:depth]) for depth in range(len(key), 0, -1)]
    found: int | None = None
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        head = re.match(r"^\s*\[+\s*([^\]]+?)\s*\]", line)
        if head:
            inside = re.sub(r"[\"' ]", "", head.group(1))
            if inside in heads and found is None:
                found = number
        elif (
            inside == ".".join(key[:-1]) and re.match(rf"^\s*[\"']?{re.escape(key[-1])}[\"']?\s*[=.]", line)
        ) or (inside == ".".join(key[:-2]) and re.match(rf"^\s*{re.escape('.'.join(key[-2:]))}\s*=", line)):
            return number
    return found


def _explained(error: ValidationError, file: str, text: str) -> TechnopoleError:
    # A key that doesn't exist often explains one that is missing, so it comes first.
    problems = sorted(error.errors(include_url=False), key=lambda item: item["type"] != "extra_forbidden")
    first, key = problems[0], _key(problems[0]["loc"])
    others = len({tuple(_key(item["loc"])) for item in problems}) - 1
    more = f" ({others} more mistakes in the file)" if others else ""
    place = where(file, text, key)
    last = str(key[-1])
    if first["type"] == "extra_forbidden":
        return UnknownName(
            "a study has no key",
            value=last,
            where=place,
            exists=near(last, _fields(key)),
            fix=f"remove or correct it{more}",
        )
    if first["type"] == "missing":
        return WrongOption(f"the key {last!r} is missing", where=place, fix=f"add it: {_example(key)}{more}")
    if first["type"] == "string_pattern_mismatch":
        return WrongOption(
            "this name can't be used",
            value=first["input"],
            where=place,
            fix=f"use letters a-z, digits, _ and -{more}",
        )
    return WrongOption(
        first["msg"].lower(), value=_short(first["input"]), where=place, fix=f"correct the value{more}"
    )


def _key(place: Sequence[str | int]) -> list[str | int]:
    """Leave out what pydantic puts between the keys: the alternatives of a type."""
    return [part for part in place if not (isinstance(part, str) and "[" in part)]


def _fields(key: Sequence[str | int]) -> dict[str, FieldInfo]:
    """Return the keys the section may have that holds this key."""
    model: type[BaseModel] = Study
    for part in key[:-1]:
        said = _named(model).get(str(part))
        model = next(_models(said.annotation), model) if said else model
    return _named(model)


def _named(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {said.alias or name: said for name, said in model.model_fields.items() if not said.exclude}


def _models(hint: Any) -> Iterator[type[BaseModel]]:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for part in typing.get_args(hint):
        yield from _models(part)


def _example(key: Sequence[str | int]) -> str:
    last = str(key[-1])
    if len(key) == 1:
        return f"[{last}]"
    return f'{last} = "..." ({_fields(key)[last].description})'


def _short(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float, str)) else repr(value)[:80]
