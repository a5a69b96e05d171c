"""How far long work is: loops tell it, whoever listens hears it. The library itself never prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import TypeVar

T = TypeVar("T")
Listener = Callable[[str, int, int], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let `listener` hear (what, how many are done, of how many): at the start, then as work is done, from any thread."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def steps(items: Sequence[T], what: str) -> Iterator[T]:
    """Yield the items, and tell how many are done."""
    done = counter(what, len(items))
    for item in items:
        yield item
        done(1)


def counter(what: str, of: int) -> Callable[[int], None]:
    """Return what is called with the number just done, from any thread."""
    listener, lock, done = _listener.get(), Lock(), 0
    if listener is None:
        return lambda _: None
    listener(what, done, of)

    def add(number: int) -> None:
        nonlocal done
        with lock:
            done += number
            listener(what, done, of)

    return add
