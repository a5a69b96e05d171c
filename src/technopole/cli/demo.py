"""`technopole demo`: a bundled study, with nothing to download."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from technopole.cli.run import TABLE


def demo(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Bundled study.")] = "optical-valleys",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="DIR", help="Folder for the results; none = one of the study's name."
        ),
    ] = None,
    table: Annotated[list[str] | None, TABLE] = None,
) -> None:
    """Run a bundled study and say where its report is."""
    import difflib
    from importlib import resources

    from technopole.cli.run import execute

    data = resources.files("technopole") / "data"
    there = sorted(
        folder.name.replace("_", "-") for folder in data.iterdir() if (folder / "study.toml").is_file()
    )
    wanted = name.replace("_", "-")
    if wanted not in there:
        near = difflib.get_close_matches(wanted, there, n=3) or there
        raise typer.BadParameter(f"no bundled study {name!r}; there is: {', '.join(near)}", param_hint="NAME")
    execute(f"bundled:{wanted.replace('-', '_')}/study.toml", out or Path(wanted), table or ())
