"""What a study file says. Every key a study may have is a field here; any other key is an error."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Part = Annotated[str, StringConstraints(pattern=r"^(chart|text|table|[a-z][a-z0-9_]*)$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Head(_Section):
    """``[study]``: what the study is called and asks."""

    name: Name = Field(description="short name")
    title: str = Field(description="title of the report")
    subtitle: str = Field(default="", description="second line of the report")
    question: str = Field(default="", description="the question the study answers, in one sentence")
    authors: tuple[str, ...] = Field(default=(), description="who answers for it")
    seed: int = Field(
        default=0, description="seed of every step that draws random numbers and has none of its own", ge=0
    )


class Chapter(_Section):
    """``[chapters.NAME]``: a chapter of the report; chapters come in the order of the file."""

    title: str = Field(default="", description="heading; none = the name")
    text: str = Field(
        default="", description="what stands before the chapter's results; a blank line parts paragraphs"
    )


class CardPart(_Section):
    """``[[cards.parts]]``: one part of every card: some columns of the rows about its park, from one step's result."""

    step: Name = Field(description="step whose result it is taken from")
    title: str = Field(default="", description="heading of the part")
    table: str = Field(default="table", description="table of the result: table, or a further table's name")
    columns: tuple[str, ...] = Field(
        description="columns shown; the first leads: the headline, the point or the row's name", min_length=1
    )
    where: Mapping[str, str | int | bool | tuple[str, ...]] = Field(
        default={},
        description='only rows with these values, in the order of a list: `{ facet = "technology" }`',
    )
    largest: str = Field(default="", description="column whose largest values come first")
    rows: int = Field(default=6, description="at most so many rows", ge=1)
    empty: str = Field(default="No entry for this park.", description="what stands where there is no row")
    layout: Literal["lead", "points", "rows"] = Field(
        default="rows", description="lead = a headline and its details, points = a list, rows = a small table"
    )


class Cards(_Section):
    """``[cards]``: the cards in the report's summary, one per park, filled from the results."""

    of: tuple[str, ...] = Field(default=(), description="parks that get a card, in this order")
    parts: tuple[CardPart, ...] = Field(default=(), description="what every card shows, in this order")


class Converted(_Section):
    """``convert = { ... }`` of a table: from one classification to another."""

    from_: str = Field(alias="from")
    to: str
    weights: Literal["main", "equal"] | dict[str, float] = "main"
    through: tuple[str, ...] = ()
    digits: int | None = Field(default=None, ge=1)
    value: str | None = None


class TableFile(_Section):
    """``[tables.NAME]``: a file, and what kind of table it is."""

    path: str = Field(default="", description="path from the study file's folder, or `bundled:FOLDER/FILE`")
    noun: str = Field(alias="as", description="kind of table: activity, figures, parks, places ...")
    columns: dict[str, str] = Field(default={}, description="standard column name = your column name")
    crs: str | None = Field(default=None, description="coordinates of x, y: `EPSG:4326`, or `planar-km`")
    year: int | None = Field(
        default=None, description="year of a table without a year column; of one with it, the rows to keep"
    )
    sheet: str | int | None = Field(
        default=None, description="sheet of a workbook, by name or number (from 1); none = the first"
    )
    layer: str | None = Field(default=None, description="layer of a GeoPackage, or table of a database")
    encoding: str | None = Field(default=None, description="text encoding; none = found out")
    header: int | None = Field(default=None, description="row that holds the headers; none = found out")
    decimal: str | None = Field(default=None, description="decimal sign, `.` or `,`; none = found out")
    pad: dict[str, int] = Field(
        default={}, description="code column = its length: zeros lost in front are put back"
    )
    convert: Converted | None = Field(
        default=None,
        description='classification its codes are converted to: `{ from = "HS-2007", to = "NAICS-2017" }`',
    )
    countries: tuple[str, ...] = Field(
        default=(),
        description='columns of three-letter country codes that are shown by name: `["exporter"]`',
    )
    optional: str = Field(
        default="",
        description="why the file may be absent: steps that need it are then left out, and the report says so",
    )

    @model_validator(mode="after")
    def _somewhere(self) -> TableFile:
        if not self.path and not self.optional:
            raise ValueError("a table needs a path, unless it is optional")
        return self


