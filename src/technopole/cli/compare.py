"""`technopole compare`: the parks of a study side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from technopole.cli.printing import Format

if TYPE_CHECKING:
    import pandas as pd


def compare(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="Study file (.toml) with parks and figures.")],
    parks: Annotated[list[str], typer.Argument(metavar="PARK...", help="Names as in the parks table.")],
    facet: Annotated[
        list[str] | None, typer.Option(metavar="FACET", help="Only this facet; repeatable.")
    ] = None,
    currency: Annotated[str, typer.Option(metavar="CODE", help="Currency of all amounts.")] = "USD",
    format_: Annotated[Format, typer.Option("--format", help="How the table is printed.")] = "table",
) -> None:
    """Set parks of a study side by side, indicator by indicator."""
    from technopole import comparison
    from technopole.cli.printing import show, show_frame
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
    result = comparison.side_by_side(
        tables["parks"], parks, figures=tables["figures"], facets=facet or None, currency=currency
    )
    if format_ != "table":
        show(result, title="Parks side by side", format_=format_)
        return
    typer.echo(f"{result.text}\n")
    frame = brief(result.cells, parks)
    show_frame(frame, format_="table", rows=len(frame))
    typer.echo(
        "~ not an exact reported value; * weak source; ! doesn't compare with the others (reason: --format csv)"
    )
    for warning in result.warnings:
        typer.echo(f"note: {warning}")


def brief(cells: pd.DataFrame, parks: list[str]) -> pd.DataFrame:
    """Return one line per indicator and one column per park: value, year and marks; what most parks have comes first."""
    import pandas as pd

    lines: list[dict[str, str]] = []
    for (facet, indicator, scope, unit), group in cells.groupby(
        ["facet", "indicator", "scope", "unit"], sort=False, dropna=False
    ):
        known = group[group["value"].notna()]
        if known.empty:
            continue
        said = {str(row["park"]): _cell(row) for row in known.to_dict("records")}
        named = {"facet": str(facet), "indicator": str(indicator), "scope": str(scope), "unit": str(unit)}
        lines.append({**named, **{park: said.get(park, "") for park in parks}})
    frame = pd.DataFrame(lines)
    blanks = (frame[parks] == "").sum(axis=1)
    return frame.loc[blanks.sort_values(kind="stable").index]


def _cell(row: Any) -> str:
    marks = (row["status"] != "reported", row["grade"] == "weak", not row["comparable"])
    value = f"{row['value']:.0f}" if row["unit"] == "year" else f"{row['value']:,.6g}"
    return f"{value} ({row['year']})" + "".join(
        mark for mark, holds in zip("~*!", marks, strict=True) if holds
    )
