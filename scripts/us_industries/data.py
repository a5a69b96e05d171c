"""The 2016 ZIP patterns and the bundled counties, as tables."""

from __future__ import annotations

import csv
from collections import defaultdict
from importlib import resources
from pathlib import Path

import pandas as pd

import technopole as tp
from technopole.tables import Activity, Places

COUNTIES = resources.files("technopole") / "data" / "optical_valleys"
NAMED = 2  # a five-digit code without a title of its own is named by its first so many six-digit ones


def establishments_by_zip(data: Path) -> Activity:
    """Return the number of establishments by ZIP and five-digit industry, 2016."""
    file = data / "us-zip-business-patterns" / "zbp_2016_naics5.parquet"
    return tp.read_activity(
        file, columns={"place": "zip", "industry": "naics", "establishments": "est"}, year=2016
    )


def zip_points(data: Path) -> Places:
    """Return the centroids of ZIP areas."""
    file = data / "us-zip-business-patterns" / "zcta_centroids_2018.csv.gz"
    frame = pd.read_csv(file, dtype={"zip": str}).rename(
        columns={"zip": "place", "lon": "longitude", "lat": "latitude"}
    )
    return tp.read_places(frame[["place", "longitude", "latitude"]])


def county_photonics() -> Activity:
    """Return the bundled counts by county."""
    return tp.read_activity(str(COUNTIES / "us_county_photonics.parquet"))


def counties() -> Places:
    """Return the bundled counties."""
    return tp.read_places(str(COUNTIES / "us_counties.parquet"))


def titles() -> dict[str, str]:
    """Return a title for every five-digit code: that of its only six-digit code, or of the first of them."""
    finer: dict[str, list[str]] = defaultdict(list)
    text = (resources.files("technopole") / "data" / "classifications" / "codes.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["scheme"] == "NAICS-2012":
            finer[row["code"][:5]].append(row["title"])
    return {
        code: "; ".join(names[:NAMED]) + (f"; {len(names) - NAMED} more" if len(names) > NAMED else "")
        for code, names in finer.items()
    }
