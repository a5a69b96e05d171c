"""The command as a whole: help at once, exit statuses, errors without tracebacks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import technopole as tp
from technopole import rooms

COMMAND = [sys.executable, "-m", "technopole"]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['technopole', '--help']\n"
        "from technopole.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('pandas', 'numpy', 'ibis', 'pyarrow', 'altair', 'pydantic_core') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "[]"


def test_help_costs_less_than_half_a_second() -> None:
    best = 9.0
    for _ in range(3):
        before = os.times()
        subprocess.run([*COMMAND, "--help"], capture_output=True, check=True)
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        best = min(best, spent)
    assert best < 0.5


def test_version_and_module_are_the_command() -> None:
    out = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert out.stdout == f"technopole {tp.__version__}\n"


def test_every_command_has_help(technopole: Callable[..., Any]) -> None:
    for name in ("demo", "run", "measure", "compare", "check", "convert", "catalogue"):
        answer = technopole(name, "--help")
        assert answer.exit_code == 0 and "Usage" in answer.stdout


def test_room_lists_its_members(technopole: Callable[..., Any]) -> None:
    out = technopole("measure", "--help").stdout
    for name in rooms.members("measures"):
        assert name.replace("_", "-") in out


@pytest.mark.slow
def test_every_member_has_its_own_help(technopole: Callable[..., Any]) -> None:
    import inspect

    for name in rooms.members("measures"):
        answer = technopole("measure", name.replace("_", "-"), "--help")
        assert answer.exit_code == 0, answer.stderr
        for parameter in list(inspect.signature(rooms.load(f"measures.{name}")).parameters)[1:]:
            assert f"--{parameter.strip('_').replace('_', '-')}" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((), 2, "Usage"),
        (("nonsense",), 2, "No such command"),
        (("run", "study.toml"), 2, "--out"),
        (("run", "nothing.toml", "--out", "x"), 1, "nothing.toml"),
        (("measure", "location-quotent", "x.csv"), 2, "location-quotient"),
        (("measure", "location-quotient", "x.csv"), 1, "x.csv"),
        (("demo", "optical-valley"), 2, "optical-valleys"),
        (("catalogue", "nonsense"), 2, "members"),
        (("check", "x.csv"), 2, "--as"),
        (("check", "x.csv", "--as", "activity"), 1, "x.csv"),
        (("check", "x.csv", "--as", "activity", "--pad", "place=x"), 2, "COLUMN=DIGITS"),
    ],
)
def test_exit_status(
    arguments: tuple[str, ...], status: int, said: str, technopole: Callable[..., Any], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    answer = technopole(*arguments)
    assert answer.exit_code == status
    assert said in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr


@pytest.mark.slow
def test_exit_status_of_the_process(tmp_path: Path) -> None:
    ran = subprocess.run(
        [*COMMAND, "run", "no.toml", "--out", "x"], capture_output=True, text=True, cwd=tmp_path
    )
    assert ran.returncode == 1 and ran.stdout == ""
    assert ran.stderr.startswith("technopole: can't read the study file") and "Traceback" not in ran.stderr


def test_interrupted_run_says_how_to_go_on(
    technopole: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from technopole.cli import run

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "execute", stop)
    answer = technopole("run", "study.toml", "--out", "x")
    assert answer.exit_code == 130 and "run it again" in answer.stderr


@pytest.mark.slow
def test_text_that_the_terminal_cannot_show_is_no_error(folder: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [*COMMAND, "measure", "location-quotient", "jobs.csv", "--format", "csv"]
    ran = subprocess.run(command, capture_output=True, cwd=folder, env=environment)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count(b"\n") == 25


@pytest.mark.slow
def test_reader_that_stops_early_is_no_error(folder: Path) -> None:
    command = f"{' '.join(COMMAND)} measure location-quotient jobs.csv --format csv | head -1"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=folder)
    assert ran.stdout.startswith("place,") and "Traceback" not in ran.stderr
