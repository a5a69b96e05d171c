"""Every kind of table by its name: what `read_<name>`, `check --as <name>` and a study file's `as` know."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from technopole.errors import UnknownName
from technopole.tables.activity import Activity
from technopole.tables.collaborations import Collaborations
from technopole.tables.crosswalk import Crosswalk
from technopole.tables.establishments import Establishments
from technopole.tables.figures import Figures
from technopole.tables.firms import Firms
from technopole.tables.input_output import InputOutput
from technopole.tables.links import Links
from technopole.tables.parks import Parks
from technopole.tables.patents import Patents
from technopole.tables.places import Places
from technopole.tables.studies import Studies
from technopole.tables.table import Table
from technopole.tables.trade import Trade

NOUNS: Mapping[str, type[Table]] = MappingProxyType(
    {
        kind.schema.name: kind
        for kind in (
            Activity,
            Establishments,
            Places,
            Parks,
            Figures,
            Firms,
            Trade,
            Collaborations,
            Patents,
            Links,
            InputOutput,
            Crosswalk,
            Studies,
        )
    }
)


def noun(name: str) -> type[Table]:
    """Return the kind of table called `name`.

    Raises
    ------
    UnknownName
        There is no such table; all names are listed.
    """
    if name not in NOUNS:
        raise UnknownName("no such kind of table", value=name, exists=NOUNS)
    return NOUNS[name]
