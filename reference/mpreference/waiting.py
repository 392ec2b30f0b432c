"""Waiting until descriptors are readable: one of them (`readable`), or some of many (`wait`).

Both make one `select.poll` object and use it once. It has no limit on the numbers of descriptors as `select.select`
has, and nothing to set up and tear down as `epoll` and `selectors` have. A descriptor is ready when there is something
to read, when its other end is closed, and when it has failed: the next read tells which.
"""

from __future__ import annotations

import errno
import os
import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeVar

    Waitable = TypeVar("Waitable", bound=Any)

LONGEST = 2_000_000_000
"""Milliseconds that one call of the system may wait: a longer wait is several of them."""


def wait(object_list: Iterable[Waitable], timeout: float | None = None) -> list[Waitable]:
    """Block until some of the objects are ready; return those, in the order given.

    An object is a connection, a socket, a sentinel, or anything else that is a descriptor or has a ``fileno()``.
    The list is empty if none became ready within ``timeout`` seconds; None waits without end, a negative one not
    at all. ``OSError`` for a descriptor that is not open. (`multiprocessing.connection.wait`)
    """
    objects = list(object_list)
    descriptors = [item if isinstance(item, int) else item.fileno() for item in objects]
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    ready = dict(_ask(poll, timeout))
    return [item for item, descriptor in zip(objects, descriptors, strict=True) if descriptor in ready]


def readable(descriptor: int, timeout: float | None) -> bool:
    """Return whether the descriptor is ready, or becomes so within ``timeout`` seconds; None waits without end."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(_ask(poll, timeout))


def _ask(poll: select.poll, timeout: float | None) -> list[tuple[int, int]]:
    """Return the descriptors that are ready and what they are ready for; a signal does not end the wait."""
    if timeout is None:
        events = poll.poll()
    else:
        left = max(0.0, timeout * 1000)
        while not (events := poll.poll(min(left, LONGEST))) and left > LONGEST:
            left -= LONGEST
    for descriptor, event in events:
        if event & select.POLLNVAL:
            raise OSError(errno.EBADF, f"{os.strerror(errno.EBADF)}: {descriptor}")
    return events
