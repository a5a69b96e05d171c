"""Tables: columns found, codes kept, numbers exact, keys unique, hashes of content."""

from __future__ import annotations

import hashlib

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technopole.errors import BadInput, MissingColumn, UnknownName, WrongOption
from technopole.tables import NOUNS, Activity, Establishments, Firms, Parks, Places, Trade, noun
from technopole.tables.checking import reading

JOBS = pd.DataFrame({"place": ["A", "A", "B"], "industry": ["x", "y", "x"], "employment": [1, 2, 3]})


def test_every_noun_has_a_reader_of_its_name() -> None:
    import technopole as tp
    from technopole import sources

    for name, kind in NOUNS.items():
        reader = getattr(sources, f"read_{name}")
        assert reader is getattr(tp, f"read_{name}")
        assert reader.__name__ == f"read_{name}"
        assert all(column.meaning in reader.__doc__ for column in kind.schema.columns)
    assert noun("parks") is Parks
    with pytest.raises(UnknownName, match="no such kind"):
        noun("park")


@pytest.mark.slow
@pytest.mark.parametrize(
    "frame",
    [
        JOBS,
        JOBS.set_index(["place", "industry"]),
        pa.Table.from_pandas(JOBS),
        {name: JOBS[name].tolist() for name in JOBS},
        JOBS.astype({"place": "category"}),
        JOBS.astype({"employment": "float32"}),
        ibis.memtable(pa.Table.from_pandas(JOBS)),
        duckdb.sql("SELECT * FROM (VALUES ('A', 'x', 1), ('A', 'y', 2), ('B', 'x', 3)) AS t(place, industry, employment)"),
    ],
    ids=["pandas", "pandas with index", "arrow", "dict", "category", "float32", "ibis", "duckdb"],
)  # fmt: skip
def test_any_frame_gives_the_same_table(frame: object) -> None:
    table = Activity.of(frame)
    assert table.to_pandas()[list(JOBS)].equals(Activity.of(JOBS).to_pandas()[list(JOBS)])
    assert table.digest == Activity.of(JOBS).digest
    assert table.rows == 3


def test_the_callers_frame_is_left_alone() -> None:
    frame = pd.DataFrame({"fips": [" 01 ", "02"], "industry": ["x", "x"], "employment": ["1,5", "D"]})
    before = frame.copy(deep=True)
    Activity.of(frame, columns={"place": "fips"})
    pd.testing.assert_frame_equal(frame, before)


def test_the_digest_is_of_content_only() -> None:
    whole = pa.Table.from_pandas(JOBS)
    parts = pa.concat_tables([whole.slice(0, 1), whole.slice(1)])
    assert Activity.of(parts).digest == Activity.of(whole).digest
    changed = JOBS.assign(employment=[1, 2, 4])
    assert Activity.of(changed).digest != Activity.of(JOBS).digest
    assert Activity.of(JOBS.iloc[::-1]).digest != Activity.of(JOBS).digest


def test_the_digest_is_sha256_of_names_types_and_cells() -> None:
    table = Parks.of({"park": ["A", None, "BC"][::2], "designated": [1990, None]})
    seen = hashlib.sha256()
    seen.update(b"park\0string\x002\0" + bytes([0]) + np.array([1, 2], "<i8").tobytes() + b"ABC")
    seen.update(b"designated\0int64\x002\0" + bytes([0b01000000]) + np.array([1990, 0], "<i8").tobytes())
    assert table.digest == seen.hexdigest()


def test_whole_numbers_are_exact() -> None:
    big = 2**53 + 1
    table = Activity.of(JOBS.assign(employment=[big, 1, 2]))
    assert table.to_arrow()["employment"].to_pylist()[0] == big
    text = Activity.of(JOBS.assign(employment=[str(big), "1", "2"]))
    assert text.to_arrow()["employment"].to_pylist()[0] == big


