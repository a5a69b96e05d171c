"""Bad coordinates, outlines, reference systems; other kinds of tables."""

from __future__ import annotations

from pathlib import Path

from bad_case import Case, text

from technopole.errors import BadInput, MissingColumn, UnknownName, WrongOption

PLANTS = "establishment_id,industry,longitude,latitude\n"
PLANE = "establishment_id,industry,x,y\n"


def plants(*lines: str, head: str = PLANTS):
    return text(head + "\n".join(lines) + "\n", "plants.csv")


def outlines(crs: str | None, *wkt: str, name: str = "parks.gpkg"):
    def make(folder: Path) -> Path:
        import geopandas as gpd

        frame = gpd.GeoDataFrame(
            {"park": [f"P{i}" for i in range(len(wkt))]}, geometry=gpd.GeoSeries.from_wkt(list(wkt)), crs=crs
        )
        frame.to_file(folder / name)
        return folder / name

    return make


SQUARE = "POLYGON ((114 30, 115 30, 115 31, 114 30))"
METRES = "POLYGON ((3400000 500000, 3410000 500000, 3410000 510000, 3400000 500000))"

CASES = [
    Case("coordinates", "swapped", plants("1,x,30.5,114.4", "2,x,30.6,114.5"), ("row 2", "30.5, 114.4", "swapped", "swap the two columns"), BadInput, "establishments"),
    Case("coordinates", "swapped in one row", plants("1,x,114.4,30.5", "2,x,30.6,114.5"), ("row 3", "in some rows"), BadInput, "establishments"),
    Case("coordinates", "0, 0", plants("1,x,114.4,30.5", "2,x,0,0"), ("row 3", "unknown", "empty both"), BadInput, "establishments"),
    Case("coordinates", "only one of two", plants("1,x,114.4,"), ("row 2", "only one"), BadInput, "establishments"),
    Case("coordinates", "degrees, minutes, seconds", plants("1,x,114°20′E,30.5"), ("row 2", "longitude", "114°20′E", "decimal degrees"), BadInput, "establishments"),
    Case("coordinates", "metres", plants("1,x,3400000,500000"), ("row 2", "longitude", "too big"), BadInput, "establishments"),
    Case("coordinates", "latitude missing", text("establishment_id,industry,longitude\n1,x,114\n", "plants.csv"), ("latitude", "columns="), BadInput, "establishments"),
    Case("coordinates", "both empty is allowed", plants("1,x,,", "2,x,114.4,30.5"), cells={"longitude": [None, 114.4]}, table="establishments"),
    Case("reference system", "x, y without crs", plants("1,x,500,300", head=PLANE), ("crs=", "planar-km"), BadInput, "establishments"),
    Case("reference system", "no such system", plants("1,x,500,300", head=PLANE), ("EPSG:999999",), WrongOption, "establishments", {"crs": "EPSG:999999"}),
    Case("reference system", "planar kilometres", plants("1,x,500,300", head=PLANE), cells={"x": [500.0]}, table="establishments", options={"crs": "planar-km"}),
    Case("reference system", "degrees called a plane", plants("1,x,114,30"), ("planar-km", "x and y"), WrongOption, "establishments", {"crs": "planar-km"}),
    Case("reference system", "metres that claim to be degrees", outlines("EPSG:4326", METRES), ("parks.gpkg", "row 1", "EPSG:4326", "degrees"), BadInput, "parks"),
    Case("reference system", "against the file's own", outlines("EPSG:4326", SQUARE), ("EPSG:4326", "EPSG:32650"), WrongOption, "parks", {"crs": "EPSG:32650"}),
    Case("outlines", "not closed", text('park,geometry\nA,"POLYGON ((0 0, 1 0, 1 1))"\n', "parks.csv"), ("row 2", "geometry", "isn't closed", "first corner"), BadInput, "parks"),
    Case("outlines", "not closed in GeoJSON", text('{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"park":"A"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}}]}', "parks.geojson"), ("isn't closed",), BadInput, "parks"),
    Case("outlines", "no geometry", text('park,geometry\nA,"somewhere"\n', "parks.csv"), ("row 2", "geometry", "somewhere"), BadInput, "parks"),
    Case("outlines", "crossing themselves", text('park,geometry\nA,"POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"\n', "parks.csv"), ("cross themselves", "mended"), table="parks", cells={"park": ["A"]}),
    Case("outlines", "latitude first", text('park,geometry\nA,"POLYGON ((30 114, 31 114, 31 115, 30 114))"\n', "parks.csv"), ("row 2", "swapped"), BadInput, "parks", {"crs": "EPSG:4326"}),
    Case("outlines", "an area where a point is needed", outlines("EPSG:4326", SQUARE, name="plants.gpkg"), ("plants.gpkg", "industry"), MissingColumn, "establishments"),
    Case("words", "an unknown sector of an organisation", text("project,organisation,sector\n1,A,university\n1,B,school\n", "links.csv"), ("row 3", "sector", "'school'", "university | industry"), BadInput, "collaborations"),
    Case("words", "other case is the same word", text("project,organisation,sector\n1,A,University\n", "links.csv"), table="collaborations", cells={"sector": ["university"]}),
    Case("words", "a figure without its source", text("place,indicator,value,unit,year,source\nA,firms,5,firms,2019,\n", "figures.csv"), ("row 2", "source", "empty"), BadInput, "figures"),
    Case("words", "a figure that is a word", text("place,indicator,value,unit,year,source\nA,firms,several,firms,2019,u\n", "figures.csv"), ("row 2", "value", "'several'"), BadInput, "figures"),
    Case("words", "a firm's year of entry", text("firm,year,entered,sales\n1,2019,0,5\n2,2019,2015年,6\n", "firms.csv"), ("2015年",), table="firms", cells={"entered": [0, 2015]}),
    Case("words", "firms that never entered", text("firm,year,entered,left,sales\n1,2019,нет,-,5\n2,2019,2015г.,无,6\n3,2019,,No,6\n", "firms.csv"), ("'нет' (row 2) read as never", "left: 3 cells"), table="firms", cells={"entered": [0, 2015, None], "left": [0, 0, 0]}),
    Case("words", "entry as yes or no", text("firm,year,entered,sales\n1,2019,1,5\n2,2019,0,6\n", "firms.csv"), ("says whether, not when", "first year in which it is 1"), BadInput, table="firms"),
    Case("words", "an unknown year of entry isn't never", text("firm,year,entered,sales\n1,2019,нет данных,5\n2,2019,2015,6\n", "firms.csv"), ("'нет данных'", "0 or an empty cell where there is none"), BadInput, table="firms"),
    Case("words", "a park twice", text("park,designated\nA,1990\nA,1991\n", "parks.csv"), ("row 2", "row 3", "park"), BadInput, "parks"),
    Case("words", "no such kind of table", text("a,b\n1,2\n"), ("jobs", "activity"), UnknownName, "jobs"),
]  # fmt: skip
