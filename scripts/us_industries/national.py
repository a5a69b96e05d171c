"""Every industry of the country tested with K-density, and how many are localised."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

import technopole as tp
from technopole.tables import Activity, Places
from us_industries import data

COLUMNS = (
    "industry",
    "title",
    "n",
    "locations",
    "bandwidth_km",
    "localization",
    "dispersion",
    "verdict",
    "p_localization",
    "p_dispersion",
    "p_value",
    "q_value",
    "first_km",
    "strongest_km",
)
MANUFACTURING = ("31", "32", "33")


def tested(
    activity: Activity, places: Places, distances: Sequence[float] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per industry, and the curves."""
    result = tp.measures.k_density(activity, places=places, distances=distances)
    table = result.summary_table.copy()
    table["title"] = table["industry"].map(data.titles())
    return table[[*COLUMNS, "null", "undefined"]], result.table


def manufacturing(activity: Activity) -> Activity:
    """Return the table without anything but manufacturing: industries are then compared with manufacturing as a whole."""
    rows = activity.expr.filter(activity.expr.industry[:2].isin(MANUFACTURING))
    columns = rows.select("place", "industry", "year", "establishments")
    frame = columns.order_by("place", "industry").to_pyarrow().to_pandas()
    return tp.read_activity(frame)


def comparison(activity: Activity, places: Places, everything: pd.DataFrame) -> pd.DataFrame:
    """Return the share of industries localised and dispersed, by universe and range of distances."""
    plants = manufacturing(activity)
    makers = everything[everything["industry"].str[:2].isin(MANUFACTURING)]
    runs = {
        "all industries among all establishments": everything,
        "manufacturing industries among all establishments": makers,
        "manufacturing industries among manufacturing": tested(plants, places)[0],
        "the same, 0 to 800 km": tested(plants, places, list(np.linspace(0, 800, 101)))[0],
        "the same, 0 to 180 km": tested(plants, places, list(np.linspace(0, 180, 91)))[0],
    }
    return pd.DataFrame([{"universe": name, **counted(table)} for name, table in runs.items()])


def counted(table: pd.DataFrame) -> dict[str, float]:
    """Return the number of industries and the shares of verdicts."""
    verdicts = table["verdict"].value_counts()
    shares = {name: verdicts.get(name, 0) / len(table) for name in ("localised", "dispersed", "neither")}
    return {"industries": len(table), **shares}


def by_size(table: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of verdicts for industries of few and of many establishments."""
    classes = pd.cut(table["n"], [2, 300, 1000, 5000, 20000, np.inf], right=False)
    return pd.DataFrame(
        [
            {"establishments": _between(group.left, group.right), **counted(rows)}
            for group, rows in table.groupby(classes, observed=True)
        ]
    )


def _between(low: float, high: float) -> str:
    return f"{low:,.0f} to {high - 1:,.0f}" if np.isfinite(high) else f"{low:,.0f} and more"


def write(table: pd.DataFrame, path: Path) -> None:
    """Write the table of results, strongest localisation first."""
    ordered = table.sort_values(["localization", "dispersion", "industry"], ascending=[False, False, True])
    rounded = ordered[list(COLUMNS)].assign(
        localization=ordered["localization"].round(6),
        dispersion=ordered["dispersion"].round(6),
        **{name: ordered[name].round(2) for name in ("bandwidth_km", "first_km", "strongest_km")},
        q_value=ordered["q_value"].round(6),
    )
    rounded.to_csv(path, index=False, lineterminator="\n")
