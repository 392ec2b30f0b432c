"""Synchronising a test with its children on plain files, never on the backend that is tested.

Everything here is named by a path and nothing else, so it can be handed to a child under any start
method and through any way of pickling; and it survives the death of any process that uses it.
"""

from __future__ import annotations

import os
import pickle

from mpconform.kit.lifelines import Lifelines
from mpconform.kit.patience import Patience

TYPE_CHECKING = False  # what typing.TYPE_CHECKING is, without the price of importing it
if TYPE_CHECKING:
    from typing import Any


def touch(path: str) -> None:
    """Make the file if there is none. Every child imports this module, and pathlib would take it some milliseconds."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


class Gate:
    """Shut until some process opens it; then open for good."""

    def __init__(self, path: str) -> None:
        self.path = path

    def open(self) -> None:
        """Open the gate for every process that waits or will wait."""
        touch(self.path)

    def is_open(self) -> bool:
        """Return whether some process has opened the gate."""
        return os.path.exists(self.path)

    def wait(self, what: str = "the gate opens") -> None:
        """Block until the gate is open; raise ``Overdue``, naming ``what``, if it stays shut."""
        Patience().until(self.is_open, what)


class Latch:
    """Counts arrivals, from any process."""

    def __init__(self, path: str) -> None:
        self.path = path
        os.makedirs(path, exist_ok=True)

    def arrive(self) -> None:
        """Count one arrival."""
        touch(f"{self.path}/{os.urandom(12).hex()}")

    def count(self) -> int:
        """Return how many arrivals were counted so far."""
        return len(os.listdir(self.path))

    def wait(self, number: int, what: str = "arrivals") -> None:
        """Block until at least ``number`` have arrived; raise ``Overdue`` if they do not."""
        Patience().until(lambda: self.count() >= number, f"{number} {what}")


class Journal:
    """Values that any process appends and any process reads, in the order of writing."""

    def __init__(self, path: str) -> None:
        self.path = path
        touch(path)

    def write(self, value: Any) -> None:
        """Append one picklable value; a single write, so that entries of several processes never mix."""
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, pickle.dumps(value))
        finally:
            os.close(descriptor)

    def read(self) -> list[Any]:
        """Return all values written so far."""
        values = []
        with open(self.path, "rb") as file:
            while True:
                try:
                    values.append(pickle.load(file))
                except (EOFError, pickle.UnpicklingError):  # the end, or an entry whose writer is at it just now
                    return values

    def wait(self, number: int, what: str = "journal entries") -> list[Any]:
        """Block until at least ``number`` values were written and return all; raise ``Overdue`` if they do not come."""
        Patience().until(lambda: len(self.read()) >= number, f"{number} {what}")
        return self.read()


class Scratch:
    """Makes gates, latches, journals and file names in one folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.made = 0

    def path(self, stem: str = "file") -> str:
        """Return a path that nothing else in this test has, of a file that does not exist."""
        self.made += 1
        return f"{self.folder}/{stem}-{self.made}"

    def gate(self) -> Gate:
        """Return a gate of its own."""
        return Gate(self.path("gate"))

    def latch(self) -> Latch:
        """Return a latch of its own."""
        return Latch(self.path("latch"))

    def journal(self) -> Journal:
        """Return a journal of its own."""
        return Journal(self.path("journal"))

    def lifelines(self) -> Lifelines:
        """Return lifelines of their own."""
        return Lifelines(self.path("lifelines"))
