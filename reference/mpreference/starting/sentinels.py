"""Descriptors that tell of the end of another process.

On Linux a *pidfd* is exact: it becomes readable when that very process ends, whoever inherited what. Elsewhere it is
the reading end of a pipe whose writing end only the watched process holds; a process forked from that one holds it
as well, so such a sentinel may be late, never early.

Both directions are watched: the parent has a sentinel for each child, the child a *lifeline* for its parent.
"""

from __future__ import annotations

import os

PIDFD = hasattr(os, "pidfd_open")
"""Whether the kernel tells of the end of a process by a descriptor."""


class Lifeline:
    """Tells a child of the end of its parent. Closed with the object."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def wait(self, timeout: float | None) -> bool:
        """Return whether the parent has ended, or ends within ``timeout`` seconds."""
        from mpreference.waiting import readable  # which a child that does not ask does without

        return readable(self.descriptor, timeout)


def watch_parent(pid: int, pipe: int | None) -> Lifeline:
    """Return the lifeline of the parent with this pid; ``pipe`` is the reading end from it where there is no pidfd."""
    if pipe is not None:
        return Lifeline(pipe)
    try:
        return Lifeline(os.pidfd_open(pid))
    except ProcessLookupError:  # it has ended already: a pipe that nobody holds says the same
        reader, writer = os.pipe()
        os.close(writer)
        return Lifeline(reader)
