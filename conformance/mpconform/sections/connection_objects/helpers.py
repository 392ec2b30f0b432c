"""What several modules of this section share; light, because children import it.

Both ends of a connection may live in one process: what would block is then done by a ``Task``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from mpconform.kit import Gate, Journal, Task, backend, did_not_arise

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
    listener = mp.connection.Listener(address, *families)
    with closing(listener):
        accepting = Task(listener.accept)
        client = mp.connection.Client(listener.address, *families)
        return client, accepting.result("accept() of a listener to which a client has connected")


@contextmanager
def closing(*ends: Any) -> Iterator[None]:
    """Close these at the end of the block, which closes others by itself: what a second close() does is left open."""
    try:
        yield
    finally:
        for end in ends:
            end.close()


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


def captured(mp: Any, method: str, data: bytes, kind: str = "duplex pipe") -> bytes:
    """Return the bytes that the backend writes to a pipe for a message that this method receives.

    Nothing says that there are such, nor that each connection has the same ones. So they are taken for a message only
    if other connections receive it from them, written at once and in two parts; otherwise, the test does not apply.
    """
    sender, receiver = connected(mp, kind)
    with closing(receiver):
        with closing(sender):
            send_for(method, sender, data)
        os.set_blocking(receiver.fileno(), False)
        frame = b""
        try:
            while chunk := os.read(receiver.fileno(), 65536):
                frame += chunk
        except OSError as error:  # no bytes, or no end of them although the other end is closed
            did_not_arise(f"the bytes of a message are read from the descriptor of a {kind}: {error!r}")
    for parts in ([frame], [frame[:-1], frame[-1:]]):
        if received_of(mp, method, kind, parts) != data:
            did_not_arise(f"a {kind} receives a message from bytes that were written to the descriptor of another one")
    return frame


def received_of(mp: Any, method: str, kind: str, parts: list[bytes]) -> Any:
    """Return what a method receives, or what it raises, when its connection got these bytes and was then closed."""
    sender, receiver = connected(mp, kind)
    with closing(receiver):
        with closing(sender):
            for part in parts:
                os.write(sender.fileno(), part)
        try:
            return received(method, receiver)
        except Exception as error:
            return error


def send_when_open(connection: Any, gate: Gate, data: bytes) -> None:
    """Send a message once the gate is open."""
    gate.wait()
    connection.send_bytes(data)


def receive_and_stay(connection: Any, journal: Journal, gate: Gate) -> None:
    """Note that there is a connection, what it receives, and the id of this process; send something at last."""
    journal.write("has the connection")
    journal.write((connection.recv(), os.getpid()))
    gate.wait()
    connection.send("the last words")


def answer_by_transferred(channel: Any, number: int) -> None:
    """So many times, receive a connection to receive from and one to send to; answer by this one what comes by that."""
    for _ in range(number):
        incoming, outgoing = channel.recv(), channel.recv()
        outgoing.send(("answer to", incoming.recv()))


def pass_to_a_child(channel: Any) -> None:
    """Receive a connection to receive from and one to answer by, and send both to a child of this process."""
    mp = backend()
    here, there = mp.Pipe()
    child = mp.Process(target=answer_by_transferred, args=(there, 1))
    child.start()
    for _ in range(2):
        here.send(channel.recv())
    child.join()


def send_by_transferred(channel: Any) -> None:
    """Receive a connection and send something by it."""
    channel.recv().send("sent by a child")


def transfer_own(channel: Any) -> None:
    """Make a pipe here, send one end to the other process, and answer by the other end."""
    mine, yours = backend().Pipe()
    channel.send(yours)
    mine.send(("answer to", mine.recv()))
