"""The same table through every format is the same table."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import geopandas as gpd
import pandas as pd
import pytest
import shapely
import xlwt

import technopole as tp
from technopole.errors import BadInput

JOBS = pd.DataFrame(
    {
        "place": ["01001", "01001", "武汉", "Ўзбек"],
        "industry": ["3333", "3334", "3333", "26.70"],
        "year": [2019, 2019, 2020, 2019],
        "employment": [10, 2**40 + 1, 30, 0],
        "payroll": [1.5, 2.25, 3.0, 1e-3],
        "remark": ["a, b", "né", "x;y", "z"],
    }
)


def _xls(path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("jobs")
    for number, name in enumerate(JOBS):
        for row, value in enumerate([name, *JOBS[name].tolist()]):
            sheet.write(row, number, value)
    book.save(str(path))


def _sqlite(path: Path) -> None:
    con = sqlite3.connect(path)
    JOBS.to_sql("jobs", con, index=False)
    con.close()


def _duckdb(path: Path) -> None:
    with duckdb.connect(str(path)) as con:
        con.register("frame", JOBS)
        con.execute("CREATE TABLE jobs AS SELECT * FROM frame")


WRITERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "csv": ("jobs.csv", lambda path: JOBS.to_csv(path, index=False)),
    "csv with byte order mark": ("jobs.csv", lambda path: JOBS.to_csv(path, index=False, encoding="utf-8-sig")),
    "csv in UTF-16": ("jobs.csv", lambda path: JOBS.to_csv(path, index=False, encoding="utf-16")),
    "csv in GB18030": ("jobs.csv", lambda path: JOBS.to_csv(path, index=False, encoding="gb18030")),
    "semicolons": ("jobs.csv", lambda path: JOBS.to_csv(path, index=False, sep=";")),
    "tabs": ("jobs.tsv", lambda path: JOBS.to_csv(path, index=False, sep="\t")),
    "bars": ("jobs.txt", lambda path: JOBS.to_csv(path, index=False, sep="|")),
    "parquet": ("jobs.parquet", lambda path: JOBS.to_parquet(path)),
    "xlsx": ("jobs.xlsx", lambda path: JOBS.to_excel(path, index=False)),
    "ods": ("jobs.ods", lambda path: JOBS.to_excel(path, index=False, engine="odf")),
    "xls": ("jobs.xls", _xls),
    "sqlite": ("jobs.sqlite", _sqlite),
    "duckdb": ("jobs.duckdb", _duckdb),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITERS)
def test_round_trip(name: str, tmp_path: Path) -> None:
    file, write = WRITERS[name]
    write(tmp_path / file)
    options = {"encoding": "gb18030"} if "GB18030" in name else {}
    table = tp.read_activity(tmp_path / file, **options)
    pd.testing.assert_frame_equal(table.to_pandas(), JOBS, check_dtype=False)
    assert table.to_arrow().schema.field("employment").type == "int64"
    assert table.source == file
    assert table.rows == len(JOBS)
    assert tp.read_activity(tmp_path / file, **options).digest == table.digest


def test_a_frame_is_read_like_a_file() -> None:
    pd.testing.assert_frame_equal(tp.read_activity(JOBS).to_pandas(), JOBS, check_dtype=False)


PARKS = gpd.GeoDataFrame(
    {"park": ["Wuhan", "Jena"], "designated": [1988, 1991]},
    geometry=[shapely.box(114, 30, 115, 31), shapely.box(11, 50, 12, 51)],
    crs="EPSG:4326",
)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["gpkg", "geojson", "parquet", "zip"])
def test_outlines_round_trip(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"parks.{ending}"
    if ending == "parquet":
        PARKS.to_parquet(path)
    elif ending == "zip":
        PARKS.to_file(tmp_path / "parks.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in tmp_path.glob("parks.*"):
                if part != path:
                    archive.write(part, part.name)
    else:
        PARKS.to_file(path)
    table = tp.read_parks(path)
    found = table.to_pandas()
    assert table.crs == "EPSG:4326"
    assert found["park"].tolist() == ["Wuhan", "Jena"]
    assert found["designated"].tolist() == [1988, 1991]
    shapes = shapely.from_wkb(found["geometry"].tolist())
    assert shapely.equals(shapely.normalize(shapes), shapely.normalize(PARKS.geometry.to_numpy())).all()


@pytest.mark.slow
def test_one_layer_of_several(tmp_path: Path) -> None:
    path = tmp_path / "country.gpkg"
    PARKS.to_file(path, layer="parks")
    PARKS.rename(columns={"park": "name"}).to_file(path, layer="others")
    assert tp.read_parks(path, layer="parks").rows == 2
    assert any("'others'" in warning for warning in tp.read_parks(path).warnings)


def test_sdmx_csv(tmp_path: Path) -> None:
    path = tmp_path / "sbs.csv"
    path.write_text(
        "DATAFLOW,freq,nace_r2,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"
        "ESTAT:SBS(1.0),A,C26,DE,2019,321000,,\n"
        "ESTAT:SBS(1.0),A,C26,LU,2019,,,C\n"
    )
    table = tp.read_activity(path, columns={"employment": "OBS_VALUE", "employment_flag": "CONF_STATUS"})
    found = table.to_pandas()
    assert found["place"].tolist() == ["DE", "LU"]
    assert found["industry"].tolist() == ["C26", "C26"]
    assert found["year"].tolist() == [2019, 2019]
    assert found["employment"].iloc[0] == 321000
    assert pd.isna(found["employment"].iloc[1])
    assert found["employment_flag"].iloc[1] == "C"
    assert found["employment_low"].iloc[1] == 0


def test_the_digest_tells_how_a_file_was_read(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    JOBS.to_csv(path, index=False)
    plain = tp.read_activity(path).digest
    assert tp.read_activity(path, columns={"employment": "payroll"}).digest != plain
    assert tp.read_activity(path, year=2019).digest != plain
    path.write_text(path.read_text(encoding="utf-8").replace("10", "11"), encoding="utf-8")
    assert tp.read_activity(path).digest != plain


@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
def test_big_files_take_the_way_over_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from technopole.sources import delimited
    from technopole.tables.checking import validation
    from technopole.tables.checking.scratch import scratch

    path = tmp_path / "jobs.csv"
    JOBS.to_csv(path, index=False)
    small = tp.read_activity(path)
    monkeypatch.setattr(delimited, "IN_MEMORY", 10)
    monkeypatch.setattr(validation, "CELLS_IN_MEMORY", 10)
    before = set(scratch().iterdir())
    big = tp.read_activity(path)
    assert len(set(scratch().iterdir()) - before) == 1
    pd.testing.assert_frame_equal(big.to_pandas(), small.to_pandas())
    assert big.digest == small.digest
    expr = big.expr
    del big
    assert expr.count().to_pyarrow().as_py() == len(JOBS)
    path.write_text(path.read_text(encoding="utf-8").replace(",30,", ",many,"), encoding="utf-8")
    with pytest.raises(BadInput, match="row 4"):
        tp.read_activity(path)


def test_county_business_patterns_add_up_to_the_published_sums(shared_data: Path) -> None:
    path = shared_data / "us-county-business-patterns" / "cbp_county_naics4_2017_2021.parquet"
    columns = {"place": "fips", "industry": "naics", "employment": "emp", "establishments": "est"}
    table = tp.read_activity(path, columns=columns, year=2019)
    sums = table.expr.aggregate(jobs=table.expr.employment.sum(), plants=table.expr.establishments.sum())
    found = sums.to_pyarrow().to_pylist()[0]
    assert round(found["jobs"] / 1e6, 1) == 119.4
    assert round(found["plants"] / 1e6, 2) == 7.65
    assert not any("zeros" in warning for warning in table.warnings)
