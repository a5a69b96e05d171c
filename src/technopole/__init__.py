"""Technopole: science & technology parks, the clusters around them, what parks caused, what each should aim at.

Importing this loads nothing heavy: rooms and readers arrive when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from technopole._version import __version__ as __version__

if TYPE_CHECKING:
    from technopole import (
        charts as charts,
    )
    from technopole import (
        checks as checks,
    )
    from technopole import (
        clusters as clusters,
    )
    from technopole import (
        comparison as comparison,
    )
    from technopole import (
        competitiveness as competitiveness,
    )
    from technopole import (
        effects as effects,
    )
    from technopole import (
        measures as measures,
    )
    from technopole import (
        parks as parks,
    )
    from technopole import (
        policy as policy,
    )
    from technopole.engine import connect as connect
    from technopole.result import load_result as load_result
    from technopole.sources import (
        check as check,
    )
    from technopole.sources import (
        read_activity as read_activity,
    )
    from technopole.sources import (
        read_collaborations as read_collaborations,
    )
    from technopole.sources import (
        read_crosswalk as read_crosswalk,
    )
    from technopole.sources import (
        read_establishments as read_establishments,
    )
    from technopole.sources import (
        read_figures as read_figures,
    )
    from technopole.sources import (
        read_firms as read_firms,
    )
    from technopole.sources import (
        read_input_output as read_input_output,
    )
    from technopole.sources import (
        read_links as read_links,
    )
    from technopole.sources import (
        read_parks as read_parks,
    )
    from technopole.sources import (
        read_patents as read_patents,
    )
    from technopole.sources import (
        read_places as read_places,
    )
    from technopole.sources import (
        read_studies as read_studies,
    )
    from technopole.sources import (
        read_trade as read_trade,
    )
    from technopole.sources import (
        simulate_firms as simulate_firms,
    )
    from technopole.sources import (
        simulate_trade as simulate_trade,
    )
    from technopole.tables import (
        concordance as concordance,
    )
    from technopole.tables import (
        convert as convert,
    )
    from technopole.tables import recognise as recognise
    from technopole.tables import sector as sector

_ROOMS = (
    "measures",
    "clusters",
    "parks",
    "effects",
    "checks",
    "competitiveness",
    "comparison",
    "policy",
    "charts",
)
_HOMES = {
    "connect": "engine",
    "load_result": "result",
    "sector": "tables",
    "concordance": "tables",
    "recognise": "tables",
    "convert": "tables",
    "check": "sources",
    "simulate_firms": "sources",
    "simulate_trade": "sources",
    **{
        f"read_{table}": "sources"
        for table in (
            "activity", "establishments", "places", "parks", "figures",
            "firms", "trade", "collaborations", "patents", "links", "input_output", "crosswalk", "studies",
        )
    },
}  # fmt: skip
__all__ = ["__version__", *_ROOMS, *_HOMES]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"technopole.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"technopole.{_HOMES[name]}"), name)
    raise AttributeError(f"technopole has {', '.join(__all__)}; no {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
