"""Collaborations: who took part in which joint project."""

from __future__ import annotations

from typing import ClassVar

from technopole.tables.schema import Column, Schema
from technopole.tables.table import Table

SECTORS = ("university", "industry", "government", "other")


class Collaborations(Table):
    """One row per project (publication, patent, grant) and organisation that took part in it."""

    schema: ClassVar[Schema] = Schema(
        name="collaborations",
        title="collaborations: project x organisation",
        key=("project", "organisation"),
        columns=(
            Column("project", "code", "identifier of the project, publication or patent", required=True),
            Column("organisation", "code", "identifier or name of the organisation", required=True),
            Column("sector", "choice", "what the organisation is", choices=SECTORS),
            Column("place", "code", "place of the organisation"),
            Column("longitude", "longitude", "east positive", "degrees", low=-180, high=180),
            Column("latitude", "latitude", "north positive", "degrees", low=-90, high=90),
            Column("year", "year", "year of the project; none = one unnamed period, shown as 0"),
            Column("kind", "text", "what the project is: publication, patent, grant"),
            Column("amount", "number", "money to the organisation", "currency of the source", low=0),
        ),
    )
