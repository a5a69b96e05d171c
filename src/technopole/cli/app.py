"""The command `technopole`. Commands import what they need inside: help must come at once."""

from __future__ import annotations

import importlib
import io
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from technopole._version import __version__
from technopole.cli.room import Room
from technopole.errors import TechnopoleError

COMMANDS = ("demo", "run", "compare", "check", "convert", "catalogue")
# The word for a room's members on the command line; rooms that aren't here have commands of their own.
ROOM_COMMANDS = {
    "measure": "measures",
    "cluster": "clusters",
    "park": "parks",
    "effect": "effects",
    "challenge": "checks",
    "product": "competitiveness",
}


class Root(TyperGroup):
    """Turns an error made for the user into its text and an exit status."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except TechnopoleError as error:
            typer.echo(f"technopole: {error}", err=True)
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            typer.echo("technopole: stopped; what was finished is kept, run it again to go on", err=True)
            raise typer.Exit(130) from error


app = typer.Typer(
    name="technopole",
    cls=Root,
    help="Science & technology parks and the clusters around them: measured, compared, and what each should aim at.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"technopole {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


for _name in COMMANDS:
    app.command(_name)(getattr(importlib.import_module(f"technopole.cli.{_name}"), _name))
for _word, _room in ROOM_COMMANDS.items():
    app.add_typer(
        typer.Typer(cls=Room.of(_room), rich_markup_mode=None, no_args_is_help=True),
        name=_word,
        help=Room.help_of(_room),
    )


def main() -> None:
    """Run the command line; exit status 0 = done, 1 = the input is at fault, 2 = wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()
