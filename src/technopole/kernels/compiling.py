"""How kernels are compiled, and how long that took: once per machine, kept on disk for the next time."""

from __future__ import annotations

import functools
import threading
import time
from typing import Any

import numba
from numba.core import event

compiled = functools.partial(numba.njit, nogil=True, cache=True)


class _Clock(event.Listener):
    """Adds up the wall time in which anything is compiled; what is loaded from disk doesn't count."""

    def __init__(self) -> None:
        self.seconds, self._depth, self._began = 0.0, 0, 0.0
        self._lock = threading.Lock()

    def on_start(self, event: Any) -> None:
        del event
        with self._lock:
            if not self._depth:
                self._began = time.perf_counter()
            self._depth += 1

    def on_end(self, event: Any) -> None:
        del event
        with self._lock:
            self._depth -= 1
            if not self._depth:
                self.seconds += time.perf_counter() - self._began


_clock = _Clock()
event.register("numba:compile", _clock)


def seconds() -> float:
    """Return the seconds this process has spent compiling kernels."""
    return _clock.seconds
