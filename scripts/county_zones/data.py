"""The county panel as a firms table: a county is the unit, its first development zone the entry."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import technopole as tp
from technopole.tables import Firms

FILE = Path("china-county-zones") / "county_panel_2000_2015.csv.gz"
GDP, INDUSTRY, DENSITY = "log_gdp_per_head", "secondary_sector_share", "log_population_density"
OUTCOMES = {
    GDP: "real GDP per head (log)",
    INDUSTRY: "share of the secondary sector",
    DENSITY: "population density (log)",
}
TERCILES = ("poorest third in 2000", "middle third", "richest third")
MISDATED = "433130"  # treated_now turns on three years before policy_year


@dataclass(frozen=True, slots=True)
class Counties:
    """The panel: county, year, entered (first zone; 0 = none by 2015), outcomes, their values in 2000, prefecture, province."""

    frame: pd.DataFrame

    @property
    def table(self) -> Firms:
        """The panel as a table."""
        return firms(self.frame)

    def only(self, rows: pd.Series) -> Firms:
        """Return the rows asked for as a table."""
        return firms(self.frame[rows])


def firms(frame: pd.DataFrame) -> Firms:
    """Return a panel of counties as a table."""
    return tp.read_firms(frame.reset_index(drop=True), columns={"firm": "county"})


def counties(folder: Path) -> Counties:
    """Read the panel. Prefecture and province are the first four and two digits of a county's code."""
    raw = pd.read_csv(folder / FILE, dtype={"county_code": str})
    frame = pd.DataFrame(
        {
            "county": raw["county_code"],
            "year": raw["year"],
            "entered": raw["policy_year"].fillna(0).astype("int64"),
            GDP: np.log(raw["real_gdp_per_capita"]),
            INDUSTRY: raw["secondary_sector_share"],
            DENSITY: np.log(raw["population_density_10k_per_km2"]),
            "prefecture": raw["county_code"].str[:4],
            "province": raw["county_code"].str[:2],
            "gdp_per_head": raw["real_gdp_per_capita"],
        }
    ).sort_values(["county", "year"], ignore_index=True)
    first = frame[frame["year"] == frame["year"].min()].set_index("county")
    for name in OUTCOMES:
        frame[f"{name}_2000"] = frame["county"].map(first[name])
    third = pd.qcut(first[GDP], len(TERCILES), labels=list(TERCILES)).astype(str)
    frame["initial_income"] = frame["county"].map(third)
    return Counties(frame)


def untreated(frame: pd.DataFrame) -> pd.Series:
    """Whether a county gets no zone within the panel."""
    return frame["entered"] == 0


def spikes(frame: pd.DataFrame) -> pd.Series:
    """Whether GDP per head more than doubles or halves in a year and goes back by more than half or double in the next."""
    log = frame.groupby("county")[GDP]
    here, next_ = log.diff(), log.diff(-1)
    return (here.abs() > np.log(2)) & (next_.abs() > np.log(2)) & (np.sign(here) == np.sign(next_))


def jumping(frame: pd.DataFrame) -> pd.Series:
    """Whether a county's GDP per head more than doubles or halves within some year."""
    steps = frame.groupby("county")[GDP].diff().abs()
    return steps.groupby(frame["county"]).transform("max") > np.log(2)


def winsorised(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the panel with the lowest and highest hundredth of each year's GDP per head drawn in."""
    year = frame.groupby("year")[GDP]
    low, high = (year.transform("quantile", share) for share in (0.01, 0.99))
    return frame.assign(**{GDP: frame[GDP].clip(low, high)})


def compared_within(frame: pd.DataFrame, area: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the counties of areas with both kinds of county, and a column per area (but the first) that marks its counties."""
    comparable = _with_both(frame, area)
    marks = pd.get_dummies(comparable[area], prefix=area, dtype="int64", drop_first=True)
    return pd.concat([comparable, marks], axis=1), list(marks.columns)


def against_untreated(frame: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return GDP per head less the mean of the area's counties without a zone in that year.

    The group-time effect of the difference is that of a regression with a mark for every area, and so is its standard error where areas
    are the clusters: the deviations of the counties without a zone sum to nothing in each.
    """
    comparable = _with_both(frame, area)
    mean = comparable[untreated(comparable)].groupby([area, "year"])[GDP].mean().rename("mean")
    joined = comparable.join(mean, on=[area, "year"])
    return joined.assign(**{GDP: joined[GDP] - joined["mean"]}).drop(columns="mean")


def _with_both(frame: pd.DataFrame, area: str) -> pd.DataFrame:
    kinds = untreated(frame).groupby(frame[area]).transform("nunique")
    return frame[kinds == 2].reset_index(drop=True)


def neighbours(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the counties without a zone, entered by the first zone of another county of their prefecture (0 = none there)."""
    treated = frame[~untreated(frame)]
    first = treated.groupby("prefecture")["entered"].min()
    outside = frame[untreated(frame)].reset_index(drop=True)
    return outside.assign(entered=outside["prefecture"].map(first).fillna(0).astype("int64"))
