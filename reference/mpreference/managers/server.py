"""The server: it keeps the shared objects, and calls their methods for whoever asks.

It listens, and has a thread for each connection, which does what is asked for there, one thing after another. A client
has a connection for each of its threads; so a thread here stands for a thread there, and a lock that knows its
owner, as RLock does, knows it across processes.

Requests to the server itself
-----------------------------
===================================  ==========================================================================
``accept_connection(name)``          the client is a thread of this name; returns `PACKAGE`
``open_session(session, idents)``    the client is a process, and has so many proxies of these objects
``enter_session(session, name)``     the client is a thread of that process
``create(typeid, *args, **kwds)``    makes an object, counted for the client; returns its ident and exposed names
``incref(ident)``, ``decref(ident)``  the client has one proxy more, or less
``drop(ident)``                      the same as ``decref``, without a reply
``get_methods(token)``               returns the exposed names
``dummy()``                          does nothing
``number_of_objects()``              returns how many objects there are
``debug_info()``                     returns a text about them
===================================  ==========================================================================

Rules
-----
* Nothing is unpickled that comes from a client which has not proved to know the key. Each has a thread of its own in
  which to do that, and a deadline: who is slow or sends rubbish harms nobody.
* Proxies are counted by *session*, and an object is deleted when no session has a proxy of it. The session of a process
  lasts as long as one connection, its *lease*: when that ends, whatever the reason, the process has no proxies any
  more. Foreign clients, of the standard library, are all in one session, which does not end.
* Proxies that are in this process, since shared objects contain them, are those of one more client, whose requests
  take no connection (:mod:`mpreference.managers.links`). So an object to which only a container refers stays, and goes
  with that.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
import traceback
import weakref
from collections import Counter

from mpreference import log
from mpreference.authentication import admit
from mpreference.errors import AuthenticationError
from mpreference.listeners import Listener
from mpreference.managers.backlog import Backlog
from mpreference.managers.foreign import FOREIGN
from mpreference.managers.links import Link
from mpreference.managers.messages import OWN, PACKAGE, XML, Token
from mpreference.managers.wires import Wire
from mpreference.streams import Connection, Pipe
from mpreference.waiting import wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

    from mpreference.addresses import Address
    from mpreference.managers.manager import Registration
    from mpreference.managers.messages import Codec, Message

BACKLOG = 128
"""How many clients may wait to be accepted."""

PAUSE = 0.05
"""Seconds until the next client is accepted after one could not be."""


class _Shared:
    """A shared object, what may be done with it, and how many proxies refer to it."""

    __slots__ = ("count", "exposed", "method_to_typeid", "value")

    def __init__(self, value: Any, exposed: Collection[str], method_to_typeid: Mapping[str, str]) -> None:
        self.value = value
        self.exposed = frozenset(exposed)
        self.method_to_typeid = method_to_typeid
        self.count = 0


class Visitor:
    """Who is at the other end of one connection: in what session, and how messages are written there."""

    def __init__(self, codec: Codec, session: Counter[str]) -> None:
        self.codec = codec
        self.session = session
        self.thread: threading.Thread | None = None
        """The thread that is here for this client alone; None for one that is in this process itself."""
        self.lease: str | None = None
        """The session that ends with this connection, if it is a lease."""
        self.held: list[str] = []
        """What the proxies in the last reply refer to, until the client has counted them, if it does that itself."""


class Server:
    """The server of a manager, in the process that made it (`multiprocessing.managers.BaseManager.get_server`).

    ``address`` is where it listens.
    """

    def __init__(
        self, registry: Mapping[str, Registration], address: Address | None, authkey: bytes, serializer: str
    ) -> None:
        self._registry = registry
        self._authkey = authkey
        self._codecs = (XML, XML) if serializer == "xmlrpclib" else (FOREIGN, OWN)
        """For those who are in no session of their own, and for the others."""
        if address is None and sys.platform == "linux":
            address = f"\0mpreference-{os.getpid()}-{os.urandom(8).hex()}"  # no file, so nothing can be left behind
        self._listener = Listener(address, backlog=BACKLOG)
        self.address = self._listener.address
        self._objects: dict[str, _Shared] = {}
        self._idents = map(f"{os.urandom(6).hex()}{{:x}}".format, itertools.count(1))
        self._counting = Backlog()
        self._foreign_session: Counter[str] = Counter()
        self._sessions: dict[str, Counter[str]] = {}
        self._connections: weakref.WeakSet[Connection] = weakref.WeakSet()
        self.serving = False
        """Whether it has begun to serve, which it does in one process only."""
        self.link = Link(self.address, authkey, serializer, self)
        self.link.open()
        _servers.add(self)

    # Connections

    def serve_forever(self) -> None:
        """Serve clients in this process; does not return (`multiprocessing.managers.BaseManager.get_server`)."""
        self.serve_until([])

    def serve_until(self, ends: list[Any]) -> None:
        """Serve clients until one of these waitable objects is ready."""
        self.serving = True
        log.info("manager serving at %r", self.address)
        with self._listener:
            listening = self._listener._socket
            while wait([listening, *ends]) == [listening]:
                try:
                    self._serve_in_thread(self._listener.accept_stranger(), known=False)
                except (OSError, RuntimeError) as error:  # it has gone again; or the system has no more for us now
                    log.info("a client could not be accepted: %s", error)
                    wait(ends, PAUSE)

    def _serve_in_thread(self, connection: Connection, known: bool) -> None:
        self._connections.add(connection)
        threading.Thread(target=self._serve, args=(connection, known), daemon=True).start()

    def _serve(self, connection: Connection, known: bool) -> None:
        visitor = self.visitor()
        visitor.thread = threading.current_thread()
        try:
            if not known:
                admit(connection, self._authkey)
            wire = Wire(connection)
            while True:
                reply = self.answer(visitor, wire.receive())
                if reply is not None:
                    wire.send(reply)
                del reply  # it may be large, and the next request may be long in coming
        except (AuthenticationError, EOFError, OSError, MemoryError) as error:
            log.debug("a connection has ended: %s", error)
        finally:
            connection.close()
            self.end(visitor)

    def new_connection(self) -> Connection:
        """Return the client's end of a connection for which no handshake is needed."""
        here, there = Pipe()
        self._serve_in_thread(here, known=True)
        return there

    def visitor(self) -> Visitor:
        """Return a new client, which is in no session of its own."""
        return Visitor(self._codecs[0], self._foreign_session)

    def end(self, visitor: Visitor) -> None:
        """Let go of a client; if it was the lease of a session, of all that the process had."""
        self._let_go(visitor)
        if visitor.lease is not None:
            for ident, number in list(self._sessions.pop(visitor.lease).items()):
                self._counting.add(self._discount, visitor.session, ident, number)

    def be_in_child(self) -> None:
        """Be no server in a forked child, if this one serves already where it was made."""
        if not self.serving:
            return
        for connection in self._connections:
            connection.close()
        self._listener.close()

    def referent(self, ident: str) -> Any:
        """Return the shared object with this ident."""
        return self._shared(ident).value

    # Requests

    def answer(self, visitor: Visitor, request: Any) -> Any:
        """Return the reply to a request, both as bytes; None if there is to be none."""
        if visitor.held:
            self._let_go(visitor)
        try:
            ident, name, args, kwds = visitor.codec.loads(request, self.link)
            if ident is None:
                result = _FUNCTIONS[name](self, visitor, *args, **kwds)
                return None if name == "drop" else self._reply(visitor, ("#RETURN", result))
            method, typeid = self._method(ident, name)
        except Exception:  # noqa: BLE001 - whatever it is, the client is told
            return self._reply(visitor, ("#TRACEBACK", traceback.format_exc()))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised at the client
            return self._reply(visitor, ("#ERROR", error))
        try:
            result = method(*args, **kwds)
            if typeid is not None:
                return self._reply(visitor, ("#PROXY", self._new_proxy(visitor, typeid, result)))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised at the client
            return self._reply(visitor, ("#ERROR", error))
        return self._reply(visitor, ("#RETURN", result))

    def _reply(self, visitor: Visitor, message: Message) -> Any:
        def hold(ident: str) -> None:
            self._incref(visitor, ident)
            visitor.held.append(ident)

        try:
            reply = visitor.codec.dumps(message, self.link, hold)
        except Exception:  # noqa: BLE001 - whatever it is, the client is told
            self._let_go(visitor)
            return visitor.codec.dumps(("#UNSERIALIZABLE", traceback.format_exc()), self.link)
        if visitor.codec is OWN:
            visitor.held.clear()  # they are the client's now
        return reply

    def _let_go(self, visitor: Visitor) -> None:
        while visitor.held:
            self._drop(visitor, visitor.held.pop())

    def _method(self, ident: str, name: str) -> tuple[Callable[..., Any], str | None]:
        """Return a method that may be called, and the typeid of the proxy that it is to return, if it is."""
        shared = self._shared(ident)
        if name in shared.exposed:
            return getattr(shared.value, name), shared.method_to_typeid.get(name)
        if name in _ALWAYS_EXPOSED:
            function, value = _ALWAYS_EXPOSED[name], shared.value
            return lambda: function(value), None
        raise AttributeError(f"{name!r} is not exposed: {', '.join(sorted(shared.exposed)) or 'nothing'} is")

    def _shared(self, ident: str) -> _Shared:
        try:
            return self._objects[ident]
        except KeyError:
            raise LookupError(f"the manager has no shared object {ident!r}: it was deleted, or never was") from None

    # The functions of the server itself

    def _accept_connection(self, visitor: Visitor, name: str) -> str:
        if visitor.thread is not None:
            visitor.thread.name = name
        return PACKAGE

    def _open_session(self, visitor: Visitor, session: str, idents: dict[str, int]) -> None:
        visitor.codec = self._codecs[1]
        visitor.session = self._sessions[session] = Counter()
        visitor.lease = session
        for ident, number in idents.items():
            if ident in self._objects:
                self._incref(visitor, ident, number)

    def _enter_session(self, visitor: Visitor, session: str, name: str) -> None:
        if session not in self._sessions:
            raise LookupError("the manager has lost the process that this connection belongs to")
        if visitor.thread is not None:
            visitor.thread.name = name
        visitor.codec = self._codecs[1]
        visitor.session = self._sessions[session]

    def _create(self, visitor: Visitor, typeid: str, /, *args: Any, **kwds: Any) -> tuple[str, tuple[str, ...]]:
        registration = self._registration(typeid)
        if registration.create is None:
            raise TypeError(f"the server cannot create {typeid!r}: it was registered there without a callable")
        return self._share(visitor, registration.create(*args, **kwds), registration)

    def _new_proxy(self, visitor: Visitor, typeid: str, result: Any) -> tuple[Any, ...]:
        """Share the result of a method; return what the client needs to make a proxy of it."""
        registration = self._registration(typeid)
        value = result if registration.create is None else registration.create(result)
        ident, exposed = self._share(visitor, value, registration)
        if visitor.codec is XML:
            return exposed, (typeid, "", ident)  # which knows no objects, and not every address can be told in it
        token = Token(typeid, self.address, ident)
        return (exposed, token, registration.proxytype) if visitor.codec is OWN else (exposed, token)

    def _registration(self, typeid: str) -> Registration:
        try:
            return self._registry[typeid]
        except KeyError:
            raise LookupError(f"no type {typeid!r} was registered with the manager") from None

    def _share(self, visitor: Visitor, value: Any, registration: Registration) -> tuple[str, tuple[str, ...]]:
        exposed = registration.exposed
        if exposed is None:
            exposed = _public_methods(value)
        exposed = (*exposed, *(name for name in registration.method_to_typeid if name not in exposed))
        ident = next(self._idents)
        self._objects[ident] = _Shared(value, exposed, registration.method_to_typeid)
        self._incref(visitor, ident)
        return ident, exposed

    def _incref(self, visitor: Visitor, ident: str, number: int = 1) -> None:
        with self._counting:
            self._shared(ident).count += number
            visitor.session[ident] += number

    def _drop(self, visitor: Visitor, ident: str) -> None:
        self._counting.add(self._discount, visitor.session, ident, 1)

    def _discount(self, session: Counter[str], ident: str, number: int) -> _Shared | None:
        """Count what a session has dropped, unless it has not so many; return the object if nobody has it any more."""
        if session[ident] < number:
            return None
        session[ident] -= number
        if not session[ident]:
            del session[ident]
        shared = self._objects[ident]
        shared.count -= number
        return None if shared.count else self._objects.pop(ident)

    def _get_methods(self, visitor: Visitor, token: Token) -> tuple[str, ...]:  # noqa: ARG002
        return tuple(self._shared(token.id).exposed)

    def _dummy(self, visitor: Visitor) -> None:
        """Do nothing: that there is a reply tells a client that there is a server."""

    def _number_of_objects(self, visitor: Visitor) -> int:  # noqa: ARG002
        return len(self._objects)

    def _debug_info(self, visitor: Visitor) -> str:  # noqa: ARG002
        return "\n".join(
            f"  {ident}:       refcount={shared.count}\n    {str(shared.value)[:75]}"
            for ident, shared in sorted(self._objects.items())
        )


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "accept_connection": Server._accept_connection,
    "open_session": Server._open_session,
    "enter_session": Server._enter_session,
    "create": Server._create,
    "incref": Server._incref,
    "decref": Server._drop,
    "drop": Server._drop,
    "get_methods": Server._get_methods,
    "dummy": Server._dummy,
    "number_of_objects": Server._number_of_objects,
    "debug_info": Server._debug_info,
}


def _copy(value: Any) -> Any:
    """Return what is to be pickled as a copy of the value: for a container what it holds at this one moment."""
    return value.copy() if type(value) in (list, dict, set) else value


_ALWAYS_EXPOSED: dict[str, Callable[[Any], Any]] = {"__str__": str, "__repr__": repr, "#GETVALUE": _copy}


def _public_methods(value: Any) -> list[str]:
    """Return the names of the attributes that can be called and do not begin with an underscore."""
    return [name for name in dir(value) if not name.startswith("_") and _is_method(value, name)]


def _is_method(value: Any, name: str) -> bool:
    try:
        return callable(getattr(value, name))
    except Exception:  # noqa: BLE001 - a property may raise anything, and is no method then
        return False


_servers: weakref.WeakSet[Server] = weakref.WeakSet()


def _after_fork() -> None:
    for server in list(_servers):
        server.be_in_child()


os.register_at_fork(after_in_child=_after_fork)
