"""Channels between a pool and its workers: messages through pipes.

A message is its length, 8 bytes, and its bytes. There is at most one message in a channel, as each is an answer to
one in the opposite direction. So a small one is one write and one read, and there is always room for the length.

The ends of the pool are non-blocking. A message of any size is begun by one call, and continued whenever `poll` says
that the pipe has got room, or data: a worker that is killed or stopped in the middle of a message holds nobody up.

The ends of a worker are blocking. It waits in them, and sees that its parent has ended by the end of the data, as
nobody else has the other ends: they are closed in every child that is forked, and not inherited by others.
"""

from __future__ import annotations

import os
from _thread import RLock

from mpreference.handover import assert_starting, give, take

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CHUNK = 1 << 16
"""Bytes that a pipe holds, as a rule."""

HEADER = 8
"""Bytes of the length."""


class End:
    """One end of a channel, which owns a descriptor. It goes to a child with its start."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def close(self) -> None:
        """Close the descriptor."""
        _ours.discard(self)
        os.close(self.descriptor)

    def __reduce__(self) -> tuple[Callable[..., End], tuple[type[End], int]]:
        assert_starting(self)
        return _taken, (type(self), give(self.descriptor))


def _taken(kind: type[End], ticket: int) -> End:
    return kind(take(ticket))


class Inbox(End):
    """Where messages arrive."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._message: bytearray | None = None
        self._filled = 0

    def receive(self) -> memoryview | None:
        """Read what is there; return the message if that was the rest of it. ``EOFError`` if nobody is to send more."""
        try:
            if self._message is not None:
                return self._continue(self._message)
            data = os.read(self.descriptor, CHUNK)
        except BlockingIOError:
            return None
        if not data:
            raise EOFError("the other end of the channel is closed")
        message = memoryview(data)[HEADER:]
        size = int.from_bytes(data[:HEADER], "big")
        if len(message) == size:
            return message
        self._message = bytearray(size)
        self._message[: len(message)] = message
        self._filled = len(message)
        return None

    def _continue(self, message: bytearray) -> memoryview | None:
        count = os.readv(self.descriptor, [memoryview(message)[self._filled :]])
        if not count:
            raise EOFError("the other end of the channel is closed")
        self._filled += count
        if self._filled < len(message):
            return None
        self._message = None
        return memoryview(message)


class Outbox(End):
    """Where messages are sent from.

    Sending to somebody who has ended is as if it were read by nobody: those who send see the end elsewhere.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor)
        self._left = memoryview(b"")

    def send(self, message: bytes) -> bool:
        """Begin a message; return whether there is nothing more to do for it."""
        try:
            written = os.writev(self.descriptor, (len(message).to_bytes(HEADER, "big"), message)) - HEADER
        except BrokenPipeError:
            self._left = memoryview(message)
            return True
        if written == len(message):
            return True
        self._left = memoryview(message)[written:]
        return False

    def resume(self) -> bool:
        """Write what the pipe takes of the rest of the message; return whether there is nothing more to do for it."""
        try:
            self._left = self._left[os.write(self.descriptor, self._left) :]
        except BlockingIOError:
            return False
        except BrokenPipeError:
            return True
        return not self._left

    def unread(self) -> bool:
        """Return whether a part of the last message was not written, or is in the pipe still."""
        import fcntl
        import termios

        return bool(self._left or any(fcntl.ioctl(self.descriptor, termios.FIONREAD, bytes(4))))


_ours: set[End] = set()
"""The ends of the pools of this process."""

_lock = RLock()
"""Held while channels are made, and by whoever forks: a child knows all that it has inherited."""


def channels() -> tuple[Outbox, Inbox, Inbox, Outbox]:
    """Return both ends of the pool, and then both ends of the worker."""
    with _lock:
        tasks_there, tasks = os.pipe()
        answers, answers_there = os.pipe()
        pool_ends = Outbox(tasks), Inbox(answers)
        _ours.update(pool_ends)
    os.set_blocking(tasks, False)
    os.set_blocking(answers, False)
    return *pool_ends, Inbox(tasks_there), Outbox(answers_there)


def _begin_in_child() -> None:
    _lock.release()
    for end in list(_ours):
        end.close()


os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_begin_in_child)
