"""Further tables on the command line have headers, sheets and lost zeros of their own; what the file is gets found out."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import technopole as tp
from technopole.cli.reading import further_table, own_table

COLUMNS = ("--column", "place=地区", "--column", "industry=行业", "--column", "establishments=企业数")
PLACES = ("--column", "places.place=地区", "--column", "places.longitude=经度", "--column", "places.latitude=纬度")  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A workbook of counts by place, whose second sheet holds the places; lost zeros in the first."""
    codes = [f"{1001 + i:06d}" for i in range(36)]
    jobs = pd.DataFrame(
        {
            "地区": [int(code) for code in codes] * 2,
            "行业": ["2664"] * 36 + ["1310"] * 36,
            "企业数": [30 if i in (7, 8, 13) else 1 for i in range(36)] + [100] * 36,
        }
    )
    places = pd.DataFrame(
        {
            "地区": codes,
            "经度": [110 + 0.4 * (i % 6) for i in range(36)],
            "纬度": [30 + 0.4 * (i // 6) for i in range(36)],
        }
    )
    with pd.ExcelWriter(tmp_path / "jobs.xlsx") as book:
        jobs.to_excel(book, sheet_name="就业", index=False)
        places.to_excel(book, sheet_name="地区", index=False)
    return tmp_path


def rows(answer: Any) -> pd.DataFrame:
    assert answer.exit_code == 0, answer.stderr
    return pd.read_csv(io.StringIO(answer.stdout), dtype=str, keep_default_na=False)


@pytest.mark.slow
def test_further_tables_have_columns_sheets_and_zeros_of_their_own(
    technopole: Callable[..., Any], files: Path
) -> None:
    book = files / "jobs.xlsx"
    options = (*COLUMNS, "--pad", "place=6", "--places", book, *PLACES, "--read", "places.sheet=地区")
    found = rows(technopole("measure", "scan", book, *options, "--industry", "2664", "--format", "csv"))
    assert found["centre"].iloc[0] in ("001008", "001009", "001014") and found["observed"].iloc[0] == "92.0"


@pytest.mark.slow
def test_a_table_of_counts_is_not_read_as_single_establishments(
    technopole: Callable[..., Any], files: Path
) -> None:
    book = files / "jobs.xlsx"
    further = ("--pad", "place=6", "--places", book, *PLACES, "--read", "places.sheet=地区")
    call = ("measure", "k-density", book, *COLUMNS, *further, "--industry", "2664", "--simulations", "200")
    answer = technopole(*call)
    assert "123 establishments" in answer.stdout and "read as activity" in answer.stderr
    answer = technopole(*call, "--as", "establishments")
    assert answer.exit_code == 2 and "column of counts" in answer.stderr


def test_a_register_is_not_read_as_counts(technopole: Callable[..., Any], tmp_path: Path) -> None:
    register = pd.DataFrame(
        {"place": list("AABB") * 9, "industry": ["1", "1", "2", "1"] * 9, "employment": 5}
    )
    register.to_csv(tmp_path / "plants.csv", index=False)
    answer = technopole("measure", "coagglomeration", tmp_path / "plants.csv", "--format", "csv")
    assert answer.exit_code == 0 and "read as establishments" in answer.stderr


@pytest.mark.slow
def test_several_industries_are_several_options(technopole: Callable[..., Any], files: Path) -> None:
    book = files / "jobs.xlsx"
    further = ("--pad", "place=6", "--places", book, *PLACES, "--read", "places.sheet=地区")
    call = ("measure", "m-function", book, *COLUMNS, *further, "--simulations", "99", "--format", "csv")
    found = rows(technopole(*call, "--industry", "2664", "--industry", "1310", "--distances", "20", "--distances", "60"))  # fmt: skip
    assert found.groupby("industry").size().to_dict() == {"1310": 2, "2664": 2}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--places", "PLACES"), 1, "--column 'places.place="),
        (("--places", "PLACES", "--read", "sheet=2"), 2, "TABLE.OPTION=VALUE"),
        (("--places", "PLACES", "--read", "places.shet=2"), 2, "sheet"),
        (("--places", "PLACES", "--read", "places.header=x"), 2, "whole number"),
        (("--places", "PLACES", *PLACES, "--read", "places.sheet=9"), 2, "就业, 地区"),
        (("--places", "nowhere.csv"), 1, "nowhere.csv"),
    ],
)
def test_what_is_wrong_with_a_further_table_is_said_of_it(
    arguments: tuple[str, ...], status: int, said: str, technopole: Callable[..., Any], files: Path
) -> None:
    book = files / "jobs.xlsx"
    given = [book if one == "PLACES" else one for one in arguments]
    answer = technopole("measure", "scan", book, *COLUMNS, *given, "--industry", "2664")
    assert answer.exit_code == status and said in answer.stderr, answer.stderr


