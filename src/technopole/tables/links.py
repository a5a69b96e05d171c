"""Links: how closely two industries are tied, pair by pair."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table


class Links(Table):
    """One row per pair of industries, in any order, with one or more links; further numeric columns are links too."""

    schema: ClassVar[Schema] = Schema(
        name="links",
        title="links: pair of industries",
        key=("industry_a", "industry_b"),
        columns=(
            Column("industry_a", "code", "first industry, a code of any scheme", required=True),
            Column("industry_b", "code", "second industry", required=True),
            Column("input_output", "number", "goods: largest share of inputs or outputs", "share", low=0),
            Column("labour", "number", "workers: similarity of occupations", "correlation", low=-1, high=1),
            Column("knowledge", "number", "ideas: technology flows or citations", "share", low=0),
        ),
    )
