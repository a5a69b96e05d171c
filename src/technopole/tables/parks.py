"""Parks: science and technology parks, their two dates and where they are."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table


class Parks(Table):
    """One row per park; profile fields beyond the standard columns are kept."""

    schema: ClassVar[Schema] = Schema(
        name="parks",
        title="parks: science and technology parks",
        key=("park",),
        columns=(
            Column("park", "text", "name of the park", required=True),
            Column("country", "text", "country"),
            Column("longitude", "longitude", "east positive", "degrees", low=-180, high=180),
            Column("latitude", "latitude", "north positive", "degrees", low=-90, high=90),
            Column("geometry", "geometry", "outline of the park"),
            Column("designated", "year", "year a government gave it its status"),
            Column("opened", "year", "year the first tenants moved in, or it was founded"),
        ),
    )
