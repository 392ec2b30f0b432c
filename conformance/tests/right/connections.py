"""The standard library, with other answers to what is left open about connections, listeners and clients.

Closing twice raises; after ``close()``, ``poll()`` and ``fileno()`` raise nothing; ``poll()`` is false at the end of
the data and refuses a negative timeout; ``send()`` of what cannot be pickled closes the connection, as does a message
longer than ``maxlength``; the bytes of a message are others for each pipe. A client asks a listener for its key before
it is asked for its own, a listener closes no twice either, and ``last_accepted`` is None for a client without a path.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import multiprocessing.reduction
import os
import socket
import struct
from typing import Any

from broken.wrapping import __version__, get_all_start_methods
from broken.wrapping import delegate as __getattr__
from mutants import replace

__all__ = ["__getattr__", "__version__", "get_all_start_methods", "get_context"]

module: Any = multiprocessing.connection
reduction: Any = multiprocessing.reduction
Connection = module.Connection
Listener = module.Listener

get_context = multiprocessing.get_context

# Closed connections, and the end of the data


@replace(Connection, "close")
def close(original: Any, self: Any) -> None:
    if self.closed:
        raise ValueError("it is closed already")
    original(self)


@replace(Connection, "fileno")
def fileno(original: Any, self: Any) -> Any:
    return -1 if self.closed else original(self)


@replace(Connection, "poll")
def poll(original: Any, self: Any, timeout: float | None = 0.0) -> Any:
    if timeout is not None and timeout < 0:
        raise ValueError("a timeout cannot be negative")
    return not self.closed and original(self, timeout) and not at_end(self)


def at_end(connection: Any) -> bool:
    """Return whether a connection that is readable has nothing but the end of its data, if that can be told."""
    copy = os.dup(connection.fileno())
    try:
        peeking = socket.socket(fileno=copy)
    except OSError:  # a pipe
        os.close(copy)
        return False
    with peeking:
        return not peeking.recv(1, socket.MSG_PEEK)


@replace(Connection, "send")
def send(original: Any, self: Any, item: Any) -> None:
    try:
        data = reduction.ForkingPickler.dumps(item)
    except Exception:
        self.close()
        raise
    self.send_bytes(data)


@replace(Connection, "_bad_message_length")
def bad_message_length(original: Any, self: Any) -> None:
    self.close()
    raise OSError("the message is too long")


# The bytes of a message: behind a number that is another one for each pipe


@replace(module, "Pipe")
def make_pipe(original: Any, duplex: bool = True) -> Any:
    pair = original(duplex)
    number = os.urandom(8)
    for end in pair:
        end.number = number
    return pair


@replace(Connection, "_send_bytes")
def send_bytes(original: Any, self: Any, data: Any) -> None:
    number = getattr(self, "number", b"")
    self._send(number + struct.pack("!Q", len(data)) + bytes(data))


@replace(Connection, "_recv_bytes")
def recv_bytes(original: Any, self: Any, maxsize: int | None = None) -> Any:
    number = getattr(self, "number", b"")
    if number and self._recv(len(number)).getvalue() != number:
        raise OSError("this message is not for this connection")
    (size,) = struct.unpack("!Q", self._recv(8).getvalue())
    return None if maxsize is not None and size > maxsize else self._recv(size)


def rebuild(function: Any, arguments: Any, number: bytes | None) -> Any:
    """Put together what a connection was taken apart to."""
    connection = function(*arguments)
    if number is not None:
        connection.number = number
    return connection


def take_apart(connection: Any) -> Any:
    """Return how a connection is pickled."""
    return rebuild, (*module.reduce_connection(connection), getattr(connection, "number", None))


reduction.register(Connection, take_apart)

# Listeners and clients


@replace(Listener, "close")
def close_listener(original: Any, self: Any) -> None:
    if self._listener is None:
        raise ValueError("it is closed already")
    original(self)


@replace(Listener, "accept")
def accept(original: Any, self: Any) -> Any:
    key, self._authkey = self._authkey, None
    try:
        accepted = original(self)
    finally:
        self._authkey = key
    if key is not None:
        answer(accepted, key)
        deliver(accepted, key)
    return accepted


@replace(module, "Client")
def client(original: Any, address: Any, family: str | None = None, authkey: bytes | None = None) -> Any:
    connection = original(address, family)
    if authkey is not None:
        deliver(connection, authkey)
        answer(connection, authkey)
    return connection


def deliver(connection: Any, key: bytes) -> None:
    """Ask the other end for the key, and take any reply that is too long for one that is wrong."""
    try:
        module.deliver_challenge(connection, key)
    except OSError as error:
        raise module.AuthenticationError("no digest") from error


def answer(connection: Any, key: bytes) -> None:
    """Answer the other end, and take a message that is no challenge for one that is no welcome."""
    try:
        module.answer_challenge(connection, key)
    except AssertionError as error:
        raise module.AuthenticationError("no challenge") from error


inherited = Listener.last_accepted
Listener.last_accepted = property(lambda self: inherited.fget(self) or None)
