"""What the tests of this section, and the children that they start, share."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from typing import Any

from mpconform.kit import backend


class Wiretap:
    """Stands between a client and a listener: passes all bytes on, and keeps them."""

    def __init__(self, target: Any) -> None:
        self.target = target
        self.from_client = b""
        self.from_listener = b""
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = self.listening.getsockname()
        self.threads: list[threading.Thread] = []
        self.start(self.connect)

    def start(self, call: Any, *args: Any) -> None:
        """Make a call in a thread of its own."""
        thread = threading.Thread(target=call, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()

    def connect(self) -> None:
        """Take one client, and pass on what the two sides say until both have closed."""
        with self.listening:
            client, _ = self.listening.accept()
        with client, socket.create_connection(self.target) as listener:
            self.start(self.pass_on, listener, client, "from_listener")
            self.pass_on(client, listener, "from_client")
            self.threads[1].join()

    def pass_on(self, source: socket.socket, sink: socket.socket, heard: str) -> None:
        """Pass on what comes from one side until it closes."""
        with suppress(OSError):  # one side may close before it has read all
            while chunk := source.recv(65536):
                setattr(self, heard, getattr(self, heard) + chunk)
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)

    def join(self) -> None:
        """Wait until both sides have closed and all was passed on."""
        self.threads[0].join()


def key_here() -> Any:
    """Return the key of the process that calls."""
    return backend().current_process().authkey


def connect(address: Any) -> None:
    """Connect with the key of this process, and send its id."""
    with backend().connection.Client(address, authkey=key_here()) as connection:
        connection.send(os.getpid())


def listen(journal: Any) -> None:
    """Listen with the key of this process; write down the address, and then what comes."""
    with backend().connection.Listener(("localhost", 0), authkey=key_here()) as listener:
        journal.write(listener.address)
        with listener.accept() as connection:
            journal.write(connection.recv())


def start_one_that_connects(address: Any) -> None:
    """Start a child that connects."""
    child = backend().Process(target=connect, args=(address,))
    child.start()
    child.join()