def test_columns_in_any_case_and_further_ones_kept() -> None:
    frame = JOBS.rename(columns={"place": " PLACE", "employment": "Employment"}).assign(
        remark="ok", payroll=[1.5, 2, 3]
    )
    table = Activity.of(frame)
    assert table.columns == ("place", "industry", "year", "employment", "payroll", "remark")
    assert table.values == ("employment", "payroll")
    assert len(table.warnings) == 2


def test_a_missing_column_is_guessed() -> None:
    with pytest.raises(MissingColumn, match="'fips'") as caught:
        Activity.of(JOBS.rename(columns={"place": "fips"}))
    assert caught.value.exists == ("fips", "industry", "employment")


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30))
def test_duplicate_keys_are_found_as_pandas_finds_them(keys: list[tuple[int, int]]) -> None:
    frame = pd.DataFrame(keys, columns=["place", "industry"]).astype(str).assign(employment=1)
    repeated = frame.duplicated(["place", "industry"], keep=False)
    if not repeated.any():
        assert Activity.of(frame).rows == len(frame)
        return
    with pytest.raises(BadInput) as caught:
        Activity.of(frame)
    first = caught.value.problems[0]
    assert first.row == int(np.flatnonzero(repeated)[0]) + 1
    assert first.count == frame[repeated].drop_duplicates(["place", "industry"]).shape[0]


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=8), st.sampled_from([" ", "\u00a0", "\u202f", "'"])
)
def test_grouped_thousands_are_read_back(numbers: list[int], separator: str) -> None:
    written = [f"{number:,}".replace(",", separator) for number in numbers]
    frame = pd.DataFrame(
        {"place": [str(i) for i in range(len(numbers))], "industry": "x", "employment": written}
    )
    assert Activity.of(frame).to_arrow()["employment"].to_pylist() == numbers


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=8))
def test_decimal_commas_are_read_back(numbers: list[object]) -> None:
    written = [str(number).replace(".", ",") for number in numbers]
    frame = pd.DataFrame(
        {"place": [str(i) for i in range(len(numbers))], "industry": "x", "employment": written}
    )
    table = Activity.of(frame, decimal=",")
    assert [float(number) for number in table.to_arrow()["employment"].to_pylist()] == [
        float(str(n)) for n in numbers
    ]


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(st.from_regex(r"[0-9A-Z]{1,8}", fullmatch=True), min_size=1, max_size=8, unique=True))
def test_codes_stay_as_they_are(codes: list[str]) -> None:
    table = Places.of({"place": codes})
    assert table.to_arrow()["place"].to_pylist() == codes


def test_problems_name_row_column_value_and_fix() -> None:
    frame = pd.DataFrame(
        {"id": ["1", "2", "3"], "industry": ["x", None, "x"], "employment": ["5", "-1", "many"]}
    )
    with pytest.raises(BadInput) as caught:
        Establishments.of(frame, columns={"establishment_id": "id"}, source="plants")
    found = [(p.file, p.row, p.column, p.value, p.problem) for p in caught.value.problems]
    assert ("plants", 2, "industry", "", "the cell is empty") in found
    assert ("plants", 3, "employment", "many", "isn't a number") in found
    assert ("plants", 2, "employment", "-1", "is negative") in found
    assert all(problem.fix and problem.allowed for problem in caught.value.problems)


def test_year_names_the_period_or_keeps_it() -> None:
    assert Activity.of(JOBS).to_pandas()["year"].tolist() == [0, 0, 0]
    assert Activity.of(JOBS, year=2019).to_pandas()["year"].tolist() == [2019] * 3
    panel = JOBS.assign(year=[2018, 2019, 2019])
    assert Activity.of(panel, year=2019).rows == 2


def test_firms_never_treated_are_zero_or_empty() -> None:
    frame = {
        "firm": ["1", "2", "3"],
        "year": [2019] * 3,
        "entered": [0, None, 2015],
        "log_sales": [1.5, 2.0, 2.5],
    }
    table = Firms.of(frame)
    assert table.to_arrow()["entered"].to_pylist() == [0, None, 2015]
    assert table.to_arrow()["log_sales"].to_pylist() == [1.5, 2.0, 2.5]


