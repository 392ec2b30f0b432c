"""What the mutants of this section have in common."""

from __future__ import annotations

import errno
import multiprocessing.connection
import os
import select
import signal
import socket
import stat
from collections.abc import Callable
from typing import Any

from mutants import replace

Connection = multiprocessing.connection.Connection

ALIVE: list[Any] = []
"""What must not be garbage."""

SLOW = 2.2
"""Seconds after which a mutant looks again that should be woken: more than a test watches, and is let to take."""


def interruptible(call: Any, *args: Any) -> Any:
    """Make a call that fails when a signal arrives while it waits."""
    handled: list[int] = []
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing)
    try:
        ready = select.select([call.__self__, reading], [], [])[0]
        if reading in ready:
            handled.append(1)
    finally:
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)
    if handled:
        raise InterruptedError(errno.EINTR, "interrupted")
    return call(*args)


def looks_now_and_then(name: str) -> None:
    """Let a method that receives look every now and then whether there is something, and not be woken by it."""
    import time

    @replace(Connection, name)
    def receive(original: Any, self: Any, *args: Any) -> Any:
        while not self.poll(0):
            time.sleep(SLOW)
        return original(self, *args)


def is_of_family(connection: Any, family: Any) -> bool:
    """Return whether it is the socket of this family that a listener or a client has made, and no pipe."""
    if connection.closed or not stat.S_ISSOCK(os.fstat(connection._handle).st_mode):
        return False
    with socket.socket(fileno=os.dup(connection._handle)) as copy:
        return copy.family == family and bool(copy.getsockname() or copy.getpeername())  # those of a pipe have no names


def replace_for(family: Any, name: str) -> Callable[[Any], None]:
    """Put a function in the place of a method, for the connections of this family only."""

    def put(function: Any) -> None:
        @replace(Connection, name)
        def instead(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
            if is_of_family(self, family):
                return function(original, self, *args, **kwargs)
            return original(self, *args, **kwargs)

    return put
