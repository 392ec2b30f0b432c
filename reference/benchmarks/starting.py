"""Benchmark: importing the package, and starting and joining a child by each start method.

``python reference/benchmarks/starting.py``
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

IMPORTS = 15
STARTS = 15


def nothing() -> None:
    """What the children do."""


@contextmanager
def importing(package: Any) -> Iterator[Callable[[], object]]:
    """Import the package in fresh interpreters, over what such an interpreter takes in any case."""

    def run() -> None:
        for _ in range(IMPORTS):
            subprocess.run([sys.executable, "-c", f"import {package.__name__}"], check=True)

    yield run


def starting(method: str) -> Callable[[Any], Any]:
    """Return the work of starting and joining children by this method."""

    @contextmanager
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
    from compare import Work, compare, show  # here, so that no child imports it

    WORKS = [
        Work("import of the package", 0.6, importing),
        Work("start and join: fork", 0.9, starting("fork")),
        Work("start and join: forkserver", 0.7, starting("forkserver")),
        Work("start and join: spawn", 0.7, starting("spawn")),
    ]
    show(compare(WORKS))