class SectorCodes(_Section):
    """``[sectors.NAME]``: a bundled sector, or codes of your own."""

    scheme: str = Field(description="classification: NAICS-2017, NACE-2, ISIC-4, HS-2017, IPC ...")
    use: str | None = Field(default=None, description="bundled sector it is; none = the section's name")
    codes: tuple[str, ...] | dict[str, float] | None = Field(
        default=None, description="your codes or prefixes, or code = weight in (0, 1]"
    )
    exclude: tuple[str, ...] = Field(default=(), description="codes or prefixes left out")


class Step(_Section):
    """``[steps.NAME]``: one call. Every key that isn't listed here is an argument of the called member."""

    call: str = Field(description="member to call: `measures.location_quotient`")
    title: str = Field(default="", description="heading in the report; none = the member's title")
    chapter: str = Field(default="", description="chapter of the report it belongs to; none = the room's")
    note: str = Field(default="", description="what stands under the heading, before what was found")
    show: tuple[Part, ...] = Field(
        default=("text", "chart", "table"),
        description="what the report shows, in order: text, chart, table, and names of further tables",
    )
    rows: int = Field(
        default=12, description="rows of a table the report shows before the rest is folded", ge=1
    )
    largest: str = Field(
        default="", description="column whose largest values the report's table shows first, of the last year"
    )
    hide: tuple[str, ...] = Field(
        default=(), description="columns the report leaves out of this step's tables"
    )
    summary: bool = Field(default=False, description="what was found stands in the report's summary too")
    arguments: Mapping[str, Any] = Field(default={}, exclude=True, description="")

    @model_validator(mode="before")
    @classmethod
    def _part(cls, said: Any) -> Any:
        if not isinstance(said, dict) or "arguments" in said:
            return said
        own = cls.model_fields.keys() - {"arguments"}
        return {
            **{key: value for key, value in said.items() if key in own},
            "arguments": {key: value for key, value in said.items() if key not in own},
        }


class Study(_Section):
    """A whole study file. `path` and `digest` (SHA-256 of the file) say which file it was."""

    study: Head = Field(description="")
    chapters: dict[Name, Chapter] = {}
    cards: Cards = Cards()
    tables: dict[Name, TableFile] = {}
    sectors: dict[Name, SectorCodes] = {}
    steps: dict[Name, Step] = Field(min_length=1)
    _path: Path = Path()
    _digest: str = ""

    @property
    def path(self) -> Path:
        """The study file."""
        return self._path

    @property
    def digest(self) -> str:
        """SHA-256 of the study file."""
        return self._digest

    def located(self, path: Path, digest: str) -> Study:
        """Return the same study, knowing its file."""
        self._path, self._digest = path, digest
        return self

    def chapter_of(self, step: str) -> str:
        """Return the chapter a step belongs to: the one it names, or its room."""
        return self.steps[step].chapter or self.steps[step].call.partition(".")[0]

    @property
    def outline(self) -> list[tuple[str, list[str]]]:
        """The report's chapters with their steps: chapters as declared, then as first named; steps as declared."""
        found: dict[str, list[str]] = {name: [] for name in self.chapters}
        for step in self.steps:
            found.setdefault(self.chapter_of(step), []).append(step)
        return list(found.items())

    def chapter(self, name: str) -> Chapter:
        """Return a chapter's title and text, also where the file doesn't describe it."""
        said = self.chapters.get(name, Chapter())
        return said if said.title else said.model_copy(update={"title": name.replace("_", " ").capitalize()})
