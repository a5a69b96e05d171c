"""Progress with an estimate on a terminal's standard error; elsewhere nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Tell = Callable[[str, int, int], None]


@contextmanager
def shown(steps: int = 0) -> Iterator[Tell | None]:
    """Show what long work tells, one bar for each kind; yield what sets the bar of a study's `steps`, or None.

    Nothing appears before the first word, and nothing stays.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from technopole import progress

    bars = _bars(console)
    tasks: dict[str, Any] = {"": bars.add_task("", total=steps)} if steps else {}

    def inner(what: str, done: int, of: int) -> None:
        bars.start()
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=of)
        if done == 0:
            bars.reset(tasks[what], total=of, visible=True)
        bars.update(tasks[what], completed=done, visible=done < of)

    def tell(title: str, done: int, of: int) -> None:
        bars.start()
        for what, task in tasks.items():
            bars.update(task, visible=not what)
        bars.update(tasks[""], description=title, completed=done, total=of)

    try:
        with progress.listening(inner):
            yield tell
    finally:
        if bars.live.is_started:
            bars.stop()


def _bars(console: Any) -> Any:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, TimeRemainingColumn(), TextColumn("left"), console=console, transient=True)
