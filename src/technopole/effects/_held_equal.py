"""Cells of cohorts and years with covariates held equal by the odds of entering: doubly robust, or by weights alone."""

from __future__ import annotations

import bisect
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from technopole.effects._panel import Panel
from technopole.kernels.doubly_robust import Chances, chances, difference
from technopole.kernels.threads import one_thread

Array = npt.NDArray[np.float64]
Cells = dict[tuple[Any, Any], dict[str, Any]]
FEW = 10  # units per covariate in the smaller group: with fewer the odds are rough


class HeldEqual:
    """Every comparison that `cells` holds, made again with covariates of its base year; `cells` and `influence` are changed."""

    def __init__(self, rows: Panel, cells: Cells, influence: Cells) -> None:
        self.cells, self.influence = cells, influence
        self.years = [int(year) for year in np.unique(rows.rows["year"])]
        self.outcome, self.covariates = _wide(rows, self.years)
        self.smallest: list[int] = []
        self.redundant = 0
        self._last: tuple[Any, Chances] | None = None

    def compare(self, *, base: Literal["varying", "universal"], anticipation: int, regress: bool) -> None:
        """Replace estimates, influence functions and reasons of all cells that compare two years."""
        with one_thread():
            for (group, time), cell in sorted(self.cells.items()):
                if cell.get("skip_reason") is None and not cell.get("is_reference"):
                    before = time if base == "varying" and time < group else group - anticipation
                    start = bisect.bisect_left(self.years, before) - 1
                    self._compare(group, start, self.years.index(time), cell, regress=regress)

    def _compare(self, group: int, start: int, end: int, cell: dict[str, Any], *, regress: bool) -> None:
        own = self.influence[group, self.years[end]]
        entered, others = own["treated_idx"], own["control_idx"]
        at, number = np.concatenate([entered, others]), len(entered)
        values = self.covariates[start][:, at]
        self.smallest.append(min(number, len(others)))
        chance = self._chances((group, start), at, values, number)
        change = self.outcome[end, at] - self.outcome[start, at]
        found = difference(change, values, number, chance, regress=regress)
        own["treated_inf"], own["control_inf"] = found.influence[:number], found.influence[number:]
        cell["effect"], cell["skip_reason"] = found.estimate, found.undefined or None
        self.redundant += found.redundant > 0

    def _chances(
        self, key: tuple[int, int], at: npt.NDArray[np.intp], values: Array, entered: int
    ) -> Chances:
        """Fit the odds, unless the cell before rests on the same units in the same base year."""
        if self._last is not None and self._last[0][0] == key and np.array_equal(self._last[0][1], at):
            return self._last[1]
        found = chances(values, entered)
        self._last = (key, at), found
        return found

    def warnings(self) -> list[str]:
        """Say where odds are rough and covariates redundant."""
        said: list[str] = []
        number = self.covariates.shape[1]
        few = sum(size < FEW * number for size in self.smallest)
        if few:
            said.append(
                f"{few} of {len(self.smallest)} cells have fewer than {FEW} units per covariate in the smaller group: their "
                'propensity scores are rough, method="outcome_regression" needs none'
            )
        if self.redundant:
            said.append(
                "in some cells the covariates are combinations of each other among the comparison units: the redundant ones are left out there"
            )
        return said


def _wide(rows: Panel, years: list[int]) -> tuple[Array, Array]:
    """Return outcomes by year and unit (in the order of `rows.units`), covariates by year, name and unit; nan where a unit isn't seen."""
    table = rows.rows
    unit = np.unique(table["unit"].to_numpy(), return_inverse=True)[1]
    year = np.searchsorted(years, table["year"].to_numpy())
    outcome = np.full((len(years), unit.max() + 1), np.nan)
    outcome[year, unit] = table["outcome"].to_numpy()
    covariates = np.full((len(years), len(rows.covariates), unit.max() + 1), np.nan)
    for row, name in enumerate(rows.covariates):
        covariates[year, row, unit] = table[name].to_numpy()
    return outcome, covariates
