"""The clock of compilation runs while something is compiled, and stands still otherwise."""

from __future__ import annotations

import numba

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
