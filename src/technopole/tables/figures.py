"""Figures: single published numbers with their source."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table

STATUSES = ("reported", "approximate", "part-year", "target", "plan", "forecast")
GRADES = ("official", "institute", "press", "weak")


class Figures(Table):
    """One row per published number. Conflicting figures stand side by side; nothing is averaged away."""

    schema: ClassVar[Schema] = Schema(
        name="figures",
        title="figures: single published numbers",
        key=(),
        columns=(
            Column("place", "text", "park or place the number is about", required=True),
            Column("country", "text", "country of the place"),
            Column(
                "facet",
                "text",
                "aspect of a park it belongs to: size, stage, technology, composition, market, policy",
            ),
            Column(
                "indicator",
                "text",
                "what is counted or measured, a concept that compares: revenue, firms",
                required=True,
            ),
            Column("value", "number", "the number", required=True),
            Column(
                "unit",
                "text",
                "unit with multiple and currency: 'billion CNY', 'firms', 'percent'",
                required=True,
            ),
            Column("year", "year", "year the number refers to", required=True),
            Column(
                "scope",
                "text",
                "what it covers: the industry (narrow, broad), the whole zone, the city, an anchor firm",
            ),
            Column("status", "choice", "how firm the number is; none = reported", choices=STATUSES),
            Column("note", "text", "what a reader must know: months covered, 'over', page undated ..."),
            Column("grade", "choice", "how far the source can be trusted", choices=GRADES),
            Column("source", "text", "address or title of the page or table it was read from", required=True),
        ),
    )
