"""`technopole run`: a study file -> a folder with every result and the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from technopole.cli.bars import Tell, shown
from technopole.cli.pairs import pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from technopole.study import Progress, Run

TABLE = typer.Option(
    "--table", "-t", metavar="NAME=FILE", help="File for a table of the study.", show_default=False
)


def run(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="Study file (.toml).")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the results.")],
    table: Annotated[list[str] | None, TABLE] = None,
) -> None:
    """Run a study: every step, then the report. Run again, it goes on where it stopped."""
    execute(study, out, table or ())


def execute(file: str, out: Path, tables: Sequence[str] = ()) -> None:
    """Run the study file into the folder, with files given for its tables, and say where the report is."""
    import time

    began = time.perf_counter()
    from technopole import report, study

    said = study.given(study.load(file), pairs(tables, "--table", "NAME=FILE"))
    with shown(len(said.steps)) as tell:
        done = study.run(said, out, progress=_told(tell))
    page = report.write(done, out)
    reused = f", {len(done.reused)} of them already there" if done.reused else ""
    typer.echo(f"report: {page}")
    _say_left_out(done)
    steps = len(done.results)
    took = f"{time.perf_counter() - began:.1f} s{_compiling()}"
    typer.echo(f"{steps} {'step' if steps == 1 else 'steps'}{reused}; {took}", err=True)


def _say_left_out(run: Run) -> None:
    """Say which steps a missing table took away, and how to give it."""
    for table in sorted(set(run.left_out.values())):
        steps = [name for name, needed in run.left_out.items() if needed == table]
        many = f"{len(steps)} {'step' if len(steps) == 1 else 'steps'}"
        why = run.study.tables[table].optional
        typer.echo(
            f"left out: {many} ({', '.join(steps)}), as the table {table} isn't here: {why.rstrip('.')}.",
            err=True,
        )
        typer.echo(f"          give it with --table {table}=FILE", err=True)


def _told(tell: Tell | None) -> Callable[[Progress], None] | None:
    """Return what sets the bar of the steps: a running one isn't done yet."""
    if tell is None:
        return None
    return lambda now: tell(now.title, now.number - (now.state == "running"), now.of)


def _compiling() -> str:
    """Say how much of the time went into compiling, which the next run on this machine won't spend."""
    import sys

    module = sys.modules.get("technopole.kernels.compiling")
    spent = module.seconds() if module else 0.0
    return f", {spent:.0f} s of them for compiling, once on this machine" if spent >= 1 else ""
