"""`--column` and `--pad`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_padded_codes_are_those_that_kept_their_zeros(technopole: Callable[..., Any], tmp_path: Path) -> None:
    whole, lost = tmp_path / "whole.csv", tmp_path / "lost.csv"
    whole.write_text("place,industry,employment\n01001,x,3\n36055,x,4\n01001,y,5\n", encoding="utf-8")
    lost.write_text("place,industry,employment\n1001,x,3\n36055,x,4\n1001,y,5\n", encoding="utf-8")
    call = ("measure", "location-quotient", "--format", "csv")
    kept = technopole(*call, whole)
    mended = technopole(*call, lost, "--pad", "place=5")
    assert kept.exit_code == mended.exit_code == 0
    assert mended.stdout == kept.stdout and "01001" in kept.stdout
