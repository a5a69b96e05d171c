"""The small study, copied to where a test may change it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

SMALL = Path(__file__).parent / "small"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The small study's file in a folder of its own."""
    return Path(shutil.copytree(SMALL, tmp_path / "study")) / "study.toml"


@pytest.fixture
def edited(small: Path) -> Callable[[str, str], Path]:
    """Replace a piece of the small study's text, which must be there, and return its file."""

    def edit(old: str, new: str) -> Path:
        text = small.read_text(encoding="utf-8")
        assert old in text
        small.write_text(text.replace(old, new, 1), encoding="utf-8")
        return small

    return edit
