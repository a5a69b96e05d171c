"""Rates with their Monte Carlo error, and the tables they are shown in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Rate:
    """Shares found by one test in several worlds of one case: one share per world."""

    case: str
    test: str
    shares: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Return the share over all worlds."""
        return float(np.mean(self.shares))

    @property
    def error(self) -> float:
        """Return the half-width of the 95 % interval: worlds are independent, places of one world aren't."""
        return float(1.96 * np.std(self.shares, ddof=1) / np.sqrt(len(self.shares)))

    def __str__(self) -> str:
        if not any(self.shares):
            below = 300 / len(self.shares)
            return f"0 (below {below:.{0 if below >= 10 else 1}f})" if below < 100 else "0"
        return f"{100 * self.mean:.1f} ± {100 * self.error:.1f}"


def pivot(rates: Iterable[Rate], first: str = "case") -> str:
    """Return a Markdown table: cases down, tests across, rates in per cent."""
    cells = {(rate.case, rate.test): str(rate) for rate in rates}
    cases, tests = (list(dict.fromkeys(pair[k] for pair in cells)) for k in (0, 1))
    lines = [_line([first, *tests]), _line(["---", *["---:"] * len(tests)])]
    lines += [_line([case, *(cells.get((case, test), "") for test in tests)]) for case in cases]
    return "\n".join(lines)


def pooled(rates: Iterable[Rate]) -> str:
    """Return in words how many worlds of all cases together were hit, by test."""
    worlds: dict[str, list[float]] = {}
    for rate in rates:
        worlds.setdefault(rate.test, []).extend(rate.shares)
    return "; ".join(f"{test}: {sum(hits):.0f} of {len(hits)} maps" for test, hits in worlds.items())


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
