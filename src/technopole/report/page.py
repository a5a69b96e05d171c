"""Puts a finished run on one page that needs nothing but itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from technopole import rooms, writing
from technopole.docstrings import Description, describe
from technopole.report.cards import cards
from technopole.report.grids import Grid, grid, head
from technopole.report.pictures import picture
from technopole.report.references import References
from technopole.report.words import MARKS, plain, prose
from technopole.result import Result
from technopole.study import Run, Step

CALLED = {"leading": "what the figure shows"}  # tables whose names say little


@dataclass(frozen=True, slots=True)
class Shown:
    """A table of a step: what is seen at once, the whole where that is more, and where it lies in full."""

    name: str
    title: str
    first: Grid
    whole: Grid | None
    file: str


@dataclass(frozen=True, slots=True)
class Section:
    """A step as the report shows it."""

    name: str
    number: str
    title: str
    note: tuple[str, ...]
    parts: tuple[tuple[str, Any], ...]
    method: str
    method_title: str
    data: tuple[str, ...]
    warnings: tuple[str, ...]
    summary: bool
    text: str


@dataclass(frozen=True, slots=True)
class Absent:
    """What a chapter leaves out as a table isn't there: titles of its steps, why, and what the table is called."""

    titles: tuple[str, ...]
    why: str
    table: str


@dataclass(frozen=True, slots=True)
class Method:
    """A method: its anchor, what it does, and what to cite."""

    anchor: str
    call: str
    about: Description
    citation: str


def write(run: Run, out: str | Path) -> Path:
    """Write ``report.html`` into the folder `out` and return its path.

    The file holds its style and pictures and asks for nothing else. The same run gives the same bytes.
    """
    return writing.write_text(Path(out) / "report.html", render(run))


def render(run: Run) -> str:
    """Return the report of a run as HTML."""
    references = References()
    top = cards(run, references)
    chapters = [
        (
            f"{number}",
            name,
            run.study.chapter(name),
            [
                _section(run, step, f"{number}.{i}", references)
                for i, step in enumerate(_there(run, steps), 1)
            ],
            _absent(run, steps),
        )
        for number, (name, steps) in enumerate(run.study.outline, 1)
    ]
    sections = [section for *_, found, _ in chapters for section in found]
    environment = Environment(
        loader=PackageLoader("technopole.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(paragraphs=paragraphs, words=plain)
    style = Path(__file__).with_name("templates") / "report.css"
    page = environment.get_template("report.html.j2").render(
        study=run.study.study,
        style=Markup(style.read_text(encoding="utf-8")),
        cards=top,
        findings=[section for section in sections if section.summary] or sections,
        chapters=chapters,
        sections=sections,
        marks=list(dict.fromkeys(MARKS.values())),
        methods=_methods(run.results, run.study.steps),
        references=references.all(),
        steps=run.study.steps,
        results=run.results,
        as_json=_as_json,
        lock=run.lock,
        study_file=run.study,
    )
    return re.sub(r"\n\s*\n+", "\n", page)


def paragraphs(text: str) -> list[str]:
    """Split a text at its blank lines."""
    return [prose(" ".join(part.split())) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _section(run: Run, name: str, number: str, references: References) -> Section:
    step, title = run.study.steps[name], _title(run, name)
    result = run.results[name]
    parts = [
        (kind, made)
        for kind in step.show
        if (made := _part(kind, name, number, title, step, result, references))
    ]
    inputs = result.provenance.inputs if result.provenance else ()
    return Section(
        name=name,
        number=number,
        title=title,
        note=tuple(paragraphs(step.note)),
        parts=tuple(parts),
        method=_anchor(step.call),
        method_title=plain(step.call.partition(".")[2]),
        data=tuple(dict.fromkeys(item.source for item in inputs)),
        warnings=result.warnings,
        summary=step.summary,
        text=prose(result.text),
    )


def _title(run: Run, name: str) -> str:
    step = run.study.steps[name]
    return step.title or describe(rooms.load(step.call)).title.rstrip(".")


def _there(run: Run, steps: Iterable[str]) -> list[str]:
    return [name for name in steps if name not in run.left_out]


def _absent(run: Run, steps: Iterable[str]) -> list[Absent]:
    """What is left out of these steps, table by table."""
    needed = {name: run.left_out[name] for name in steps if name in run.left_out}
    return [
        Absent(
            tuple(_title(run, name) for name, at in needed.items() if at == table),
            run.study.tables[table].optional.rstrip("."),
            table,
        )
        for table in dict.fromkeys(needed.values())
    ]


def _part(
    kind: str, name: str, number: str, title: str, step: Step, result: Result, references: References
) -> Any:
    if kind == "text":
        return paragraphs(result.text)
    if kind == "chart":
        return picture(result, title)
    if kind == "table" and result.confidential:
        kind = next(name for name in result.frames if name != "table")
    if kind not in result.frames:
        return None
    whole = grid(_ordered(result.frames[kind], step.largest), result.fields, references, hide=step.hide)
    if not whole.rows:
        return None
    caption = f"Table {number}. {title}" if kind == "table" else f"{title}: {CALLED.get(kind, plain(kind))}"
    short = whole.turned or whole.shown <= step.rows + 2
    first = whole if short else head(whole, step.rows)
    return Shown(kind, caption, first, None if short else whole, f"results/{name}/{kind}.csv")


def _ordered(frame: pd.DataFrame, largest: str) -> pd.DataFrame:
    if largest not in frame:
        return frame
    by = [name for name in ("year", largest) if name in frame]
    return frame.sort_values(by, ascending=False, kind="stable")


def _anchor(call: str) -> str:
    return f"method-{call.replace('.', '-')}"


def _methods(results: Mapping[str, Result], steps: Mapping[str, Step]) -> list[Method]:
    calls = {step.call: results[name].citation for name, step in steps.items() if name in results}
    return [
        Method(_anchor(call), call, describe(rooms.load(call)), citation) for call, citation in calls.items()
    ]


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
