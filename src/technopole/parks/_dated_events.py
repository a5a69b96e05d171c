"""Dated events of a park's place from published figures: what was there before the park."""

from __future__ import annotations

import pandas as pd

from technopole.errors import EmptyTable
from technopole.tables import Figures

COLUMNS = ["park", "event", "scope", "year", "lead_years", "note", "grade", "source"]
OF_THE_PARK = ("designated", "opened")
WHOLE = "whole zone"


def of(evidence: Figures, parks: pd.DataFrame) -> pd.DataFrame:
    """Return the figures whose unit is "year" and which aren't of the park itself (designated, opened, or scope "whole zone").

    Raises
    ------
    EmptyTable
        No figure of any of the parks is a year.
    """
    rows = evidence.expr
    kept = [
        name
        for name in ("place", "indicator", "value", "scope", "note", "grade", "source")
        if name in evidence.columns
    ]
    found = rows.filter(rows.unit.lower() == "year").select(*kept).order_by(kept).to_pyarrow().to_pandas()
    mine = found[found["place"].isin(parks["park"])]
    if mine.empty:
        raise EmptyTable(
            "no figure of these parks is a year",
            where=evidence.source,
            exists=sorted(found["place"].unique()),
            fix="dated events are figures with the unit 'year', their place a park",
        )
    for name in ("scope", "note", "grade"):
        mine = mine.assign(**{name: mine[name].astype(object).fillna("") if name in mine else ""})
    own = mine["indicator"].isin(OF_THE_PARK) | (mine["scope"] == WHOLE)
    events = mine[~own].rename(columns={"place": "park", "indicator": "event"})
    events = events.assign(year=events["value"].round().astype("Int64"))
    date = events["park"].map(parks.set_index("park")["year"]).astype("Int64")
    events = events.assign(lead_years=events["year"] - date)
    return events.sort_values(["park", "year", "event", "scope"], ignore_index=True)[COLUMNS]


def summed(events: pd.DataFrame, parks: pd.Series) -> pd.DataFrame:
    """Return by park, in this order: events_before (events before its date) and earliest_event (year)."""
    before = events[(events["lead_years"] < 0).fillna(False)].groupby("park").size()
    first = events.groupby("park")["year"].min()
    return pd.DataFrame(
        {
            "events_before": before.reindex(parks).fillna(0).astype("int64").to_numpy(),
            "earliest_event": first.reindex(parks).astype("Int64").array,
        },
        index=parks.index,
    )
