"""The summary's cards: what the results say about one park, in the parts the study asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from technopole.errors import UnknownName
from technopole.report.grids import Cell, Column, Grid, grid
from technopole.report.references import References
from technopole.report.words import brief
from technopole.result import Result
from technopole.study import CardPart, Run

KEYS = ("park", "place")
MOST_LINES = 3  # of an enumeration; the rest stands with the full result


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a card."""

    title: str
    layout: str
    step: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str


@dataclass(frozen=True, slots=True)
class Card:
    """A park's card."""

    park: str
    parts: tuple[Part, ...]


def cards(run: Run, references: References) -> list[Card]:
    """Fill a card for every park the study names."""
    said = run.study.cards
    return [
        Card(
            park,
            tuple(
                _part(park, part, run.results, references) for part in said.parts if part.step in run.results
            ),
        )
        for park in said.of
    ]


def _part(park: str, part: CardPart, results: Mapping[str, Result], references: References) -> Part:
    result = results[part.step]
    if part.table not in result.frames:
        raise UnknownName(
            f"the result of step {part.step} has no table",
            value=part.table,
            where="cards.parts",
            exists=result.frames,
        )
    frame = _about(park, result.frames[part.table], part)
    laid: Grid = grid(frame[list(part.columns)].head(part.rows), result.fields, references, as_is=True)
    rows = tuple(tuple(_short(cell) for cell in row) for row in laid.sections[0][1])
    return Part(part.title, part.layout, part.step, laid.columns, rows, part.empty)


def _short(cell: Cell) -> Cell:
    lines = tuple(brief(line) for line in cell.lines[:MOST_LINES])
    more = len(cell.lines) - len(lines)
    return replace(cell, lines=(*lines, f"… and {more} more") if more else lines)


def _about(park: str, frame: pd.DataFrame, part: CardPart) -> pd.DataFrame:
    key = next((name for name in KEYS if name in frame), None)
    for name in (key or "park", *part.where, *part.columns, *([part.largest] if part.largest else [])):
        if name not in frame:
            raise UnknownName(
                f"the table {part.table} of step {part.step} has no column",
                value=name,
                where="cards.parts",
                exists=frame.columns,
            )
    rows = frame[frame[key or "park"] == park]
    for name, wanted in part.where.items():
        listed = list(wanted) if isinstance(wanted, (tuple, list)) else [wanted]
        rows = rows[rows[name].isin(listed)].sort_values(
            name, key=lambda c: c.map(listed.index), kind="stable"
        )
    if part.largest:
        rows = rows.sort_values(part.largest, ascending=False, kind="stable")
    return rows[rows["value"].notna()] if "value" in part.columns else rows
