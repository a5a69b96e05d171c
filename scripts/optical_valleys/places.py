"""parks.csv: the places of the study, where they are, and their two dates."""

from __future__ import annotations

from pathlib import Path

from optical_valleys.tabular import Row, read, rules

COLUMNS = (
    "park",
    "country",
    "longitude",
    "latitude",
    "designated",
    "opened",
    "name_local",
    "role",
    "coordinate_basis",
    "territory",
)


def compile_parks(data: Path) -> list[Row]:
    """Return the parks; the Chinese zones take city centre and year from the list of national high-tech zones."""
    zones = {row["zone_name_zh"]: row for row in read(data / "china-hitech-zones" / "zones.csv")}
    found: list[Row] = []
    for row in rules("parks"):
        zone = zones.get(row["zone_name_zh"])
        if zone is not None:
            row |= {
                "longitude": zone["city_longitude"],
                "latitude": zone["city_latitude"],
                "designated": zone["designation_year"],
                "coordinate_basis": "city centre, not the zone itself",
            }
        found.append({name: row[name] for name in COLUMNS})
    return found
