"""Benchmark: managers, in the standard library and here.

``python reference/benchmarks/managers.py``
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from compare import Work, compare, show

CALLS = 6000
PROXIES = 1000
LARGE = bytes(1 << 20)


@contextmanager
def calling(package: Any) -> Iterator[Callable[[], object]]:
    """Call a method that does next to nothing."""
    with package.Manager() as manager:
        items = manager.list([1])

        def run() -> None:
            for _ in range(CALLS):
                items.count(1)

        yield run


@contextmanager
def calling_with_much(package: Any) -> Iterator[Callable[[], object]]:
    """Send a megabyte, and get it back."""
    with package.Manager() as manager:
        value = manager.Value("y", b"")

        def run() -> None:
            for _ in range(CALLS // 40):
                value.set(LARGE)
                value.get()

        yield run


@contextmanager
def creating(package: Any) -> Iterator[Callable[[], object]]:
    """Create objects and let go of their proxies."""
    with package.Manager() as manager:

        def run() -> None:
            for _ in range(PROXIES):
                manager.list()

        yield run


@contextmanager
def nesting(package: Any) -> Iterator[Callable[[], object]]:
    """Get a proxy out of a container."""
    with package.Manager() as manager:
        outer = manager.list([manager.list()])

        def run() -> None:
            for _ in range(PROXIES):
                outer[0]

        yield run


@contextmanager
def calling_from_threads(package: Any) -> Iterator[Callable[[], object]]:
    """Call once from each of some new threads."""
    with package.Manager() as manager:
        items = manager.list([1])

        def run() -> None:
            for _ in range(PROXIES):
                thread = threading.Thread(target=items.count, args=(1,))
                thread.start()
                thread.join()

        yield run


@contextmanager
def starting(package: Any) -> Iterator[Callable[[], object]]:
    """Start a manager, use it, and shut it down."""

    def run() -> None:
        for _ in range(10):
            with package.Manager() as manager:
                manager.list([1]).append(2)

    yield run


WORKS = [
    Work("a call", 0.85, calling),
    Work("a call with a megabyte", 1.0, calling_with_much),
    Work("making a proxy", 0.1, creating),
    Work("a proxy out of a container", 0.15, nesting),
    Work("a call of a new thread", 1.2, calling_from_threads),
    Work("start, use, shutdown", 1.0, starting),
]

if __name__ == "__main__":
    show(compare(WORKS))
