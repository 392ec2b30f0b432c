"""Benchmark: small and large objects through queues, there and back, and while the producer computes.

``python reference/benchmarks/queues.py``
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from compare import Work, compare, show

SMALL = {"name": "a task", "number": 12345678, "flags": (True, False, None)}
"""Some 64 bytes, pickled."""

LARGE = bytes(1 << 20)
SMALLS = 50_000
LARGES = 240
TRIPS = 6000
BURST = 16_000
STEPS = 800_000
CONSUMERS = 4
STOP = "stop"


def swallow(queue: Any, done: Any) -> None:
    """Get objects until one says to stop; say so after each that is a text."""
    while (item := queue.get()) != STOP:
        if isinstance(item, str):
            done.put(item)


def echo(incoming: Any, outgoing: Any) -> None:
    """Put each object of one queue on the other, until one says to stop."""
    while (item := incoming.get()) != STOP:
        outgoing.put(item)


@contextmanager
def children(package: Any, number: int, target: Callable[..., None], queue: Any, *args: Any) -> Iterator[None]:
    """Run so many forked children during the block, and stop them through the queue."""
    processes = [package.get_context("fork").Process(target=target, args=(queue, *args)) for _ in range(number)]
    for process in processes:
        process.start()
    yield
    for _ in processes:
        queue.put(STOP)
    for process in processes:
        process.join()


def one_way(number: int, item: object, steps: int = 0) -> Callable[[Any], Any]:
    """Return the work of putting so many items for a child, and computing so many steps after that."""

    @contextmanager
    def work(package: Any) -> Iterator[Callable[[], object]]:
        queue, done = package.Queue(), package.Queue()
        with children(package, 1, swallow, queue, done):

            def run() -> None:
                for _ in range(number):
                    queue.put(item)
                queue.put("that was all")
                total = 0
                for step in range(steps):
                    total += step
                done.get()

            yield run

    return work


def round_trips(kind: str, consumers: int = 1) -> Callable[[Any], Any]:
    """Return the work of putting an object for one of so many children, and getting it back."""

    @contextmanager
    def work(package: Any) -> Iterator[Callable[[], object]]:
        there, back = getattr(package, kind)(), getattr(package, kind)()
        with children(package, consumers, echo, there, back):

            def run() -> None:
                for _ in range(TRIPS):
                    there.put(SMALL)
                    back.get()

            yield run

    return work


@contextmanager
def tasks(package: Any) -> Iterator[Callable[[], object]]:
    """Put small objects for several children at once, and get them all back."""
    there, back = package.Queue(), package.Queue()
    with children(package, CONSUMERS, echo, there, back):

        def run() -> None:
            for _ in range(TRIPS):
                there.put(SMALL)
            for _ in range(TRIPS):
                back.get()

        yield run


WORKS = [
    Work("small objects", 0.6, one_way(SMALLS, SMALL)),
    Work("small objects, then computing", 1.0, one_way(BURST, SMALL, STEPS)),
    Work("round trip", 0.6, round_trips("Queue")),
    Work("round trip, one of 4 consumers", 0.6, round_trips("Queue", CONSUMERS)),
    Work("through 4 consumers", 1.0, tasks),
    Work("round trip, SimpleQueue", 1.0, round_trips("SimpleQueue")),
    Work("1 MiB", 0.8, one_way(LARGES, LARGE)),
]

if __name__ == "__main__":
    show(compare(WORKS))
