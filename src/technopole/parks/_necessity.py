"""Are parks necessary, or sufficient, for clusters? Consistency over many clusters and parks, with what isn't known kept apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from technopole.kernels import proportion
from technopole.parks._births import Births
from technopole.parks._pairing import Compared
from technopole.spatial.park_list import ParkList

NECESSARY = 0.9
COLUMNS = [
    "relation",
    "cases",
    "yes",
    "no",
    "unknown",
    "consistency",
    "least",
    "most",
    "low",
    "high",
    "threshold",
    "finding",
    "undefined",
]
EVER, AT_BIRTH = (
    "a park is necessary for a cluster",
    "a park is necessary for a cluster, and there when it is born",
)
AFTER = "a park is sufficient for a cluster"


def asked(
    listed: ParkList, dated: Births | None, found: Compared, level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the clusters with what parks they have, and how consistent "necessary" and "sufficient" are with all of them."""
    columns = ["cluster", "name", "born", "born_low", "born_high", "parks_near", "park_at_birth"]
    if dated is None:
        none = pd.DataFrame({"parks_near": pd.Series(dtype=int), "park_at_birth": pd.Series(dtype=str)})
        return pd.DataFrame(columns=columns), consistency(none, pd.Series(dtype=str), level)
    near = pd.DataFrame(
        {"cluster": found.near["site"], "date": found.near["point"].map(listed.table["year"]).astype("Int64")}
    )
    own = presence(near, dated.table)
    ends = {
        f"born_{end}": dated.table[end].replace([np.inf, -np.inf], np.nan).astype("Int64")
        for end in ("low", "high")
    }
    shown = dated.table[["cluster", "name", "born"]].assign(**ends)
    shown = pd.concat([shown, own], axis=1)[columns]
    born = dated.table["born"].notna()
    return shown, consistency(
        own[born], _followed(found.table, set(listed.table.loc[listed.table["year"].notna(), "park"])), level
    )


def _followed(table: pd.DataFrame, parks: set[str]) -> pd.Series:
    """Return of each dated park whether a cluster near it was born then or later: yes, no (before, or none), or unknown."""
    dated = table[table["park"].isin(parks)]
    yes = dated["verdict"].isin(["park-led"]) | dated["low"].ge(0).fillna(False)
    no = dated["verdict"].isin(["cluster-led", "neither"]) | dated["high"].lt(0).fillna(False)
    found = pd.Series(np.select([yes, no], ["yes", "no"], default="unknown"), index=dated.index, dtype="str")
    best = {"yes": 0, "unknown": 1, "no": 2}
    keys = found.map(best).groupby(dated["park"]).min()
    return keys.map({rank: name for name, rank in best.items()})


def presence(near: pd.DataFrame, births: pd.DataFrame) -> pd.DataFrame:
    """Return for each cluster parks_near and park_at_birth (yes, no, unknown).

    `near`: cluster (position), date (Int64) of each park near a cluster. Yes: some park came no later than the earliest year the cluster may be born in;
    no: every park came after the latest.
    """
    dates = near.assign(date=near["date"].astype("float64")).groupby("cluster")["date"]
    first, undated = dates.min(), dates.apply(lambda own: own.isna().any())
    count = dates.size().reindex(births.index).fillna(0).astype("int64")
    earliest = first.reindex(births.index)
    open_ = undated.reindex(births.index).fillna(False).astype(bool)
    yes = earliest <= births["low"]
    no = (count == 0) | ((earliest > births["high"]) & ~open_)
    return pd.DataFrame(
        {"parks_near": count, "park_at_birth": np.select([yes, no], ["yes", "no"], default="unknown")}
    )


def consistency(known: pd.DataFrame, followed: pd.Series, level: float) -> pd.DataFrame:
    """Return one row per relation.

    `known`: of each cluster, parks_near and park_at_birth; `followed`: of each park, yes, no or unknown: whether a cluster was born near it, then or
    later. Consistency of "X is necessary for Y" is sum min(X, Y) / sum Y (of "sufficient": / sum X), which for yes and no is a share. What isn't known
    counts as no in `least` and as yes in `most`; the exact interval runs from the lower end of the one to the upper end of the other.
    """
    ever = pd.Series(np.where(known["parks_near"] > 0, "yes", "no"), index=known.index, dtype="str")
    rows = [
        _row(EVER, ever, level),
        _row(AT_BIRTH, known["park_at_birth"], level),
        _row(AFTER, followed, level),
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values("undefined", key=lambda s: s.ne(""), kind="stable", ignore_index=True)


def _row(relation: str, answers: pd.Series, level: float) -> dict[str, Any]:
    count = {name: int((answers == name).sum()) for name in ("yes", "no", "unknown")}
    cases = len(answers)
    row: dict[str, Any] = {"relation": relation, "cases": cases, **count, "threshold": NECESSARY}
    if count["unknown"] == cases:
        none = dict.fromkeys(("consistency", "least", "most", "low", "high"), np.nan)
        why = "of none is it known" if cases else "there is no case"
        return row | none | {"finding": "cannot tell", "undefined": why}
    n, yes, most = np.array([float(cases)]), float(count["yes"]), float(count["yes"] + count["unknown"])
    row |= {"least": yes / cases, "most": most / cases, "consistency": np.nan, "undefined": ""}
    if count["unknown"]:
        row["undefined"] = f"consistency: of {count['unknown']:,} it isn't known, so between least and most"
    else:
        row["consistency"] = yes / cases
    row["low"] = float(proportion.exact(np.array([yes]), n, level).low[0])
    row["high"] = float(proportion.exact(np.array([most]), n, level).high[0])
    return row | {"finding": _finding(row, "sufficient" if relation == AFTER else "a precondition")}


def _finding(row: dict[str, Any], what: str) -> str:
    if row["high"] < NECESSARY:
        return f"not {what}"
    return f"consistent with being {what}" if row["low"] >= NECESSARY else "cannot tell"
