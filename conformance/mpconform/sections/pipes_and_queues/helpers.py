"""What several modules of this section share; light, because children import it.

The two guards turn an exception of the queue, which says nothing, into a failure that names the call.
"""

from __future__ import annotations

import queue as standard
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from mpconform.kit import Patience

STOP = "stop"


class Pair(NamedTuple):
    """A class of ours, to be pickled by name."""

    left: object
    right: object


def take(queue: Any, patience: Patience) -> Any:
    """Return the next item of a queue on which an item was put."""
    try:
        return queue.get(timeout=patience.awaiting)
    except standard.Empty:
        raise AssertionError(f"get(timeout={patience.awaiting}) raised Empty, although an item was put") from None


@contextmanager
def accepted(call: str) -> Iterator[None]:
    """Check that the queue has room for what the block puts; ``call`` is how a failure names what the block does."""
    try:
        yield
    except standard.Full:
        raise AssertionError(f"{call}: raised Full, promised is that the queue has room") from None


def echo_connection(connection: Any) -> None:
    """Send back each object that is received, until it is STOP."""
    while (item := connection.recv()) != STOP:
        connection.send(item)


def echo_queue(incoming: Any, outgoing: Any) -> None:
    """Put each item of one queue on the other, until it is STOP."""
    while (item := incoming.get()) != STOP:
        outgoing.put(item)
