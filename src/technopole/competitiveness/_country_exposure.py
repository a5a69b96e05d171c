"""From places to their countries: exposures averaged with the places' shares of the country's industry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from technopole.competitiveness._matrix import matrices
from technopole.errors import EmptyTable, MissingColumn
from technopole.tables import Activity, Places

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Countries:
    """`share[r, i]`: place r's share of the industry i of its country `home[r]` (-1 = none); `empty[c, i]`: the country has none of it."""

    names: list[str]
    home: npt.NDArray[np.intp]
    share: Floats
    empty: npt.NDArray[np.bool_]
    year: int
    warnings: list[str]

    def averaged(self, exposure: Floats) -> Floats:
        """Return the exposure (years, places, industries) of countries; nan where a country has none of an industry."""
        there = self.home >= 0
        found = np.zeros((len(exposure), *self.empty.shape))
        own: Any = (slice(None), self.home[there])
        np.add.at(found, own, exposure[:, there] * self.share[there])
        found[:, self.empty] = np.nan
        return found


def countries(
    places: Places, located: list[str], industries: list[str], activity: Activity | None, value: str | None
) -> Countries:
    """Return shares of the activity table's first year, which no later park has changed.

    Raises
    ------
    MissingColumn
        No activity table, or places without a country.
    EmptyTable
        No place with a position is in a country.
    """
    if activity is None:
        raise MissingColumn(
            'by="country" needs what there is of each industry in each place',
            value="activity",
            fix="give activity=",
        )
    places.require("country")
    rows = places.expr.select("place", "country").order_by("place").to_pyarrow().to_pandas().dropna()
    home = dict(zip(rows["place"].astype(str), rows["country"].astype(str), strict=True))
    names = sorted({home[place] for place in located if place in home})
    if not names:
        raise EmptyTable(
            "no place with a position is in a country", where=places.source, fix="fill in the column country"
        )
    first = matrices(activity, value=value)[0]
    row, column = (
        {str(p): k for k, p in enumerate(first.places)},
        {str(i): k for k, i in enumerate(first.items)},
    )
    amount = np.zeros((len(located), len(industries)))
    for r, place in enumerate(located):
        if place in row:
            own = first.values[row[place]]
            amount[r] = (
                own.sum()
                if industries == ["all"]
                else [own[column[i]] if i in column else 0.0 for i in industries]
            )
    at = {name: c for c, name in enumerate(names)}
    country = np.array([at[home[place]] if place in home else -1 for place in located], dtype=np.intp)
    there = country >= 0
    total = np.zeros((len(names), len(industries)))
    np.add.at(total, country[there], amount[there])
    share = np.zeros_like(amount)
    own = total[country[there]]
    share[there] = np.divide(amount[there], own, out=np.zeros_like(own), where=own > 0)
    lost = sum(place not in home for place in located)
    said = [f"places without a country, so in no average: {lost:,}"] if lost else []
    return Countries(names, country, share, total == 0, first.year, said)
