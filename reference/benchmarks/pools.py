"""Benchmark: pools of two processes, which run very small tasks, so that the work of the pool is all there is.

``python reference/benchmarks/pools.py``
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from compare import Work, compare, show

WORKERS = 2


def square(number: int) -> int:
    """Be a task."""
    return number * number


def apply(pool: Any) -> None:
    """Make calls one after another."""
    for number in range(1200):
        pool.apply(square, (number,))


def map_singly(pool: Any) -> None:
    """Make each item a task."""
    pool.map(square, range(8000), 1)


def map_in_chunks(pool: Any) -> None:
    """Make a few large tasks, some times."""
    for _ in range(150):
        pool.map(square, range(1000))


def imap_unordered(pool: Any) -> None:
    """Make each item a task, and take the results as they come."""
    for _ in pool.imap_unordered(square, range(8000)):
        pass


def in_a_pool(run: Callable[[Any], None]) -> Callable[[Any], Any]:
    """Return the work that is done with a pool."""

    @contextmanager
    def work(package: Any) -> Iterator[Callable[[], object]]:
        with package.get_context("fork").Pool(WORKERS) as pool:
            yield lambda: run(pool)

    return work


@contextmanager
def making(package: Any) -> Iterator[Callable[[], object]]:
    """Start a pool, use it once and end it."""

    def run() -> None:
        for _ in range(20):
            with package.get_context("fork").Pool(WORKERS) as pool:
                pool.apply(square, (3,))

    yield run


WORKS = [
    Work("apply", 0.5, in_a_pool(apply)),
    Work("map, chunks of one item", 0.55, in_a_pool(map_singly)),
    Work("map, default chunks", 0.8, in_a_pool(map_in_chunks)),
    Work("imap_unordered", 0.6, in_a_pool(imap_unordered)),
    Work("start, use and end", 1.0, making),
]

if __name__ == "__main__":
    show(compare(WORKS))
