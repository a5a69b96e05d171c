"""A disk that fills up during a run: a clean message, and the store intact for the next run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from technopole import study

# A limit on file size is a full disk that needs no disk: writing beyond it fails with an OSError.
CODE = """
import resource, signal, sys
from technopole import errors, study
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
said = study.load(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
try:
    study.run(said, sys.argv[2])
except errors.StoreError as error:
    print(error)
    sys.exit(7)
"""


@pytest.mark.slow
def test_full_disk(small: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", CODE, str(small), str(tmp_path / "out")]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 7, ran.stderr
    assert "can't write" in ran.stdout and "free disk space" in ran.stdout
    visible = [file for file in (tmp_path / "out").rglob("*") if file.is_file() and ".part" in file.name]
    assert visible == []
    done = study.run(study.load(small), tmp_path / "out")
    assert len(done.results["optics"].table) == 6
