"""Where data comes from."""

from technopole.sources.readers import (
    read_activity,
    read_collaborations,
    read_establishments,
    read_figures,
    read_firms,
    read_parks,
    read_patents,
    read_places,
    read_trade,
)

__all__ = [
    "read_activity",
    "read_collaborations",
    "read_establishments",
    "read_figures",
    "read_firms",
    "read_parks",
    "read_patents",
    "read_places",
    "read_trade",
]
