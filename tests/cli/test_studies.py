"""`technopole run`, `demo` and `compare`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from technopole.study import store

pytestmark = pytest.mark.slow


def test_run_writes_results_and_report_and_says_where(technopole: Callable[..., Any], folder: Path) -> None:
    out = folder / "out"
    answer = technopole("run", folder / "study.toml", "--out", out)
    assert answer.exit_code == 0, answer.stderr
    assert answer.stdout == f"report: {out / 'report.html'}\n"
    assert "A small study" in (out / "report.html").read_text(encoding="utf-8")
    assert (out / "results" / "optics" / "table.csv").is_file() and (out / "study.lock.json").is_file()
    assert answer.stderr.startswith("3 steps; ")


def test_progress_names_steps_on_a_terminal_and_is_quiet_elsewhere(
    technopole: Callable[..., Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = technopole("run", folder / "study.toml", "--out", folder / "quiet")
    assert "Optics" not in quiet.stderr
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    shown = technopole("run", folder / "study.toml", "--out", folder / "shown")
    assert "Optics" in shown.stderr and "left" in shown.stderr and "3/3" in shown.stderr
    assert shown.stdout == f"report: {folder / 'shown' / 'report.html'}\n"


def test_run_again_reuses_and_writes_the_same_report(technopole: Callable[..., Any], folder: Path) -> None:
    technopole("run", folder / "study.toml", "--out", folder / "out")
    before = (folder / "out" / "report.html").read_bytes()
    answer = technopole("run", folder / "study.toml", "--out", folder / "out")
    assert "3 steps, 3 of them already there" in answer.stderr
    assert (folder / "out" / "report.html").read_bytes() == before


def test_mistake_in_the_study_is_told_without_traceback(technopole: Callable[..., Any], folder: Path) -> None:
    file = folder / "study.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("level = 0.9", "levle = 0.9"), encoding="utf-8")
    answer = technopole("run", file, "--out", folder / "out")
    assert answer.exit_code == 1
    assert "'levle'" in answer.stderr and "line 23" in answer.stderr and "Traceback" not in answer.stderr
    assert not (folder / "out").exists()


def test_folder_in_use_is_told(technopole: Callable[..., Any], folder: Path) -> None:
    with store.claimed(folder / "out"):
        answer = technopole("run", folder / "study.toml", "--out", folder / "out")
    assert answer.exit_code == 1 and "another run" in answer.stderr


@pytest.mark.slow
def test_demo(technopole: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    answer = technopole("demo")
    assert answer.exit_code == 0, answer.stderr
    assert answer.stdout == "report: optical-valleys/report.html\n"
    assert (tmp_path / "optical-valleys" / "report.html").stat().st_size > 100_000


PARKS = ("Wuhan East Lake", "Changchun", "Guangzhou")
BUNDLED = "bundled:optical_valleys/study.toml"


def test_compare_sets_parks_side_by_side(technopole: Callable[..., Any]) -> None:
    answer = technopole("compare", BUNDLED, *PARKS, "--facet", "stage")
    assert answer.exit_code == 0, answer.stderr
    header = next(line for line in answer.stdout.splitlines() if line.startswith("facet"))
    assert all(park in header for park in PARKS)
    line = next(
        line for line in answer.stdout.splitlines() if line.startswith("stage") and "designated" in line
    )
    assert line.count("1991 (1991)") == 3


def test_compare_as_json_has_source_and_status(technopole: Callable[..., Any]) -> None:
    rows = json.loads(technopole("compare", BUNDLED, *PARKS, "--facet", "stage", "--format", "json").stdout)
    designated = next(row for row in rows if row["indicator"] == "designated")
    assert designated["Changchun: value"] == 1991 and designated["Changchun: source"].startswith("http")


def test_compare_names_what_is_missing(technopole: Callable[..., Any], folder: Path) -> None:
    answer = technopole("compare", BUNDLED, "Wuhan")
    assert answer.exit_code == 1 and "Wuhan East Lake" in answer.stderr
    answer = technopole("compare", folder / "study.toml", "Jena")
    assert answer.exit_code == 1 and "jobs (activity)" in answer.stderr and "[tables.parks]" in answer.stderr
