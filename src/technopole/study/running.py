"""Runs a study: what is there and still true is reused, the rest is computed and saved, step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from technopole import sources
from technopole._version import __version__
from technopole.errors import TechnopoleError
from technopole.result import Result
from technopole.study import absent, keys, store
from technopole.study.model import Study
from technopole.study.planning import Job, Name, plan
from technopole.study.reading import located
from technopole.study.run import Results, Run
from technopole.tables import Sector, Table, convert, sector
from technopole.tables.countries import named


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is: the step, its place among all, and what happens with it."""

    step: str
    title: str
    number: int
    of: int
    state: Literal["running", "done", "reused"]
    seconds: float = 0.0


def run(study: Study, out: str | Path, *, progress: Callable[[Progress], None] | None = None) -> Run:
    """Run a study into a folder; run again, it goes on where it stopped.

    Parameters
    ----------
    study : Study
        From `load`.
    out : str or Path
        Results folder; gets ``results/STEP/`` and ``study.lock.json``.
    progress : callable, optional
        Is told when a step starts and when it is done.

    Raises
    ------
    StoreError
        The folder can't be written, or another run holds it.
    TechnopoleError
        The study, or a table it names, is at fault.
    """
    jobs = plan(study)
    missing = absent.missing(study)
    left_out = absent.left_out(jobs, missing)
    jobs = [job for job in jobs if job.name not in left_out]
    inputs = Inputs(study, missing)
    tell = progress or (lambda _: None)
    reused: list[str] = []
    with store.claimed(out) as kept:
        kept.describe(
            version=__version__, study={"file": study.path.name, "digest": study.digest}, tables=inputs.lock
        )
        there = tuple(name for name in study.steps if name not in left_out)
        kept.keep(there)
        results = Results(kept.results, there)
        for number, job in enumerate(jobs, start=1):
            now = Progress(job.name, study.steps[job.name].title or job.name, number, len(jobs), "running")
            tell(now)
            began = time.perf_counter()
            key = keys.of_job(job, {name: inputs.digest(name, kept) for name in job.names})
            whole = kept.whole(job.name, key)
            if whole:
                reused.append(job.name)
            else:
                kept.save(job.name, key, _computed(job, study, inputs, results))
            tell(replace(now, state="reused" if whole else "done", seconds=time.perf_counter() - began))
        return Run(study, kept.folder, results, kept.lock, tuple(reused), left_out)


def _computed(job: Job, study: Study, inputs: Inputs, results: Mapping[str, Result]) -> Result:
    step = f"step {job.name} ({job.call}) of {study.path.name}"
    try:
        return job.function(**inputs.resolve(job.arguments, results))
    except TechnopoleError as error:
        error.where = f"{error.where}; {step}" if error.where else step
        raise
    except Exception as error:
        error.add_note(f"in {step}")
        raise


class Inputs:
    """The tables and sectors a study names; a table is read when the first step needs it."""

    def __init__(self, study: Study, missing: Collection[str] = ()) -> None:
        self._study = study
        there = {name: table for name, table in study.tables.items() if name not in missing}
        self._files = {name: located(table.path, study.path.parent) for name, table in there.items()}
        self._digests = {name: keys.of_table(name, table, self._files[name]) for name, table in there.items()}
        self._tables: dict[str, Table] = {}

    @property
    def lock(self) -> dict[str, dict[str, str]]:
        """Table name -> its file's name and digest."""
        return {name: {"file": self._files[name].name, "digest": self._digests[name]} for name in self._files}

    @cached_property
    def sectors(self) -> dict[str, Sector]:
        """The study's sectors by name."""
        found: dict[str, Sector] = {}
        for name, said in self._study.sectors.items():
            try:
                made = sector(said.use or name, scheme=said.scheme, codes=said.codes, exclude=said.exclude)
            except TechnopoleError as error:
                error.where = f"{self._study.path.name}, sectors.{name}"
                raise
            found[name] = replace(made, name=name)
        return found

    def digest(self, name: Name, kept: store.Store) -> str:
        """The digest of what a name stands for."""
        if name.kind == "table":
            return self._digests[name.name]
        return self.sectors[name.name].digest if name.kind == "sector" else kept.digest(name.name)

    def resolve(self, value: Any, results: Mapping[str, Result]) -> Any:
        """Return the value with the things themselves for their names."""
        if isinstance(value, Name):
            if value.kind == "table":
                return self.table(value.name)
            return self.sectors[value.name] if value.kind == "sector" else results[value.name]
        if isinstance(value, Mapping):
            return {key: self.resolve(item, results) for key, item in value.items()}
        if isinstance(value, tuple):
            return tuple(self.resolve(item, results) for item in value)
        return value

    def table(self, name: str) -> Table:
        """The table of this name."""
        if name not in self._tables:
            said = self._study.tables[name]
            how = said.model_dump(
                exclude={"path", "noun", "optional", "convert", "countries"}, exclude_defaults=True
            )
            try:
                self._tables[name] = self._converted(
                    name, sources.read_table(said.noun, self._files[name], **how)
                )
            except TechnopoleError as error:
                error.where = "; ".join(
                    filter(None, [error.where, f"table {name} of {self._study.path.name}"])
                )
                raise
        return self._tables[name]

    def _converted(self, name: str, table: Any) -> Table:
        if countries := self._study.tables[name].countries:
            table = named(table, countries)
        said = self._study.tables[name].convert
        if said is None:
            return table
        return convert(
            table,
            from_=said.from_,
            to=said.to,
            weights=said.weights,
            through=said.through,
            digits=said.digits,
            value=said.value,
        ).table
