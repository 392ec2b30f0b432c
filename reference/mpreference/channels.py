"""Channels: whole messages from many processes to many others. What queues are made of.

A channel is a pair of connected sockets that keep messages apart. Every process that uses it has both ends: it writes
to one, and reads from the other. To send a message is one call of the system, and so is to receive one; either happens
or does not, and a message wakes one receiver. So a channel needs no lock, and a process that is killed at any moment
leaves it as it should be. What a receiver had taken is lost with it, and nothing else.

That goes for messages of up to `SMALL` bytes. A larger one gets a pipe of its own: what goes through the sockets is the
reading end of that pipe, as they can carry descriptors, and the sender writes into the other end until all is
written. The receiver unpickles it as it comes. If the sender is killed meanwhile, the receiver gets an exception; if
the receiver is, the sender goes on with the next message.

Rules
-----
* The messages of one thread arrive in their order. Only the pipe of a large one is read while others go on.
* `Channel.try_send` never waits and never lets go of the interpreter: threads that compute do not hold up senders.
* A channel holds some thousand small messages, less where the system allows less: see `CAPACITY`.
* The ends go to a child by inheritance or with its start, never in a message.
* When no process has the reading end any more, sending raises a ``ConnectionError``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import sys
import time
from _socket import (  # what socket has beside it is not needed, and takes longer to import than all else
    AF_UNIX,
    CMSG_SPACE,
    MSG_CTRUNC,
    MSG_DONTWAIT,
    SCM_RIGHTS,
    SO_RCVBUF,
    SO_SNDBUF,
    SOCK_DGRAM,
    SOL_SOCKET,
    socket,
    socketpair,
)
from contextlib import contextmanager

from mpreference.handover import assert_starting, give, take
from mpreference.pickling import load as load_from
from mpreference.pickling import loads
from mpreference.semaphores import deadline
from mpreference.waiting import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

if sys.platform == "linux":
    from _socket import MSG_NOSIGNAL, SOCK_SEQPACKET

    KIND = SOCK_SEQPACKET
else:
    KIND, MSG_NOSIGNAL = SOCK_DGRAM, 0
"""The kind of the sockets. Both keep messages apart; datagrams may fail for want of room (ENOBUFS), and not wait."""

SMALL = 1 << 16
"""Bytes of a message that goes through the sockets: as much as the pipe of a larger one would hold."""

CAPACITY = 1 << 20
"""Bytes that are to be on their way at once: Linux counts twice that, and some 760 for each message beside its own."""

NOW = MSG_DONTWAIT | MSG_NOSIGNAL
FULL = (errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM)
ONE_DESCRIPTOR = CMSG_SPACE(4)

_try_send = ctypes.PyDLL(None, use_errno=True).send

_ends: set[int] = set()
"""The ends of pipes that threads of this process write to or read from now."""


class Channel:
    """A channel. `close` it, or let it be collected, to let go of it in this process."""

    _reader: socket | None = None
    _writer: socket | None = None

    def __init__(self) -> None:
        reader, writer = socketpair(AF_UNIX, KIND)
        reader.setsockopt(SOL_SOCKET, SO_RCVBUF, CAPACITY)
        writer.setsockopt(SOL_SOCKET, SO_SNDBUF, CAPACITY)
        self._attach(reader, writer)

    def _attach(self, reader: socket, writer: socket) -> None:
        reader.setblocking(True)  # the program may have set a default timeout
        writer.setblocking(True)
        self._reader, self._writer = reader, writer
        self._writing_end = writer.fileno()
        self._small = min(SMALL, writer.getsockopt(SOL_SOCKET, SO_SNDBUF) // 2)

    def __getstate__(self) -> tuple[int, int]:
        assert_starting(self)
        return give(_opened(self._reader).fileno()), give(_opened(self._writer).fileno())

    def __setstate__(self, tickets: tuple[int, int]) -> None:
        reader, writer = (socket(fileno=take(ticket)) for ticket in tickets)
        self._attach(reader, writer)

    # Sending

    def is_small(self, message: bytes) -> bool:
        """Return whether a message of this size goes through the sockets."""
        return len(message) <= self._small

    def try_send(self, message: bytes) -> bool:
        """Send a message and return True; return False if it is large, or if there is no room for it now."""
        size = len(message)
        if size > self._small:
            return False
        if _try_send(self._writing_end, message, size, NOW) >= 0:
            return True
        error = ctypes.get_errno()
        if error in FULL:
            return False
        raise OSError(error, os.strerror(error))

    def wait_for_room(self) -> None:
        """Return when `try_send` is worth another try."""
        poll = select.poll()
        poll.register(self._writing_end, select.POLLOUT)
        poll.poll()

    def send(self, message: bytes) -> None:
        """Send a message, as soon as there is room for it and, if it is a large one, somebody who receives it."""
        writer = _opened(self._writer)
        if self.is_small(message):
            writer.send(message, MSG_NOSIGNAL)
            return
        source, sink = os.pipe()
        with _in_use(sink):
            with _in_use(source):
                carried = source.to_bytes(4, sys.byteorder)
                writer.sendmsg([b"+"], [(SOL_SOCKET, SCM_RIGHTS, carried)], MSG_NOSIGNAL)
            rest = memoryview(message)
            try:
                while rest:
                    rest = rest[os.write(sink, rest) :]
            except BrokenPipeError:
                pass  # whoever had received it was killed, and has taken it along

    # Receiving

    def receive(self, block: bool = True, timeout: float | None = None) -> bytes | int | None:
        """Return the next message, for :func:`load`; None if there is none, with ``block`` none in ``timeout`` seconds.

        A large message is the descriptor of its pipe.
        """
        reader = _opened(self._reader)
        if block and timeout is None:
            data, carried, flags, _ = reader.recvmsg(SMALL, ONE_DESCRIPTOR)
        else:
            end = time.monotonic() if timeout is None or not block else deadline(timeout)
            while True:
                try:
                    data, carried, flags, _ = reader.recvmsg(SMALL, ONE_DESCRIPTOR, MSG_DONTWAIT)
                    break
                except BlockingIOError:
                    if not block or not readable(reader.fileno(), end - time.monotonic()):
                        return None
        if carried:
            return int.from_bytes(carried[0][2], sys.byteorder)
        if flags & MSG_CTRUNC:
            raise OSError(errno.EMFILE, "a large message is lost: there was no descriptor left to receive it with")
        return data

    def empty(self) -> bool:
        """Return whether there is no message now."""
        reader = _opened(self._reader)
        return not readable(reader.fileno(), 0)

    # The channel itself

    @property
    def closed(self) -> bool:
        """Whether this process has closed it, be it for reading only."""
        return self._reader is None

    def close_reading(self) -> None:
        """Let go of the reading end: this process does not receive any more, and what it has sent may be for nobody."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def close(self) -> None:
        """Let go of both ends."""
        self.close_reading()
        writer, self._writer = self._writer, None
        if writer is not None:
            self._writing_end = -1
            writer.close()

    __del__ = close


def _opened(end: socket | None) -> socket:
    if end is None:
        raise OSError(errno.EBADF, "the queue is closed")
    return end


def load(message: bytes | int) -> Any:
    """Unpickle a message that was received: a large one while it comes, straight into the objects that it makes."""
    if isinstance(message, bytes):
        return loads(message)
    os.set_inheritable(message, False)
    with _in_use(message), open(message, "rb", closefd=False) as pipe:
        return load_from(pipe)


@contextmanager
def _in_use(descriptor: int) -> Iterator[None]:
    """Close the end of a pipe after use, and in a child that is forked meanwhile."""
    _ends.add(descriptor)
    try:
        yield
    finally:
        _ends.discard(descriptor)
        os.close(descriptor)


def _close_ends() -> None:
    while _ends:
        os.close(_ends.pop())


os.register_at_fork(after_in_child=_close_ends)
