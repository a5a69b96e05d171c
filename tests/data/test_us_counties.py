"""The bundled counties of the United States: complete, mappable, and equal to the whole file in their totals."""

from __future__ import annotations

from pathlib import Path

import duckdb
import geopandas as gpd
import pytest
import shapely
from libpysal.graph import Graph

import technopole as tp

FOLDER = Path(__file__).resolve().parents[2] / "src" / "technopole" / "data" / "optical_valleys"
ACTIVITY, PLACES = FOLDER / "us_county_photonics.parquet", FOLDER / "us_counties.parquet"


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    return gpd.read_parquet(PLACES).set_index("place")


def test_the_readers_take_both_without_a_warning() -> None:
    activity, places = tp.read_activity(ACTIVITY), tp.read_places(PLACES)
    assert (activity.warnings, places.warnings, places.crs) == ((), (), "EPSG:4326")
    assert set(activity.to_pandas()["place"]) == set(places.to_pandas()["place"])
    assert ACTIVITY.stat().st_size < 500_000
    assert PLACES.stat().st_size < 700_000


def test_every_county_has_a_name_an_outline_and_a_point_inside(counties: gpd.GeoDataFrame) -> None:
    assert counties.index.is_unique and counties["name"].is_unique
    assert counties.is_valid.all() and set(counties.geom_type) == {"Polygon", "MultiPolygon"}
    points = shapely.points(counties["longitude"], counties["latitude"])
    assert shapely.contains(counties.geometry.to_numpy(), points).all()
    assert counties["name"]["36055"] == "Monroe County, NY"
    assert counties["name"]["51015"] == "Augusta County, Staunton and Waynesboro, VA"


def test_neighbours_of_monroe_county_are_those_on_the_map(counties: gpd.GeoDataFrame) -> None:
    near = Graph.build_contiguity(counties, rook=False, strict=True)
    # Genesee, Livingston, Ontario, Orleans, Wayne.
    assert sorted(near["36055"].index) == ["36037", "36051", "36069", "36073", "36117"]
    islands = {"02016", "15001", "15003", "15007", "15009", "25007", "25019", "53055"}
    assert set(near.isolates) == islands


def test_totals_by_industry_and_year_equal_those_of_the_whole_file(shared_data: Path) -> None:
    file = shared_data / "us-county-business-patterns" / "cbp_county_naics6_2017_2021.parquet"
    query = """
        with mine as (select * from read_parquet(?)), known as (select distinct industry from mine)
        select (select list((i, y, e, n) order by i, y) from
                  (select industry i, year y, sum(employment) e, sum(establishments) n from mine group by all)),
               (select list((i, y, e, n) order by i, y) from
                  (select case when naics in (from known) then naics else 'other' end i, year y, sum(emp) e, sum(est) n
                   from read_parquet(?) where year >= 2018 group by all))
    """
    answer = duckdb.execute(query, [str(ACTIVITY), str(file)]).fetchall()[0]
    assert answer is not None
    mine, whole = answer
    assert len(mine) > 100 and mine == whole


def test_the_cities_of_virginia_are_counted_with_their_county(shared_data: Path) -> None:
    file = shared_data / "us-county-business-patterns" / "cbp_county_naics6_2017_2021.parquet"
    answer = duckdb.execute(
        "select sum(emp) from read_parquet(?) where year = 2021 and fips in ('51015', '51790', '51820')",
        [str(file)],
    ).fetchall()[0]
    assert answer is not None
    rows = tp.read_activity(ACTIVITY).to_pandas()
    augusta = rows[(rows["place"] == "51015") & (rows["year"] == 2021)]
    assert augusta["employment"].sum() == answer[0]
