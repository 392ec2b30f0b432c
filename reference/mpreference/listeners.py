"""Listeners and clients: connections between processes that are not parent and child.

Rules
-----
* With a key, nobody gets a connection before both ends have proved to have it (:mod:`mpreference.authentication`).
  `Listener.accept` gives one client the time to do so, and others wait. Who serves many takes from `accept_stranger`
  a connection that has proved nothing, and has a thread for each `admit` it.
* The file of an AF_UNIX listener is removed when the listener is closed or collected, or else at the end of its
  process; only by the process that made it, not by a forked copy; and only if it is the very file that was made.
  If the listener has chosen the name, and its process is killed, the tracker removes it (:mod:`mpreference.tracking`).
* Every connection over TCP sends at once what it is given: a message is one write, and need not wait for the
  acknowledgement of the one before.
"""

from __future__ import annotations

import os
import socket

from mpreference.addresses import DEFAULT_FAMILY, family_of, new_socket
from mpreference.authentication import admit, check_key, introduce
from mpreference.finalizers import FILES, Finalizer
from mpreference.streams import Connection, over_socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from mpreference.addresses import Address


class Listener:
    """A socket that clients connect to (`multiprocessing.connection.Listener`).

    ``address`` is ``(hostname, port)``, where port 0 is any free one, or the name of a file; without one the
    listener chooses all of it. ``family`` is ``"AF_INET"`` or ``"AF_UNIX"``, by default that of the address.
    ``backlog`` is how many clients may wait to be accepted. With a key, a byte string, clients need the same one.
    ``OSError`` if the address is in use or of no use, ``ValueError`` for a family that is not to be had.
    """

    _socket: socket.socket | None = None
    _remove_file: Callable[[], object] | None = None

    def __init__(
        self,
        address: Address | None = None,
        family: str | None = None,
        backlog: int = 1,
        authkey: bytes | None = None,
    ) -> None:
        if authkey is not None:
            check_key(authkey)
        if family is None:
            family = DEFAULT_FAMILY if address is None else family_of(address)
        self._family = family
        self._authkey = authkey
        self._last_accepted: Address | None = None
        self._socket = new_socket(family)
        try:
            if family == "AF_INET":
                # The address of a closed listener is free at once, although its connections are still remembered.
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
                self._socket.bind(("localhost", 0) if address is None else address)
            else:
                self._bind_to_file(self._socket, address)
            self._socket.listen(backlog)
            name = self._socket.getsockname()
            self._address: Address = os.fsdecode(name) if isinstance(name, bytes) else name
        except BaseException:
            self.close()
            raise

    def _bind_to_file(self, bound: socket.socket, address: Address | None) -> None:
        folder = None
        if address is None:
            import tempfile

            from mpreference import tracking  # above this module, and for those only who give no address

            folder = tempfile.mkdtemp(prefix="mpreference-")
            tracking.track("folder", folder)
            address = os.path.join(folder, "listener")
        try:
            bound.bind(address)
        except BaseException:
            if folder is not None:
                _remove_folder(folder)
            raise
        if isinstance(address, str) and address and address[0] != "\0":  # such names are no files, on Linux
            path = os.path.abspath(address)
            self._remove_file = Finalizer(self, _remove, (path, _identity(path), folder), priority=FILES)

    def accept(self) -> Connection:
        """Wait for a client and return the connection to it (`multiprocessing.connection.Listener.accept`).

        ``AuthenticationError`` if there is a key and the client does not prove to have it, be it that it does not say
        anything: then accept the next one.
        """
        connection = self.accept_stranger()
        if self._authkey is not None:
            try:
                admit(connection, self._authkey)
            except BaseException:
                connection.close()
                raise
        return connection

    def accept_stranger(self) -> Connection:
        """Wait for a client and return the connection to it, without asking for a key."""
        accepted, address = self._open_socket().accept()
        self._last_accepted = address or None
        return _connection(accepted, self._family)

    def fileno(self) -> int:
        """Return the descriptor of the socket, which is readable, as for `wait`, when a client is to be accepted."""
        return self._open_socket().fileno()

    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise OSError("the listener is closed")
        return self._socket

    def close(self) -> None:
        """Close the socket; the connections remain (`multiprocessing.connection.Listener.close`)."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._remove_file is not None:
            self._remove_file()

    def __del__(self) -> None:
        self.close()

    @property
    def address(self) -> Address:
        """The address to connect to (`multiprocessing.connection.Listener.address`)."""
        return self._address

    @property
    def last_accepted(self) -> Address | None:
        """The address of the last client; None if it has none (`multiprocessing.connection.Listener.last_accepted`)."""
        return self._last_accepted

    def __reduce__(self) -> NoReturn:
        raise TypeError("a listener cannot be pickled: send its address, or a connection that it has accepted")

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def Client(address: Address, family: str | None = None, authkey: bytes | None = None) -> Connection:  # noqa: N802
    """Connect to a listener and return the connection (`multiprocessing.connection.Client`).

    ``family`` is by default that of the address. With a key, a byte string, both sides prove to have it, or
    ``AuthenticationError``. ``OSError`` if nobody listens there, ``ValueError`` for a family that is not to be had.
    """
    if authkey is not None:
        check_key(authkey)
    if family is None:
        family = family_of(address)
    connecting = new_socket(family)
    try:
        connecting.connect(address)
    except BaseException:
        connecting.close()
        raise
    connection = _connection(connecting, family)
    if authkey is not None:
        try:
            introduce(connection, authkey)
        except BaseException:
            connection.close()
            raise
    return connection


def _connection(connected: socket.socket, family: str) -> Connection:
    if family == "AF_INET":
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    return over_socket(connected)


def _identity(path: str) -> tuple[int, int]:
    status = os.lstat(path)
    return status.st_dev, status.st_ino


def _remove(path: str, identity: tuple[int, int], folder: str | None) -> None:
    """Remove the file of a listener, if it is still that one, and the folder that was made for it."""
    try:
        if _identity(path) == identity:
            os.unlink(path)
        if folder is not None:
            _remove_folder(folder)
    except OSError:
        pass  # somebody else has tidied up, or must not be disturbed


def _remove_folder(folder: str) -> None:
    from mpreference import tracking

    os.rmdir(folder)
    tracking.untrack("folder", folder)
