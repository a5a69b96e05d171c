"""Firms and establishments as rows with a position: what was filled, dropped and renamed is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer

from technopole.errors import EmptyTable, MissingColumn, TechnopoleError
from technopole.spatial.outlines import Sites, pairs
from technopole.tables import Establishments, Firms

MADE = ("park", "entered", "left", "inside", "graduate", "nearest_park", "distance_km", "signed_km", "ring", "ring_low_km", "ring_high_km",
        "parks_near")  # fmt: skip


@dataclass(slots=True)
class UnitRows:
    """Rows sorted by firm and year.

    Attributes
    ----------
    table : DataFrame
        firm, year, then all other columns; those whose name a result takes are called `<name>_given`.
    points : ndarray (n, 2)
        Where each row's unit is: degrees, or kilometres on a plane.
    geographic : bool
    unit : ndarray
        0, 1, ... by firm.
    sample : DataFrame
        step, units, observations, reason.
    warnings : list of str
    """

    table: pd.DataFrame
    points: npt.NDArray[np.float64]
    geographic: bool
    unit: npt.NDArray[np.int64]
    sample: pd.DataFrame
    warnings: list[str]

    def to(self, sites: Sites, within_km: float = 0.0) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
        """Return the distances of distinct positions to sites (as `pairs`), and the position of each row.

        Raises
        ------
        TechnopoleError
            One side is in degrees, the other on a plane.
        """
        if self.geographic != sites.geographic:
            kinds = {True: "degrees", False: "kilometres on a plane"}
            raise TechnopoleError(
                f"the units' coordinates are {kinds[self.geographic]}, the parks' are {kinds[sites.geographic]}",
                fix="give both as longitude and latitude, or both with crs='planar-km'",
            )
        spots, where = np.unique(self.points, axis=0, return_inverse=True)
        return pairs(spots, sites, within_km=within_km), where.ravel()


def of(table: Firms | Establishments) -> UnitRows:
    """Read the rows that have a position.

    A row without one takes that of its unit's other rows, where these all agree; else it is dropped.

    Raises
    ------
    EmptyTable
        There is no row, or none with a position.
    MissingColumn
        There are no coordinates.
    TechnopoleError
        Coordinates that can't be degrees.
    """
    if not table.rows:
        raise EmptyTable(f"the {table.schema.name} table has no rows", where=table.source)
    frame = _named(table)
    points, geographic = _points(frame, table)
    frame = frame.assign(_east=points[:, 0], _north=points[:, 1]).sort_values(
        ["firm", "year"], kind="stable", ignore_index=True
    )
    said = list(table.warnings)
    step: dict[str, Any] = {
        "step": "read",
        "units": frame["firm"].nunique(),
        "observations": len(frame),
        "reason": "",
    }
    frame = _filled(frame, said)
    known = frame["_east"].notna()
    if not known.any():
        raise EmptyTable("no row has coordinates", where=table.source, fix="fill in longitude and latitude")
    steps = [step]
    if not known.all():
        frame = frame[known].reset_index(drop=True)
        reason = "where the unit was isn't known"
        steps.append(
            {
                "step": "with a position",
                "units": frame["firm"].nunique(),
                "observations": len(frame),
                "reason": reason,
            }
        )
        gone = step["units"] - steps[-1]["units"]
        said.append(f"{(~known).sum():,} of {len(known):,} rows ({gone:,} units) dropped: {reason}")
    unit, _ = pd.factorize(frame["firm"], sort=True)
    at = frame[["_east", "_north"]].to_numpy("float64")
    rows = frame.drop(columns=["_east", "_north"])
    return UnitRows(rows, at, geographic, unit.astype(np.int64), pd.DataFrame(steps), said)


def _named(table: Firms | Establishments) -> pd.DataFrame:
    """Return all columns under names that leave those of the result free, firm and year first."""
    frame: pd.DataFrame = (
        table.expr.order_by([c for c in table.columns if c != "geometry"]).to_pyarrow().to_pandas()
    )
    taken = {name: f"{name}_given" for name in MADE if name in frame}
    if isinstance(table, Establishments):
        if "firm" in frame:
            taken["firm"] = "owner"
        frame = frame.rename(columns=taken)
        numbered = pd.Series([f"row {i:07d}" for i in range(1, len(frame) + 1)], index=frame.index)
        frame["firm"] = (
            frame["establishment_id"].fillna(numbered) if "establishment_id" in frame else numbered
        )
        if "year" not in frame:
            frame["year"] = 0
    else:
        frame = frame.rename(columns=taken)
    first = ["firm", "year"]
    return frame[[*first, *(name for name in frame.columns if name not in first)]]


def _points(frame: pd.DataFrame, table: Firms | Establishments) -> tuple[npt.NDArray[np.float64], bool]:
    for pair in (("longitude", "latitude"), ("x", "y")):
        if set(pair) <= set(frame) and (pair[0] == "longitude" or table.crs is not None):
            break
    else:
        advice = f"{table.advice('longitude', 'latitude')}; or x and y with crs="
        if "geometry" in table.columns:
            advice = "geometry of firms isn't read: with geopandas, at = frame.to_crs(4326).geometry, then longitude=at.x, latitude=at.y"
        raise MissingColumn(
            f"these {table.schema.name} have no coordinates",
            value="longitude, latitude",
            where=table.source,
            exists=table.columns,
            fix=advice,
        )
    try:
        at = np.column_stack([frame[name].to_numpy("float64", na_value=np.nan) for name in pair])
    except (TypeError, ValueError) as error:
        raise TechnopoleError("coordinates are numbers", value=", ".join(pair), where=table.source) from error
    at[~np.isfinite(at).all(axis=1)] = np.nan
    if pair[0] == "longitude":
        wrong = (np.abs(at[:, 0]) > 180) | (np.abs(at[:, 1]) > 90)
        if wrong.any():
            first = at[wrong][0]
            raise TechnopoleError(
                f"{int(wrong.sum()):,} rows have coordinates that aren't degrees",
                value=f"{first[0]:g}, {first[1]:g}",
                where=f"{table.source}, columns longitude, latitude",
                fix="longitude lies in -180 to 180, latitude in -90 to 90: are they swapped, or of another system?",
            )
        return at, True
    if table.crs == "planar-km":
        return at, False
    turn = Transformer.from_crs(str(table.crs), "EPSG:4326", always_xy=True)
    return np.column_stack(turn.transform(at[:, 0], at[:, 1])), True


def _filled(frame: pd.DataFrame, said: list[str]) -> pd.DataFrame:
    lost = frame["_east"].isna()
    if not lost.any():
        return frame
    own = frame.groupby("firm")
    east, north = own["_east"], own["_north"]
    still = (east.transform("min") == east.transform("max")) & (
        north.transform("min") == north.transform("max")
    )
    use = lost & still
    if use.any():
        said.append(
            f"{int(use.sum()):,} rows without coordinates take those of their unit's other rows, which all agree"
        )
        frame.loc[use, "_east"] = east.transform("min")[use]
        frame.loc[use, "_north"] = north.transform("min")[use]
    return frame
