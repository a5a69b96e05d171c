"""A room as a command: each member of its list is a command, whose options are the member's arguments."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup

from technopole import rooms


class Room(TyperGroup):
    """Commands made from a room's list. A member is imported only when it is called."""

    room: ClassVar[str] = ""

    @classmethod
    def of(cls, room: str) -> type[Room]:
        """Return the command group of one room."""
        return type(f"Room_{room}", (cls,), {"room": room})

    @staticmethod
    def help_of(room: str) -> str:
        """Return the question the room answers."""
        return f"{rooms.ROOMS[room]} One member of the room on one file."

    def list_commands(self, ctx: Any) -> list[str]:
        if not self.commands:
            for name in rooms.members(self.room):
                self.add_command(_stub(self.room, name))
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        self.list_commands(ctx)
        return super().get_command(ctx, cmd_name.replace("_", "-"))


def _stub(room: str, name: str) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @app.command(
        name.replace("_", "-"),
        help=_title(room, name),
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def call(ctx: typer.Context) -> None:
        from technopole.cli.member import command

        status = command(room, name)(args=ctx.args, prog_name=ctx.command_path, standalone_mode=False)
        raise typer.Exit(status or 0)

    return typer.main.get_command(app)


def _title(room: str, name: str) -> str:
    """Return the first line of a member's docstring without importing the member."""
    source = (Path(rooms.__file__).parent / room / f"{name}.py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return (ast.get_docstring(node) or "").partition("\n")[0]
    return ""
