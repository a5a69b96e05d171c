"""The nouns: what a table of each kind holds. No statistics."""

from technopole.tables.activity import Activity
from technopole.tables.collaborations import Collaborations
from technopole.tables.conversion import Concordance, Conversion, concordance, convert, recognise
from technopole.tables.crosswalk import Crosswalk
from technopole.tables.establishments import Establishments
from technopole.tables.figures import Figures
from technopole.tables.firms import Firms
from technopole.tables.input_output import InputOutput
from technopole.tables.links import Links
from technopole.tables.nouns import NOUNS, noun
from technopole.tables.parks import Parks
from technopole.tables.patents import Patents
from technopole.tables.places import Places
from technopole.tables.schema import Column, Schema
from technopole.tables.sector import Sector, sector, sectors
from technopole.tables.studies import Studies
from technopole.tables.table import Table
from technopole.tables.trade import Trade

__all__ = [
    "NOUNS",
    "Activity",
    "Collaborations",
    "Column",
    "Concordance",
    "Conversion",
    "Crosswalk",
    "Establishments",
    "Figures",
    "Firms",
    "InputOutput",
    "Links",
    "Parks",
    "Patents",
    "Places",
    "Schema",
    "Sector",
    "Studies",
    "Table",
    "Trade",
    "concordance",
    "convert",
    "noun",
    "recognise",
    "sector",
    "sectors",
]
