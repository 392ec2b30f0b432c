"""Connections: whole messages over one descriptor. And `Pipe`, which makes two connections that belong together.

On the wire a message is its length and its bytes, and nothing else:

====================================  =======================================================
length: 4 bytes, signed, big endian   the message, of up to 0x7fffffff bytes
-1: 4 bytes; length: 8 bytes,         the message, of any size
unsigned, big endian
====================================  =======================================================

Rules
-----
* One message is one write: the length goes with the bytes. A small message is copied behind its length; of a large
  one nothing is copied. A further write follows only when the system took a part.
* A message is read by two reads: its length, then exactly so many bytes. What follows is left where it is, for it may
  be for another process that reads here. So a connection has no buffer, and may be used by turns: several
  processes write to one end, or read from it, if a lock keeps them from doing so at once.
* A large message is read into one object that has room for all of it. Memory is spent as the bytes come: who announces
  a lot and sends nothing gets addresses, at most.
* A connection owns its descriptor. A copy of the connection in another process owns a duplicate: one that is
  given to a starting child goes with the start (:mod:`mpreference.handover`), one in a message goes
  on request (:mod:`mpreference.sharing`).
* Descriptors are blocking, signals interrupt nothing: Python resumes what they interrupt.
"""

from __future__ import annotations

import io
import os
import struct
import sys

from mpreference import handover
from mpreference.errors import BufferTooShort
from mpreference.pickling import dumps, loads
from mpreference.waiting import readable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from typing import Any

SMALL = 1 << 14
"""Bytes of a message up to which copying it costs less than writing two things at once."""

CHUNK = 1 << 16
"""Bytes of a message up to which one read most likely gets all of it: what a pipe holds."""

WIDE = 1 << 18
"""Bytes that a pipe is to hold once a message does not fit into it: four times fewer turns for its ends to take."""

LONG = -1
"""In place of a length: the real one follows, in 8 bytes."""

CLOSED = "the other end of the connection was closed"

_length = struct.Struct("!i")
_long_length = struct.Struct("!iQ")


class BadMessage(OSError):
    """What the other end sends is longer than was asked for, or is no message. Nothing more can be received."""


