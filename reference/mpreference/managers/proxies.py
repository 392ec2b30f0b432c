"""Proxies: objects that stand for shared objects, wherever those are.

A proxy has a *token*, which tells where its referent is, and a link, which leads there
(:mod:`mpreference.managers.links`). All that it does is to call methods of the referent by
`BaseProxy._callmethod`; a subclass has a method of its own for each that it wants to offer.

How a proxy is pickled depends on where it goes:

=====================================  ================================================================
in a message to or from the server of  its ident. In a reply it is counted for the client beforehand;
its referent                           in a request the server counts it for itself
in anything else                       its token. Who unpickles it becomes a client of the server, unless
                                       it is one, with the key of its process, and has it counted; so
                                       one of the proxies has to live until then
...for a child that is being started   its token and the key
=====================================  ================================================================
"""

from __future__ import annotations

import sys

from mpreference import handover
from mpreference.managers.links import link_to
from mpreference.managers.messages import Token, error_of, passing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

    from mpreference.managers.links import Link
    from mpreference.managers.manager import BaseManager

    Factory = Callable[..., "BaseProxy"]


class BaseProxy:
    """The base of all classes of proxies (`multiprocessing.managers.BaseProxy`).

    ``held`` says that the server has counted this proxy already. ``manager`` is what it was created by, if it
    was: a proxy keeps its manager.
    """

    _exposed_: Collection[str] | None = None
    _method_to_typeid_: Mapping[str, str] | None = None

    def __init__(
        self,
        token: Token,
        link: Link,
        exposed: Collection[str] | None = None,  # noqa: ARG002 - for factories that make a class first
        held: bool = False,
        manager: BaseManager | None = None,
    ) -> None:
        self._token = token
        self._id = token.id
        self._link = link
        self._manager = manager
        link.adopt(self, token.id, held)

    def _callmethod(self, methodname: str, args: Any = (), kwds: Mapping[str, Any] = {}) -> Any:
        """Return the result of a method of the referent (`multiprocessing.managers.BaseProxy._callmethod`).

        It is a copy, or a proxy if the type was registered so. Raises what the method raises, and `RemoteError`
        if anything else fails in the manager's process: the method is not exposed, or its result cannot be pickled.
        """
        kind, value = self._link.call(self._id, methodname, args, kwds)
        if kind == "#RETURN":
            return value
        if kind == "#PROXY":
            return self._new_proxy(*value)
        try:
            raise error_of(kind, value)
        finally:
            del value  # it refers to this frame by its traceback

    def _new_proxy(self, exposed: Collection[str], token: Any, factory: Factory | None = None) -> BaseProxy:
        """Return a proxy of what a method returned, made by ``factory`` if the server tells of it."""
        if not isinstance(token, Token):
            token = Token(*token)
        if factory is None:
            from mpreference.managers.sync import SyncManager

            registration = (self._manager or SyncManager).registry().get(token.typeid)
            factory = AutoProxy if registration is None else registration.proxytype
        token.address = self._link.address  # the server may know another one as its own
        return factory(token, self._link, exposed=exposed, held=True, manager=self._manager)

    def _getvalue(self) -> Any:
        """Return a copy of the referent; raise an exception if it cannot be pickled (`...BaseProxy._getvalue`)."""
        return self._callmethod("#GETVALUE")

    def _referent(self) -> Any:
        """Return the referent itself if it is in this process, else this proxy."""
        return self._link.referent(self._id, self)

    def _factory(self) -> tuple[Factory, dict[str, Any]]:
        """Return what makes another proxy like this one, and keyword arguments for it."""
        return type(self), {}

    def __reduce__(self) -> tuple[Any, ...]:
        factory, options = self._factory()
        link, hold, ours = passing.message or (None, None, False)
        if link is self._link and hold is not None:
            hold(self._id)
        if link is self._link and ours:
            return _rebuild_here, (factory, self._token.typeid, self._id, options, hold is not None)
        if handover.starting_method() is not None:
            options["authkey"] = self._link.authkey
        return RebuildProxy, (factory, self._token, self._link.serializer, options)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object, typeid {self._token.typeid!r} at {id(self):#x}>"

    def __str__(self) -> str:
        return str(self._callmethod("__repr__"))


def _rebuild_here(factory: Factory, typeid: str, ident: str, options: dict[str, Any], held: bool) -> BaseProxy:
    """Unpickle a proxy of an object of the server that the message comes from or goes to."""
    assert passing.message is not None
    link = passing.message[0]
    return factory(Token(typeid, link.address, ident), link, held=held, **options)


def RebuildProxy(  # noqa: N802 - the name that messages of the standard library have for it
    factory: Factory, token: Token, serializer: str, options: dict[str, Any]
) -> BaseProxy:
    """Unpickle a proxy."""
    link = link_to(token.address, serializer, options.pop("authkey", None))
    return factory(token, link, **options)


class _AutoProxy(BaseProxy):
    """What the classes have in common that are made for types without a proxytype."""

    def _factory(self) -> tuple[Factory, dict[str, Any]]:
        return AutoProxy, {"exposed": self._exposed_}


def MakeProxyType(  # noqa: N802 - the name it is known by
    name: str, exposed: Collection[str], base: type[BaseProxy] = BaseProxy
) -> type[BaseProxy]:
    """Return a class of proxies with these methods, each of which calls that of the referent.

    It can be pickled if it has this name in the module that calls.
    """
    module = sys._getframe(1).f_globals["__name__"]
    methods = {method: _caller(method) for method in exposed}
    return type(name, (base,), {"__module__": module, "_exposed_": tuple(exposed), **methods})


def _caller(name: str) -> Callable[..., Any]:
    def method(self: BaseProxy, /, *args: Any, **kwds: Any) -> Any:
        return self._callmethod(name, args, kwds)

    method.__name__ = method.__qualname__ = name
    return method


_made: dict[tuple[str, tuple[str, ...]], type[BaseProxy]] = {}


def AutoProxy(  # noqa: N802 - the name it is known by
    token: Token,
    link: Link,
    exposed: Collection[str] | None = None,
    held: bool = False,
    manager: BaseManager | None = None,
) -> BaseProxy:
    """Return a proxy of a class that is made for the methods which are exposed."""
    if exposed is None:
        exposed = link.ask("get_methods", (token,))
    key = token.typeid, tuple(exposed)
    if key not in _made:
        _made[key] = MakeProxyType(f"AutoProxy[{token.typeid}]", exposed, _AutoProxy)
    return _made[key](token, link, held=held, manager=manager)
