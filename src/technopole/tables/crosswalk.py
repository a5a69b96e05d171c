"""Crosswalk: which codes of one classification correspond to which of another."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table


class Crosswalk(Table):
    """One row per code and industry it corresponds to; rows may repeat, and rows without an industry say there is none."""

    schema: ClassVar[Schema] = Schema(
        name="crosswalk",
        title="crosswalk: code x industry",
        key=(),
        columns=(
            Column("code", "code", "code of the classification to come from", required=True),
            Column("industry", "code", "code of the classification to go to"),
            Column("weight", "number", "how much of the code goes to the industry", "any", low=0),
        ),
    )
