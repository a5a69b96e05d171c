"""How a command reads its tables: which kind its file is, and what is said of its further files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from technopole import sources
from technopole.cli.pairs import digits, pairs
from technopole.errors import MissingColumn, TechnopoleError
from technopole.tables import Establishments, Table

WHOLE = ("year", "header")
SAID_OF_FURTHER = ("crs", "sheet", "layer", "encoding", "decimal", *WHOLE)


def parted(given: Iterable[str], tables: Iterable[str]) -> dict[str, list[str]]:
    """Part ``places.place=CODE``, said of the further table `places`, from what is said of the command's own file ("")."""
    parts: dict[str, list[str]] = {"": [], **{name: [] for name in tables}}
    for item in given:
        name, dot, rest = item.partition(".")
        key = name.replace("-", "_")
        of_further = bool(dot) and "=" not in name and key in parts
        parts[key if of_further else ""].append(rest if of_further else item)
    return parts


def further(
    tables: Iterable[str], column: Iterable[str], pad: Iterable[str], read: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Return how each table is read, "" being the command's own file."""
    names = list(tables)
    columns, pads, others = (parted(given, names) for given in (column, pad, read))
    if others[""]:
        raise typer.BadParameter(
            f"takes TABLE.OPTION=VALUE with a table of {', '.join(names)}, not {others[''][0]!r}",
            param_hint="--read",
        )
    how: dict[str, dict[str, Any]] = {}
    for name in ("", *names):
        said: dict[str, Any] = dict(pairs(others[name], "--read"))
        for key, value in said.items():
            if key not in SAID_OF_FURTHER:
                raise typer.BadParameter(
                    f"no option {key!r}; there is: {', '.join(SAID_OF_FURTHER)}", param_hint="--read"
                )
            if key in WHOLE:
                if not value.isdecimal():
                    raise typer.BadParameter(
                        f"{name}.{key} takes a whole number, not {value!r}", param_hint="--read"
                    )
                said[key] = int(value)
        said["columns"] = pairs(columns[name], "--column")
        said["pad"] = digits(pads[name], "--pad")
        how[name] = {key: value for key, value in said.items() if value}
    return how


def further_table(option: str, nouns: Sequence[str], file: str, how: Mapping[str, Any]) -> Table:
    """Read a further table as the first kind that it is; what its errors advise is said with the table's name in front."""
    try:
        return own_table(Path(file), nouns, None, how)
    except TechnopoleError as error:
        of_further(error, option)
        raise


def of_further(error: TechnopoleError, option: str) -> None:
    """Say the further table's name in front of its columns, in what the error advises."""
    error.fix = error.fix.replace("--column ", f"--column {option}.").replace(f"{option}.'", f"'{option}.")


def own_table(file: Path, nouns: Sequence[str], as_: str | None, how: Mapping[str, Any]) -> Table:
    """Read the command's own file as what it was said to be, else as the first kind that it is.

    A table of counts has all an establishments table needs, so that each row would silently count as one establishment.
    """
    path = _table_in(file)
    if as_ or len(nouns) == 1:
        return sources.read_table(as_ or nouns[0], path, **how)
    failed: list[TechnopoleError] = []
    for noun in nouns:
        try:
            table = sources.read_table(noun, path, **how)
        except TechnopoleError as error:
            failed.append(error)
            continue
        if noun != nouns[-1] and isinstance(table, Establishments) and counts(table):
            continue
        if noun != nouns[0]:
            typer.echo(f"note: {table.source} is read as {noun}; --as decides", err=True)
        return table
    raise next((error for error in failed if not isinstance(error, MissingColumn)), failed[0])


def _table_in(file: str | Path) -> str | Path:
    """Return the table of a folder that a result was saved in, such as that of `park on-park`; any other file as it is."""
    folder = Path(file)
    return folder / "table.parquet" if (folder / "result.json").is_file() else file


def counts(table: Establishments) -> bool:
    """Whether the rows of an establishments table are counts of establishments."""
    return "establishments" in table.columns and "establishment_id" not in table.columns
