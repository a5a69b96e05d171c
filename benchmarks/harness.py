"""Measures one function in a fresh process: CPU and wall time, and the high-water mark of its memory."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one function returned, and what it cost."""

    value: Any
    cpu_s: float
    wall_s: float
    peak_mb: float


def measure(
    function: Callable[..., Any],
    *,
    repeat: int = 1,
    before: Callable[[], object] | None = None,
    **arguments: Any,
) -> Measurement:
    """Call `function` in `repeat` fresh processes, one after another; return the fastest.

    `before` runs in the same process before the clock starts: imports, compiling on a tiny input.
    """
    found: list[Measurement] = []
    for _ in range(repeat):
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            found.append(pool.submit(_timed, function, before, arguments).result())
    return min(found, key=lambda measurement: measurement.cpu_s)


def row(
    job: str,
    who: str,
    measurement: Measurement,
    *,
    accuracy: str = "",
    goal: str = "",
    met: bool | None = None,
) -> dict[str, object]:
    """Return one row of the results."""
    return {
        "job": job,
        "who": who,
        "cpu_s": measurement.cpu_s,
        "wall_s": measurement.wall_s,
        "peak_mb": measurement.peak_mb,
        "accuracy": accuracy,
        "goal": goal,
        "met": met,
    }


def _timed(
    function: Callable[..., Any], before: Callable[[], object] | None, arguments: dict[str, Any]
) -> Measurement:
    if before is not None:
        before()
    wall, cpu = time.perf_counter(), _cpu()
    value = function(**arguments)
    return Measurement(value, _cpu() - cpu, time.perf_counter() - wall, _peak_mb())


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _peak_mb() -> float:
    # ru_maxrss of a spawned process starts at its parent's; VmHWM starts at zero.
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        own = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    else:
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
