"""Coordinates: longitude and latitude in degrees, or x and y in a named coordinate reference system."""

from __future__ import annotations

from collections.abc import Mapping

from technopole.errors import WrongOption
from technopole.tables.checking.reading import Reading
from technopole.tables.schema import Schema

PLANAR = "planar-km"
DEGREES = "EPSG:4326"
NEEDS_CRS = "crs='EPSG:32650' (or your system's EPSG code), or crs='planar-km' for kilometres on a plane"


def system(crs: str | None) -> str | None:
    """Return a coordinate reference system under its short name.

    Raises
    ------
    WrongOption
        Nobody knows this system.
    """
    if crs is None or crs == PLANAR:
        return crs
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        bare = str(crs).strip()
        found = CRS.from_user_input(int(bare) if bare.isdigit() else bare)
    except (CRSError, ValueError) as error:
        raise WrongOption(
            "no such coordinate reference system", value=crs, fix=f"for example {NEEDS_CRS}"
        ) from error
    authority = found.to_authority()
    if authority is None:
        return found.to_wkt()
    return DEGREES if ":".join(authority) in ("OGC:CRS84", DEGREES) else ":".join(authority)


def is_geographic(crs: str) -> bool:
    """Say whether a system counts in degrees."""
    if crs == PLANAR:
        return False
    from pyproj import CRS

    return bool(CRS.from_user_input(crs).is_geographic)


def check_points(reading: Reading, schema: Schema, outputs: Mapping[str, str], crs: str | None) -> str | None:
    """Note swapped, half and zero coordinates; return the coordinate reference system of the table."""
    for pair in (("longitude", "latitude"), ("x", "y")):
        here = [name for name in pair if name in schema and name in outputs]
        if len(here) == 1:
            other = next(name for name in pair if name != here[0])
            reading.problem(
                f"{here[0]} is there but {other} isn't",
                column=other,
                allowed="both or neither",
                fix=f"map it: columns={{{other!r}: 'your column'}}",
            )
        elif here:
            _check_pair(reading, pair, outputs)
    if "x" in schema and "x" in outputs and "y" in outputs:
        if crs is None:
            reading.problem(
                "x and y need their coordinate reference system",
                column="x, y",
                allowed="an EPSG code or 'planar-km'",
                fix=f"give {NEEDS_CRS}",
            )
        return crs
    if "longitude" not in outputs:
        return crs
    if crs is not None and "geometry" not in outputs and (crs == PLANAR or not is_geographic(crs)):
        raise WrongOption(
            "longitude and latitude are degrees, but crs= names another system",
            value=crs,
            where=reading.raw.file,
            fix="map the columns as x and y: columns={'x': ..., 'y': ...}",
        )
    return crs or DEGREES


def _check_pair(reading: Reading, pair: tuple[str, str], outputs: Mapping[str, str]) -> None:
    across, up = (f"({outputs[name]})" for name in pair)
    shown = f"concat({across}, ', ', {up})"
    half = f"({across} IS NULL) <> ({up} IS NULL)"
    zero = f"{across} = 0 AND {up} = 0"
    swapped = f"abs({up}) > 90 AND abs({up}) <= 180 AND abs({across}) <= 90"
    halves, zeros, turned, metres = reading.one(
        *(
            f"count(*) FILTER ({test})"
            for test in (half, zero, swapped, f"abs({across}) > 1000 OR abs({up}) > 1000")
        )
    )
    both = ", ".join(pair)
    if halves:
        reading.refuse(half, shown, "only one of the two coordinates is there", column=both, allowed="both or neither", fix="fill in the other, or empty both")  # fmt: skip
    if pair[0] != "longitude":
        return
    if zeros:
        reading.refuse(
            zero,
            shown,
            "0, 0 lies in the sea off Africa and usually stands for unknown",
            column=both,
            allowed="real coordinates",
            fix="empty both cells where the position is unknown",
        )
    if turned:
        _say_swapped(reading, both, shown, up, swapped, turned)
    if metres:
        reading.warn(
            "longitude, latitude: values in the thousands look like metres of a projected system: read the columns as x and y "
            f"with {NEEDS_CRS}"
        )


def _say_swapped(reading: Reading, both: str, shown: str, up: str, where: str, count: int) -> None:
    row, value = reading.first(where, shown)[0]
    every = reading.count(f"{up} IS NOT NULL") == count
    reading.problem(
        "longitude and latitude look swapped" + ("" if every else " in some rows"),
        column=both,
        row=row,
        value=value,
        allowed="longitude -180 to 180, latitude -90 to 90",
        fix="swap the two columns" if every else "swap the two cells in these rows",
        count=count,
    )
