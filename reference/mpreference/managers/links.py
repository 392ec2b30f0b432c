"""Links: what a process has to do with one server of a manager, for all its proxies.

A link has one *lease* and, for each thread that calls, one connection::

    process                                           server
    -------                                           ------
    lease                 open_session, drop    --->  counts the proxies of this process, as long as the lease lasts
    connection of         enter_session,
      each thread         create, incref, calls <-->  a thread that stands for this one

* When a proxy is collected the server is told at once, by the lease: a message without a reply. When the process ends,
  in whatever way, so does its lease, and the server lets go of all that it had.
* A forked child has copies of the proxies, which nobody has counted. So before a fork the parent opens a second lease,
  on which they are counted, and lets the child have it. The child holds from its first moment on what it has.
* A thread takes its connection while it awaits a reply. If a signal ends that, the connection is thrown away;
  if a handler or a finalizer comes in between and uses a proxy, it gets another.
* A server that is in this process takes no connections: a request is a call of `Server.answer`. It is pickled
  all the same, so that what arrives is a copy, as from anywhere. The calling thread stands for itself.
* A foreign server has no sessions. References to its objects are counted by requests on connections of their own.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import Counter

from mpreference.authentication import introduce
from mpreference.errors import AuthenticationError
from mpreference.listeners import Client
from mpreference.managers.backlog import Backlog
from mpreference.managers.messages import OWN, XML, error_of
from mpreference.managers.wires import Wire
from mpreference.process import AuthenticationString, current_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mpreference.addresses import Address
    from mpreference.managers.messages import Codec
    from mpreference.managers.proxies import BaseProxy
    from mpreference.managers.server import Server
    from mpreference.streams import Connection


FORK_PATIENCE = 5.0
"""Seconds that a fork waits, at most, for a server to accept the connection of the child."""


class _Inside:
    """A way to a server that is in this process."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._visitor = server.visitor()

    def exchange(self, request: Any) -> Any:
        return self._server.answer(self._visitor, request)

    send = exchange

    def ended(self) -> bool:
        return False

    def close(self) -> None:
        self._server.end(self._visitor)


class _OfThread(threading.local):
    """The ways of one thread on which no reply is awaited."""

    def __init__(self) -> None:
        self.idle: list[Wire | _Inside] = []