def test_trade_has_partners_in_its_key() -> None:
    frame = {"exporter": ["A", "A"], "importer": ["B", "C"], "product": ["0101"] * 2, "value": [1, 2]}
    assert Trade.of(frame).rows == 2
    with pytest.raises(BadInput, match="exporter \\+ product"):
        Trade.of({name: cells for name, cells in frame.items() if name != "importer"})


def test_what_is_no_table_is_said() -> None:
    with pytest.raises(WrongOption, match="isn't a table"):
        Activity.of("jobs.csv")


def test_points_of_any_system_become_degrees() -> None:
    import geopandas as gpd

    frame = gpd.GeoDataFrame({"park": ["A"]}, geometry=gpd.points_from_xy([114.4], [30.5]), crs="EPSG:4326")
    for crs in ("EPSG:4326", "EPSG:32650", "EPSG:3857"):
        table = Parks.of(frame.to_crs(crs))
        found = table.to_pandas()
        assert table.crs == "EPSG:4326"
        assert abs(found["longitude"].iloc[0] - 114.4) < 1e-9
        assert abs(found["latitude"].iloc[0] - 30.5) < 1e-9


def test_outlines_keep_their_system() -> None:
    import geopandas as gpd
    import shapely

    square = gpd.GeoSeries([shapely.box(0, 0, 1000, 1000)], crs="EPSG:32650")
    table = Places.of(gpd.GeoDataFrame({"place": ["01"]}, geometry=square))
    assert table.crs == "EPSG:32650"
    assert shapely.from_wkb(table.to_arrow()["geometry"].to_pylist()[0]).area == 1_000_000


def test_a_date_with_a_zone_gives_the_year_it_has_there() -> None:
    new_year = pd.to_datetime(["2019-01-01"] * 3).tz_localize("Asia/Shanghai")
    assert Activity.of(JOBS.assign(year=new_year)).to_pandas()["year"].tolist() == [2019] * 3


def test_an_empty_year_column_is_one_unnamed_period_and_an_empty_cell_is_a_problem() -> None:
    empty = pd.array([None] * 3, dtype="Int64")
    assert Activity.of(JOBS.assign(year=empty)).to_pandas()["year"].tolist() == [0] * 3
    with pytest.raises(BadInput, match="row 2, column year: the cell is empty"):
        Activity.of(JOBS.assign(year=pd.array([2019, None, 2019], dtype="Int64")))


def test_complex_numbers_are_a_problem_of_their_cells() -> None:
    with pytest.raises(BadInput, match="isn't a number"):
        Activity.of(JOBS.assign(employment=[1j, 2j, 3j]))


def test_what_no_row_fulfils_is_not_asked_again_and_small_tables_are_copied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = pd.DataFrame(
        {"place": ["a", "", "c"], "industry": [" x", "y", "total"], "employment": [1.0, 2, 3]}
    )
    asked: list[str] = []
    rows = reading.Reading.rows
    monkeypatch.setattr(reading.Reading, "rows", lambda self, query: asked.append(query) or rows(self, query))
    for copied in (1_000, 0):
        monkeypatch.setattr(reading, "COPIED", copied)
        with pytest.raises(BadInput) as refused:
            Activity.of(frame)
        assert [(item.row, item.column) for item in refused.value.problems] == [(3, "industry"), (2, "place")]
        with pytest.raises(BadInput, match="total"):
            Activity.of(frame.iloc[[0, 2]])
    asked.clear()
    assert Activity.of(frame.iloc[:1]).to_pandas()["industry"].tolist() == ["x"]
    assert not [query for query in asked if query.endswith("nullif(c0, '') IS NULL")]
    assert len(asked) < 20