@pytest.mark.parametrize(("room", "member", "flag"), [("measure", "scan", "--places"), ("cluster", "emergence", "--activity")])  # fmt: skip
def test_what_a_member_needs_is_asked_for(
    room: str, member: str, flag: str, technopole: Callable[..., Any], files: Path
) -> None:
    answer = technopole(room, member, files / "jobs.xlsx", "--industry", "2664")
    assert answer.exit_code == 2 and f"{flag}: is needed" in answer.stderr, answer.stderr
    assert "[required]" in technopole(room, member, "--help").stdout


@pytest.mark.slow
def test_distances_may_stand_in_one_option(technopole: Callable[..., Any], files: Path) -> None:
    book = files / "jobs.xlsx"
    further = ("--pad", "place=6", "--places", book, *PLACES, "--read", "places.sheet=地区")
    call = ("measure", "k-density", book, *COLUMNS, *further, "--simulations", "99", "--format", "csv")
    found = rows(technopole(*call, "--industry", "2664", "--distances", "20,60"))
    assert found["distance_km"].astype(float).tolist() == [20, 60]


def test_a_saved_result_may_stand_where_a_table_is_taken(tmp_path: Path) -> None:
    park = pd.DataFrame({"park": ["Valley"], "longitude": [8.0], "latitude": [50.0], "opened": [2011]})
    firms = pd.DataFrame({"firm": list("ab"), "year": 2012, "longitude": 8.0, "latitude": [50.0, 51.0]})
    made = tp.parks.on_park(firms, parks=park, within_km=1)
    made.save(tmp_path / "inside")
    for table in (
        own_table(tmp_path / "inside", ["firms"], None, {}),
        further_table("table", ["firms"], str(tmp_path / "inside"), {}),
    ):
        assert table.rows == 2 and table.source == "table.parquet"


def test_what_a_further_table_lacks_is_advised_with_its_name(
    technopole: Callable[..., Any], tmp_path: Path
) -> None:
    park = pd.DataFrame({"park": ["Valley"], "longitude": [8.0], "latitude": [50.0], "Год открытия": [2011]})
    park.to_csv(tmp_path / "parks.csv", index=False)
    firms = pd.DataFrame({"firm": list("ab"), "year": 2012, "经度": 8.0, "纬度": [50.0, 51.0]})
    firms.to_csv(tmp_path / "firms.csv", index=False)
    call = ("park", "on-park", tmp_path / "firms.csv", "--parks", tmp_path / "parks.csv", "--within-km", "2")
    answer = technopole(*call)
    assert "--column 'longitude=经度'" in answer.stderr and "--column 'latitude=纬度'" in answer.stderr
    at = ("--column", "longitude=经度", "--column", "latitude=纬度")
    answer = technopole(*call, *at, "--date", "opened")
    assert answer.exit_code and "--column 'parks.opened=Год открытия'" in answer.stderr


def test_sentences_of_a_verdict_are_printed_whole(technopole: Callable[..., Any], tmp_path: Path) -> None:
    world = tp.simulate_firms("selection", firms=200, seed=1).firms
    effect = tp.effects.group_time_effects(world, outcome="log_sales")
    effect.save(tmp_path / "sales")
    answer = technopole("effect", "verdict", tmp_path / "sales")
    assert all(f"- {said}" in answer.stdout for said in tp.effects.verdict([effect]).because)


def test_an_outcome_that_is_misspelt_or_empty_is_said_so(
    technopole: Callable[..., Any], tmp_path: Path
) -> None:
    rows = "".join(f"{name},{year},0,1.5,\n" for name in "ab" for year in (2019, 2020))
    (tmp_path / "firms.csv").write_text("firm,year,entered,sales,profit\n" + rows)
    call = ("effect", "group-time-effects", tmp_path / "firms.csv", "--outcome")
    assert "is it 'sales'?" in technopole(*call, "sale").stderr
    assert "the column is empty in every row: 'profit'" in technopole(*call, "profit").stderr
