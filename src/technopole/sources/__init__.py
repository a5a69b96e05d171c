"""Where data comes from: one file per format; each yields a table as it came in, for `tables` to check.

The names load when first used: the child process that opens risky formats imports this package without them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from technopole.sources.checking import check as check
    from technopole.sources.readers import read_activity as read_activity
    from technopole.sources.readers import read_collaborations as read_collaborations
    from technopole.sources.readers import read_crosswalk as read_crosswalk
    from technopole.sources.readers import read_establishments as read_establishments
    from technopole.sources.readers import read_figures as read_figures
    from technopole.sources.readers import read_firms as read_firms
    from technopole.sources.readers import read_input_output as read_input_output
    from technopole.sources.readers import read_links as read_links
    from technopole.sources.readers import read_parks as read_parks
    from technopole.sources.readers import read_patents as read_patents
    from technopole.sources.readers import read_places as read_places
    from technopole.sources.readers import read_studies as read_studies
    from technopole.sources.readers import read_table as read_table
    from technopole.sources.readers import read_trade as read_trade
    from technopole.sources.synthetic import simulate_firms as simulate_firms
    from technopole.sources.synthetic_trade import simulate_trade as simulate_trade

__all__ = [
    "check",
    "read_activity",
    "read_collaborations",
    "read_crosswalk",
    "read_establishments",
    "read_figures",
    "read_firms",
    "read_input_output",
    "read_links",
    "read_parks",
    "read_patents",
    "read_places",
    "read_studies",
    "read_table",
    "read_trade",
    "simulate_firms",
    "simulate_trade",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"technopole.sources has {', '.join(__all__)}; no {name!r}")
    home = {"check": "checking", "simulate_firms": "synthetic", "simulate_trade": "synthetic_trade"}.get(
        name, "readers"
    )
    return getattr(importlib.import_module(f"technopole.sources.{home}"), name)
