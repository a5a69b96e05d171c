"""The differences within the pairs of a matched comparison, made again from its arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from technopole.effects._adjustment import Options, links, points, ready
from technopole.effects._comparison_sample import sample
from technopole.tables import Firms


def differences(firms: Firms, said: dict[str, Any]) -> npt.NDArray[np.float64]:
    """Return outcome inside minus outside of each pair, for the first outcome; `said` are the arguments of `matched_comparison`."""
    outcome = said["outcome"]
    made = sample(
        firms,
        outcomes=[outcome] if isinstance(outcome, str) else outcome,
        on=said["on"],
        exact=said["exact"],
        cluster=None,
        year=said["year"],
        before=said["before"],
        change=said["change"],
    )
    names = ("method", "estimand", "ratio", "replace", "caliper", "metric", "adjust", "bins", "trim")
    options = Options(**{name: said[name] for name in names})
    _, score = ready(made, options)
    found = links(made, options, points(made, options, score))
    values = made.outcome(0)
    return values[found.focal] - values[found.partner]
