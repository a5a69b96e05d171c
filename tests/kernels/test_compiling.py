"""The clock of compilation runs while something is compiled, and stands still otherwise."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest
from numba.core.caching import NullCache
from numba.core.dispatcher import Dispatcher

from technopole import kernels
from technopole.kernels.compiling import compiled, seconds


def test_the_clock_runs_for_compilation_alone() -> None:
    @numba.njit
    def twice(x: float) -> float:
        return 2.0 * x

    before = seconds()
    assert twice(2.0) == 4.0
    after = seconds()
    assert after > before
    assert twice(3.0) == 6.0
    assert seconds() == after


def test_kernels_let_other_threads_run_and_are_kept() -> None:
    assert compiled.keywords == {"nogil": True, "cache": True}


def test_every_kernel_is_compiled_this_way() -> None:
    modules = (
        importlib.import_module(found.name)
        for found in pkgutil.iter_modules(kernels.__path__, "technopole.kernels.")
    )
    parts = [part for module in modules for part in vars(module).values() if isinstance(part, Dispatcher)]
    assert len(parts) > 10
    for part in parts:
        assert part.targetoptions["nogil"] and not part.targetoptions.get("parallel"), part
        assert not isinstance(part._cache, NullCache), f"{part} is compiled anew by every process"


@pytest.mark.slow
def test_what_is_loaded_from_disk_is_not_counted(tmp_path: Path) -> None:
    code = (
        "import numpy as np; from technopole.kernels import nearness; from technopole.kernels.compiling import seconds;"
        "nearness.nearness(np.zeros((2, 2)), np.ones((3, 2)), np.ones(3), 1.0); print(seconds())"
    )
    first, again = (
        float(
            subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for _ in range(2)
    )
    assert first > 0.05
    assert again == 0.0
