"""us_photonics.csv, us_counties.csv and the figures on Rochester's and Tucson's counties."""

from __future__ import annotations

from pathlib import Path

import duckdb

from optical_valleys.tabular import Row, number

COLUMNS = ("place", "industry", "year", "employment", "establishments")
COUNTY_COLUMNS = ("place", "fips", "longitude", "latitude")
PREFIXES = ("3272", "3333", "3342", "3344", "3345", "3351", "3359", "3391")
YEARS = (2019, 2021)
COUNTIES = {"36055": ("Rochester", "Monroe County"), "04019": ("Tucson", "Pima County")}
INNOVATION = "https://github.com/fansi-sifan/metro-datasets"


def compile_photonics(data: Path) -> list[Row]:
    """Return every county's cells of the detailed codes photonics is chosen from, and `other` for the rest."""
    source = data / "us-county-business-patterns" / "cbp_county_naics6_2017_2021.parquet"
    bundled = " or ".join(f"starts_with(naics::varchar, '{prefix}')" for prefix in PREFIXES)
    rows = duckdb.execute(
        f"""
        select fips::varchar as place,
               case when {bundled} then naics::varchar else 'other' end as industry,
               year::integer as year, sum(emp)::bigint as employment, sum(est)::bigint as establishments
        from read_parquet(?) where year in {YEARS}
        group by all order by place, year, industry
        """,
        [str(source)],
    ).fetchall()
    names = {row["fips"]: row["place"] for row in _counties(data)}
    return [dict(zip(COLUMNS, (names[fips], *map(str, rest)), strict=True)) for fips, *rest in rows]


def compile_counties(data: Path, photonics: list[Row]) -> list[Row]:
    """Return the counties that occur, by name and state, with a point inside each (none for 24 cities of Virginia)."""
    wanted = {row["place"] for row in photonics}
    return [row for row in _counties(data) if row["place"] in wanted]


def _counties(data: Path) -> list[Row]:
    source = data / "us-county-business-patterns" / "counties.csv.gz"
    rows = duckdb.execute(
        "select fips, name, state, lon, lat from read_csv(?, types = {'fips': 'VARCHAR'}) order by fips",
        [str(source)],
    ).fetchall()
    return [
        {
            "place": f"{name}, {state}",
            "fips": fips,
            "longitude": "" if longitude is None else number(longitude, 4),
            "latitude": "" if latitude is None else number(latitude, 4),
        }
        for fips, name, state, longitude, latitude in rows
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
