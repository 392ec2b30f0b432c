"""Descriptors for a process that already runs: it comes and gets them.

A connection or a socket in a message is a *ticket* for its descriptor. Whoever unpickles the message redeems it::

    the process that sends                            the process that receives
    ----------------------                            -------------------------
    offer(): keeps a duplicate         ---ticket-->
    a thread accepts                   <----------    Ticket.take(): connects
    admits it, by the authentication key of both      introduces itself
    looks up the duplicate             <-number---    says what it wants
    sends the duplicate, closes it     -descriptor->

Rules
-----
* What was offered is independent of the original, which may be closed at once. It is handed over once, and kept until
  then: the process that sends has to live until the receiver has got it.
* The thread starts with the first offer. It is a daemon, and so are those that it starts, one for each receiver, so
  that none waits for another.
* On Linux the socket has a name in the kernel only, which goes with the process. Elsewhere its file is in a folder of
  its own, as that of any listener (:mod:`mpreference.listeners`).
* A forked child begins with no offers and no thread: what its parent offers is closed there.
"""

from __future__ import annotations

import itertools
import os
import socket
import sys
import threading
import time

from mpreference import pickling
from mpreference.authentication import admit, introduce
from mpreference.errors import AuthenticationError
from mpreference.listeners import Client, Listener
from mpreference.log import debug
from mpreference.process import current_process
from mpreference.streams import Connection, redeem, ticket_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mpreference.addresses import Address

ABSTRACT = sys.platform == "linux"
"""Whether the system has names of sockets that are no files."""

BACKLOG = 128
"""How many receivers may wait to be accepted."""

PAUSE = 0.05
"""Seconds after which to try again when there are no descriptors or threads left for a receiver."""

_numbers = itertools.count()
_offers: dict[int, int] = {}
"""The duplicates, by number."""

_listener: Listener | None = None
_lock = threading.RLock()
"""Held while a duplicate is made, looked up or sent, and by whoever forks: a child knows all that it has inherited."""


class Ticket:
    """The right to get a descriptor, once, from the process that made the ticket. Picklable."""

    def __init__(self, address: Address, number: int) -> None:
        self._address = address
        self._number = number

    def take(self) -> int:
        """Return a descriptor, which the caller owns.

        ``OSError`` if the process that made the ticket has ended, ``ValueError`` if the ticket was redeemed before,
        ``AuthenticationError`` if that process has another key.
        """
        try:
            connection = Client(self._address, "AF_UNIX")
        except OSError as error:
            raise OSError(
                error.errno, "the process that has sent a descriptor has ended, or cannot be reached"
            ) from None
        with connection:
            introduce(connection, current_process().authkey)
            connection.send_frame(self._number.to_bytes(8, "big"))
            return _receive_descriptor(connection)


def offer(descriptor: int) -> Ticket:
    """Return a ticket for a duplicate of this descriptor."""
    with _lock:
        address = _serving().address
        number = next(_numbers)
        _offers[number] = os.dup(descriptor)
    return Ticket(address, number)


def _serving() -> Listener:
    """Return the listener of this process; start to serve if there is none."""
    global _listener
    if _listener is None:
        address = f"\0mpreference-{os.urandom(16).hex()}" if ABSTRACT else None
        _listener = Listener(address, "AF_UNIX", BACKLOG)
        threading.Thread(target=_serve, args=(_listener,), name="sharing", daemon=True).start()
    return _listener


def _serve(listener: Listener) -> None:
    while True:
        try:
            connection = listener.accept_stranger()
            threading.Thread(target=_hand_over, args=(connection,), name="sharing", daemon=True).start()
        except (OSError, RuntimeError) as error:
            debug("a descriptor was not handed over: %s", error)
            time.sleep(PAUSE)


def _hand_over(connection: Connection) -> None:
    """Give a receiver what it has a ticket for."""
    with connection:
        try:
            admit(connection, current_process().authkey)
            number = int.from_bytes(connection.recv_frame(8), "big")
            with _lock:
                descriptor = _offers.pop(number, None)
                if descriptor is not None:
                    try:
                        _send_descriptor(connection, descriptor)
                    finally:
                        os.close(descriptor)
        except (AuthenticationError, EOFError, OSError) as error:
            debug("a descriptor was not handed over: %s", error)


def _send_descriptor(connection: Connection, descriptor: int) -> None:
    with socket.socket(fileno=os.dup(connection.fileno())) as carrier:
        socket.send_fds(carrier, [b"+"], [descriptor])


def _receive_descriptor(connection: Connection) -> int:
    with socket.socket(fileno=os.dup(connection.fileno())) as carrier:
        _, descriptors, _, _ = socket.recv_fds(carrier, 1, 1)
    if not descriptors:
        raise OSError("a descriptor in a message is handed over once: this one was before, or its process has ended")
    os.set_inheritable(descriptors[0], False)
    return descriptors[0]


def _begin_in_child() -> None:
    """Begin, in a forked child, with nothing to offer."""
    global _listener, _lock
    _lock = threading.RLock()
    while _offers:
        os.close(_offers.popitem()[1])
    if _listener is not None:
        _listener.close()
        _listener = None


os.register_at_fork(
    before=lambda: _lock.acquire(), after_in_parent=lambda: _lock.release(), after_in_child=_begin_in_child
)


# Sockets


def _reduce_socket(sock: socket.socket) -> tuple[Callable[..., socket.socket], tuple[Any, ...]]:
    return _restore_socket, (ticket_for(sock.fileno()), sock.family, sock.type, sock.proto, sock.gettimeout())


def _restore_socket(ticket: Any, family: int, kind: int, proto: int, timeout: float | None) -> socket.socket:
    restored = socket.socket(family, kind, proto, fileno=redeem(ticket))
    restored.settimeout(timeout)
    return restored


pickling.register(socket.socket, _reduce_socket)
