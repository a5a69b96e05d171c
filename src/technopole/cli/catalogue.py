"""`technopole catalogue`: what there is, with what to cite."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from technopole.cli.printing import Format


def catalogue(
    what: Annotated[
        Literal["members", "sectors", "tables"],
        typer.Argument(metavar="WHAT", help="members, sectors (bundled ones) or tables (kinds and columns)."),
    ] = "members",
    format_: Annotated[Format, typer.Option("--format", help="How the list is printed.")] = "table",
) -> None:
    """List every member of every room with its citation; or the bundled sectors, or the kinds of tables."""
    import pandas as pd

    from technopole.cli.printing import show_frame

    rows = {"members": _members, "sectors": _sectors, "tables": _tables}[what]()
    show_frame(pd.DataFrame(rows), format_=format_, rows=len(rows))


def _members() -> list[dict[str, str]]:
    from technopole import rooms
    from technopole.docstrings import describe

    said = ((name, describe(rooms.load(name))) for name in rooms.catalogue())
    return [{"member": name, "title": item.title, "citation": item.citation} for name, item in said]


def _sectors() -> list[dict[str, str]]:
    from technopole.tables import sectors

    return [{"sector": name, "scheme": scheme} for name, scheme in sectors()]


def _tables() -> list[dict[str, str]]:
    from technopole.tables import NOUNS

    return [
        {
            "table": noun,
            "column": column.name,
            "needed": "yes" if column.required else "",
            "allowed": column.allowed,
            "unit": column.unit,
            "meaning": column.meaning,
        }
        for noun, kind in NOUNS.items()
        for column in kind.schema.columns
    ]
