"""What several modules of this section share; light, because children import it.

Items are got by a plain ``get()`` in a thread of its own, which needs no timeout of the queue.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from mpconform.kit import Journal, Task, works

STOP = "stop"

LARGE = b"x" * 2_000_000
"""More than any pipe holds, so whoever sends it waits until another process receives it."""


class Pair(NamedTuple):
    """A class of ours, to be pickled by name."""

    left: object
    right: object


class Unpicklable:
    """What cannot be pickled, with an error that is not one of pickle's own."""

    def __reduce__(self) -> Any:
        raise RuntimeError("this object cannot be pickled")


def take(queue: Any) -> Any:
    """Return the next item of a queue on which an item was put."""
    return take_all(queue, 1)[0]


def take_all(queue: Any, number: int) -> list[Any]:
    """Return the next items of a queue on which so many were put."""
    items: list[Any] = []

    def get_all() -> None:
        for _ in range(number):
            items.append(queue.get())

    with works("get() of an item that was put"):
        getting = Task(get_all)
        getting.result(f"get() of {number} items that were put (or will be, by a child)")
    return items


def put_many(queue: Any, items: Iterable[Any]) -> None:
    """Put the items one after another."""
    for item in items:
        queue.put(item)


def get_some(queue: Any, number: int, journal: Journal) -> None:
    """Get so many items and note them, as one list."""
    journal.write([queue.get() for _ in range(number)])


def echo_connection(connection: Any) -> None:
    """Send back each object that is received, until it is STOP."""
    while (item := connection.recv()) != STOP:
        connection.send(item)


def echo_queue(incoming: Any, outgoing: Any) -> None:
    """Put each item of one queue on the other, until it is STOP."""
    while (item := incoming.get()) != STOP:
        outgoing.put(item)


@contextmanager
def errors_written_to(path: str) -> Iterator[None]:
    """Let what the block writes to the standard error, as a stream or as a descriptor, go to a file instead."""
    with open(path, "wb") as file:
        stream, descriptor = sys.stderr, os.dup(2)
        os.dup2(file.fileno(), 2)
        sys.stderr = open(path, "a", buffering=1)  # noqa: SIM115 - it is closed below
        try:
            yield
        finally:
            sys.stderr.close()
            sys.stderr = stream
            os.dup2(descriptor, 2)
            os.close(descriptor)
