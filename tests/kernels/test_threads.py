"""One thread while the context lasts, for libraries loaded since the last time, too."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from technopole.kernels import threads


def test_one_thread_inside_and_as_many_as_before_outside() -> None:
    assert np.ones((2, 2)).sum() == 4  # NumPy's library is loaded
    before = [pool["num_threads"] for pool in threadpool_info()]
    with threads.one_thread():
        assert before and {pool["num_threads"] for pool in threadpool_info()} == {1}
    assert [pool["num_threads"] for pool in threadpool_info()] == before


def test_libraries_are_looked_for_again_only_after_an_import(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    real = threads.ThreadpoolController
    monkeypatch.setattr(threads, "ThreadpoolController", lambda: looked.append(1) or real())
    threads._controller.cache_clear()
    for _ in range(2):
        with threads.one_thread():
            pass
    assert len(looked) == 1
    monkeypatch.setitem(sys.modules, "a_module_imported_since", ModuleType("a_module_imported_since"))
    with threads.one_thread():
        pass
    assert len(looked) == 2
