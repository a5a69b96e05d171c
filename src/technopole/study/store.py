"""The results folder: one run at a time, and a lock file that says which result is whole and what it was made from.

A step is entered before its files are written (with empty hashes) and again when they are whole. So after a kill at
any moment every file there is known: whole, to be written again, or a temporary one to be removed.
"""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from technopole import writing
from technopole.errors import StoreError
from technopole.result import Result
from technopole.study import keys

LOCK = "study.lock.json"


@contextmanager
def claimed(folder: str | Path) -> Iterator[Store]:
    """Hold a results folder for this run alone, without what a killed run left half done.

    Raises
    ------
    StoreError
        Another run is writing there, or the folder can't be written.
    """
    folder = writing.folder(folder)
    try:
        claim = (folder / ".claim").open("w")
    except OSError as error:
        raise StoreError(
            f"can't write to the results folder: {error.strerror}",
            value=folder.name,
            where=str(folder.absolute().parent),
            fix="check its permissions, or choose another folder with --out",
        ) from error
    with claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(
                "another run is writing to this results folder",
                value=folder.name,
                where=str(folder.absolute().parent),
                fix="wait until it has ended, or choose another folder with --out",
            ) from error
        for left in (*folder.glob(".*.part"), *folder.glob("results/*/.*.part")):
            left.unlink(missing_ok=True)
        yield Store(folder)


class Store:
    """The results of one folder. `lock` is what ``study.lock.json`` says."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.results = folder, folder / "results"
        self.lock = _read(folder / LOCK)

    def describe(self, **head: Any) -> None:
        """Write what the run is made from."""
        self.lock = {**head, "steps": self.lock["steps"]}
        self._write()

    def whole(self, step: str, key: str) -> bool:
        """Tell whether the step's saved result was made with this key and is as it was written."""
        entry = self.lock["steps"].get(step, {})
        return entry.get("key") == key and all(
            digest and self._digest(step, name) == digest for name, digest in entry["files"].items()
        )

    def save(self, step: str, key: str, result: Result) -> None:
        """Replace the step's result."""
        self.remove(step)
        files = ["result.json", *(f"{name}.{kind}" for name in result.frames for kind in ("csv", "parquet"))]
        self._enter(step, {"key": key, "digest": "", "files": dict.fromkeys(files, "")})
        result.save(self.results / step)
        hashes = {name: self._digest(step, name) for name in files}
        self._enter(step, {"key": key, "digest": result.digest, "files": hashes})

    def remove(self, step: str) -> None:
        """Remove a step's result; what someone changed or put there is kept (changed files as ``NAME.changed``)."""
        entry = self.lock["steps"].get(step)
        if entry is None:
            return
        folder = self.results / step
        # result.json first: it is what makes a result whole to a reader
        for name, digest in sorted(entry["files"].items(), key=lambda item: item[0] != "result.json"):
            file = folder / name
            if digest and self._digest(step, name) not in ("", digest):
                writing.move(file, file.with_name(f"{name}.changed"))
            writing.remove(file)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        del self.lock["steps"][step]
        self._write()

    def keep(self, steps: Iterable[str]) -> None:
        """Remove the results of steps that the study no longer has, or can no longer compute."""
        for step in sorted(self.lock["steps"].keys() - set(steps)):
            self.remove(step)

    def digest(self, step: str) -> str:
        """The digest of a whole result."""
        return self.lock["steps"][step]["digest"]

    def _digest(self, step: str, name: str) -> str:
        file = self.results / step / name
        return keys.of_file(file) if file.is_file() else ""

    def _enter(self, step: str, entry: dict[str, Any]) -> None:
        self.lock["steps"][step] = entry
        self._write()

    def _write(self) -> None:
        writing.write_json(self.folder / LOCK, self.lock)


def _read(path: Path) -> dict[str, Any]:
    """Read the lock; one that isn't whole, or names files outside the results, counts as none."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        names = [name for step, entry in said["steps"].items() for name in (step, *entry["files"])]
        if all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name) for name in names):
            return said
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return {"steps": {}}
