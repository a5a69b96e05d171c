"""`technopole measure`: a member's arguments are its options."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import technopole as tp


def test_csv_is_the_whole_table(technopole: Callable[..., Any], folder: Path) -> None:
    answer = technopole("measure", "location-quotient", folder / "jobs.csv", "--format", "csv")
    assert answer.exit_code == 0, answer.stderr
    printed = pd.read_csv(io.StringIO(answer.stdout), dtype={"industry": str}, keep_default_na=False)
    said = tp.measures.location_quotient(tp.read_activity(folder / "jobs.csv")).table
    assert printed["industry"].tolist() == said["industry"].tolist()
    assert printed["location_quotient"].astype(float).tolist() == said["location_quotient"].tolist()


@pytest.mark.slow
def test_json_is_the_whole_table_to_the_last_digit(technopole: Callable[..., Any], folder: Path) -> None:
    arguments = ("--sector", "optics", "--scheme", "NAICS-2017", "--code", "3333", "--format", "json")
    answer = technopole("measure", "location-quotient", folder / "jobs.csv", *arguments)
    rows = json.loads(answer.stdout)
    sector = tp.sector("optics", scheme="NAICS-2017", codes=["3333"])
    said = tp.measures.location_quotient(tp.read_activity(folder / "jobs.csv"), sector=sector).table
    assert [row["location_quotient"] for row in rows] == said["location_quotient"].tolist()
    assert {row["industry"] for row in rows} == {"optics"}


def test_table_has_title_text_and_citation(technopole: Callable[..., Any], folder: Path) -> None:
    out = technopole("measure", "location_quotient", folder / "jobs.csv", "--level", "0.9").stdout
    assert "How many times a place's share" in out and "method: Florence" in out and "武汉" in out


def test_own_column_names(technopole: Callable[..., Any], folder: Path) -> None:
    theirs = pd.read_csv(folder / "jobs.csv", dtype=str).rename(
        columns={"place": "地区", "employment": "jobs"}
    )
    theirs.to_csv(folder / "theirs.csv", index=False)
    columns = ("--column", "place=地区", "--column", "employment=jobs")
    mine = technopole("measure", "location-quotient", folder / "jobs.csv", "--format", "csv")
    answer = technopole("measure", "location-quotient", folder / "theirs.csv", *columns, "--format", "csv")
    assert answer.exit_code == 0, answer.stderr
    assert answer.stdout == mine.stdout


def test_out_saves_a_result_that_loads(technopole: Callable[..., Any], folder: Path) -> None:
    answer = technopole("measure", "location-quotient", folder / "jobs.csv", "--out", folder / "lq")
    assert answer.exit_code == 0, answer.stderr
    result = tp.load_result(folder / "lq")
    assert result.provenance is not None and result.provenance.function == "measures.location_quotient"


def test_numbers_and_names_that_python_cannot_use_are_options(
    technopole: Callable[..., Any], folder: Path
) -> None:
    answer = technopole(
        "measure", "shift-share", folder / "jobs.csv", "--from", "2018", "--to", "2019", "--format", "csv"
    )
    assert answer.exit_code == 0, answer.stderr
    said = tp.measures.shift_share(tp.read_activity(folder / "jobs.csv"), from_=2018, to=2019).table
    assert answer.stdout.count("\n") == len(said) + 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--interval", "wald"), 2, "wilson"),
        (("--level", "2"), 2, "between 0 and 1"),
        (("--level", "much"), 2, "'much'"),
        (("--levle", "2"), 2, "--level"),
        (("--sector", "nonsense", "--scheme", "NAICS-2017"), 2, "photonics"),
        (("--sector", "photonics"), 2, "--scheme"),
        (("--column", "place"), 2, "STANDARD=YOURS"),
        (("--as", "nonsense"), 2, "activity"),
        (("--format", "xml"), 2, "json"),
        (("--value", "turnover"), 1, "employment"),
    ],
)
def test_wrong_option_says_what_is_allowed(
    arguments: tuple[str, ...], status: int, said: str, technopole: Callable[..., Any], folder: Path
) -> None:
    answer = technopole("measure", "location-quotient", folder / "jobs.csv", *arguments)
    assert answer.exit_code == status, answer.stderr
    assert said in answer.stderr and "Traceback" not in answer.stderr


@pytest.mark.slow
def test_long_work_shows_a_bar_on_a_terminal_and_is_quiet_elsewhere(
    technopole: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"industry": "ab"[i % 2], "x": i * i % 97, "y": i * 7 % 31} for i in range(60)]
    pd.DataFrame(rows).to_csv(tmp_path / "plants.csv", index=False)
    command = ("measure", "k-density", tmp_path / "plants.csv", "--crs", "planar-km", "--simulations", "99")
    quiet = technopole(*command, "--format", "csv")
    assert quiet.exit_code == 0 and quiet.stderr == ""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    shown = technopole(*command, "--format", "csv")
    assert "simulations" in shown.stderr and "left" in shown.stderr and shown.stdout == quiet.stdout
    short = technopole("measure", "k-density", tmp_path / "nothing.csv")
    assert "left" not in short.stderr and "\n\n" not in short.stderr
