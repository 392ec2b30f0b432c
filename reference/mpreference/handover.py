"""Descriptors that go to a child together with its start.

A child that is not forked gets its process object as a pickle. An object in there that owns a descriptor
puts a *ticket* into its state, and redeems it in the child::

    def __getstate__(self):                       in the parent, while a child is started
        assert_starting(self)
        return give(self._fd)

    def __setstate__(self, ticket):               in the child
        self._fd = take(ticket)

How descriptors travel is up to the start method; a ticket is the number of a descriptor among those that travel
with this child. Nothing can be given at any other time: what is shared by inheritance refuses to be
pickled into a message. What may be sent in messages uses :mod:`mpreference.sharing` then.
"""

from __future__ import annotations

import os
from _thread import get_ident  # all that is needed of threading, which is slower to import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


_starting: dict[int, tuple[str, list[int]]] = {}
"""For each thread that is pickling for a child, by its number: the start method, and what was given so far."""

_received: dict[int, int] = {}
"""In a child: the descriptors that came with its start, by their tickets."""


def pickle_for_child(make: Callable[[], object], method: str) -> tuple[bytes, list[int]]:
    """Return what ``make()`` returns as bytes for a child of this start method, and the descriptors that go with it.

    They stay the property of the objects that gave them.
    """
    from mpreference import pickling  # which a process that starts no child does without

    thread = get_ident()
    outer = _starting.get(thread)
    given: list[int] = []
    _starting[thread] = method, given
    try:
        return pickling.dumps(make()), given
    finally:
        if outer is None:
            del _starting[thread]
        else:
            _starting[thread] = outer


def starting_method() -> str | None:
    """Return the start method of the child that this thread is pickling for, or None if it is not."""
    starting = _starting.get(get_ident())
    return None if starting is None else starting[0]


def assert_starting(obj: object) -> None:
    """Raise ``RuntimeError`` unless a child is being started by this thread."""
    if get_ident() not in _starting:
        raise RuntimeError(
            f"{type(obj).__name__} objects should only be shared between processes through inheritance: "
            f"give them to Process(args=...), not to a queue, a connection or a pool"
        )


def give(descriptor: int) -> int:
    """Return a ticket for the descriptor; the child gets a duplicate of it."""
    given = _starting[get_ident()][1]
    given.append(descriptor)
    return len(given) - 1


def receive(descriptors: list[int]) -> None:
    """Keep what came with this child's start, for the tickets."""
    _received.update(enumerate(descriptors))


def take(ticket: int) -> int:
    """Return the descriptor for a ticket, which the caller owns from now on: each ticket once."""
    return _received.pop(ticket)


def close_unclaimed() -> None:
    """Close what nobody took."""
    while _received:
        os.close(_received.popitem()[1])


os.register_at_fork(after_in_child=_starting.clear)  # what other threads were at ends with them
