"""What parks are about (shares of industries), where places lie from them, and how industries of a country lie over its places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from technopole.competitiveness._matrix import matrices
from technopole.errors import EmptyTable, MissingColumn, WrongOption
from technopole.spatial import located_places, outlines, place_matching
from technopole.spatial.park_list import ParkList
from technopole.tables import Activity, Places, Sector

Floats = npt.NDArray[np.float64]
Kernel = Literal["exponential", "gaussian", "inverse", "uniform"]
ALL = "all"
# Beyond so many decay distances a kernel is below the precision of a number.
REACH: dict[str, float] = {"exponential": 37.0, "gaussian": 9.0, "uniform": 1.0}
FARTHEST = 20_100.0


@dataclass(frozen=True, slots=True)
class Shares:
    """`values[k, i]`: how much of park k is industry i; `known`: parks of which that is known."""

    industries: list[str]
    values: Floats
    known: npt.NDArray[np.bool_]
    warnings: list[str]


def weigh(km: Floats, kernel: Kernel, decay_km: float, max_km: float | None) -> Floats:
    """Return the kernel at these distances; 0 beyond `max_km`."""
    scaled = km / decay_km
    found: Floats = {
        "exponential": lambda: np.exp(-scaled),
        "gaussian": lambda: np.exp(-0.5 * scaled**2),
        "inverse": lambda: 1 / (1 + scaled),
        "uniform": lambda: (scaled <= 1).astype(float),
    }[kernel]()
    return found if max_km is None else np.where(km <= max_km, found, 0.0)


def shares(
    listed: ParkList,
    composition: Activity | None,
    sector: Sector | None,
    activity: Activity | None,
    value: str | None,
) -> Shares:
    """Return what the parks are about: by their own composition, by the sector they are in, or everything."""
    parks = listed.sites.names
    everyone = np.ones(len(parks), dtype=np.bool_)
    if composition is not None:
        if sector is not None:
            raise WrongOption(
                "what parks are about is said twice", value="composition and sector", fix="leave one out"
            )
        return _composed(parks, composition, value)
    if sector is None:
        return Shares([ALL], np.ones((len(parks), 1)), everyone, [])
    if activity is None:
        raise MissingColumn(
            "a sector of parks needs the industries it is to be found among",
            value="activity",
            fix="give activity=; or leave the sector out here and give product_panel the parks' products with field=",
        )
    codes = sorted({str(code) for one in matrices(activity, value=value) for code in one.items})
    weights = sector.weights(codes)
    if not weights:
        raise WrongOption(
            f"no industry of the table belongs to the sector {sector.name} ({sector.scheme})",
            value=", ".join(list(sector.codes)[:8]), where=activity.source, exists=codes,
        )  # fmt: skip
    row = np.array([weights.get(code, 0.0) for code in codes])
    return Shares(codes, np.tile(row, (len(parks), 1)), everyone, [])


def _composed(parks: list[str], composition: Activity, value: str | None) -> Shares:
    """Return each park's mix in the first year in which it has any; later years may be the park's own doing."""
    years = matrices(composition, value=value)
    industries = sorted({str(code) for one in years for code in one.items})
    at, column = {name: k for k, name in enumerate(parks)}, {code: i for i, code in enumerate(industries)}
    values, known = np.zeros((len(parks), len(industries))), np.zeros(len(parks), dtype=np.bool_)
    withheld = 0
    for one in years:
        columns = [column[str(code)] for code in one.items]
        for row, name in enumerate(one.places):
            total = float(one.values[row].sum())
            if str(name) in at and not known[at[str(name)]] and total > 0:
                values[at[str(name)], columns] = one.values[row] / total
                known[at[str(name)]] = True
                withheld += int(one.withheld[row].sum())
    if not known.any():
        raise EmptyTable(
            "the composition has none of the parks",
            where=composition.source,
            exists=sorted({str(name) for one in years for name in one.places}),
            fix=f"its column place holds the parks' names, such as {parks[0]!r}",
        )
    said = (
        [f"{withheld:,} withheld cells of parks' composition count with the middle of their bounds"]
        if withheld
        else []
    )
    if not known.all():
        lost = [name for name, there in zip(parks, known, strict=True) if not there]
        said.append(
            f"parks that aren't in the composition: {len(lost):,}{place_matching.said(lost)}, left out, so exposure to them is missing"
        )
    return Shares(industries, values, known, said)


@dataclass(frozen=True, slots=True)
class Distances:
    """Places with a position, sorted by code, and `km[r, k]` to each park (inf = beyond reach); `nowhere`: code -> why there is none."""

    places: list[str]
    km: Floats
    nowhere: dict[str, str]
    warnings: list[str]


def distances(
    places: Places,
    listed: ParkList,
    activity: Activity | None,
    kernel: Kernel,
    decay_km: float,
    max_km: float | None,
) -> Distances:
    """Measure how far each place (those of the activity table, where there is one) is from each park."""
    located = located_places.of(places)
    if located.table.empty:
        raise EmptyTable(
            "no place has a position", where=places.source, fix="fill in longitude and latitude, or geometry"
        )
    if located.geographic != listed.sites.geographic:
        raise WrongOption(
            "parks and places lie in different systems",
            value="degrees" if listed.sites.geographic else "kilometres on a plane",
            where=places.source,
            fix="give both in longitude and latitude, or both in one projection",
        )
    nowhere = dict.fromkeys(located.nowhere["place"].astype(str), "the place has no position")
    said = list(places.warnings)
    wanted = set(located.table["place"])
    if activity is not None:
        mine = place_matching.codes(activity.expr)
        lost = place_matching.stray(mine, places, activity.source)
        asked = set(mine)
        nowhere = {code: why for code, why in nowhere.items() if code in asked}
        nowhere |= dict.fromkeys(lost, "the place isn't among places=")
        wanted &= asked
    rows = located.table[located.table["place"].isin(wanted)].sort_values("place", ignore_index=True)
    if rows.empty:
        raise EmptyTable("no place of the activity table has a position", where=places.source)
    reach = decay_km * REACH[kernel] if kernel in REACH else FARTHEST
    reach = min(reach, FARTHEST) if max_km is None else min(reach, max_km)
    found = outlines.pairs(rows[["east", "north"]].to_numpy(float), listed.sites, within_km=reach)
    km = np.full((len(rows), len(listed.sites)), np.inf)
    km[found["point"].to_numpy(), found["site"].to_numpy()] = found["distance_km"].to_numpy()
    return Distances(rows["place"].tolist(), km, nowhere, said)


def nearest(at: Distances, listed: ParkList) -> pd.DataFrame:
    """Return place, park, distance_km, since."""
    park: Any = at.km.argmin(axis=1)
    table = pd.DataFrame({"place": at.places, "park": np.array(listed.sites.names, dtype=object)[park]})
    table["distance_km"] = at.km[np.arange(len(park)), park]
    table["since"] = listed.table["year"].to_numpy()[park]
    return table
