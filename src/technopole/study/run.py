"""A finished run: the study, its folder, and its results, loaded when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from technopole.result import Result, load_result
from technopole.study.model import Study


class Results(Mapping[str, Result]):
    """Step name -> its result, read from the folder on first use; in the order of the study file."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder, self._names = folder, names
        self._loaded: dict[str, Result] = {}

    def __getitem__(self, name: str) -> Result:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._loaded:
            self._loaded[name] = load_result(self._folder / name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run left.

    Attributes
    ----------
    study : Study
        ``study.study`` (title, question ...), ``study.outline`` (chapters with their steps), ``study.chapter(name)``
        (title, text), ``study.steps[name]`` (call, title, note, show, rows).
    folder : Path
        The folder that holds ``results/`` and ``study.lock.json``.
    results : mapping of str to Result
        In the order of the study file.
    lock : mapping
        ``version``, ``study`` (file, digest), ``tables`` (name -> file, digest), ``steps`` (name -> key, digest).
    reused : tuple of str
        The steps whose results were there already.
    left_out : mapping of str to str
        Steps that couldn't be computed -> the table that isn't there; ``study.tables[table].optional`` says why.
    """

    study: Study
    folder: Path
    results: Mapping[str, Result]
    lock: Mapping[str, Any]
    reused: tuple[str, ...] = field(default=())
    left_out: Mapping[str, str] = field(default_factory=dict)
