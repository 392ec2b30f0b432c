"""What several modules of this section share; light, because children import it.

Both ends of a connection may live in one process: what would block is then done by a ``Task``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random
from typing import Any

from mpconform.kit import Gate, Journal, Latch, Task, backend

PIPES = ("simplex pipe", "duplex pipe")
"""The kinds of connection that Pipe() gives; those of a listener and its client have requirements of their own."""

LISTENER = "connection of a listener and its client"

RECEIVES = ("recv", "recv_bytes", "recv_bytes_into")

SIZES = (0, 1, 4095, 4096, 4097, 16383, 16384, 16385, 65535, 65536, 65537, 200_000, 3_000_000)
"""Sizes of messages at which something may change: those of pages, of buffers, and of what a pipe holds."""

PATTERN = Random(0).randbytes(65_521)  # of prime length, so that no part of a message looks like another


def connected(mp: Any, kind: str) -> tuple[Any, Any]:
    """Return the two ends of a connection of one of the kinds ``PIPES``; the first one can send to the second one."""
    receiver, sender = mp.Pipe(False) if kind == "simplex pipe" else mp.Pipe()
    return sender, receiver


def connected_by_listener(mp: Any, address: Any = ("localhost", 0), family: str | None = None) -> tuple[Any, Any]:
    """Return the two ends of a connection between a listener and its client."""
    families = () if family is None else (family,)
    with mp.connection.Listener(address, *families) as listener:
        accepting = Task(listener.accept)
        client = mp.connection.Client(listener.address, *families)
        return client, accepting.result("accept() of a listener to which a client has connected")


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


def pass_on(connection: Any, journal: Journal) -> None:
    """Note what is received, and the id of this process."""
    journal.write((connection.recv(), os.getpid()))


def keep_until(connection: Any, latch: Latch, gate: Gate) -> None:
    """Keep a connection until the gate opens."""
    latch.arrive()
    gate.wait()
    del connection


def answer_by_transferred(channel: Any, number: int) -> None:
    """So many times, receive a connection to receive from and one to send to; answer by this one what comes by that."""
    for _ in range(number):
        incoming, outgoing = channel.recv(), channel.recv()
        outgoing.send(("answer to", incoming.recv()))


def send_by_transferred(channel: Any) -> None:
    """Receive a connection and send something by it."""
    channel.recv().send("sent by a child")


def transfer_own(channel: Any) -> None:
    """Make a pipe here, send one end to the other process, and answer by the other end."""
    mine, yours = backend().Pipe()
    channel.send(yours)
    mine.send(("answer to", mine.recv()))
