"""Firms: a panel of firms, in and out of parks."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table


class Firms(Table):
    """One row per firm and year: when it entered a park, its outcomes and covariates (all further columns)."""

    schema: ClassVar[Schema] = Schema(
        name="firms",
        title="firms: firm x year, with the year of entry into a park",
        key=("firm", "year"),
        columns=(
            Column("firm", "code", "identifier of the firm", required=True),
            Column("year", "year", "year observed", required=True),
            Column("park", "text", "park the firm is in; none = in no park"),
            Column("entered", "year", "year it entered a park; 0 or none = never", low=0),
            Column("left", "year", "year it left the park; 0 or none = still there", low=0),
        ),
    )
