"""What the modules of this section share; light, because children import it. Nothing made here is left behind."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mpconform.kit import Patience, backend


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


def is_alive(pid: int) -> bool:
    """Return whether there is a process with this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# The end of a process and of its helpers.


class Lifeline:
    """Tells when a process and all that it has started have ended: they hold its end of a pipe as standard error."""

    def __init__(self, path: str) -> None:
        os.mkfifo(path)
        self.path = path
        self.reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def wait(self) -> None:
        """Block until all have ended, or, if something goes on for long, until there is no patience left."""
        patience = Patience()
        try:
            while select.select([self.reader], [], [], patience.awaiting)[0] and os.read(self.reader, 65536):
                pass  # what they wrote to standard error
        finally:
            os.close(self.reader)


def hold_lifeline(path: str) -> None:
    """Make this process, and what it starts from now on, one that the parent's :class:`Lifeline` waits for."""
    writer = os.open(path, os.O_WRONLY)
    os.dup2(writer, 2)
    os.close(writer)


# What children do.


def create_and_close(lifeline: str, name: str, contents: bytes) -> None:
    """Create a block with these contents, and close it."""
    hold_lifeline(lifeline)
    made = backend().shared_memory.SharedMemory(name, create=True, size=len(contents))
    made.buf[: len(contents)] = contents
    made.close()


def attach_and_close(lifeline: str, name: str) -> None:
    """Attach to a block, write to it, and close it."""
    hold_lifeline(lifeline)
    other = backend().shared_memory.SharedMemory(name)
    other.buf[0] = 7
    other.close()


def swap_bytes(name: str, new: bytes) -> bytes:
    """Attach to a block, return its first bytes and write others there."""
    other = backend().shared_memory.SharedMemory(name)
    found = bytes(other.buf[: len(new)])
    other.buf[: len(new)] = new
    other.close()
    return found


def run_child(mp: Any, target: Callable[..., None], lifeline: Lifeline, *arguments: Any) -> None:
    """Run a child to its end, and wait for the end of all that it started."""
    child = mp.Process(target=target, args=(lifeline.path, *arguments), daemon=True)
    child.start()
    child.join()
    lifeline.wait()
    assert child.exitcode == 0, f"a child that ran {target.__name__} ended with exit code {child.exitcode}"


def managed(mp: Any) -> Any:
    """Return a SharedMemoryManager that starts its process with the start method of this cell."""
    return mp.managers.SharedMemoryManager(ctx=mp.get_context())
