"""What came first, in sentences, and what each column means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from technopole.parks._births import Births
from technopole.parks._necessity import AT_BIRTH
from technopole.result import Field

SAID = {
    "cluster-led": "the cluster was first",
    "park-led": "the park was first",
    "together": "both came together",
    "neither": "there is no cluster near",
}


def text(
    table: pd.DataFrame, parts: Mapping[str, pd.DataFrame], dated: Births | None, within_km: float
) -> str:
    """Say how many parks or clusters were first, whether parks are a precondition, and what older events are known."""
    said = [_counted(table)]
    if dated is not None:
        said.append(_needed(parts["necessity"], within_km))
    if "evidence" in parts:
        said.append(_older(table))
    return " ".join(said)


def _counted(table: pd.DataFrame) -> str:
    count = table["verdict"].value_counts()
    parks = table["park"].nunique()
    pairs = "" if parks == len(table) else f" ({len(table):,} pairs of a park and a cluster)"
    parts = [f"{words} for {count[verdict]:,}" for verdict, words in SAID.items() if verdict in count]
    unknown = int(count.get("cannot tell", 0))
    if unknown:
        why = table.loc[table["verdict"] == "cannot tell", "because"].value_counts(sort=False)
        most = sorted(why.items(), key=lambda item: (-item[1], str(item[0])))[0]
        of = "" if most[1] == unknown else f"{most[1]:,} of them because "
        parts.append(f"which was first can't be told for {unknown:,} ({of}{most[0]})")
    return f"Of {parks:,} {'park' if parks == 1 else 'parks'}{pairs}, {', '.join(parts)}."


def _needed(necessity: pd.DataFrame, within_km: float) -> str:
    row: Any = necessity.set_index("relation").loc[AT_BIRTH]
    if not row["cases"]:
        return "There is no cluster, so whether clusters need parks can't be asked."
    open_ = f", and of {row['unknown']:,} it isn't known" if row["unknown"] else ""
    said = f"By this list of parks, {row['no']:,} of {row['cases']:,} clusters were born without one within {within_km:g} km{open_}"
    if row["unknown"] == row["cases"]:
        return f"{said}: nothing follows on whether parks are a precondition of clusters."
    share = f"{row['least']:.2f}" + (f" to {row['most']:.2f}" if row["unknown"] else "")
    means = {
        "not a precondition": "parks are not a precondition of these clusters",
        "consistent with being a precondition": "parks may be a precondition of these clusters",
        "cannot tell": "whether parks are a precondition of these clusters can't be told",
    }[row["finding"]]
    numbers = (
        f"consistency {share}, interval {row['low']:.2f} to {row['high']:.2f}; {row['threshold']:g} asked for"
    )
    return f"{said}: {means} ({numbers})."


def _older(table: pd.DataFrame) -> str:
    parks = table.drop_duplicates("park")
    older = parks[parks["events_before"].gt(0).fillna(False)].sort_values(["earliest_event", "park"])
    if older.empty:
        return "No dated event of the sources is older than its park."
    named = "; ".join(f"{row.park} {row.earliest_event}" for row in older.head(3).itertuples())
    return (
        f"In {len(older):,} of {len(parks):,} parks' places something is dated before the park ({named}), "
        "which shows activity, not yet a cluster."
    )


FIELDS = {
    "park": Field("park"),
    "cluster": Field("the cluster near it"),
    "name": Field("what the cluster is called"),
    "distance_km": Field(
        "distance of the park's point to the cluster's outline (0 inside) or point", "km", 1
    ),
    "designated": Field("year a government gave the park its status"),
    "opened": Field("year the park opened or was founded"),
    "born": Field("year the cluster was born; where limited by the data, that year or before: see undefined"),
    "lead_years": Field(
        "birth of the cluster minus year of the park: negative = the cluster was first", "years"
    ),
    "low": Field(
        "earliest lead the birth's interval allows (in .verdicts and .necessity: lower end of the interval; in .lead_lag: of the estimate)",
        "years",
    ),
    "high": Field("latest lead it allows (in .verdicts, .necessity, .lead_lag: upper end)", "years"),
    "verdict": Field("what came first"),
    "because": Field("why that can't be told, or what there is instead"),
    "events_before": Field("dated events of the evidence before the park's year", "events"),
    "earliest_event": Field("year of the earliest dated event"),
    "undefined": Field("what isn't defined, and why"),
    "count": Field("rows with this verdict"),
    "share": Field("share of all rows", "0 to 1", 3),
    "born_low": Field("earliest year the cluster may be born in; none = before the data begin"),
    "born_high": Field("latest year it may be born in; none = after the data end"),
    "parks_near": Field("parks within the distance", "parks"),
    "park_at_birth": Field("whether one of them was there when the cluster was born"),
    "relation": Field("what is asked of all clusters, or all parks"),
    "cases": Field("clusters, or dated parks"),
    "yes": Field("cases for it"),
    "no": Field("cases against it"),
    "unknown": Field("cases of which it isn't known"),
    "consistency": Field("share of the cases for it", "0 to 1", 3),
    "least": Field("the same if all unknown cases are against it", "0 to 1", 3),
    "most": Field("the same if all unknown cases are for it", "0 to 1", 3),
    "threshold": Field("consistency from which on the relation is taken to hold", "0 to 1", 2),
    "finding": Field(
        "what follows; from the interval, which counts unknown cases against it at the lower end and for it at the upper"
    ),
    "open_low": Field("whether the cluster may be born before the data begin"),
    "open_high": Field("whether it may be born after the data end"),
    "data_from": Field("first year of the data"),
    "data_to": Field("last year of the data"),
    "event": Field("what happened"),
    "scope": Field("what it is of"),
    "year": Field("year"),
    "note": Field("what a reader must know"),
    "grade": Field("how far the source can be trusted"),
    "source": Field("where it was read"),
    "event_time": Field("years since a park came near", "years"),
    "estimate": Field(
        "change of ln(1 + activity) since the year before the park, against places without", "log points", 4
    ),
    "std_error": Field("standard error", "log points", 4),
    "n": Field("places near parks the estimate rests on", "places"),
}
