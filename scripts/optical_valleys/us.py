"""us_photonics.csv, us_places.csv and the figures on Rochester's and Tucson's counties.

A place is a metropolitan area (as defined in 1993, counties of New England put together), or a county outside of any: an optics
industry spreads over the counties around its city, and so would its location quotient.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from optical_valleys.tabular import Row, number, read

COLUMNS = ("place", "industry", "year", "employment", "establishments")
PLACE_COLUMNS = ("place", "counties", "longitude", "latitude")
PREFIXES = ("3272", "3333", "3342", "3344", "3345", "3351", "3359", "3391")
YEARS = (2019, 2021)
COUNTIES = {"36055": ("Rochester", "Monroe County"), "04019": ("Tucson", "Pima County")}
INNOVATION = "https://github.com/fansi-sifan/metro-datasets"


def compile_photonics(data: Path) -> list[Row]:
    """Return every place's cells of the detailed codes photonics is chosen from, and `other` for the rest."""
    bundled = " or ".join(f"starts_with(naics::varchar, '{prefix}')" for prefix in PREFIXES)
    counties = _counties(data)
    rows = duckdb.execute(
        f"""
        select place, case when {bundled} then naics::varchar else 'other' end as industry,
               year::integer as year, sum(emp)::bigint as employment, sum(est)::bigint as establishments
        from read_parquet(?) join (select unnest(?) as fips, unnest(?) as place) using (fips)
        where year in {YEARS} group by all order by place, year, industry
        """,
        [
            str(data / "us-county-business-patterns" / "cbp_county_naics6_2017_2021.parquet"),
            [county["fips"] for county in counties],
            [county["place"] for county in counties],
        ],
    ).fetchall()
    return [dict(zip(COLUMNS, map(str, row), strict=True)) for row in rows]


def compile_places(data: Path, photonics: list[Row]) -> list[Row]:
    """Return the places that occur, with their counties and a point inside the most populous (24 cities have none)."""
    wanted = {row["place"] for row in photonics}
    found: dict[str, list[Row]] = {}
    for county in _counties(data):
        found.setdefault(county["place"], []).append(county)
    return [
        {
            "place": place,
            "counties": " ".join(county["fips"] for county in counties),
            **{axis: max(counties, key=_people)[axis] for axis in ("longitude", "latitude")},
        }
        for place, counties in sorted(found.items())
        if place in wanted
    ]


def _people(county: Row) -> float:
    return float(county["people"]) if county["longitude"] else -1.0


def _counties(data: Path) -> list[Row]:
    """Return every county with the place it belongs to."""
    metropolis = {
        row["County FIPS Code"]: re.sub(
            r"^([^,]+?)--?[^,]*(, .*)$", r"\1\2", row["MSA Name"].rpartition(" ")[0]
        )
        for row in read(data / "us-county-geometry" / "commuting_zones_1990_czlma903.csv.gz")
        if row["MSA Name"]
    }
    rows = duckdb.execute(
        """
        select fips, name, state, lon, lat, pop_thousand_2019
        from read_csv(?, types = {'fips': 'VARCHAR'}) order by fips
        """,
        [str(data / "us-county-business-patterns" / "counties.csv.gz")],
    ).fetchall()
    return [
        {
            "place": f"{metropolis[fips]} (metro)" if fips in metropolis else f"{name}, {state}",
            "fips": fips,
            "longitude": "" if longitude is None else number(longitude, 4),
            "latitude": "" if latitude is None else number(latitude, 4),
            "people": "0" if people is None else number(people, 3),
        }
        for fips, name, state, longitude, latitude, people in rows
    ]


def compile_technology(data: Path) -> list[Row]:
    """Return patents and university research of the two counties, federal statistics only."""
    folder = data / "us-regional-innovation"
    patents = duckdb.execute(
        """
        select stco_code, year, patents_issued from read_csv(?, types = {'stco_code': 'VARCHAR'})
        where stco_code in ('36055', '04019') and year in (2005, 2010, 2015) order by all
        """,
        [str(folder / "patents_county_2000_2015.csv.gz")],
    ).fetchall()
    research = duckdb.execute(
        """
        select stco_code, year::integer, sum(total_rd) / 1e6 from read_parquet(?)
        where stco_code in ('36055', '04019') and year in (2012, 2017) and field_broad = 'Total'
        group by all order by all
        """,
        [str(folder / "univ_rd_institution_field_2010_2017.parquet")],
    ).fetchall()
    granted = ("patents_granted", "patents", "utility patents, first inventor's county")
    spent = ("university_rd", "billion USD", "all fields, current dollars")
    return [
        *(_figure(fips, year, value, *granted) for fips, year, value in patents),
        *(_figure(fips, year, value, *spent) for fips, year, value in research),
    ]


def _figure(fips: str, year: int, value: float, indicator: str, unit: str, note: str) -> Row:
    park, county = COUNTIES[fips]
    return {
        "place": park,
        "facet": "technology",
        "indicator": indicator,
        "value": number(value, 6),
        "unit": unit,
        "year": str(year),
        "scope": "county, all fields",
        "status": "reported",
        "note": f"{county}; {note}",
        "source": INNOVATION,
    }
