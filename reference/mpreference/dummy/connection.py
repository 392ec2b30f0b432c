"""Connections between threads of one process: the API of :mod:`mpreference.connection` without any file.

What is sent is an item in a queue: the very object, not a copy. A pipe is two such queues; each end writes to one of
them and reads from the other. A listener is an entry in a table of this process, under an address of any kind.
"""

from __future__ import annotations

import errno
import itertools
import threading
from collections import deque
from typing import Any

from mpreference.errors import BufferTooShort
from mpreference.streams import part_of

__all__ = ["Client", "Connection", "Listener", "Pipe"]


class _Stream:
    """Items that go one way, and whether either end is closed."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._changed = threading.Condition()
        self._written = self._read = True  # whether somebody still writes, and reads

    def put(self, item: Any) -> None:
        with self._changed:
            if not self._read:
                raise BrokenPipeError(errno.EPIPE, "the other end of the connection is closed")
            self._items.append(item)
            self._changed.notify_all()

    def get(self) -> Any:
        with self._changed:
            self._changed.wait_for(self._ready)
            if not self._items:
                raise EOFError("the other end of the connection is closed")
            return self._items.popleft()

    def poll(self, timeout: float | None) -> bool:
        with self._changed:
            return self._changed.wait_for(self._ready, timeout)

    def stop_writing(self) -> None:
        with self._changed:
            self._written = False
            self._changed.notify_all()

    def stop_reading(self) -> None:
        with self._changed:
            self._read = False
            self._items.clear()

    def _ready(self) -> bool:
        return bool(self._items) or not self._written


class Connection:
    """One end of a pipe between threads (`multiprocessing.connection.Connection`).

    Objects and byte strings share one queue: what ``send_bytes`` sends is received as bytes, by ``recv`` as well.
    """

    def __init__(self, reading: _Stream | None, writing: _Stream | None) -> None:
        self._reading = reading
        self._writing = writing
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._closed

    @property
    def readable(self) -> bool:
        """Whether this end receives."""
        return self._reading is not None

    @property
    def writable(self) -> bool:
        """Whether this end sends."""
        return self._writing is not None

    def send(self, obj: Any) -> None:
        """Send an object, which the other end receives itself, not a copy of it."""
        self._writer().put(obj)

    def recv(self) -> Any:
        """Return what the other end sent; block until there is something, and raise EOFError if nothing will be."""
        return self._reader().get()

    def poll(self, timeout: float | None = 0.0) -> bool:
        """Return whether there is something to receive, now or within ``timeout`` seconds; None is for ever."""
        return self._reader().poll(timeout)

    def send_bytes(self, buffer: Any, offset: int = 0, size: int | None = None) -> None:
        """Send ``size`` bytes of a bytes-like object, or all, from ``offset`` on."""
        self._writer().put(bytes(part_of(buffer, offset, size)))

    def recv_bytes(self, maxlength: int | None = None) -> bytes:
        """Return the bytes that were sent; raise OSError, and close, if they are more than ``maxlength``."""
        if maxlength is not None and maxlength < 0:
            raise ValueError(f"maxlength is a number of bytes, not {maxlength}")
        data = self._bytes()
        if maxlength is not None and len(data) > maxlength:
            self.close()
            raise OSError(errno.EMSGSIZE, f"a message of {len(data)} bytes is longer than {maxlength}")
        return data

    def recv_bytes_into(self, buffer: Any, offset: int = 0) -> int:
        """Write the bytes that were sent into ``buffer`` from ``offset`` on; return how many they are."""
        view = memoryview(buffer).cast("B")
        if not 0 <= offset <= len(view):
            raise ValueError(f"offset {offset} is not within the {len(view)} bytes of the buffer")
        data = self._bytes()
        if len(data) > len(view) - offset:
            raise BufferTooShort(data)
        view[offset : offset + len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close this end: the other one reads what is there, then the end."""
        if not self._closed:
            self._closed = True
            if self._writing is not None:
                self._writing.stop_writing()
            if self._reading is not None:
                self._reading.stop_reading()

    def _bytes(self) -> bytes:
        data = self.recv()
        if not isinstance(data, bytes):
            raise OSError(errno.EBADMSG, f"what came is no byte string, but {type(data).__name__}: call recv()")
        return data

    def _reader(self) -> _Stream:
        self._check_open()
        if self._reading is None:
            raise OSError(errno.EBADF, "this end of the pipe only sends")
        return self._reading

    def _writer(self) -> _Stream:
        self._check_open()
        if self._writing is None:
            raise OSError(errno.EBADF, "this end of the pipe only receives")
        return self._writing

    def _check_open(self) -> None:
        if self._closed:
            raise OSError(errno.EBADF, "the connection is closed")

    def __del__(self) -> None:
        self.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def Pipe(duplex: bool = True) -> tuple[Connection, Connection]:  # noqa: N802 - a documented name
    """Return the two ends of a pipe; without ``duplex`` the second one sends to the first (`multiprocessing.Pipe`)."""
    there = _Stream()
    back = _Stream() if duplex else None
    return Connection(there, back), Connection(back, there)


_listeners: dict[Any, Listener] = {}
_numbers = itertools.count(1)


class Listener:
    """What clients of this process connect to (`multiprocessing.connection.Listener`).

    ``address`` is anything that can be a key, and is made if there is none. The other arguments are there for the
    API: clients wait without a limit, and threads of one process have nothing to prove to each other.
    """

    def __init__(
        self,
        address: Any = None,
        family: str | None = None,  # noqa: ARG002
        backlog: int = 1,  # noqa: ARG002
        authkey: bytes | None = None,  # noqa: ARG002
    ) -> None:
        self._address = f"listener-{next(_numbers)}" if address is None else address
        self._arrived = _Stream()
        if _listeners.setdefault(self._address, self) is not self:
            raise OSError(errno.EADDRINUSE, f"there is a listener already at {self._address!r}")

    @property
    def address(self) -> Any:
        """Where clients connect to."""
        return self._address

    @property
    def last_accepted(self) -> None:
        """The address of the last client: threads have none."""

    def accept(self) -> Connection:
        """Return the connection to the next client; raise OSError once the listener is closed."""
        try:
            connection: Connection = self._arrived.get()
        except EOFError:
            raise OSError(errno.EBADF, "the listener is closed") from None
        return connection

    def close(self) -> None:
        """Accept no more."""
        if _listeners.get(self._address) is self:
            del _listeners[self._address]
        self._arrived.stop_writing()

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def Client(address: Any, family: str | None = None, authkey: bytes | None = None) -> Connection:  # noqa: N802, ARG001
    """Return a connection to the listener at this address (`multiprocessing.connection.Client`)."""
    listener = _listeners.get(address)
    if listener is None:
        raise ConnectionRefusedError(errno.ECONNREFUSED, f"there is no listener at {address!r}")
    here, there = Pipe()
    listener._arrived.put(there)
    return here
