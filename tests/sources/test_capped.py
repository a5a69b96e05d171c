"""Risky formats are opened in a child with capped memory and time; the parent lives and says what happened."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import technopole as tp
from technopole.errors import UnreadableFile
from technopole.sources import capped

JOBS = pd.DataFrame({"place": ["A", "B"], "industry": ["x", "x"], "employment": [1, 2]})


@pytest.mark.slow
def test_too_much_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = pd.DataFrame({"place": range(20_000), "industry": "x", "employment": 1})
    wide.to_excel(tmp_path / "jobs.xlsx", index=False)
    monkeypatch.setattr(capped, "MEGABYTES", 1)
    with pytest.raises(UnreadableFile, match="memory"):
        tp.read_activity(tmp_path / "jobs.xlsx")


def test_too_much_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    JOBS.to_excel(tmp_path / "jobs.xlsx", index=False)
    monkeypatch.setattr(capped, "SECONDS", -4.999)
    with pytest.raises(UnreadableFile, match="takes more than"):
        tp.read_activity(tmp_path / "jobs.xlsx")


@pytest.mark.parametrize(
    ("code", "stderr", "said"),
    [
        (-9, "", "takes more than"),
        (-24, "", "takes more than"),
        (-6, "memory allocation of 17179869184 bytes failed", "memory"),
        (1, "MemoryError", "memory"),
        (-11, "", "broke down"),
        (1, "panicked", "broke down"),
    ],
)
def test_however_the_child_dies(
    code: int, stderr: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    JOBS.to_excel(tmp_path / "jobs.xlsx", index=False)
    dead = subprocess.CompletedProcess(args=[], returncode=code, stdout="", stderr=stderr)
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_more: dead)
    with pytest.raises(UnreadableFile, match=said):
        tp.read_activity(tmp_path / "jobs.xlsx")


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    from technopole.tables.checking.scratch import scratch

    JOBS.to_excel(tmp_path / "jobs.xlsx", index=False)
    before = set(scratch().iterdir())
    tp.read_activity(tmp_path / "jobs.xlsx")
    assert set(scratch().iterdir()) == before


def test_the_cap_holds() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from technopole.sources.child import cap; cap(200, 5); bytearray(1 << 30)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "MemoryError" in done.stderr
