"""`technopole compare`: the parks of a study side by side."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from technopole.cli.printing import Format


def compare(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="Study file (.toml) with parks and figures.")],
    parks: Annotated[list[str], typer.Argument(metavar="PARK...", help="Names as in the parks table.")],
    facet: Annotated[
        list[str] | None, typer.Option(metavar="FACET", help="Only this facet; repeatable.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="How the table is printed.")] = "table",
) -> None:
    """Set parks of a study side by side, indicator by indicator."""
    from technopole import comparison
    from technopole.cli.printing import show
    from technopole.errors import UnknownName
    from technopole.study import Inputs, load

    said = load(study)
    inputs = Inputs(said)
    found = {
        noun: next((name for name, table in said.tables.items() if table.noun == noun), None)
        for noun in ("parks", "figures")
    }
    for noun, name in found.items():
        if name is None:
            raise UnknownName(
                "the study has no table of the kind",
                value=noun,
                where=said.path.name,
                exists=[f"{name} ({table.noun})" for name, table in said.tables.items()],
                fix=f'add [tables.{noun}] with as = "{noun}"',
            )
    tables: dict[str, Any] = {noun: inputs.table(name) for noun, name in found.items() if name}
    result = comparison.side_by_side(tables["parks"], parks, figures=tables["figures"], facets=facet or None)
    show(result, title="Parks side by side", format_=format_)
