"""How exposed places and their industries are to parks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.competitiveness._country_exposure import countries
from technopole.competitiveness._park_composition import (
    ALL,
    Kernel,
    Shares,
    distances,
    nearest,
    shares,
    weigh,
)
from technopole.errors import EmptyTable, WrongOption
from technopole.kernels.threads import one_thread
from technopole.member import member
from technopole.result import Chart, Field, Result
from technopole.spatial import park_list
from technopole.spatial.park_list import DateOf, ParkList
from technopole.tables import Activity, Parks, Places, Sector

Floats = npt.NDArray[np.float64]
MOST_ROWS = 20_000_000
FIELDS = {
    "place": Field("place; with by=country, the country"),
    "industry": Field("industry; all = parks aren't told apart by industry"),
    "year": Field("year; exposure is 0 before the first and stays after the last (0 = undefined)"),
    "exposure": Field("exposure to parks: 1 = one park at no distance that is about nothing else", "parks", 4),
    "first_year": Field("first year with an exposure above the threshold; 0 = never"),
    "exposed": Field("yes = above the threshold in some year; no = never above the lower limit; partly = neither"),
    "undefined": Field("why there is no number; empty where there is one"),
    "pairs": Field("pairs of place and industry exposed (above the threshold)", "pairs"),
    "parks": Field("parks there are", "parks"),
    "park": Field("the nearest park"),
    "distance_km": Field("distance to it (0 inside its outline); none = beyond the kernel's reach", "km", 1),
    "since": Field("year from which that park counts"),
    "threshold": Field("exposure above which a pair is exposed", "parks"),
    "unexposed": Field("exposure up to which a pair is not exposed", "parks"),
    "kernel": Field("how a park's weight falls with distance"),
    "decay_km": Field("decay distance", "km"),
    "max_km": Field("distance beyond which a park has no weight; none = no such limit", "km"),
}  # fmt: skip


@member
def park_exposure(
    parks: Parks,
    *,
    places: Places,
    decay_km: float,
    kernel: Kernel = "exponential",
    max_km: float | None = None,
    composition: Activity | None = None,
    sector: Sector | None = None,
    activity: Activity | None = None,
    by: Literal["place", "country"] = "place",
    value: str | None = None,
    date: DateOf = "first",
    threshold: float = 0.1,
    unexposed: float = 0.01,
) -> Result:
    """How exposed each industry in each place is to parks, year by year, and since when.

        exposure[r, i, t] = sum over parks k with year[k] <= t of share[k, i] exp(-d[r, k] / decay_km)
        by country: exposure[c, i, t] = sum over places r of c of (x[r, i] / x[c, i]) exposure[r, i, t]
        first_year = first t with exposure[., i, t] > threshold

    share[k, i] is industry i's share of park k's own activity in the first year there is any (`composition`), or the weight of i in the
    sector that all parks are about (`sector`); with neither it is 1, and places aren't told apart by industry ("all"). x is of the first
    year of `activity`, so that shares aren't the parks' doing. The result feeds `product_panel`.

    Parameters
    ----------
    parks : Parks
        Points or outlines, and the year of each park.
    places : Places
        Points or outlines, by the codes of exporters or of the activity table; for by="country" with their country.
    decay_km : float
        Distance over which a park's weight falls: to exp(-1) = 37 % with the exponential kernel.
    kernel : {"exponential", "gaussian", "inverse", "uniform"}
        exp(-d / decay_km), exp(-d^2 / (2 decay_km^2)), 1 / (1 + d / decay_km), or 1 within decay_km and 0 beyond.
    max_km : float, optional
        A park has no weight beyond this distance.
    composition : Activity, optional
        What each park is made of: place = name of the park.
    sector : Sector, optional
        What all parks are about, among the industries of `activity`.
    activity : Activity, optional
        What there is of each industry in each place: names the industries for `sector`, gives the shares for by="country".
    by : {"place", "country"}
        Exposure of places, or of their countries.
    value : str, optional
        Column of `composition` and `activity` that is counted; none = their first.
    date : {"first", "opened", "designated"}
        From which year on a park counts: the earlier of both dates known, or the one named.
    threshold : float
        Exposure above which an industry in a place is exposed (ours: no source prescribes it).
    unexposed : float
        Exposure up to which it isn't; what lies between belongs to neither side.

    Returns
    -------
    Result
        place, industry, year, exposure, first_year (0 = never), exposed (yes, partly, no), undefined. Years run from the one before the
        first park to that of the last. Further tables: `yearly` (year, parks, pairs exposed), `nearest` (place, park, distance_km, since),
        `rule` (threshold, unexposed, kernel, decay_km, max_km).

    Raises
    ------
    WrongOption
        A distance or a threshold out of range; parks and places in different systems; composition as well as sector.
    MissingColumn
        No coordinates, no country, or no activity where it is needed.
    EmptyTable
        No park with position and year; no place with a position, or none that the activity table has.

    References
    ----------
    Borusyak, K., Hull, P. & Jaravel, X. (2022). Quasi-experimental shift-share research designs. Review of Economic Studies 89(1), 181-213.
    Rosenthal, S. S. & Strange, W. C. (2003). Geography, industrial organization, and agglomeration. Review of Economics and Statistics
    85(2), 377-393.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> parks = pd.DataFrame({"park": ["Valley"], "longitude": [8.0], "latitude": [50.0], "opened": [2011]})
    >>> places = pd.DataFrame({"place": ["near", "far"], "longitude": [8.0, 9.0], "latitude": [50.0, 50.0]})
    >>> found = tp.competitiveness.park_exposure(parks, places=places, decay_km=20).table
    >>> found[found["year"] == 2011][["place", "exposure", "first_year", "exposed"]].round(3).values.tolist()
    [['far', 0.028, 0, 'partly'], ['near', 1.0, 2011, 'yes']]
    """
    _check(decay_km, max_km, threshold, unexposed)
    listed = _dated(park_list.of(parks, date=date), parks)
    about = shares(listed, composition, sector, activity, value)
    listed, about = _known(listed, about)
    at = distances(places, listed, activity, kernel, decay_km, max_km)
    years = np.arange(int(listed.table["year"].min()) - 1, int(listed.table["year"].max()) + 1)
    names, warnings = at.places, [*listed.warnings, *about.warnings, *at.warnings]
    _refuse_too_many(len(names) * len(about.industries) * len(years))
    exposure = _yearly(weigh(at.km, kernel, decay_km, max_km), about.values, listed, years)
    nowhere = at.nowhere
    if by == "country":
        over = countries(places, names, about.industries, activity, value)
        exposure, names, nowhere = over.averaged(exposure), over.names, {}
        warnings += [
            *over.warnings,
            f"shares of places in their country's industries are those of {over.year}",
        ]
    if at.nowhere:
        warnings.append(f"places without exposure, as where they lie isn't known: {len(at.nowhere):,}")
    table = _table(names, about.industries, years, exposure, threshold, unexposed, nowhere)
    yearly = _counted(table, years, listed, threshold)
    return Result.of(
        table,
        text=_text(table, listed, by, threshold),
        fields=FIELDS,
        chart=Chart(
            "trend", {"value": "pairs", "axis": f"exposed {_what(about.industries, by)}"}, of="yearly"
        ),
        warnings=warnings,
        yearly=yearly,
        nearest=nearest(at, listed).assign(
            distance_km=lambda rows: rows["distance_km"].replace(np.inf, np.nan)
        ),
        rule=pd.DataFrame(
            [
                {
                    "threshold": threshold,
                    "unexposed": unexposed,
                    "kernel": kernel,
                    "decay_km": float(decay_km),
                    "max_km": math.nan if max_km is None else float(max_km),
                }
            ]
        ),
    )


def _check(decay_km: float, max_km: float | None, threshold: float, unexposed: float) -> None:
    for name, km in (("decay_km", decay_km), ("max_km", max_km)):
        if km is not None and not 0 < km < math.inf:
            raise WrongOption(f"{name} is a distance of more than 0 km", value=km)
    if not 0 <= unexposed <= threshold < math.inf:
        raise WrongOption(
            "unexposed and threshold are exposures of 0 or more, the first at most the second",
            value=f"{unexposed} and {threshold}",
        )


def _dated(listed: ParkList, parks: Parks) -> ParkList:
    """Leave out parks without a year: whether a place was exposed before them can't be known."""
    there = listed.table["year"].fillna(0).gt(0).to_numpy(bool)
    if not there.any():
        raise EmptyTable(
            "no park with a position has a year", where=parks.source, fix="fill in opened or designated"
        )
    if (listed.table["year"] <= 0).any():
        listed.warnings.append("parks whose year is 0 are left out, as if they had none")
    return listed if there.all() else _some(listed, there)


