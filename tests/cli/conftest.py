"""A runner for the command line, and files to run it on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

SMALL = Path(__file__).parents[1] / "study" / "small"


@pytest.fixture
def technopole() -> Callable[..., Any]:
    """Call the command in this process; the answer has exit_code, stdout and stderr."""
    from technopole.cli.app import app

    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small study and its table."""
    return Path(shutil.copytree(SMALL, tmp_path / "study"))
