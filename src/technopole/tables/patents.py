"""Patents: how many patents of each technology come from each place and year."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table


class Patents(Table):
    """Place x technology x year, with patents and citations."""

    schema: ClassVar[Schema] = Schema(
        name="patents",
        title="patents: place x technology x year",
        key=("place", "technology", "year"),
        columns=(
            Column("place", "code", "region or country", required=True),
            Column(
                "technology", "code", "technology code of any scheme (IPC, CPC, WIPO field)", required=True
            ),
            Column("year", "year", "calendar year; none = one unnamed period, shown as 0"),
            Column("patents", "number", "number of patents (fractions allowed)", "patents", low=0),
            Column("citations", "number", "citations received", "citations", low=0),
        ),
        value_columns=True,
    )