def _known(listed: ParkList, about: Shares) -> tuple[ParkList, Shares]:
    if about.known.all():
        return listed, about
    kept = about.known
    return _some(listed, kept), Shares(about.industries, about.values[kept], kept[kept], about.warnings)


def _some(listed: ParkList, kept: npt.NDArray[np.bool_]) -> ParkList:
    sites = listed.sites
    names = [name for name, keep in zip(sites.names, kept, strict=True) if keep]
    fewer = type(sites)(names, sites.shapes[kept], sites.geographic)
    return ParkList(listed.table[kept].reset_index(drop=True), fewer, listed.nowhere, listed.warnings)


def _refuse_too_many(rows: int) -> None:
    if rows > MOST_ROWS:
        raise WrongOption(
            "more rows of place, industry and year than fit",
            value=f"{rows:,}",
            fix="coarser industries, fewer places, or parks of fewer years",
        )


def _yearly(kernel: Floats, values: Floats, listed: ParkList, years: npt.NDArray[np.int64]) -> Floats:
    """Return exposure by year, place and industry: each year adds the parks that came in it."""
    since = listed.table["year"].to_numpy("int64")
    found = np.zeros((len(years), len(kernel), values.shape[1]))
    with one_thread():
        for t in range(1, len(years)):
            new = since == years[t]
            found[t] = found[t - 1] + kernel[:, new] @ values[new] if new.any() else found[t - 1]
    return found


