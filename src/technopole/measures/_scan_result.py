"""Rows, members and words of a spatial scan."""

from __future__ import annotations

import numpy as np
import pandas as pd

from technopole.measures._scan_clusters import Found
from technopole.measures._scan_map import ScanMap
from technopole.result import Field


def row(number: int, one: Found) -> dict[str, object]:
    c, n = (float(amount[one.locations].sum()) for amount in (one.scanned.cases, one.scanned.population))
    total, everyone = float(one.scanned.cases.sum()), float(one.scanned.population.sum())
    outside = total - c
    places = one.scanned.places
    at_centre = places[places["location"] == one.locations[0]]
    centre = at_centre.sort_values(["population", "place"], ascending=[False, True]).iloc[0]
    return {
        "cluster": number,
        "name": centre["name"],
        "rank": one.rank,
        "centre": centre["place"],
        "radius_km": one.radius_km,
        "places": int(places["location"].isin(one.locations).sum()),
        "observed": c,
        "expected": total * n / everyone,
        "relative_risk": (c / n) / (outside / (everyone - n)) if outside > 0 else np.nan,
        "log_likelihood_ratio": one.ratio,
        "p_value": one.p_value,
        "secondary": number > 1,
        "undefined": ""
        if outside > 0
        else "there is nothing outside to compare with: the relative risk has no limit",
    }


def members(number: int, one: Found) -> pd.DataFrame:
    rate = float(one.scanned.cases.sum()) / float(one.scanned.population.sum())
    places = one.scanned.places
    rows = places[places["location"].isin(one.locations)].sort_values("place")
    columns = {"cluster": number, "place": rows["place"], "name": rows["name"]}
    return pd.DataFrame({**columns, "observed": rows["cases"], "expected": rows["population"] * rate})


def no_members() -> pd.DataFrame:
    kinds = {"cluster": "int64", "place": "str", "name": "str", "observed": "float64", "expected": "float64"}
    return pd.DataFrame(columns=list(kinds)).astype(kinds)


def nothing(scanned: ScanMap, value: str) -> pd.DataFrame:
    why = "no circle has a rate that differs in the direction asked for"
    if scanned.cases.sum() <= 0:
        why = f"no place has {value} of {scanned.name}"
    elif len(scanned.cases) < 2:
        why = "there is one location only"
    numbers = ("radius_km", "observed", "expected", "relative_risk", "log_likelihood_ratio", "p_value")
    row = {"cluster": 1, "name": "", "rank": None, "centre": "", "radius_km": np.nan, "places": None}
    return pd.DataFrame([{**row, **dict.fromkeys(numbers, np.nan), "secondary": False, "undefined": why}])


def text(table: pd.DataFrame, scanned: ScanMap, value: str, alpha: float) -> str:
    what = scanned.name.replace("_", " ")
    what = what[:1].upper() + what[1:]
    found = table[table["p_value"].notna()].sort_values("cluster")
    if found.empty:
        return f"{what}: no cluster can be looked for ({table['undefined'].iloc[0]})."
    first = found.iloc[0]
    where = f"the {first['places']} places within {first['radius_km']:,.0f} km of {first['name']}"
    where = f"{first['name']} alone" if first["places"] == 1 else where
    chance = f"p = {first['p_value']:.3g}"
    significant = int((found["p_value"] <= alpha).sum())
    if not significant:
        return f"{what}: the most likely cluster, {where}, could be chance ({chance})."
    said = f"{what}: the most likely cluster is {where}, with {_instead(first)} {value} ({chance})."
    others = [f"{row['name']} ({_instead(row)})" for _, row in found.iloc[1:4].iterrows()]
    if not others:
        return f"{said} No other cluster is significant."
    return f"{said} {significant} clusters are significant in all; the next are around {', '.join(others)}."


def _instead(row: pd.Series) -> str:
    digits = 0 if row["expected"] >= 10 else 1
    return f"{row['observed']:,.{0 if row['observed'] % 1 == 0 else 1}f} instead of {row['expected']:,.{digits}f}"


def fields(value: str) -> dict[str, Field]:
    return {
        "cluster": Field("number of the cluster, by likelihood; 1 = most likely"),
        "name": Field("name of the place"),
        "rank": Field("rank of its likelihood ratio among the largest of the simulated maps; 1 = above all"),
        "centre": Field("place in the centre of the circle"),
        "place": Field("place"),
        "radius_km": Field("radius: distance from the centre to the farthest place of the cluster", "km", 1),
        "places": Field("number of places"),
        "observed": Field(f"{value} of the industry", value),
        "expected": Field(f"{value} of the industry if it were spread as the population", value, 1),
        "relative_risk": Field(
            "rate inside over rate outside; overstated, as the circle was chosen for it", "1 = as outside", 2
        ),
        "log_likelihood_ratio": Field(
            "log-likelihood ratio of the circle against one rate everywhere", "", 2
        ),
        "p_value": Field(
            "chance that the most likely cluster of a random map is as likely as this one", "", 4
        ),
        "secondary": Field("whether it is further to the most likely cluster"),
        "undefined": Field("why a number isn't there"),
    }