class Link:
    """What leads to the server at an address; ``server`` is that server if it is in this process.

    Whatever uses the server raises ``OSError`` or ``EOFError`` if it is gone, and ``AuthenticationError`` if it has
    another key.
    """

    def __init__(self, address: Address, authkey: bytes, serializer: str, server: Server | None = None) -> None:
        self.address = address
        self.authkey = AuthenticationString(authkey)
        self.serializer = serializer
        self._server = server
        self._codec: Codec = XML if serializer == "xmlrpclib" else OWN
        self._foreign = False
        self._proxies: dict[int, tuple[weakref.ref[BaseProxy], str]] = {}
        self._for_child: tuple[str, Wire] | None = None
        self._begin(_new_session(), None)
        with _changing:
            _links.add(self)

    def _begin(self, session: str, lease: Wire | None) -> None:
        """Begin, in each process, without connections but for a lease."""
        self._session = session
        self._lease: Wire | _Inside | None = lease
        self._dropping = Backlog()
        self._thread = _OfThread()
        self._wires: weakref.WeakSet[Wire] = weakref.WeakSet()
        if lease is not None:
            self._wires.add(lease)

    # Requests

    def call(self, ident: str | None, name: str, args: Any, kwds: Any) -> tuple[str, Any]:
        """Make a request, and return the kind of the reply and its value."""
        request = self._codec.dumps((ident, name, args, kwds), self)
        idle = self._thread.idle
        way = idle.pop() if idle else self._way_of_thread()
        try:
            reply = way.exchange(request)
        except BaseException:
            way.close()
            raise
        idle.append(way)
        kind, value = self._codec.loads(reply, self)
        return kind, value

    def ask(self, function: str, args: tuple[Any, ...], kwds: Mapping[str, Any] = {}) -> Any:
        """Call a function of the server itself, and return the result."""
        self.open()
        if not self._foreign:
            return _result(*self.call(None, function, args, kwds))
        way = self._new_way()
        try:
            return self._ask_on(way, function, args, kwds)
        finally:
            way.close()

    def _ask_on(self, way: Wire | _Inside, function: str, args: tuple[Any, ...], kwds: Mapping[str, Any] = {}) -> Any:
        request = self._codec.dumps((None, function, args, kwds), self)
        return _result(*self._codec.loads(way.exchange(request), self))

    def _way_of_thread(self) -> Wire | _Inside:
        """Return a new way for the thread that calls."""
        self.open()
        way = self._new_way()
        thread = threading.current_thread()
        name = current_process().name
        if thread is not threading.main_thread():
            name += f"|{thread.name}"
        if self._foreign:
            self._ask_on(way, "accept_connection", (name,))
        else:
            self._ask_on(way, "enter_session", (self._session, name))
        return way

    def _new_way(self) -> Wire | _Inside:
        if self._server is not None:
            return _Inside(self._server)
        return self._wire(Client(self.address, authkey=self.authkey))

    def _wire(self, connection: Connection) -> Wire:
        way = Wire(connection)
        self._wires.add(way)
        return way

    # The session

    def open(self) -> None:
        """Make this process a client of the server, unless it is."""
        if self._lease is not None or self._foreign:
            return
        with self._dropping:
            if self._lease is None and not self._foreign:
                way = self._new_way()
                if self._ask_on(way, "accept_connection", (current_process().name,)) is None:
                    way.close()
                    self._be_foreign()
                else:
                    self._ask_on(way, "open_session", (self._session, self._counts()))
                    self._lease = way
        _known[self.address, self.serializer] = self

    def _be_foreign(self) -> None:
        from mpreference.managers.foreign import FOREIGN

        self._foreign = True
        if self._codec is OWN:
            self._codec = FOREIGN

    def ended(self) -> bool:
        """Return whether the server has gone that this process was a client of."""
        return self._lease is not None and self._lease.ended()

    # Proxies

    def adopt(self, proxy: BaseProxy, ident: str, held: bool) -> None:
        """Have a new proxy counted, unless it is ``held`` already, and not any longer when it has been collected."""
        if not held:
            self.ask("incref", (ident,))
        reference = weakref.ref(proxy, self._collected)
        self._proxies[id(reference)] = reference, ident

    def _collected(self, reference: weakref.ref[BaseProxy]) -> None:
        _, ident = self._proxies.pop(id(reference))
        self._dropping.add(self._drop, ident)

    def _drop(self, ident: str) -> None:
        try:
            if self._foreign:
                self.ask("decref", (ident,))
            elif self._lease is not None:
                self._lease.send(self._codec.dumps((None, "drop", (ident,), {}), self))
        except (AuthenticationError, EOFError, OSError):
            pass  # the server is gone, and what it had went with it

    def _counts(self) -> dict[str, int]:
        """Return the idents of the objects of which there are proxies here, and of how many."""
        return dict(Counter(ident for _, ident in list(self._proxies.values())))

    def referent(self, ident: str, default: object) -> Any:
        """Return the object with this ident if the server is in this process."""
        return default if self._server is None else self._server.referent(ident)

    # Forks

    def prepare_fork(self) -> None:
        """Open the lease of a child that is about to be forked by this thread."""
        if self._lease is None or not self._proxies or self._stays():
            return
        session = _new_session()
        try:
            way = self._wire(self._connection_of_child())
            self._ask_on(way, "open_session", (session, self._counts()))
            self._for_child = session, way
        except Exception:  # noqa: BLE001 - the server is gone or stuck: the child will try again when it uses a proxy
            pass

    def _connection_of_child(self) -> Connection:
        if self._server is not None:
            return self._server.new_connection()
        connection = Client(self.address)
        if not connection.poll(FORK_PATIENCE):
            raise OSError("the server does not accept connections")
        introduce(connection, self.authkey)
        return connection

    def go_on(self) -> None:
        """Be the parent, after a fork."""
        if self._for_child is not None:
            self._for_child[1].close()
            self._for_child = None

    def be_child(self) -> None:
        """Be the child, after a fork: the threads and the connections are those of the parent, and so is a server."""
        if self._stays():
            return
        session, lease = self._for_child or (_new_session(), None)
        self._for_child = None
        for way in list(self._wires):
            if way is not lease:
                way.close()
        self._server = None
        self._begin(session, lease)
        if self._foreign:
            for _, ident in list(self._proxies.values()):
                try:
                    self.ask("incref", (ident,))
                except Exception:  # noqa: BLE001 - it was deleted, or the server is gone: the child will notice
                    pass

    def _stays(self) -> bool:
        """Return whether the server is in this process and does not serve yet: so a child may be where it will."""
        return self._server is not None and not self._server.serving


def _result(kind: str, value: Any) -> Any:
    if kind == "#RETURN":
        return value
    raise error_of(kind, value)


def _new_session() -> str:
    return os.urandom(8).hex()


def link_to(address: Address, serializer: str, authkey: bytes | None = None) -> Link:
    """Return the open link to this server: the one there is, or a new one with the key, or with that of the process."""
    known = _known.get((address, serializer))
    if known is not None and authkey in (None, known.authkey) and not known.ended():
        return known
    link = Link(address, current_process().authkey if authkey is None else authkey, serializer)
    link.open()
    return link


_links: weakref.WeakSet[Link] = weakref.WeakSet()
_known: weakref.WeakValueDictionary[tuple[Address, str], Link] = weakref.WeakValueDictionary()
"""The open links: where a proxy that is unpickled finds the way to its server."""

_changing = threading.RLock()
"""Held by who adds a link, and from before a fork until after it."""


def _before_fork() -> None:
    _changing.acquire()
    for link in list(_links):
        link.prepare_fork()


def _after_fork_in_parent() -> None:
    for link in list(_links):
        link.go_on()
    _changing.release()


def _after_fork_in_child() -> None:
    global _changing
    _changing = threading.RLock()
    for link in list(_links):
        link.be_child()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