def _table(
    names: list[str], industries: list[str], years: npt.NDArray[np.int64], exposure: Floats, threshold: float, unexposed: float,
    nowhere: dict[str, str],
) -> pd.DataFrame:  # fmt: skip
    above = exposure > threshold
    first = np.where(above.any(axis=0), years[above.argmax(axis=0)], 0)
    most = exposure[-1]
    exposed = np.where(most > threshold, "yes", np.where(most > unexposed, "partly", "no"))
    size = (len(names), len(industries), len(years))
    place, industry, year = (part.ravel() for part in np.indices(size))
    values = exposure.transpose(1, 2, 0).ravel()
    undefined = np.isnan(values)
    table = pd.DataFrame(
        {
            "place": pd.Series(np.array(names, dtype=object)[place], dtype="str"),
            "industry": pd.Series(np.array(industries, dtype=object)[industry], dtype="str"),
            "year": years[year],
            "exposure": values,
            "first_year": first[place, industry],
            "exposed": pd.Series(np.where(undefined, "", exposed[place, industry]), dtype="str"),
            "undefined": np.where(undefined, "the country has none of the industry", ""),
        }
    )
    rows = [
        {"place": code, "industry": "", "year": 0, "first_year": 0, "exposed": "", "undefined": why}
        for code, why in sorted(nowhere.items())
    ]
    whole = pd.concat([table, pd.DataFrame(rows)], ignore_index=True) if rows else table
    return whole.sort_values("undefined", key=lambda said: said != "", kind="stable", ignore_index=True)


def _counted(
    table: pd.DataFrame, years: npt.NDArray[np.int64], listed: ParkList, threshold: float
) -> pd.DataFrame:
    over = table[table["exposure"] > threshold].groupby("year").size()
    since = listed.table["year"].to_numpy("int64")
    return pd.DataFrame(
        {
            "year": years,
            "parks": [int((since <= year).sum()) for year in years],
            "pairs": over.reindex(years, fill_value=0).to_numpy("int64"),
        }
    )


def _what(industries: Iterable[str], by: str) -> str:
    if set(industries) == {ALL}:
        return "countries" if by == "country" else "places"
    return f"pairs of {by} and industry"


def _text(table: pd.DataFrame, listed: ParkList, by: str, threshold: float) -> str:
    pairs = table[table["undefined"] == ""].drop_duplicates(["place", "industry"])
    what = _what(pairs["industry"].unique(), by)
    how = pairs["exposed"].value_counts()
    yes, some = int(how.get("yes", 0)), int(how.get("partly", 0))
    said = (
        f"{yes:,} of {len(pairs):,} {what} are exposed to {len(listed.table):,} parks (above {threshold:g})"
    )
    if yes:
        said += f", the first in {int(pairs.loc[pairs['first_year'] > 0, 'first_year'].min())}"
    said += "."
    if some:
        said += f" {some:,} are exposed a little and belong to neither side."
    return said
