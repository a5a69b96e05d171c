"""us_counties.parquet and us_county_photonics.parquet: every county of the fifty states, for finding clusters on a map.

24 independent cities of Virginia have no outline in the source. Each is added to the county that the Bureau of Economic
Analysis puts it together with (`virginia_cities.csv`), so that no job is lost and no place stands without neighbours.
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import duckdb
import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from optical_valleys.tabular import rules
from optical_valleys.us import PREFIXES

YEARS = (2018, 2019, 2020, 2021)
FIGURES = "us-county-business-patterns/cbp_county_naics6_2017_2021.parquet"
NAMES = "us-county-business-patterns/counties.csv.gz"
OUTLINES = "us-county-geometry/us_counties.geojson.gz"


def compile_activity(data: Path) -> pa.Table:
    """Return jobs and establishments of the detailed codes photonics is chosen from, and `other` for the rest."""
    bundled = " or ".join(f"starts_with(naics::varchar, '{prefix}')" for prefix in PREFIXES)
    merged = rules("virginia_cities")
    query = f"""
        select coalesce(county, fips) as place,
               case when {bundled} then naics::varchar else 'other' end as industry,
               year::integer as year, sum(emp)::integer as employment, sum(est)::integer as establishments
        from read_parquet(?) left join (select unnest(?) as city, unnest(?) as county) on fips = city
        where year in {YEARS} group by all order by place, year, industry
    """
    columns = [[row[name] for row in merged] for name in ("city", "county")]
    with duckdb.connect() as base:
        return base.sql(query, params=[str(data / FIGURES), *columns]).to_arrow_table()


def compile_places(data: Path, activity: pa.Table) -> gpd.GeoDataFrame:
    """Return every county of the activity: code, name, a point inside, outline."""
    places = set(activity["place"].to_pylist())
    outlines = _outlines(data)
    named = duckdb.execute(
        "select fips, name, state, lon, lat from read_csv(?, types = {'fips': 'VARCHAR'}) order by fips",
        [str(data / NAMES)],
    ).fetchall()
    cities: dict[str, list[str]] = {row["county"]: [] for row in rules("virginia_cities")}
    for row in rules("virginia_cities"):
        cities[row["county"]].append(next(name for fips, name, *_ in named if fips == row["city"]))
    rows = [
        {
            "place": fips,
            "name": f"{_together(name, cities.get(fips, []))}, {state}",
            "longitude": round(longitude, 4),
            "latitude": round(latitude, 4),
            "geometry": outlines[fips],
        }
        for fips, name, state, longitude, latitude in named
        if fips in places
    ]
    return gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326")


def write_activity(path: Path, table: pa.Table) -> None:
    """Write the table as Parquet."""
    pq.write_table(table, path, compression="zstd", compression_level=19)


def write_places(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Write the places as GeoParquet."""
    frame.to_parquet(path, index=False, compression="zstd", compression_level=19)


def _together(county: str, cities: list[str]) -> str:
    names = [county, *(re.sub(r" city$", "", city) for city in cities)]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if cities else county


def _outlines(data: Path) -> dict[str, shapely.Geometry]:
    features = json.loads(gzip.decompress((data / OUTLINES).read_bytes()))["features"]
    return {
        feature["properties"]["fips"]: _areas(shapely.from_geojson(json.dumps(feature["geometry"])))
        for feature in features
    }


def _areas(geometry: shapely.Geometry) -> shapely.Geometry:
    """Drop the stray lines of four outlines; a single polygon isn't a collection of one."""
    parts = shapely.get_parts(geometry)
    polygons = [part for part in shapely.get_parts(parts) if part.geom_type == "Polygon"]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
