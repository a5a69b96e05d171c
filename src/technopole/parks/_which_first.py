"""What came first, for one park and one cluster: from two dates and how surely the second is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["cluster-led", "park-led", "together", "neither", "cannot tell"]
VERDICTS: tuple[Verdict, ...] = ("cluster-led", "park-led", "together", "neither", "cannot tell")


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, and why there is none or what limits it."""

    verdict: Verdict
    because: str = ""


def order(date: int | None, low: float, high: float, together: float) -> Answer:
    """Compare a park's date with the years a cluster may have been born in (-inf, inf = outside the data)."""
    if date is None:
        return Answer("cannot tell", "the park has no date, which isn't never")
    if high - date < -together:
        return Answer("cluster-led")
    if low - date > together:
        return Answer("park-led")
    if low - date >= -together and high - date <= together:
        return Answer("together")
    if low == -math.inf and math.isfinite(high):
        return Answer(
            "cannot tell",
            f"the cluster was born {high:.0f} or before: the data begin too late to say whether before {date}",
        )
    if low == -math.inf:
        return Answer("cannot tell", "the data are too few to date the cluster's birth")
    last = "after the data end" if high == math.inf else f"{high:.0f}"
    return Answer(
        "cannot tell", f"the cluster may have been born between {low:.0f} and {last}, the park is of {date}"
    )


def alone(date: int | None, last: int | None, horizon: int, within_km: float) -> Answer:
    """Say what it means that a park has no cluster near it, in data that end in `last`."""
    if date is None:
        return Answer("cannot tell", "the park has no date, which isn't never")
    if last is None:
        return Answer("neither", f"no cluster within {within_km:g} km")
    seen = last - date
    if seen < horizon:
        return Answer(
            "cannot tell",
            f"no cluster within {within_km:g} km, but the data show {max(seen, 0)} years of the park: {horizon} are asked for",
        )
    return Answer("neither", f"no cluster within {within_km:g} km by {last}")
