"""Activity of places before and after a park came near: an event study around the parks' dates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from technopole import effects
from technopole.parks._births import panel_of, value_of
from technopole.result import EffectResult
from technopole.spatial import located_places
from technopole.spatial.outlines import pairs
from technopole.spatial.park_list import ParkList
from technopole.tables import Activity, Firms, Places, Sector

OUTCOME = "log_activity"


def study(
    listed: ParkList,
    activity: Activity,
    places: Places,
    sector: Sector | None,
    industry: str | None,
    value: str,
    within_km: float,
    level: float,
) -> tuple[EffectResult, list[str]]:
    """Estimate what ln(1 + activity) of places within `within_km` of a park does by years since the first such park, against places without.

    Raises
    ------
    TechnopoleError
        No place is near a dated park, or none is far from all; or too few years.
    """
    located = located_places.of(places)
    near = pairs(located.table[["east", "north"]].to_numpy("float64"), listed.sites, within_km=within_km)
    near = near[near["distance_km"] <= within_km]
    dates = near["site"].map(listed.table["year"]).astype("float64")
    first = dates.groupby(near["point"]).min()
    undated = dates.isna().groupby(near["point"]).all()
    rows, years, _ = panel_of(activity, sector, industry, value_of(activity, value))
    code = located.table["place"]
    entered = pd.Series(first.reindex(range(len(code))).to_numpy(), index=code)
    unknown = set(code[undated[undated].index])
    said = (
        [f"{len(unknown):,} places near parks without a date are left out: unknown isn't never"]
        if unknown
        else []
    )
    made: list[dict[str, Any]] = [
        {
            "firm": place,
            "year": int(year),
            "entered": 0 if np.isnan(entered[place]) else int(entered[place]),
            OUTCOME: float(np.log1p(x)),
        }
        for place in code
        if place in rows and place not in unknown
        for year, x in zip(years, rows[place][0], strict=True)
    ]
    table = Firms.of(pd.DataFrame(made, columns=["firm", "year", "entered", OUTCOME]))
    effect = effects.group_time_effects(table, outcome=OUTCOME, base="universal", level=level)
    return effect.aggregate("event"), said
