"""What several modules of this section share; light, because children import it.

Both ends of a connection may live in one process: what would block is then done by a ``Task``.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from random import Random
from typing import Any

from mpconform.kit import Scratch, Task, backend

KINDS = ("simplex pipe", "duplex pipe", "AF_INET") + (("AF_UNIX",) if hasattr(socket, "AF_UNIX") else ())
"""The kinds of connection that one can get: two by Pipe(), the others by a listener and its client."""

RECEIVES = ("recv", "recv_bytes", "recv_bytes_into")

SIZES = (0, 1, 4095, 4096, 4097, 16383, 16384, 16385, 65535, 65536, 65537, 200_000, 3_000_000)
"""Sizes of messages at which something may change: those of pages, of buffers, and of what a pipe holds."""

PATTERN = Random(0).randbytes(65_521)  # of prime length, so that no part of a message looks like another


def connected(mp: Any, kind: str, scratch: Scratch) -> tuple[Any, Any]:
    """Return the two ends of a connection of one of the ``KINDS``; the first one can send to the second one."""
    if kind.endswith("pipe"):
        receiver, sender = mp.Pipe(kind == "duplex pipe")
        return sender, receiver
    address = ("localhost", 0) if kind == "AF_INET" else scratch.path("socket")
    with mp.connection.Listener(address, kind) as listener:
        accepting = Task(listener.accept)
        client = mp.connection.Client(listener.address, kind)
        return client, accepting.result(f"accept() of an {kind} listener to which a client has connected")


def received(method: str, connection: Any) -> Any:
    """Call one of the methods that receive, and return the message or the object."""
    if method != "recv_bytes_into":
        return getattr(connection, method)()
    buffer = bytearray(100_000)
    return bytes(buffer[: connection.recv_bytes_into(buffer)])


def send_for(method: str, connection: Any, data: bytes) -> None:
    """Send ``data`` so that ``method`` receives it."""
    if method == "recv":
        connection.send(data)
    else:
        connection.send_bytes(data)


def payload(size: int) -> bytes:
    """Return a message of this size."""
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


def brief(data: Any) -> str:
    """Return how a failure shows a message that may be long."""
    if isinstance(data, bytes) and len(data) > 60:
        return f"{len(data)} bytes that begin with {data[:12]!r}"
    text = repr(data)
    return text if len(text) <= 200 else f"{text[:200]}... ({len(text)} characters)"


def captured(mp: Any, send: Callable[[Any], None]) -> bytes:
    """Return the bytes that the backend writes to a new connection when ``send(connection)`` is called."""
    sender, receiver = mp.Pipe()
    with receiver:
        with sender:
            send(sender)
        chunks = []
        while chunk := os.read(receiver.fileno(), 65536):
            chunks.append(chunk)
    return b"".join(chunks)


def answer_by_transferred(channel: Any) -> None:
    """Receive a connection to receive from and one to send to; pass a message from the one to the other."""
    incoming, outgoing = channel.recv(), channel.recv()
    outgoing.send((os.getpid(), incoming.recv()))


def send_by_transferred(channel: Any) -> None:
    """Receive a connection and send this process's id by it."""
    channel.recv().send(os.getpid())


def transfer_own(channel: Any) -> None:
    """Make a pipe here, send one end to the other process, and answer by the other end."""
    mine, yours = backend().Pipe()
    channel.send(yours)
    mine.send((os.getpid(), mine.recv()))