class Connection:
    """One end of a connection (`multiprocessing.connection.Connection`). It owns ``handle``, an open descriptor.

    All methods that send or receive raise ``OSError`` if the connection is closed or is for the other direction.
    """

    _handle: int | None = None
    _widened = False

    def __init__(self, handle: int, readable: bool = True, writable: bool = True) -> None:
        if handle < 0:
            raise ValueError(f"the handle of a connection is an open descriptor, not {handle}")
        if not readable and not writable:
            raise ValueError("a connection is readable, writable or both")
        self._readable = readable
        self._writable = writable
        self._handle = handle

    # Sending

    def send(self, obj: Any) -> None:
        """Send a picklable object (`multiprocessing.connection.Connection.send`).

        Whatever its pickling raises is raised before anything is sent.
        """
        self.send_frame(dumps(obj))

    def send_frame(self, data: bytes | memoryview) -> None:
        """Send these bytes, or all of this view of single bytes, as one message."""
        handle = self._handle
        if handle is None or not self._writable:
            raise self._refusal("writable")
        size = len(data)
        if size <= SMALL:
            message = _length.pack(size) + data
            written = os.write(handle, message)
            if written != len(message):
                _write_all(handle, [memoryview(message)[written:]])
        else:
            if size > CHUNK and not self._widened:
                self._widened = True
                _widen(handle)
            header = _length.pack(size) if size <= 0x7FFFFFFF else _long_length.pack(LONG, size)
            _write_all(handle, [memoryview(header), memoryview(data)])

    # Receiving

    def recv(self) -> Any:
        """Return the next object (`multiprocessing.connection.Connection.recv`).

        Blocks until there is one. ``EOFError`` if nothing is left and the other end was closed. Unpickling may run any
        code: receive from those only whom you trust.
        """
        return loads(self.recv_frame())

    def recv_bytes(self, maxlength: int | None = None) -> bytes:
        """Return the next message (`multiprocessing.connection.Connection.recv_bytes`).

        Blocks until there is one. ``EOFError`` if nothing is left and the other end was closed; ``OSError`` if the
        message has more than ``maxlength`` bytes, and from then on nothing can be received.
        """
        if maxlength is not None and maxlength < 0:
            raise ValueError(f"maxlength is a number of bytes, not {maxlength}")
        return bytes(self.recv_frame(maxlength))

    def _receive_into(self, buffer: Any, offset: int) -> int:
        view = _bytes_of(buffer)
        if view.readonly:
            raise TypeError(f"a message is received into a writable buffer, and this {type(buffer).__name__} is not")
        if not 0 <= offset < max(len(view), 1):
            raise ValueError(f"offset {offset} is not within the {len(view)} bytes of the buffer")
        room = view[offset:]
        try:
            handle, size = self._recv_length()
            if size > len(room):
                raise BufferTooShort(bytes(_read_large(handle, size)))
            _fill(handle, room[:size])
        except ConnectionResetError:
            raise EOFError(CLOSED) from None
        return size

    if sys.version_info >= (3, 13):  # since then the documentation calls the parameter buf

        def send_bytes(self, buf: Any, offset: int = 0, size: int | None = None) -> None:
            """Send bytes of a bytes-like object as one message (`multiprocessing.connection.Connection.send_bytes`).

            ``offset`` and ``size`` count bytes; without a size it is all from the offset on. ``ValueError`` if they
            are negative or reach beyond the end.
            """
            self.send_frame(part_of(buf, offset, size))

        def recv_bytes_into(self, buf: Any, offset: int = 0) -> int:
            """Write the next message into a buffer (`multiprocessing.connection.Connection.recv_bytes_into`).

            It goes to ``offset``, in bytes, of a writable bytes-like object. Returns the number of bytes in the
            message; blocks until there is one. ``EOFError`` if nothing is left and the other end was closed.
            ``BufferTooShort``, with the message as its first argument, if there is not enough room.
            """
            return self._receive_into(buf, offset)

    else:

        def send_bytes(self, buffer: Any, offset: int = 0, size: int | None = None) -> None:
            """Send bytes, as above (`multiprocessing.connection.Connection.send_bytes`)."""
            self.send_frame(part_of(buffer, offset, size))

        def recv_bytes_into(self, buffer: Any, offset: int = 0) -> int:
            """Write the next message into a buffer (`multiprocessing.connection.Connection.recv_bytes_into`)."""
            return self._receive_into(buffer, offset)

    def recv_frame(
        self, longest: int | None = None, before_read: Callable[[], object] | None = None
    ) -> bytes | bytearray:
        """Return the next message; ``BadMessage`` if it has more than ``longest`` bytes.

        ``before_read`` is called before each system call that may block. If it raises, what was read of the message is
        lost, and the connection is useless.
        """
        try:
            handle, size = self._recv_length(before_read)
            if longest is not None and size > longest:
                self._readable = False
                raise BadMessage(f"the message has {size} bytes, and at most {longest} were to be received")
            return _read(handle, size, before_read) if size <= CHUNK else _read_large(handle, size)
        except ConnectionResetError:  # closed before it had read all that was sent to it
            raise EOFError(CLOSED) from None

    def _recv_length(self, before_read: Callable[[], object] | None = None) -> tuple[int, int]:
        """Return the descriptor and how many bytes of a message follow."""
        handle = self._handle
        if handle is None or not self._readable:
            raise self._refusal("readable")
        header = _read(handle, 4, before_read)
        size: int = _length.unpack(header)[0]
        if size >= 0:
            return handle, size
        if size == LONG and (size := int.from_bytes(_read(handle, 8, before_read), "big")) <= sys.maxsize:
            return handle, size
        self._readable = False
        raise BadMessage(f"what the other end sends is no message: it begins with {header!r}")

    def poll(self, timeout: float | None = 0.0) -> bool:
        """Return whether there is something to read, or the end (`multiprocessing.connection.Connection.poll`).

        Waits for it for up to ``timeout`` seconds; None waits without end, a negative one not at all.
        """
        if self._handle is None or not self._readable:
            raise self._refusal("readable")
        return readable(self._handle, timeout)

    # The connection itself

    def fileno(self) -> int:
        """Return the descriptor (`multiprocessing.connection.Connection.fileno`)."""
        if self._handle is None:
            raise self._refusal("open")
        return self._handle

    def close(self) -> None:
        """Close the connection, once (`multiprocessing.connection.Connection.close`)."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        if self._handle is not None:
            close(self._handle)

    @property
    def closed(self) -> bool:
        """Whether the connection is closed."""
        return self._handle is None

    @property
    def readable(self) -> bool:
        """Whether the connection is for receiving."""
        return self._readable

    @property
    def writable(self) -> bool:
        """Whether the connection is for sending."""
        return self._writable

    def _refusal(self, what: str) -> OSError:
        return OSError("the connection is closed" if self._handle is None else f"the connection is not {what}")

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Callable[..., Connection], tuple[Any, ...]]:
        return _restored, (ticket_for(self.fileno()), self._readable, self._writable)


def Pipe(duplex: bool = True) -> tuple[Connection, Connection]:  # noqa: N802 - the documented name
    """Return the two ends of a pipe (`multiprocessing.Pipe`).

    Both send and receive, unless ``duplex`` is false: then the first only receives and the second only sends.
    """
    if duplex:
        import socket  # a program that has simplex pipes only, as all queues are, does without

        here, there = socket.socketpair()
        return over_socket(here), over_socket(there)
    reader, writer = os.pipe()
    return Connection(reader, writable=False), Connection(writer, readable=False)


def over_socket(connected: socket.socket) -> Connection:
    """Return a connection over a connected socket, whose descriptor it takes."""
    if connected.gettimeout() is not None:  # the program has set a default
        connected.setblocking(True)
    return Connection(connected.detach())


def ticket_for(descriptor: int) -> Any:
    """Return what is pickled in place of a descriptor: to a child with its start, or into a message."""
    if handover.starting_method() is not None:
        return handover.give(descriptor)
    from mpreference import sharing  # above this module, and for those only who send descriptors

    return sharing.offer(descriptor)


def redeem(ticket: Any) -> int:
    """Return a descriptor, which the caller owns, for what :func:`ticket_for` returned in another process."""
    descriptor: int = handover.take(ticket) if isinstance(ticket, int) else ticket.take()
    return descriptor


def _restored(ticket: Any, readable: bool, writable: bool) -> Connection:
    return Connection(redeem(ticket), readable, writable)


def part_of(buffer: Any, offset: int, size: int | None) -> memoryview:
    """Return a view of ``size`` bytes of a bytes-like object, or of all, from ``offset`` on.

    ``ValueError`` if they are not within it.
    """
    view = _bytes_of(buffer)
    if not offset and size is None:
        return view
    if not 0 <= offset <= len(view):
        raise ValueError(f"offset {offset} is not within the {len(view)} bytes of the buffer")
    end = len(view) if size is None else offset + size
    if not offset <= end <= len(view):
        raise ValueError(f"size {size} from offset {offset} is not within the {len(view)} bytes of the buffer")
    return view[offset:end]


def _bytes_of(buffer: Any) -> memoryview:
    """Return a view of all bytes of a bytes-like object, whatever its items and its shape."""
    view = memoryview(buffer)
    if view.ndim == 1 and view.format == "B" and view.contiguous:
        return view
    if not view.nbytes:  # which cannot be cast
        return memoryview(b"" if view.readonly else bytearray())
    return view.cast("B")


def _widen(handle: int) -> None:
    """Let a pipe hold more, if that is a pipe, and the system and its limits for the user allow it."""
    import fcntl  # for those only who send large messages

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(handle, fcntl.F_SETPIPE_SZ, WIDE)
        except OSError:
            pass  # a socket, or a pipe that stays as it is


def _write_all(handle: int, parts: list[memoryview]) -> None:
    """Write all of the parts, one after another."""
    while parts:
        written = os.writev(handle, parts)
        while parts and written >= len(parts[0]):
            written -= len(parts.pop(0))
        if parts:
            parts[0] = parts[0][written:]


def _read(handle: int, size: int, before_read: Callable[[], object] | None = None) -> bytes | bytearray:
    """Read so many bytes, most likely at once; ``EOFError`` if the data ends before."""
    if before_read is not None:
        before_read()
    data = os.read(handle, size)
    if len(data) == size:
        return data
    if not data:
        raise EOFError(CLOSED)
    whole = bytearray(size)
    whole[: len(data)] = data
    _fill(handle, memoryview(whole)[len(data) :], before_read)
    return whole


def _read_large(handle: int, size: int) -> bytes:
    """Read so many bytes into one object; ``EOFError`` if the data ends before.

    A reader that has no buffer to speak of reads nothing ahead. It has the system put the data where it stays.
    """
    with io.BufferedReader(io.FileIO(handle, closefd=False), buffer_size=1) as reader:
        data = reader.read(size)
    if len(data) < size:
        raise EOFError(CLOSED)
    return data


def _fill(handle: int, view: memoryview, before_read: Callable[[], object] | None = None) -> None:
    """Read until the view is full; ``EOFError`` if the data ends before."""
    while view:
        if before_read is not None:
            before_read()
        count = os.readv(handle, [view])
        if not count:
            raise EOFError(CLOSED)
        view = view[count:]
