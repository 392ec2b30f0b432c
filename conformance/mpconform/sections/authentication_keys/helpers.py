"""What the tests of this section, and the children that they start, share."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from mpconform.kit import Task, backend


class Wiretap:
    """Stands between a client and a listener: passes all bytes on, and keeps them."""

    def __init__(self, target: Any) -> None:
        self.target = target
        self.from_client = b""
        self.from_listener = b""
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = self.listening.getsockname()
        self.passing = Task(self.connect)

    def connect(self) -> None:
        """Take one client, and pass on what the two sides say until both have closed."""
        with self.listening:
            client, _ = self.listening.accept()
        with client, socket.create_connection(self.target) as listener:
            answering = Task(self.pass_on, listener, client, "from_listener")
            self.pass_on(client, listener, "from_client")
            answering.wait()

    def pass_on(self, source: socket.socket, sink: socket.socket, heard: str) -> None:
        """Pass on what comes from one side until it closes."""
        with suppress(OSError):  # one side may close before it has read all
            while chunk := source.recv(65536):
                setattr(self, heard, getattr(self, heard) + chunk)
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)

    def join(self) -> None:
        """Wait until both sides have closed and all was passed on."""
        self.passing.wait("the client and the listener close their connection")


def key_here() -> Any:
    """Return the key of the process that calls."""
    return backend().current_process().authkey


def connect(address: Any, message: str) -> None:
    """Connect with the key of this process, and send a message."""
    with backend().connection.Client(address, authkey=key_here()) as connection:
        connection.send(message)


def connect_and_let_a_child_connect(address: Any, journal: Any) -> None:
    """Connect to the address; then start a child that connects to this process, and write down what comes of that."""
    with suppress(Exception):  # the other end tells
        connect(address, "from the child")
    with backend().connection.Listener(("localhost", 0), authkey=key_here()) as listener:
        grandchild = backend().Process(target=connect, args=(listener.address, "from the grandchild"))
        grandchild.start()
        try:
            with listener.accept() as connection:
                journal.write(connection.recv())
        except Exception as error:
            journal.write(f"accept() and recv(): {error!r}")
        grandchild.join()
