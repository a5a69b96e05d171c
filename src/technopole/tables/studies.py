"""Studies: what published evaluations estimated, and how surely."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table


class Studies(Table):
    """One row per estimate of a study; a study may have several, of several outcomes."""

    schema: ClassVar[Schema] = Schema(
        name="studies",
        title="studies: published estimates with their standard errors",
        key=(),
        columns=(
            Column("study", "text", "study, as author and year", required=True),
            Column("estimate", "number", "estimated effect, in one unit throughout", required=True),
            Column("std_error", "number", "its standard error", required=True, low=0),
            Column("n", "number", "sample size: firms", "firms", low=0),
            Column("year", "year", "year of publication"),
            Column("outcome", "text", "what the effect is on"),
            Column("design", "text", "how it was estimated"),
        ),
    )
