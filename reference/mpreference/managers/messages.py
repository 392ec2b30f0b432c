"""What the server of a manager and its clients say to each other, and how that becomes bytes.

After the handshake each message of a client is a *request*, which the server answers by one *reply*; only to a ``drop``
there is none. A client sends its next request when it has the reply to the last one::

    request                                reply
    -------                                -----
    (ident, method, args, kwds)            ("#RETURN", what the method of the shared object returned)
                                           ("#ERROR", the exception that it raised)
                                           ("#PROXY", exposed names, a token and, between ends of ours, the
                                            proxytype: for a proxy of what it returned)
                                           ("#TRACEBACK", why the request could not be answered: a text)
                                           ("#UNSERIALIZABLE", why the result could not be sent: a text)
    (None, function, args, kwds)           the same; `mpreference.managers.server` has the table of functions

Either end may be one of the standard library, for which this format was found by watching it. Such an end is called
*foreign*. The reply to the first request, ``accept_connection``, tells a client; a server takes an end for foreign
until it enters a session. Between two ends of ours some things are different:

* A foreign client makes a connection for each object that it creates and each proxy that it counts. Ours use
  connections that they have.
* A message from a foreign end names classes of ``multiprocessing`` (:mod:`mpreference.managers.foreign`).
* To a foreign end a proxy is a token, with the address of a server. Between ends of ours, a proxy of an object of the
  very server that the message comes from or goes to is told by its ident alone. So it does not matter by which
  of its addresses a client knows the server; and the server counts a proxy for the client that it sends it to.
"""

from __future__ import annotations

import threading

from mpreference import pickling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from mpreference.addresses import Address
    from mpreference.managers.links import Link

    Message = tuple[Any, ...]
    Hold = Callable[[str], object]

    class Codec(Protocol):
        """How messages become bytes and back. ``link`` leads to the server that sends or receives the message."""

        def dumps(self, message: Message, link: Link, hold: Hold | None = None) -> Any:
            """Return the message as bytes; ``hold`` is called with the ident of each proxy in it for this server."""

        def loads(self, data: Any, link: Link) -> Any:
            """Return the message."""


PACKAGE = "mpreference"
"""What a server of ours replies to ``accept_connection``, to which a foreign one replies None."""


class RemoteError(Exception):
    """Something else than the method of a shared object failed in the manager's process.

    Its argument is a text, mostly the traceback there.
    """

    def __str__(self) -> str:
        line = "-" * 75
        return f"\n{line}\n{self.args[0]}\n{line}"


class Token:
    """Where a shared object is: the name of its type, the address of its server, and its ident there."""

    __slots__ = ("address", "id", "typeid")

    def __init__(self, typeid: str, address: Address, id: str) -> None:  # noqa: A002 - the name of the attribute
        self.typeid = typeid
        self.address = address
        self.id = id

    def __getstate__(self) -> tuple[str, Address, str]:
        return self.typeid, self.address, self.id

    def __setstate__(self, state: tuple[str, Address, str]) -> None:
        self.typeid, self.address, self.id = state

    def __repr__(self) -> str:
        return f"{type(self).__name__}(typeid={self.typeid!r}, address={self.address!r}, id={self.id!r})"


def error_of(kind: str, value: Any) -> BaseException:
    """Return the exception that stands for a reply which is neither a result nor a proxy."""
    if kind == "#ERROR" and isinstance(value, BaseException):
        return value
    return RemoteError(value if isinstance(value, str) else f"an exception that could not be sent: {value!r}")


class _Passing(threading.local):
    """What a proxy asks when it is pickled or unpickled: about the message of this thread that it is in."""

    message: tuple[Link, Hold | None, bool] | None = None
    """The link, ``hold``, and whether both ends are ours."""


passing = _Passing()


class _Own:
    """Pickles, between two ends of ours."""

    def dumps(self, message: Message, link: Link, hold: Hold | None = None) -> bytes:
        outer = passing.message
        passing.message = link, hold, True
        try:
            return pickling.dumps(message)
        finally:
            passing.message = outer

    def loads(self, data: Any, link: Link) -> Any:
        outer = passing.message
        passing.message = link, None, True
        try:
            return pickling.loads(data)
        finally:
            passing.message = outer


class _Xml:
    """The format of `xmlrpc.client`: numbers, text, bytes, lists and dicts, no tuples, no exceptions and no proxies."""

    def dumps(self, message: Message, link: Link, hold: Hold | None = None) -> bytes:  # noqa: ARG002
        from xmlrpc import client

        if message[0] == "#ERROR":
            message = "#TRACEBACK", f"{type(message[1]).__name__}: {message[1]}"
        return client.dumps((message,), allow_none=True).encode()

    def loads(self, data: Any, link: Link) -> Any:  # noqa: ARG002
        from xmlrpc import client

        return client.loads(bytes(data), use_builtin_types=True)[0][0]


OWN: Codec = _Own()
XML: Codec = _Xml()
