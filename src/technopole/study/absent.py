"""Tables that may be absent, and the steps that can't be computed without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from technopole.errors import UnknownName
from technopole.study.model import Study
from technopole.study.planning import Job
from technopole.study.reading import located, near


def given(study: Study, files: Mapping[str, str | Path]) -> Study:
    """Return the study with these files for its tables, which then must be there.

    Raises
    ------
    UnknownName
        The study has no such table.
    """
    for name in files:
        if name not in study.tables:
            raise UnknownName(
                "the study has no table of this name",
                value=name,
                where=study.path.name,
                exists=near(name, study.tables),
            )
    said = {
        name: {"path": str(Path(file).expanduser().absolute()), "optional": ""}
        for name, file in files.items()
    }
    tables = {name: table.model_copy(update=said.get(name, {})) for name, table in study.tables.items()}
    return study.model_copy(update={"tables": tables})


def missing(study: Study) -> dict[str, str]:
    """Return the optional tables that aren't there, each with the study's word on why."""
    return {
        name: table.optional
        for name, table in study.tables.items()
        if table.optional and not (table.path and located(table.path, study.path.parent).exists())
    }


def left_out(jobs: Sequence[Job], tables: Mapping[str, str]) -> dict[str, str]:
    """Return the steps that need one of these tables, or a step that does, each with the table's name.

    `jobs` come in the order in which they are computed.
    """
    found: dict[str, str] = {}
    for job in jobs:
        for needed in job.names:
            if needed.kind == "table" and needed.name in tables:
                found.setdefault(job.name, needed.name)
            elif needed.kind == "step" and needed.name in found:
                found.setdefault(job.name, found[needed.name])
    return found
