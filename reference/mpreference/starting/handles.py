"""What a parent holds of a child that it has started."""

from __future__ import annotations

import os
import time
from _thread import allocate_lock

from mpreference.starting.sentinels import PIDFD
from mpreference.waiting import readable

UNKNOWN = 255
"""The exit code of a child whose status was lost: somebody else has taken it, or the fork server was killed."""


class Handle:
    """A started child, as its parent sees it: its pid, and a descriptor that becomes readable when it ends.

    ``held`` are further descriptors that are closed with the handle.
    """

    def __init__(self, pid: int, sentinel: int, held: tuple[int, ...] = ()) -> None:
        self.pid = pid
        self.sentinel = sentinel
        self._descriptors = (sentinel, *held)
        self._code: int | None = None
        self._lock = allocate_lock()  # the exit code is told once, and several threads may ask

    def poll(self) -> int | None:
        """Return the exit code, or None while the child runs."""
        return self.wait(0)

    def wait(self, timeout: float | None) -> int | None:
        """Block until the child has ended, at most ``timeout`` seconds; return the exit code, or None."""
        if self._code is None and readable(self.sentinel, timeout):
            with self._lock:
                if self._code is None:
                    self._code = self._take_code()
        return self._code

    def _take_code(self) -> int:
        """Return the exit code of the child, whose end the sentinel has told of."""
        raise NotImplementedError

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the child has ended."""
        if self.poll() is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass  # it ended just now

    def close(self) -> None:
        """Close the descriptors."""
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = ()

    def __del__(self) -> None:
        self.close()


class ChildHandle(Handle):
    """A child of this very process, forked or spawned."""

    def _take_code(self) -> int:
        try:
            _, status = os.waitpid(self.pid, 0)
        except ChildProcessError:
            return UNKNOWN
        return os.waitstatus_to_exitcode(status)


class ServedHandle(Handle):
    """A child of the fork server, which writes the exit code into a pipe; ``status`` is the reading end.

    That pipe is the sentinel only where there is no pidfd: it also ends with the server, whom the child may outlive.
    """

    def __init__(self, pid: int, status: int, held: tuple[int, ...] = ()) -> None:
        sentinel = status
        if PIDFD:
            try:
                sentinel = os.pidfd_open(pid)
            except ProcessLookupError:
                pass  # it has ended, and the server has written its code
        super().__init__(pid, sentinel, held if sentinel == status else (status, *held))
        self._status = status

    def _take_code(self) -> int:
        told = os.read(self._status, 4)
        if told:
            return int.from_bytes(told, "big", signed=True)
        # The server was killed. If that is all that the sentinel tells, the child may still run.
        while self.sentinel == self._status and _exists(self.pid):
            time.sleep(0.01)
        return UNKNOWN


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
