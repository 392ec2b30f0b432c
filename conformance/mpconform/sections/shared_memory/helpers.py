"""What the modules of this section share; light, because children import it. Nothing made here is left behind."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mpconform.kit import Journal, Patience, Scratch, backend, idle


def new_name() -> str:
    """Return a name that no block has."""
    return f"mpconform_{os.urandom(6).hex()}"


@contextmanager
def block(mp: Any, size: int = 64, **options: Any) -> Iterator[Any]:
    """Give a new block; close and unlink it at the end."""
    made = mp.shared_memory.SharedMemory(create=True, size=size, **options)
    try:
        yield made
    finally:
        made.close()
        try:
            made.unlink()
        except FileNotFoundError:
            pass  # a block that is gone too early is for the test to tell


@contextmanager
def attached(mp: Any, name: str, **options: Any) -> Iterator[Any]:
    """Give another object for the block of this name; close it at the end."""
    other = mp.shared_memory.SharedMemory(name, **options)
    try:
        yield other
    finally:
        other.close()


@contextmanager
def shareable_list(mp: Any, *sequence: Any, **options: Any) -> Iterator[Any]:
    """Give a new list; close and unlink its block at the end."""
    made = mp.shared_memory.ShareableList(*sequence, **options)
    try:
        yield made
    finally:
        made.shm.close()
        made.shm.unlink()


@contextmanager
def attached_list(mp: Any, name: str) -> Iterator[Any]:
    """Give another object for the list in the block of this name; close it at the end."""
    other = mp.shared_memory.ShareableList(name=name)
    try:
        yield other
    finally:
        other.shm.close()


def exists(mp: Any, name: str) -> bool:
    """Return whether there is a block of this name: whether it can be attached to."""
    try:
        mp.shared_memory.SharedMemory(name).close()
    except Exception:
        return False
    return True


def destroy(mp: Any, name: str) -> None:
    """Unlink the block of this name, if there is one."""
    if exists(mp, name):
        with attached(mp, name) as left:
            left.unlink()


def typed(values: Any) -> list[tuple[type, Any]]:
    """Return the values with their types, so that 1, 1.0 and True differ."""
    return [(type(value), value) for value in values]


# The end of a process and of its helpers.


class Household:
    """Tells when a process and all that it has started have ended: they hold its end of a pipe as standard error.

    The kit's lifelines tell of single processes. This is about blocks that something goes on to look after: a resource
    tracker, say, which the process has started, which outlives it a little, and of which nobody knows the id.
    """

    def __init__(self, path: str) -> None:
        os.mkfifo(path)
        self.path = path
        self.reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def wait(self) -> None:
        """Block until all have ended, or, if something goes on for long, until there is no patience left."""
        patience = Patience()
        try:
            with idle():
                while select.select([self.reader], [], [], patience.awaiting)[0] and os.read(self.reader, 65536):
                    pass  # what they wrote to standard error
        finally:
            os.close(self.reader)


def join_household(path: str) -> None:
    """Make this process, and what it starts from now on, one that the parent's :class:`Household` waits for."""
    writer = os.open(path, os.O_WRONLY)
    os.dup2(writer, 2)
    os.close(writer)


# What children do.


def create_and_close(household: str, journal: Journal, name: str, contents: bytes) -> None:
    """Create a block with these contents, and close it."""
    join_household(household)
    made = backend().shared_memory.SharedMemory(name, create=True, size=len(contents))
    made.buf[: len(contents)] = contents
    made.close()
    journal.write("created")


def swap_bytes_of_an_argument(household: str, journal: Journal, given: Any, new: bytes) -> None:
    """Note the first bytes of a block that was given as an object, write others there, and close it."""
    join_household(household)
    found = bytes(given.buf[: len(new)])
    given.buf[: len(new)] = new
    given.close()
    journal.write(found)


def swap_bytes(household: str, journal: Journal, name: str, new: bytes) -> None:
    """Attach to a block, note its first bytes, write others there, and close it."""
    join_household(household)
    other = backend().shared_memory.SharedMemory(name)
    found = bytes(other.buf[: len(new)])
    other.buf[: len(new)] = new
    other.close()
    journal.write(found)


@contextmanager
def child_of_a_household(
    mp: Any, scratch: Scratch, target: Callable[..., None], *arguments: Any
) -> Iterator[tuple[Journal, Household]]:
    """Start a child; give the journal in which it notes that it is done, and the household whose end can be awaited."""
    household, journal = Household(scratch.path("household")), scratch.journal()
    child = mp.Process(target=target, args=(household.path, journal, *arguments))
    child.daemon = True
    child.start()
    yield journal, household
    child.join()


def create_connected(household: str, journal: Journal, address: Any) -> None:
    """Create a block through a manager that is connected to the one at this address, and close it."""
    join_household(household)
    manager = backend().managers.SharedMemoryManager(address, authkey=b"key")
    manager.connect()
    made = manager.SharedMemory(64)
    made.buf[:5] = b"hello"
    made.close()
    journal.write(made.name)


def managed(mp: Any, **options: Any) -> Any:
    """Return a SharedMemoryManager that starts its process with the start method of this cell, if it takes ``ctx``.

    That is documented of a BaseManager only, and since 3.11.
    """
    try:
        return mp.managers.SharedMemoryManager(ctx=mp.get_context(), **options)
    except TypeError:
        return mp.managers.SharedMemoryManager(**options)
