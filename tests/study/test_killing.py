"""kill -9 at 20 random moments: what is visible is whole, and the resumed run's files are those of an undisturbed one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 20


@pytest.mark.slow
def test_killed_runs_resume_to_the_same_bytes(small: Path, tmp_path: Path) -> None:
    script = Path(__file__).with_name("killing.py")
    ran = subprocess.run(
        [sys.executable, str(script), str(small), str(tmp_path / "runs"), str(KILLS)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout.splitlines()[-1])
    assert len(said["undisturbed"]) > 3 * 3
    kills = said["kills"]
    assert len(kills) == KILLS, "every one of these hit a run that was still going"
    assert len({kill["seen"] for kill in kills}) >= 3, "the kills must hit different stages"
    for kill in kills:
        assert kill["visible"] == []
        assert kill["resumed"] == said["undisturbed"]
