"""Telling, the moment that it is so, whether a process has ended: it holds a lock that the system releases with it.

The lock is one of the process, whatever it forks; so no test has to wait a while and hope.
"""

from __future__ import annotations

import os

from mpconform.kit.patience import Patience

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from typing import IO, Any

HELD: list[IO[bytes]] = []
"""The files that this process has locked, which stay open until it ends."""


def locked(file: IO[bytes]) -> bool:
    """Lock a file for this process; return whether no other one had done so."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Lifelines:
    """The processes that hold on to it, alive or ended. Is handed to children as it is, under any start method."""

    def __init__(self, path: str) -> None:
        self.path = path
        os.makedirs(path, exist_ok=True)

    def hold(self, *ignored: Any) -> int:
        """Make this process one whose end is told; return its id. What it is called with, as a task, is ignored."""
        unfinished = f"{self.path}/.{os.getpid()}"
        file = open(unfinished, "wb")  # noqa: SIM115 - it stays open until the process ends
        HELD.append(file)
        locked(file)
        os.rename(unfinished, f"{self.path}/{os.getpid()}")  # nobody sees it before it is locked
        return os.getpid()

    def seen(self) -> list[int]:
        """Return the ids of all processes that have held on so far."""
        return sorted(int(name) for name in os.listdir(self.path) if not name.startswith("."))

    def ended(self) -> list[int]:
        """Return the ids of those that have ended by now."""
        return [pid for pid in self.seen() if self.has_ended(pid)]

    def has_ended(self, pid: int) -> bool:
        """Return whether the process with this id, which has held on, has ended by now."""
        with open(f"{self.path}/{pid}", "r+b") as file:
            return locked(file)

    def wait(self, number: int, what: str = "processes hold their lifelines") -> list[int]:
        """Block until at least ``number`` have held on, and return their ids; raise ``Overdue`` if they do not."""
        Patience().until(lambda: len(self.seen()) >= number, f"{number} {what}")
        return self.seen()

    def wait_until_ended(self, what: str) -> None:
        """Block until all that have held on have ended; raise ``Overdue``, naming ``what``, if they do not."""
        Patience().until(lambda: len(self.ended()) == len(self.seen()), what)
