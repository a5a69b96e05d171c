"""Result tables as a reader wants them: units in the head, reasons in the blanks, sources as numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from technopole.report.references import Reference, References
from technopole.report.words import is_blank, is_year, legend, marks_of, plain, said, sentences
from technopole.result import Field

MOST = 300  # rows of a table that a report holds; the rest is in the results folder
FIGURE = ("value", "unit", "year", "status", "grade", "source")  # together one published figure
KEYS = ("indicator", "scope", "unit", "facet")  # together what a row of a comparison is about
HEAD = "indicator"
HEADS = {"undefined": "why there is none", "label": "what"}
MONEY = "currency of the source"
SIZES = ((1e9, "billion"), (1e6, "million"))
TURN_ROWS, TURN_COLUMNS = 4, 7  # few rows with many columns are read downwards


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: lines of text, small print below, marks and sources beside; `title` says more on pointing."""

    lines: tuple[str, ...]
    kind: str = "text"
    marks: tuple[str, ...] = ()
    small: str = ""
    references: tuple[Reference, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head: name, unit, and its meaning in words."""

    name: str
    unit: str = ""
    meaning: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table ready to be shown. `sections` = (heading, rows); the first `columns` entry heads the rows."""

    columns: tuple[Column, ...]
    sections: tuple[tuple[str, tuple[tuple[Cell, ...], ...]], ...]
    shared: tuple[str, ...]
    legend: tuple[tuple[str, str], ...]
    rows: int
    left_out: int
    meanings: tuple[tuple[str, str], ...] = field(default=())
    turned: bool = False

    @property
    def shown(self) -> int:
        """Rows in the sections."""
        return sum(len(rows) for _, rows in self.sections)


def grid(
    frame: pd.DataFrame,
    fields: Mapping[str, Field],
    references: References,
    *,
    hide: Sequence[str] = (),
    most: int = MOST,
    as_is: bool = False,
) -> Grid:
    """Lay out a table; `as_is` neither says shared values once, nor turns, nor makes sections."""
    whole = len(frame)
    frame = frame.drop(columns=[name for name in ("geometry", *hide) if name in frame])
    names = [name for name in frame.columns if not frame[name].map(is_blank).all()]
    shared, names = ((), names) if as_is else _shared(frame, names)
    frame, fields, sizes = _scaled(frame, fields)
    shown = frame.head(most)
    parts = _parts(names, (*FIGURE, "scope") if as_is else FIGURE)
    columns = tuple(_column(name, members, frame, fields, sizes) for name, members in parts.items())
    rows = [
        tuple(_cell(members, row, fields, references) for members in parts.values())
        for row in shown.to_dict("records")
    ]
    marks = {mark for row in rows for cell in row for mark in cell.marks}
    meanings = tuple(
        (column.name, column.meaning)
        for column in columns
        if column.meaning and column.meaning != column.name
    )
    turned = not as_is and 0 < len(rows) <= TURN_ROWS and len(columns) >= TURN_COLUMNS
    if turned:
        columns, rows = _turned(columns, rows)
    split = None if as_is or turned else _split(columns, rows)
    if split:
        columns = columns[1:]
    return Grid(
        columns=columns,
        sections=tuple(split) if split else (("", tuple(rows)),),
        shared=shared,
        legend=tuple(legend(marks)),
        rows=whole,
        left_out=max(0, whole - most),
        meanings=meanings,
        turned=turned,
    )


def head(whole: Grid, rows: int) -> Grid:
    """Return the first rows of a grid."""
    kept: list[tuple[str, tuple[tuple[Cell, ...], ...]]] = []
    for title, section in whole.sections:
        room = rows - sum(len(part) for _, part in kept)
        if room > 0:
            kept.append((title, section[:room]))
    return Grid(
        whole.columns, tuple(kept), whole.shared, whole.legend, whole.rows, whole.left_out, whole.meanings
    )


def _shared(frame: pd.DataFrame, names: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Say once what is the same in every row: the year, the scheme, the unit."""
    if len(frame) < 3:
        return (), list(names)
    same = [
        name
        for name in names[1:]
        if ": " not in name
        and (is_year(name) or pd.api.types.is_string_dtype(frame[name]) or frame[name].dtype == object)
        and name not in ("low", "high", "value", *(FIGURE if _is_figure(names) else ()))
        and frame[name].nunique(dropna=False) == 1
        and len(str(frame[name].iloc[0])) < 140
        and not str(frame[name].iloc[0]).startswith("http")
    ]
    said_once = tuple(f"{plain(name)}: {said(frame[name].iloc[0], year=is_year(name))}" for name in same)
    return said_once, [name for name in names if name not in same]


def _is_figure(names: Sequence[str]) -> bool:
    return {"value", "source"} <= set(names)


def _parts(names: Sequence[str], figure: Sequence[str]) -> dict[str, dict[str, str]]:
    """Put together what belongs in one cell: a figure with its unit, year and source, alone or per park; an interval."""
    parts: dict[str, dict[str, str]] = {}
    heads = _heads(names)
    for name in names:
        owner, _, role = name.rpartition(": ")
        if name in heads:
            parts.setdefault(HEAD, {})[name] = name
        elif owner:
            parts.setdefault(owner, {})[role] = name
        elif name in figure and _is_figure(names):
            parts.setdefault("figure", {})[name] = name
        elif name in ("low", "high") and {"low", "high"} <= set(names):
            parts.setdefault("interval", {})[name] = name
        else:
            parts[name] = {"": name}
    return parts


def _heads(names: Sequence[str]) -> list[str]:
    """Where parks have columns of their own, what comes before them says together what a row is about."""
    first = next((i for i, name in enumerate(names) if ": " in name), 0)
    return [name for name in names[:first] if name in KEYS]


def _column(
    name: str,
    members: Mapping[str, str],
    frame: pd.DataFrame,
    fields: Mapping[str, Field],
    sizes: Mapping[str, str],
) -> Column:
    if "" in members:
        about = fields.get(name, Field(name))
        kind = _kind(name, frame[name])
        unit = "percent" if _is_share(name, about) else "" if kind == "source" else about.unit
        unit = ", ".join(filter(None, (sizes.get(name), unit)))
        return Column(HEADS.get(name, plain(name)), unit, about.meaning, kind)
    if name == HEAD:
        return Column(HEAD, " · ".join(key for key in KEYS if key in members and key != HEAD))
    if set(members) == {"low", "high"}:
        low, high = (fields.get(part, Field(part)).meaning for part in ("low", "high"))
        return Column("interval", "", f"{low} – {high}", "number")
    return Column(name, "", "", "number")


def _is_share(name: str, about: Field) -> bool:
    return about.unit == "share" and ("share" in name or "share" in about.meaning)  # 0 to 1, shown in percent


def _scaled(
    frame: pd.DataFrame, fields: Mapping[str, Field]
) -> tuple[pd.DataFrame, Mapping[str, Field], dict[str, str]]:
    """Large amounts of money in millions or billions, all of a table in the same; returns the size's name by column."""
    money = [str(name) for name in frame if fields.get(str(name), Field("")).unit == MONEY]
    money = [name for name in money if pd.api.types.is_numeric_dtype(frame[name])]
    largest = frame[money].abs().max().max() if money and len(frame) else 0.0
    size, word = next(((size, word) for size, word in SIZES if largest >= size), (1.0, ""))
    if not word:
        return frame, fields, {}
    said = {name: replace(fields[name], digits=None) for name in money}
    return (
        frame.assign(**{name: frame[name] / size for name in money}),
        {**fields, **said},
        dict.fromkeys(money, word),
    )


def _kind(name: str, values: pd.Series[Any]) -> str:
    if name == "source" or name.endswith("_source"):
        return "source"
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return "text"
    return "number"


def _cell(
    members: Mapping[str, str], row: Mapping[Any, Any], fields: Mapping[str, Field], references: References
) -> Cell:
    if "" in members:
        return _simple(members[""], row[members[""]], fields, references)
    if HEAD in members:
        rest = [said(row[key]) for key in KEYS if key in members and key != HEAD and not is_blank(row[key])]
        return Cell((said(row[HEAD]),), "long", small=" · ".join(rest))
    digits = {role: fields.get(name, Field(name)).digits for role, name in members.items()}
    if set(members) == {"low", "high"}:
        ends = [said(row[members[end]], digits=digits[end]) for end in ("low", "high")]
        return Cell((" – ".join(ends) if any(end != "–" for end in ends) else "–",), "number")
    value = {role: row[name] for role, name in members.items()}
    reason = "" if is_blank(value.get("reason")) else str(value["reason"])
    if is_blank(value.get("value")):
        return Cell(("–",), "blank", small=reason, title=reason)
    unit = "" if is_blank(value.get("unit")) else f" {value['unit']}"
    dated = "year" in (row.get("unit"), value.get("unit"))
    amount = said(value["value"], digits=digits.get("value"), year=dated, published=True)
    return Cell(
        (amount + ("" if dated else unit),),
        "number",
        marks_of(value.get("status"), value.get("grade"), reason),
        " · ".join(
            said(value[role], year=True) for role in ("year", "scope") if not is_blank(value.get(role))
        ),
        tuple(references.of(value.get("source"))),
        reason,
    )


def _simple(name: str, value: Any, fields: Mapping[str, Field], references: References) -> Cell:
    if is_blank(value):
        return Cell(("–",), "blank")
    if name == "source" or name.endswith("_source"):
        return Cell((), "source", references=tuple(references.of(value)))
    if isinstance(value, str):
        if re.match(r"https?://\S+$", value):
            return Cell((), "source", references=tuple(references.of(value)))
        marks = marks_of(value) if name in ("status", "grade") else ()
        return Cell(
            tuple(plain(part) for part in sentences(value)), "long" if len(value) > 40 else "text", marks
        )
    about, kind = fields.get(name, Field(name)), "text" if isinstance(value, bool) else "number"
    if _is_share(name, about):
        return Cell((said(100 * value, digits=max(0, (about.digits or 3) - 2)),), kind)
    return Cell((said(value, digits=about.digits, year=is_year(name)),), kind)


def _turned(
    columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]
) -> tuple[tuple[Column, ...], list[tuple[Cell, ...]]]:
    heads = (Column(columns[0].name), *(Column(" ".join(row[0].lines)) for row in rows))
    down = [
        (Cell((column.name,), "head", small=column.unit), *(row[i] for row in rows))
        for i, column in enumerate(columns)
        if i
    ]
    return heads, down


def _split(
    columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]
) -> list[tuple[str, tuple[tuple[Cell, ...], ...]]] | None:
    """Make the first column headings of sections where each of its values stands for a run of several rows."""
    titles = [" ".join(row[0].lines) for row in rows]
    starts = [i for i, title in enumerate(titles) if not i or title != titles[i - 1]]
    if len(columns) < 4 or not 1 < len(starts) <= len(rows) / 2 or len(starts) != len(set(titles)):
        return None
    ends = [*starts[1:], len(rows)]
    return [
        (titles[start], tuple(row[1:] for row in rows[start:end]))
        for start, end in zip(starts, ends, strict=True)
    ]
