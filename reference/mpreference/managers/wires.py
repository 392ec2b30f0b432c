"""A connection as managers use it: nobody else has it, so what is read too much can be kept.

A message, length and all, is mostly one read, where a `Connection` reads the length first.
"""

from __future__ import annotations

import io
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpreference.streams import Connection

ROOM = 1 << 14
"""Bytes that are read at once; of a longer message the rest is read into its place."""

_unpack_length = struct.Struct("!i").unpack


class Wire:
    """A connection after its handshake, which is its own from then on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read = io.BufferedReader(io.FileIO(connection.fileno(), closefd=False), ROOM).read
        self.send = connection.send_frame

    def receive(self) -> bytes:
        """Return the next message; ``EOFError`` if the other end was closed, ``MemoryError`` if there is no room."""
        try:
            header = self._read(4)
            if len(header) == 4:
                size: int = _unpack_length(header)[0]
                if size < 0:
                    size = _checked(int.from_bytes(self._read(8), "big"))
                message = self._read(size)
                if len(message) == size:
                    return message
        except ConnectionResetError:
            pass
        raise EOFError("the other end of the connection was closed")

    def exchange(self, request: Any) -> bytes:
        """Send a request and return the reply."""
        self.send(request)
        return self.receive()

    def ended(self) -> bool:
        """Return whether the other end was closed, if nothing is to come from there."""
        return self._connection.closed or self._connection.poll()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _checked(size: int) -> int:
    if size > sys.maxsize:
        raise MemoryError(f"there is no room for a message of {size} bytes")
    return size
