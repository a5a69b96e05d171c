"""`technopole check` prints every problem and exits 1, or says what was read and exits 0."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from technopole.cli.app import app

BAD = "place,industry,jobs\nA,x,many\nTotal,x,-3\nB,,1\n"


def ask(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["check", *words])
    return done.exit_code, done.output


def test_every_problem_is_printed(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(BAD)
    code, said = ask(str(tmp_path / "jobs.csv"), "--as", "activity", "--column", "employment=jobs")
    assert code == 1
    for words in (
        "row 2",
        "'many'",
        "jobs (read as employment)",
        "row 3",
        "'Total'",
        "row 4",
        "industry",
        "3 problems",
    ):
        assert words in said


def test_problems_as_json(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(BAD)
    code, said = ask(
        str(tmp_path / "jobs.csv"), "--as", "activity", "--column", "employment=jobs", "--format", "json"
    )
    assert code == 1
    assert sorted(problem["row"] for problem in json.loads(said)) == [2, 3, 4]


def test_what_was_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("place;industry;employment;year\n1001;x;1,5;2018\n56001;x;D;2019\n")
    code, said = ask(str(tmp_path / "jobs.csv"), "--as", "activity", "--pad", "place=5")
    assert code == 0
    for words in ("2 rows", "years: 2018 to 2019", "padded", "decimal commas", "1 suppressed"):
        assert words in said


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    code, said = ask(str(tmp_path / "jobs.csv"), "--as", "activity")
    assert code == 1
    assert "no such file" in said


def test_no_rows(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("place,industry,employment\n")
    code, said = ask(str(tmp_path / "jobs.csv"), "--as", "activity")
    assert code == 1
    assert "no rows" in said


def test_columns_that_look_like_standard_ones_are_named(tmp_path: Path) -> None:
    file = tmp_path / "firms.csv"
    file.write_text(
        "ИНН;Год;Год входа в технопарк;Продажи;Затраты\n1;2019;2015г.;1,5;2,5\n2;2019;нет;1,25;2,5\n"
    )
    code, said = ask(str(file), "--as", "firms")
    assert code == 1
    assert "--column 'firm=ИНН'" in said
    assert "--column 'year=Год'" in said
    code, said = ask(str(file), "--as", "firms", "--column", "firm=ИНН", "--column", "year=Год")
    assert code == 0
    assert "no column entered" in said
    assert "--column 'entered=Год входа в технопарк'" in said
    assert said.count("decimal commas") == 1
    assert "in 2 columns (Продажи, Затраты)" in said
