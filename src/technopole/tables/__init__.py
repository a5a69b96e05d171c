"""The nouns: what a table of each kind holds. No statistics."""

from technopole.tables.activity import Activity
from technopole.tables.establishments import Establishments
from technopole.tables.figures import Figures
from technopole.tables.parks import Parks
from technopole.tables.schema import Column, Schema
from technopole.tables.sector import Sector, sector, sectors
from technopole.tables.table import Table

__all__ = [
    "Activity",
    "Column",
    "Establishments",
    "Figures",
    "Parks",
    "Schema",
    "Sector",
    "Table",
    "sector",
    "sectors",
]
