"""Establishments: plants at places."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table


class Establishments(Table):
    """One row per establishment (and year): its industry, size and location."""

    schema: ClassVar[Schema] = Schema(
        name="establishments",
        title="establishments: plants at places",
        key=("establishment_id", "year"),
        columns=(
            Column(
                "establishment_id",
                "code",
                "identifier of the establishment; none = one row, one establishment",
            ),
            Column("firm", "code", "identifier of the legal unit that owns it"),
            Column("industry", "code", "industry code of any scheme", required=True),
            Column("employment", "number", "persons employed", "persons", low=0),
            Column("longitude", "longitude", "east positive", "degrees", low=-180, high=180),
            Column("latitude", "latitude", "north positive", "degrees", low=-90, high=90),
            Column("x", "number", "easting; needs crs=", "of the crs"),
            Column("y", "number", "northing; needs crs=", "of the crs"),
            Column("place", "code", "place it lies in"),
            Column("opened", "year", "year it opened"),
            Column("closed", "year", "year it closed"),
            Column("year", "year", "year observed; none = one unnamed period, shown as 0"),
        ),
    )
