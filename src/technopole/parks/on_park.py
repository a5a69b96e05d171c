"""Firms in parks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.errors import WrongOption
from technopole.member import member
from technopole.parks import _rings, _unit_rows
from technopole.parks._entry import Stay, stay
from technopole.parks._unit_rows import UnitRows
from technopole.result import ROWS_OF_FIRMS, Chart, Field, Result
from technopole.spatial import park_list
from technopole.spatial.park_list import DateOf, ParkList
from technopole.tables import Establishments, Firms, Parks

FAR_KM = 100.0


@member
def on_park(
    table: Firms | Establishments,
    *,
    parks: Parks,
    within_km: float | None = None,
    date: DateOf = "first",
    edges: Sequence[float] = (2.0, 5.0, 10.0),
) -> Result:
    """Say of each firm and year whether it is in a park, since when, until when, and how far the nearest park is.

        inside[i, t]  = position[i, t] in the park's outline, or within r km of a park without outline
        in park[i, t] = inside[i, t] and t >= year of the park
        entered[i]    = first t with in park[i, t]
        left[i]       = first t > entered[i] without

    The result's table is a firms table: it goes straight into `effects.*`. It has a row per firm and year and is not for release.

    Parameters
    ----------
    table : Firms or Establishments
        With longitude and latitude, or x and y with their reference system. Firms need a year; establishments may be of one unnamed period.
    parks : Parks
        Outlines or points, and the year of each park.
    within_km : float, optional
        Units within this distance of a park that is a point are inside. Parks with an outline don't need it.
    date : {"first", "opened", "designated"}
        From which year on a park counts: the earlier of both dates known, or the one named.
    edges : sequence of float
        Outer edges of the rings around parks, in km.

    Returns
    -------
    Result
        firm, year, park (the one it is in that year; none = in no park), entered (0 = never), left (0 = not seen to leave), inside (by position,
        whatever the year), graduate (has left, and is in no park), nearest_park, distance_km (0 inside an outline), signed_km (to the outline, negative inside; none
        where the park has no outline), ring, ring_low_km, ring_high_km, then all columns that came in (those of the same names as
        `<name>_given`; of establishments, firm as owner). Further tables: `parks` (park, since, units, first_entry, graduates),
        `yearly` (year, units, in_park, entering, leaving, graduates), `sample` (step, units, observations, reason).

    Raises
    ------
    WrongOption
        All parks are points and `within_km` is left out; or edges that don't rise.
    MissingColumn
        No coordinates, or not the date asked for.
    EmptyTable
        No rows, or none with a position.

    References
    ----------
    Liberati, D., Marinucci, M. & Tanzi, G. M. (2016). Science and technology parks in Italy: main features and analysis of their effects on
    the firms hosted. Journal of Technology Transfer 41(4), 694-729.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> park = pd.DataFrame({"park": ["Valley"], "longitude": [8.0], "latitude": [50.0], "opened": [2011]})
    >>> firms = pd.DataFrame({"firm": ["a"] * 4 + ["b"] * 4, "year": [2010, 2011, 2012, 2013] * 2,
    ...                       "longitude": [8.0, 8.0, 8.0, 9.0] + [9.0] * 4, "latitude": [50.0] * 8})
    >>> found = tp.parks.on_park(firms, parks=park, within_km=1).table
    >>> found[["firm", "entered", "left"]].drop_duplicates().values.tolist()
    [['a', 2011, 2013], ['b', 0, 0]]
    """
    outer = _rings.checked(edges)
    listed, units = park_list.of(parks, date=date), _unit_rows.of(table)
    _check_reach(listed, within_km)
    near, where = units.to(listed.sites, within_km or 0.0)
    spots = _spots(near, listed, within_km)
    rows = spots.take(where).reset_index(drop=True)
    year = units.table["year"].to_numpy("int64")
    home = rows["home"].to_numpy("int64")
    since = _since(listed, home)
    followed = stay(units.unit, year, home, since, _own_start(units.table))
    made = _table(units, rows, followed, listed, outer)
    yearly, of_parks = _yearly(made), _of_parks(made, listed)
    return Result.of(
        made,
        text=_text(made, yearly),
        fields=_fields(made, table, date, within_km),
        chart=Chart("trend", {"value": "in_park", "axis": "units in a park"}, of="yearly")
        if len(yearly) > 1
        else None,
        warnings=[*listed.warnings, *units.warnings, *_said(followed, rows, home, listed, made)],
        parks=of_parks,
        yearly=yearly,
        sample=units.sample,
    )


def _check_reach(listed: ParkList, within_km: float | None) -> None:
    if within_km is not None and not within_km > 0:
        raise WrongOption("within_km is a distance of more than 0 km", value=within_km)
    if within_km is None and not listed.sites.outlined.any():
        raise WrongOption(
            "these parks are points, which nothing lies in: say what counts as inside",
            value="within_km",
            fix="within_km=2 counts what is within 2 km of a park's point; or give outlines as geometry",
        )


def _spots(near: pd.DataFrame, listed: ParkList, within_km: float | None) -> pd.DataFrame:
    """Return one row per position: nearest, distance_km, signed_km, home (the park it lies in, -1 = none), several.

    Where parks overlap, home is the one with the earliest year; it is then the nearest, too.
    """
    point_park = ~listed.sites.outlined[near["site"].to_numpy()]
    inside = near["inside"] | (
        point_park & (near["distance_km"] <= (within_km or 0.0)) & (within_km is not None)
    )
    first = near.drop_duplicates("point").set_index("point")
    since = near["site"].map(dict(enumerate(listed.table["year"].fillna(9999).astype(int))))
    homes = near.assign(since=since)[inside].sort_values(["point", "since", "site"])
    several = homes.groupby("point").size()
    home = homes.drop_duplicates("point").set_index("point")
    spots = first[["site", "distance_km", "signed_km"]].rename(columns={"site": "nearest"})
    spots["home"] = home["site"].reindex(spots.index).fillna(-1).astype("int64")
    spots["several"] = several.reindex(spots.index).fillna(0).astype("int64") > 1
    own = home[["site", "distance_km", "signed_km"]].rename(columns={"site": "nearest"})
    spots.loc[own.index, ["nearest", "distance_km", "signed_km"]] = own
    return spots.astype({"nearest": "int64"})


def _since(listed: ParkList, home: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    years = listed.table["year"].fillna(0).to_numpy("int64")
    return np.where(home >= 0, years[home], 0)


def _own_start(table: pd.DataFrame) -> npt.NDArray[np.int64] | None:
    """Return the year each unit began; opened, where the table has it."""
    if "opened" not in table or not pd.api.types.is_numeric_dtype(table["opened"]):
        return None
    return table["opened"].fillna(0).to_numpy("int64")


def _table(
    units: UnitRows, rows: pd.DataFrame, followed: Stay, listed: ParkList, edges: list[float]
) -> pd.DataFrame:
    names = np.array([*listed.table["park"], None], dtype=object)
    home = rows["home"].to_numpy("int64")
    inside = pd.Series(home >= 0)
    entered = pd.array(followed.entered, dtype="Int64")
    unknown = (units.table["year"] == 0).to_numpy() & followed.in_park & (followed.entered == 0)
    entered[unknown] = pd.NA
    made = pd.DataFrame(
        {
            "park": pd.Series(names[np.where(followed.in_park, home, -1)], dtype="str"),
            "entered": entered,
            "left": pd.array(followed.left, dtype="Int64"),
            "inside": inside,
            "graduate": followed.graduate,
            "nearest_park": pd.Series(names[rows["nearest"].to_numpy()], dtype="str"),
            "distance_km": rows["distance_km"],
            "signed_km": rows["signed_km"],
        }
    )
    made = pd.concat([made, _rings.ring(made["distance_km"], inside, edges)], axis=1)
    head, rest = units.table[["firm", "year"]], units.table.drop(columns=["firm", "year"])
    return pd.concat([head, made, rest], axis=1)


def _yearly(made: pd.DataFrame) -> pd.DataFrame:
    flags = made.assign(
        in_park=made["park"].notna(),
        entering=(made["entered"] == made["year"]) & (made["year"] > 0),
        leaving=(made["left"] == made["year"]) & (made["year"] > 0),
    )
    found = flags.groupby("year").agg(
        units=("firm", "nunique"),
        in_park=("in_park", "sum"),
        entering=("entering", "sum"),
        leaving=("leaving", "sum"),
        graduates=("graduate", "sum"),
    )
    return found.astype("int64").reset_index()


def _of_parks(made: pd.DataFrame, listed: ParkList) -> pd.DataFrame:
    own = made[made["park"].notna()]
    found = own.groupby("park").agg(units=("firm", "nunique"), first_entry=("entered", "min"))
    last = own.drop_duplicates("firm", keep="last").set_index("firm")["park"]
    gone = made[made["graduate"]].drop_duplicates("firm")["firm"].map(last).value_counts()
    table = listed.table[["park", "year"]].rename(columns={"year": "since"}).set_index("park")
    table = table.assign(
        units=found["units"], first_entry=found["first_entry"].astype("Int64"), graduates=gone
    )
    table[["units", "graduates"]] = table[["units", "graduates"]].fillna(0).astype("int64")
    return table.reset_index().sort_values(["units", "park"], ascending=[False, True], ignore_index=True)


def _text(made: pd.DataFrame, yearly: pd.DataFrame) -> str:
    units = made["firm"].nunique()
    ever = made[made["park"].notna()]["firm"].nunique()
    gone = made[made["graduate"]]["firm"].nunique()
    parks = made["park"].nunique()
    years = yearly["year"]
    span = f" between {years.min()} and {years.max()}" if len(years) > 1 else ""
    said = f"{ever:,} of {units:,} units are in one of {parks:,} parks{span}"
    if not ever:
        said = f"None of {units:,} units is in a park{span}"
    said += (
        f"; {gone:,} have left and are followed as graduates."
        if gone
        else "; none was seen to leave."
        if ever
        else "."
    )
    outside = made[~made["inside"]]
    if len(outside):
        said += f" Half of the rows outside lie within {outside['distance_km'].median():,.1f} km of the nearest park."
    return said


def _far(made: pd.DataFrame) -> list[str]:
    """Say that units and parks seem to lie in different parts of the world."""
    near = float(made["distance_km"].min())
    if near <= FAR_KM:
        return []
    return [
        f"the park nearest to any unit is {near:,.0f} km away: are longitude and latitude swapped in one of the tables, "
        "or do they mean different places?"
    ]


def _said(
    followed: Stay, rows: pd.DataFrame, home: npt.NDArray[np.int64], listed: ParkList, made: pd.DataFrame
) -> list[str]:
    said = [ROWS_OF_FIRMS, *_far(made)]
    if followed.seen_late:
        said.append(
            f"{followed.seen_late:,} units are in a park in the first year they are seen: they have no before, and entered then or earlier"
        )
    if followed.moved:
        said.append(f"{followed.moved:,} units were in more than one park: entered is the year of the first")
    if followed.again:
        said.append(f"{followed.again:,} units came back after leaving: left is the first time")
    if rows["several"].any():
        said.append(
            f"{int(rows['several'].sum()):,} rows lie in more than one park and are given to the one that came first"
        )
    early = (home >= 0) & made["park"].isna().to_numpy()
    if early.any():
        said.append(f"{int(early.sum()):,} rows lie where a park came only later: not in a park yet")
    undated = set(listed.table.loc[listed.table["year"].isna(), "park"]) & set(made["park"].dropna())
    if undated:
        said.append(
            f"{len(undated):,} parks without a date count in all years, so entering them may be dated too early"
        )
    unknown = int(made["entered"].isna().sum())
    if unknown:
        said.append(f"{unknown:,} rows are in a park, but when they came isn't known: entered is empty")
    return said


def _fields(
    made: pd.DataFrame, table: Firms | Establishments, date: str, within_km: float | None
) -> dict[str, Field]:
    reach = "" if within_km is None else f", or within {within_km:g} km of a park without outline"
    which = "the earlier of its dates" if date == "first" else f"when it was {date}"
    given: dict[str, Any] = {column: Field("as it came in") for column in made.columns}
    given |= {
        column.name: Field(column.meaning, column.unit)
        for column in table.schema.columns
        if column.name in made
    }
    return given | {
        "firm": Field("unit: firm, or establishment"),
        "year": Field("year; 0 = one unnamed period"),
        "park": Field("park the unit is in that year; none = in no park (in .parks: the park)"),
        "entered": Field("first year the unit is in a park; 0 = never, empty = not known"),
        "left": Field("first year after that in which it is in no park; 0 = not seen to leave"),
        "inside": Field(f"whether it lies in a park's outline{reach}, whatever the year"),
        "graduate": Field("whether it has left and is in no park"),
        "nearest_park": Field("the nearest park, whatever the year"),
        "distance_km": Field("distance to its outline (0 inside) or point", "km", 2),
        "signed_km": Field("distance to its outline, negative inside; none where it has none", "km", 2),
        "ring": Field("ring around the nearest park"),
        "ring_low_km": Field("inner edge of the ring", "km", 1),
        "ring_high_km": Field("outer edge of the ring; none = beyond all", "km", 1),
        "owner": Field("identifier of the legal unit that owns it"),
        "since": Field(f"year from which the park counts: {which}"),
        "units": Field("units", "units"),
        "first_entry": Field("first year a unit that was in it entered any park"),
        "graduates": Field("units that have left (in .parks: whose last park it was)", "units"),
        "in_park": Field("units in a park", "units"),
        "entering": Field("units in their first year in a park", "units"),
        "leaving": Field("units in their first year after", "units"),
        "step": Field("read or used"),
        "observations": Field("rows", "rows"),
        "reason": Field("why rows were dropped"),
    }
