"""Rings around parks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from technopole.errors import WrongOption
from technopole.member import member
from technopole.parks import _rings, _unit_rows
from technopole.parks._unit_rows import UnitRows
from technopole.result import ROWS_OF_FIRMS, Chart, Field, Result
from technopole.spatial import park_list
from technopole.spatial.park_list import DateOf, ParkList
from technopole.tables import Establishments, Firms, Parks


@member
def rings(
    table: Firms | Establishments,
    *,
    parks: Parks,
    edges: Sequence[float] = (2.0, 5.0, 10.0),
    within_km: float | None = None,
    date: DateOf = "first",
) -> Result:
    """Put each firm into a ring around its nearest park, with the year that park came: for displacement and spillover.

        d[i]       = distance of the first known position of i to the nearest park
        ring[i]    = inside, (0, e1], (e1, e2], ..., or beyond the last edge
        entered[i] = year of that park; 0 = beyond all rings

    The result's table is a firms table for ring designs: what changes in each ring when the park comes, against what lies beyond. It has a
    row per firm and year and is not for release.

    Parameters
    ----------
    table : Firms or Establishments
        With longitude and latitude, or x and y with their reference system.
    parks : Parks
        Outlines or points, and the year of each park.
    edges : sequence of float
        Outer edges of the rings, in km: from the outline, or from the point of a park without one. A ring holds its outer edge.
    within_km : float, optional
        Units within this distance of a park that is a point are inside. Left out = rings begin at its point.
    date : {"first", "opened", "designated"}
        Which date of a park is its year: the earlier of both known, or the one named.

    Returns
    -------
    Result
        firm, year, entered, nearest_park, distance_km, signed_km (to the outline, negative inside; none where the park has no outline), ring,
        ring_low_km, ring_high_km, parks_near (parks within the last edge), then all columns that came in (those of the same names as `<name>_given`; of
        establishments, firm as owner). Further tables: `counts` (ring, ring_low_km, ring_high_km, year, units, exposed), `parks` (park, since, then units by ring: ring, units), `sample`
        (step, units, observations, reason).

    Raises
    ------
    WrongOption
        Edges that don't rise from above 0, or `within_km` not below the first.
    MissingColumn
        No coordinates, or not the date asked for.
    EmptyTable
        No rows, or none with a position.

    References
    ----------
    Neumark, D. & Simpson, H. (2015). Place-based policies. In: Handbook of Regional and Urban Economics 5, 1197-1287. Elsevier.
    Diamond, R. & McQuade, T. (2019). Who wants affordable housing in their backyard? An equilibrium analysis of low-income property
    development. Journal of Political Economy 127(3), 1063-1117.

    Examples
    --------
    >>> import pandas as pd, technopole as tp
    >>> park = pd.DataFrame({"park": ["Valley"], "longitude": [8.0], "latitude": [50.0], "opened": [2011]})
    >>> firms = pd.DataFrame({"firm": list("abcd"), "year": 2010, "longitude": 8.0, "latitude": [50.01, 50.03, 50.08, 51.0]})
    >>> tp.parks.rings(firms, parks=park).table[["firm", "ring", "entered"]].values.tolist()
    [['a', '0-2 km', 2011], ['b', '2-5 km', 2011], ['c', '5-10 km', 2011], ['d', 'beyond', 0]]
    """
    outer = _rings.checked(edges)
    if within_km is not None and not 0 < within_km < outer[0]:
        raise WrongOption(f"within_km lies between 0 and the first edge, {outer[0]:g} km", value=within_km)
    listed, units = park_list.of(parks, date=date), _unit_rows.of(table)
    made, said = _table(units, listed, outer, within_km)
    counts = _counts(made, outer)
    return Result.of(
        made,
        text=_text(made, outer, len(listed.table)),
        fields=_fields(made, table, outer[-1]),
        chart=Chart("trend", {"value": "units", "series": "ring", "axis": "units"}, of="counts")
        if counts["year"].nunique() > 1
        else None,
        warnings=[
            ROWS_OF_FIRMS,
            *listed.warnings,
            *units.warnings,
            *said,
        ],
        counts=counts,
        parks=_by_park(made, listed, outer),
        sample=units.sample,
    )


def _table(
    units: UnitRows, listed: ParkList, edges: list[float], within_km: float | None
) -> tuple[pd.DataFrame, list[str]]:
    near, where = units.to(listed.sites, edges[-1])
    start = np.unique(units.unit, return_index=True)[1]
    first = where[start][units.unit]
    moved = int(np.unique(units.unit[where != first]).size)
    near["since"] = near["site"].map(dict(enumerate(listed.table["year"].astype("float64"))))
    spot = near.drop_duplicates("point").set_index("point")
    close = near[near["distance_km"] <= edges[-1]].groupby("point")
    spot["parks_near"] = close.size().reindex(spot.index).fillna(0).astype("int64")
    spot["before"] = close["since"].min().reindex(spot.index) < spot["since"]
    rows = spot.loc[first].reset_index(drop=True)
    point_park = ~listed.sites.outlined[rows["site"].to_numpy()]
    inside = rows["inside"] | (point_park & (rows["distance_km"] <= (within_km or -1.0)))
    shown = pd.concat(
        [rows[["distance_km", "signed_km"]], _rings.ring(rows["distance_km"], inside, edges)], axis=1
    )
    beyond = shown["ring"] == _rings.BEYOND
    entered = rows["since"].where(~beyond, 0).astype("Int64")
    names = listed.table["park"].to_numpy(object)[rows["site"].to_numpy()]
    head = units.table[["firm", "year"]].assign(entered=entered, nearest_park=pd.Series(names, dtype="str"))
    made = pd.concat([head, shown, rows[["parks_near"]], units.table.drop(columns=["firm", "year"])], axis=1)
    said: list[str] = []
    if moved:
        said.append(f"{moved:,} units move: each is in the ring of the first position known of it")
    several = int(made.loc[made["parks_near"] > 1, "firm"].nunique())
    if several:
        early = int(made.loc[rows["before"].to_numpy(bool) & ~beyond, "firm"].nunique())
        said.append(
            f"{several:,} units have more than one park within {edges[-1]:g} km and count for the nearest; for {early:,} of them another came earlier"
        )
    undated = made.loc[~beyond & entered.isna(), "firm"].nunique()
    if undated:
        said.append(
            f"{undated:,} units lie in a ring of a park without a date: entered is empty, which isn't never; leave them out"
        )
    return made, said


def _counts(made: pd.DataFrame, edges: list[float]) -> pd.DataFrame:
    keys = ["ring", "ring_low_km", "ring_high_km", "year"]
    there = made["entered"].gt(0).fillna(False) & made["entered"].le(made["year"]).fillna(False)
    found = made.assign(exposed=there).groupby(keys, dropna=False)
    counted = found.agg(units=("firm", "nunique"), exposed=("exposed", "sum")).reset_index()
    counted["exposed"] = counted["exposed"].astype("int64")
    order = {name: i for i, name in enumerate(_rings.names(edges))}
    return counted.sort_values(
        ["ring", "year"], key=lambda c: c.map(order) if c.name == "ring" else c, ignore_index=True
    )


def _by_park(made: pd.DataFrame, listed: ParkList, edges: list[float]) -> pd.DataFrame:
    units = made.drop_duplicates("firm")
    units = units[units["ring"] != _rings.BEYOND]
    found = units.groupby(["nearest_park", "ring"]).size().rename("units").reset_index()
    found = found.rename(columns={"nearest_park": "park"})
    found["since"] = found["park"].map(listed.table.set_index("park")["year"]).astype("Int64")
    order = {name: i for i, name in enumerate(_rings.names(edges))}
    found = found.sort_values(
        ["park", "ring"], key=lambda c: c.map(order) if c.name == "ring" else c, ignore_index=True
    )
    return found[["park", "since", "ring", "units"]]


def _text(made: pd.DataFrame, edges: list[float], parks: int) -> str:
    units = made.drop_duplicates("firm")
    count = units["ring"].value_counts()
    parts = [
        f"{count.get(name, 0):,} {'inside' if name == _rings.INSIDE else f'at {name}'}"
        for name in _rings.names(edges)[:-1]
    ]
    beyond = count.get(_rings.BEYOND, 0)
    return (
        f"Of {len(units):,} units around {parks:,} parks, {', '.join(parts)}, and {beyond:,} beyond {edges[-1]:g} km. "
        "Rings say how near a unit is, not what a park did to it."
    )


def _fields(made: pd.DataFrame, table: Firms | Establishments, last: float) -> dict[str, Field]:
    given = {column: Field("as it came in") for column in made.columns}
    given |= {
        column.name: Field(column.meaning, column.unit)
        for column in table.schema.columns
        if column.name in made
    }
    return given | {
        "firm": Field("unit: firm, or establishment"),
        "year": Field("year; 0 = one unnamed period"),
        "entered": Field("year of the nearest park; 0 = beyond all rings, empty = that park has no date"),
        "nearest_park": Field("the park nearest to the unit's first known position"),
        "distance_km": Field("distance to its outline (0 inside) or point", "km", 2),
        "signed_km": Field("distance to its outline, negative inside; none where it has none", "km", 2),
        "ring": Field("ring around the nearest park"),
        "ring_low_km": Field("inner edge of the ring", "km", 1),
        "ring_high_km": Field("outer edge of the ring; none = beyond all", "km", 1),
        "parks_near": Field(f"parks within {last:g} km", "parks"),
        "owner": Field("identifier of the legal unit that owns it"),
        "units": Field("units", "units"),
        "exposed": Field("units whose park was there by that year", "units"),
        "park": Field("park"),
        "since": Field("year of the park"),
        "step": Field("read or used"),
        "observations": Field("rows", "rows"),
        "reason": Field("why rows were dropped"),
    }
