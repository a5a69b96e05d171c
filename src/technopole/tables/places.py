"""Places: regions, counties, prefectures: what activity is counted in."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table


class Places(Table):
    """One row per place: its name, and where it lies (an outline, or a point)."""

    schema: ClassVar[Schema] = Schema(
        name="places",
        title="places: what activity is counted in",
        key=("place",),
        columns=(
            Column("place", "code", "code of the place, as in the activity table", required=True),
            Column("name", "text", "name of the place"),
            Column("country", "text", "country"),
            Column("geometry", "geometry", "outline of the place"),
            Column("longitude", "longitude", "east positive", "degrees", low=-180, high=180),
            Column("latitude", "latitude", "north positive", "degrees", low=-90, high=90),
            Column("x", "number", "easting; needs crs=", "of the crs"),
            Column("y", "number", "northing; needs crs=", "of the crs"),
            Column("population", "number", "inhabitants", "persons", low=0),
            Column("area_km2", "number", "area", "km2", low=0),
        ),
    )
