"""`technopole run`: a study file -> a folder with every result and the report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from technopole.study import Progress


def run(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="Study file (.toml).")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for the results.")],
) -> None:
    """Run a study: every step, then the report. Run again, it goes on where it stopped."""
    execute(study, out)


def execute(file: str, out: Path) -> None:
    """Run the study file into the folder and say where the report is."""
    import time

    began = time.perf_counter()
    from technopole import report, study

    said = study.load(file)
    with shown(len(said.steps)) as progress:
        done = study.run(said, out, progress=progress)
    page = report.write(done, out)
    reused = f", {len(done.reused)} of them already there" if done.reused else ""
    typer.echo(f"report: {page}")
    steps = len(said.steps)
    took = f"{time.perf_counter() - began:.1f} s{_compiling()}"
    typer.echo(f"{steps} {'step' if steps == 1 else 'steps'}{reused}; {took}", err=True)


def _compiling() -> str:
    """Say how much of the time went into compiling, which the next run on this machine won't spend."""
    import sys

    module = sys.modules.get("technopole.kernels.compiling")
    spent = module.seconds() if module else 0.0
    return f", {spent:.0f} s of them for compiling, once on this machine" if spent >= 1 else ""


@contextmanager
def shown(steps: int) -> Iterator[Callable[[Progress], None] | None]:
    """Show progress with an estimate on a terminal; elsewhere nothing."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, TimeRemainingColumn(), TextColumn("left"), console=console, transient=True) as bar:
        task = bar.add_task("", total=steps)

        def tell(now: Progress) -> None:
            bar.update(task, description=now.title, completed=now.number - (now.state == "running"))

        yield tell
