"""What several modules of this section share; light, because children import it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mpconform.kit import Task, backend, works


def loopback() -> tuple[str, int]:
    """Return an AF_INET address with port 0, so that the system chooses a free port.

    On Linux, where the whole of 127.0.0.0/8 is the loopback interface, with a host that most likely nobody else uses:
    no other program takes the port when it has become free again.
    """
    if sys.platform != "linux":
        return ("127.0.0.1", 0)
    return ("127." + ".".join(str(1 + number % 254) for number in os.urandom(3)), 0)


@contextmanager
def listening(mp: Any, address: Any = None, **options: Any) -> Iterator[Any]:
    """Give a listener, by default one at a free port of the loopback interface, and close it at the end."""
    if address is None:
        address = loopback()
    with works(f"Listener({address!r}, {options})"):
        listener = mp.connection.Listener(address, **options)
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def closing(*connections: Any) -> Iterator[None]:
    """Close the connections, or whatever has a close(), at the end of the block."""
    try:
        yield
    finally:
        for connection in connections:
            connection.close()


def connect(mp: Any, address: Any, *args: Any, **kwargs: Any) -> Any:
    """Return what Client() returns; complain if it raises."""
    options = "".join(f", {argument!r}" for argument in [*args, kwargs] if argument != {})
    with works(f"Client({address!r}{options}), at an address at which a listener listens"):
        return mp.connection.Client(address, *args, **kwargs)


def connected(mp: Any, listener: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """Return the two ends of a connection: what Client() returns, given the address and this, and what accept() does.

    Which of the two waits for the other is not promised, so they are called at the same time.
    """
    accepting = Task(listener.accept)
    client = connect(mp, listener.address, *args, **kwargs)
    return client, accepting.result(f"accept() returns for a Client() of {listener.address!r}")


def check_connects(mp: Any, listener: Any, what: str) -> None:
    """Check that a client connects to the listener, and that objects go through in both directions."""
    client, accepted = connected(mp, listener)
    with closing(client, accepted):
        check_both_directions(client, accepted, what)


def received(connection: Any, call: str) -> Any:
    """Return the next object from a connection; complain of ``call``, which is to send it, if nothing comes."""
    with works(f"recv() after {call}"):
        return Task(connection.recv).result(f"{call}: something arrives")


def received_bytes(connection: Any, call: str) -> bytes:
    """Return the next message from a connection; complain of ``call``, which is to send it, if nothing comes."""
    return bytes(Task(connection.recv_bytes).result(f"{call}: a message is sent"))


def check_both_directions(one: Any, other: Any, what: str) -> None:
    """Check that objects go through a connection from each end to the other."""
    with works(f"{what}: send() at both ends"):
        one.send("there")
        other.send("back")
    came = received(other, f"{what}: send() at the first end"), received(one, f"{what}: send() at the second end")
    assert came == ("there", "back"), f"{what}: the ends received {came!r}, promised are ('there', 'back')"


def connect_and_greet(address: Any) -> None:
    """Connect to a listener, say hello, and stay until the other end says something."""
    with backend().connection.Client(address) as connection:
        connection.send("hello from the child")
        connection.recv()


def send_when_open(connection: Any, gate: Any, value: Any) -> None:
    """Send the value when the gate is opened, and stay until the other end says something."""
    gate.wait()
    connection.send(value)
    connection.recv()


def end_when_open(connection: Any, gate: Any) -> None:
    """End when the gate is opened, without a word, and without closing the connection."""
    gate.wait()
    os._exit(0)
