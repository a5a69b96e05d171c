"""Tables that may be absent: what needs them is left out and said, and comes back when the file is given."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from technopole import report, study
from technopole.cli.app import app
from technopole.errors import UnknownName, UnreadableFile, WrongOption

Edit = Callable[[str, str], Path]
WHY = "its owner doesn't let anybody hand it on"


@pytest.fixture
def without_jobs(small: Path, edited: Edit, tmp_path: Path) -> tuple[Path, Path]:
    """The small study whose table `jobs` is optional and elsewhere; one step has a table of its own."""
    (small.parent / "plants.csv").write_bytes((small.parent / "jobs.csv").read_bytes())
    moved = (small.parent / "jobs.csv").rename(tmp_path / "elsewhere.csv")
    edited('activity = "jobs"\nvalue = "establishments"', 'activity = "others"\nvalue = "establishments"')
    edited("level = 0.9", 'level = 0.9\nchapter = "where"')
    edited("[sectors.optics]", '[tables.others]\nas = "activity"\npath = "plants.csv"\n\n[sectors.optics]')
    return edited('path = "jobs.csv"', f'path = "jobs.csv"\noptional = "{WHY}"'), moved


@pytest.mark.slow
def test_steps_that_need_an_absent_table_are_left_out_and_said(
    without_jobs: tuple[Path, Path], tmp_path: Path
) -> None:
    done = study.run(study.load(without_jobs[0]), tmp_path / "out")
    assert done.left_out == {"all_industries": "jobs", "optics": "jobs"} and tuple(done.results) == (
        "plants",
    )
    lock = json.loads((tmp_path / "out" / "study.lock.json").read_text(encoding="utf-8"))
    assert set(lock["steps"]) == {"plants"} and "jobs" not in lock["tables"]
    page = report.write(done, tmp_path).read_text(encoding="utf-8")
    assert page.count("Left out here:") == 1 and page.count("--table jobs=FILE") == 1
    assert page.count("I" + WHY.replace("'", "&#39;")[1:] + ". With the file") == 1


@pytest.mark.slow
def test_a_file_given_brings_them_back_and_its_loss_takes_them_away(
    without_jobs: tuple[Path, Path], tmp_path: Path
) -> None:
    said, file = study.load(without_jobs[0]), without_jobs[1]
    done = study.run(study.given(said, {"jobs": file}), tmp_path / "out")
    assert not done.left_out and set(done.results) == {"all_industries", "optics", "plants"}
    again = study.run(said, tmp_path / "out")
    assert set(again.results) == {"plants"} and again.reused == ("plants",)
    assert not (tmp_path / "out" / "results" / "optics").exists()


def test_what_stands_on_a_step_that_is_left_out_is_left_out_too(without_jobs: tuple[Path, Path]) -> None:
    from technopole.study.absent import left_out
    from technopole.study.planning import Job, Name

    jobs = [
        Job("a", "x", print, {"t": Name("table", "jobs")}),
        Job("b", "x", print, {"r": (Name("step", "a"),)}),
        Job("c", "x", print, {"t": Name("table", "others")}),
    ]
    assert left_out(jobs, {"jobs": WHY}) == {"a": "jobs", "b": "jobs"}


def test_a_table_given_must_exist_and_be_one_of_the_study(
    without_jobs: tuple[Path, Path], tmp_path: Path
) -> None:
    said = study.load(without_jobs[0])
    with pytest.raises(UnknownName, match="jobs"):
        study.given(said, {"job": "x.csv"})
    with pytest.raises(UnreadableFile, match="nowhere"):
        study.run(study.given(said, {"jobs": tmp_path / "nowhere.csv"}), tmp_path / "out")


def test_a_table_that_must_be_there_needs_a_path(edited: Edit) -> None:
    with pytest.raises(WrongOption, match="needs a path"):
        study.load(edited('path = "jobs.csv"', ""))


@pytest.mark.slow
def test_the_command_line_takes_a_table_and_says_what_is_left_out(
    without_jobs: tuple[Path, Path], tmp_path: Path
) -> None:
    file, jobs = without_jobs
    ran = CliRunner().invoke(app, ["run", str(file), "--out", str(tmp_path / "out")])
    assert ran.exit_code == 0 and "left out: 2 steps (all_industries, optics)" in ran.stderr
    assert WHY in ran.stderr and "--table jobs=FILE" in ran.stderr
    ran = CliRunner().invoke(
        app, ["run", str(file), "--out", str(tmp_path / "out"), "--table", f"jobs={jobs}"]
    )
    assert ran.exit_code == 0 and "left out" not in ran.stderr, ran.stderr
    ran = CliRunner().invoke(app, ["run", str(file), "--out", str(tmp_path / "out"), "--table", "jobs"])
    assert ran.exit_code == 2
