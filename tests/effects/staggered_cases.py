"""Panels of staggered entry for several twins."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

LATER = {"a": 2003, "b": 2005, "c": 0}, range(2001, 2007)
NO_NEVER = {"a": 2002, "b": 2004}, range(2001, 2006)


def without_noise(entered: dict[str, int], years: range) -> pd.DataFrame:
    """Unit + year + years in treatment, the year of entry counted (domain.md 11.8)."""
    rows = [
        (unit, year, at, float(number + year + (year - at + 1) * (0 < at <= year)))
        for number, (unit, at) in enumerate(entered.items())
        for year in years
    ]
    return pd.DataFrame(rows, columns=["firm", "year", "entered", "y"])


def mpdta(folder: Path) -> pd.DataFrame:
    """500 counties, 2003-2007: the test data of R's did."""
    read = pd.read_csv(folder / "causal-mpdta" / "mpdta.csv.gz")
    return read.rename(columns={"countyreal": "firm", "first_treat": "entered"}).astype({"firm": str})
