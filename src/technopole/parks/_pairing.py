"""Parks and the clusters near them: dates side by side, and what came first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from technopole.errors import TechnopoleError
from technopole.kernels import proportion
from technopole.parks._births import Births
from technopole.parks._which_first import VERDICTS, Answer, alone, order
from technopole.spatial.outlines import pairs
from technopole.spatial.park_list import ParkList

COLUMNS = ["park", "cluster", "name", "distance_km", "designated", "opened", "born", "lead_years", "low", "high", "verdict", "because",
           "born_low", "born_high", "events_before", "earliest_event", "undefined"]  # fmt: skip
YEARS = [
    "designated",
    "opened",
    "born",
    "born_low",
    "born_high",
    "lead_years",
    "low",
    "high",
    "events_before",
    "earliest_event",
]


@dataclass(frozen=True, slots=True)
class Compared:
    """`table`: a row per park and cluster near it (or per park without one), `nearest` marking each park's first; `near`: those pairs, by position."""

    table: pd.DataFrame
    near: pd.DataFrame


def compared(
    listed: ParkList, dated: Births | None, *, within_km: float, together: int, horizon: int
) -> Compared:
    """Hold each park against every cluster near it.

    Raises
    ------
    TechnopoleError
        Parks and clusters lie in different systems.
    """
    near = _near(listed, dated, within_km)
    own = {int(str(park)): group.to_dict("records") for park, group in near.groupby("point")}
    rows: list[dict[str, Any]] = []
    for at, park in enumerate(listed.table.to_dict("records")):
        year = None if pd.isna(park["year"]) else int(park["year"])
        if dated is None:
            found = [_without(Answer("cannot tell", "nothing given says when a cluster was born"))]
        elif at not in own:
            found = [_without(alone(year, dated.last, horizon, within_km))]
        else:
            found = [_pair(dated, pair, year, together, horizon, within_km) for pair in own[at]]
        head = {name: park[name] for name in ("park", "designated", "opened")}
        rows += [{**head, **one, "nearest": not i} for i, one in enumerate(found)]
    for park in listed.nowhere.to_dict("records"):
        head = {name: park[name] for name in ("park", "designated", "opened")}
        rows.append({**head, **_without(Answer("cannot tell", "the park has no position")), "nearest": True})
    table = pd.DataFrame(rows).reindex(columns=[*COLUMNS, "nearest"]).astype(dict.fromkeys(YEARS, "Int64"))
    table = table.astype({"distance_km": "float64", "undefined": object}).fillna({"undefined": ""})
    order_ = table["undefined"].ne("").astype(int)
    table = table.assign(_by=order_).sort_values(
        ["_by", "park", "distance_km"], kind="stable", ignore_index=True
    )
    return Compared(table.drop(columns="_by"), near)


def _near(listed: ParkList, dated: Births | None, within_km: float) -> pd.DataFrame:
    if dated is None or not len(dated.sites):
        return pd.DataFrame({"point": [], "site": [], "distance_km": []}).astype({"point": int, "site": int})
    if listed.sites.geographic != dated.sites.geographic:
        raise TechnopoleError(
            "parks and clusters lie in different systems: one in degrees, the other on a plane"
        )
    near = pairs(listed.sites.points, dated.sites, within_km=within_km)
    return near[near["distance_km"] <= within_km].reset_index(drop=True)


def _without(answer: Answer) -> dict[str, Any]:
    return {
        "verdict": answer.verdict,
        "because": answer.because,
        "undefined": f"lead_years: {answer.because}",
    }


def _pair(
    dated: Births, pair: dict[Any, Any], year: int | None, together: int, horizon: int, within_km: float
) -> dict[str, Any]:
    cluster = dated.table.iloc[int(pair["site"])]
    head = {"cluster": cluster["cluster"], "name": cluster["name"], "distance_km": pair["distance_km"]}
    if pd.isna(cluster["born"]):
        answer = alone(year, dated.last, horizon, within_km)
        if answer.verdict == "neither":
            answer = Answer(
                "neither",
                f"the cluster near it isn't one for long enough{f' by {dated.last}' if dated.last else ''}",
            )
        return head | _without(answer)
    low, high, born = float(cluster["low"]), float(cluster["high"]), int(cluster["born"])
    answer = order(year, low, high, together)
    ends = {"low": low, "high": high}
    known = {name: int(end) for name, end in ends.items() if np.isfinite(end)}
    row = head | {"born": born, "verdict": answer.verdict, "because": answer.because}
    row |= {f"born_{name}": end for name, end in known.items()}
    if year is None:
        return row | {"undefined": f"lead_years: {answer.because}"}
    row |= {name: end - year for name, end in known.items()}
    missing: list[str] = []
    if low == -np.inf and born == (dated.first or high):
        missing.append(f"lead_years, low: born {born} or before")
    else:
        row["lead_years"] = born - year
        missing += ["low: perhaps born before the data begin"] if low == -np.inf else []
    missing += ["high: perhaps not sustained within the data"] if high == np.inf else []
    return row | {"undefined": "; ".join(missing)}


def verdicts(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """Count the verdicts, with exact intervals of their shares."""
    count = table["verdict"].value_counts().reindex(VERDICTS).fillna(0).to_numpy("float64")
    n = np.full(len(count), float(len(table)))
    found = proportion.exact(np.asarray(count, dtype=np.float64), n, level)
    shares = {"share": count / len(table), "low": found.low, "high": found.high}
    return pd.DataFrame({"verdict": list(VERDICTS), "count": count.astype("int64"), **shares})


def timeline(table: pd.DataFrame, dated: Births | None) -> pd.DataFrame:
    """Return what the chart draws: the dates of each park and its cluster; open_low, open_high where an interval has no end in the data."""
    shown = table[
        ["park", "name", "designated", "opened", "born", "born_low", "born_high", "verdict", "earliest_event"]
    ].copy()
    shown["open_low"], shown["open_high"] = (
        table["born"].notna() & table[f"born_{end}"].isna() for end in ("low", "high")
    )
    for name, year in (
        ("data_from", dated.first if dated else None),
        ("data_to", dated.last if dated else None),
    ):
        shown[name] = pd.array([year] * len(shown), dtype="Int64")
    return shown
