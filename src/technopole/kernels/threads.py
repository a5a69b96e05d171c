"""Matrix products on one thread, so that results are the same to the byte on every machine."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from functools import lru_cache

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """Limit linear algebra to one thread while the context lasts.

    threadpoolctl looks through all loaded libraries each time it is asked, which takes milliseconds; here, only when modules were imported since.
    """
    return _controller(len(sys.modules)).limit(limits=1)


@lru_cache(maxsize=1)
def _controller(_modules: int) -> ThreadpoolController:
    return ThreadpoolController()
