"""Benchmark: importing the package, and starting and joining a child by each start method.

``python reference/benchmarks/starting.py``

A spawned child runs this file: it imports nothing that the packages do not.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

IMPORTS = 15
STARTS = 40


def nothing() -> None:
    """What the children do."""


def importing(package: Any) -> Iterator[Callable[[], object]]:
    """Import the package in fresh interpreters, over what such an interpreter takes in any case."""
    import subprocess

    def run() -> None:
        for _ in range(IMPORTS):
            subprocess.run([sys.executable, "-c", f"import {package.__name__}"], check=True)

    yield run


def starting(method: str) -> Callable[[Any], Iterator[Callable[[], object]]]:
    """Return the work of starting and joining children by this method."""

    def work(package: Any) -> Iterator[Callable[[], object]]:
        context = package.get_context(method)

        def run() -> None:
            for _ in range(STARTS):
                child = context.Process(target=nothing)
                child.start()
                child.join()
                child.close()

        yield run

    return work


if __name__ == "__main__":
    from contextlib import contextmanager

    from compare import Work, compare, show

    WORKS = [
        Work("import of the package", 0.6, contextmanager(importing)),
        *(
            Work(f"start and join: {method}", target, contextmanager(starting(method)))
            for method, target in [("fork", 0.9), ("forkserver", 0.7), ("spawn", 0.7)]
        ),
    ]
    show(compare(WORKS))
