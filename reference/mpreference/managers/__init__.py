"""Managers and proxies (`multiprocessing.managers`): objects in a process of their own, which all others share.

====================================  =======================================================================
:mod:`mpreference.managers.manager`   managers: they start a server, or connect to one, and create objects in it
:mod:`mpreference.managers.sync`      `SyncManager`: what most programs share, and the proxies for that
:mod:`mpreference.managers.shared`    `SharedMemoryManager`
:mod:`mpreference.managers.proxies`   proxies: they stand for shared objects
:mod:`mpreference.managers.links`     what a process has to do with one server, for all its proxies
:mod:`mpreference.managers.server`    the server: it keeps the objects, and calls their methods
:mod:`mpreference.managers.messages`  what clients and servers say to each other
:mod:`mpreference.managers.foreign`   the same, if one of them is of the standard library
:mod:`mpreference.managers.wires`     how a message gets over a connection
:mod:`mpreference.managers.backlog`   what finalizers cannot do at once
====================================  =======================================================================
"""

from __future__ import annotations

from mpreference.managers.manager import BaseManager
from mpreference.managers.messages import RemoteError, Token
from mpreference.managers.proxies import AutoProxy, BaseProxy, MakeProxyType, RebuildProxy
from mpreference.managers.sync import (
    AcquirerProxy,
    ArrayProxy,
    BarrierProxy,
    ConditionProxy,
    DictProxy,
    EventProxy,
    IteratorProxy,
    ListProxy,
    Namespace,
    NamespaceProxy,
    PoolProxy,
    SetProxy,
    SyncManager,
    Value,
    ValueProxy,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mpreference.managers.server import Server
    from mpreference.managers.shared import SharedMemoryManager

__all__ = [
    "AcquirerProxy",
    "ArrayProxy",
    "AutoProxy",
    "BarrierProxy",
    "BaseManager",
    "BaseProxy",
    "ConditionProxy",
    "DictProxy",
    "EventProxy",
    "IteratorProxy",
    "ListProxy",
    "MakeProxyType",
    "Namespace",
    "NamespaceProxy",
    "PoolProxy",
    "RebuildProxy",
    "RemoteError",
    "Server",
    "SetProxy",
    "SharedMemoryManager",
    "SyncManager",
    "Token",
    "Value",
    "ValueProxy",
]


def __getattr__(name: str) -> object:
    """Import what only few processes need when they ask for it."""
    if name == "Server":
        from mpreference.managers.server import Server

        return Server
    if name == "SharedMemoryManager":
        from mpreference.managers.shared import SharedMemoryManager

        return SharedMemoryManager
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
