"""Work in fixed blocks: any number of threads gives the same blocks, in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

B = TypeVar("B")
R = TypeVar("R")


def in_blocks(function: Callable[[B], R], blocks: Iterable[B], *, threads: int | None = None) -> list[R]:
    """Call `function` on every block in threads; return the results in the order of the blocks.

    The function has to release the interpreter's lock to gain from more than one thread (``@njit(nogil=True)``, NumPy on
    large arrays). What a block computes must not depend on other blocks: then the number of threads changes no bit.

    Parameters
    ----------
    function : callable
        Takes one block.
    blocks : iterable
        Fixed in number and size by the input, never by the number of threads.
    threads : int, optional
        At most so many at a time; none = the processors this process may use.
    """
    wanted = list(blocks)
    workers = min(threads or available(), len(wanted))
    if workers <= 1:
        return [function(block) for block in wanted]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(function, wanted))


def available() -> int:
    """Return the number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ranges(count: int, size: int) -> list[tuple[int, int]]:
    """Cut 0 .. count into ranges of `size` (the last may be shorter): [(0, size), (size, 2 size), ...]."""
    return [(start, min(start + size, count)) for start in range(0, count, size)]
