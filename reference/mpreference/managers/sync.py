"""`SyncManager`: the types that every manager of `Manager()` offers, and the proxies for them.

Each is a plain object of the standard library in the manager's process; the proxies only call its methods. Some add
what cannot be done over there: a predicate is called, and a ``with`` block left, where the caller is.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
import types

from mpreference import pickling
from mpreference.managers.manager import BaseManager
from mpreference.managers.proxies import BaseProxy, MakeProxyType

TYPE_CHECKING = False
if TYPE_CHECKING:
    import array
    from collections.abc import Callable, Iterable
    from typing import Any

# Referents


class Namespace:
    """An object with attributes that can be set, and no public methods (`multiprocessing.managers.Namespace`)."""

    def __init__(self, /, **attributes: Any) -> None:
        vars(self).update(attributes)

    def __repr__(self) -> str:
        shown = [f"{name}={value!r}" for name, value in vars(self).items() if not name.startswith("_")]
        return f"{type(self).__name__}({', '.join(shown)})"


class Value:
    """An object with an attribute ``value``; the typecode is for the reader (`...SyncManager.Value`)."""

    def __init__(self, typecode: Any, value: Any, lock: bool = True) -> None:  # noqa: ARG002 - as for a shared ctypes one
        self._typecode = typecode
        self._value = value

    @property
    def value(self) -> Any:
        """The value, which can be set."""
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        self._value = value

    def get(self) -> Any:
        """Return the value."""
        return self._value

    def set(self, value: Any) -> None:
        """Set the value."""
        self._value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._typecode!r}, {self._value!r})"


def _array(typecode: str, sequence: Iterable[Any], lock: bool = True) -> array.array[Any]:  # noqa: ARG001
    import array

    return array.array(typecode, sequence)


def _condition(lock: Any = None) -> threading.Condition:
    """Return a condition with a lock of this process, which the client has told by its proxy."""
    return threading.Condition(lock._referent() if isinstance(lock, BaseProxy) else lock)


def _pool(*args: Any, **kwds: Any) -> Any:
    from mpreference import context

    return context.default.Pool(*args, **kwds)


# Proxies


class AcquirerProxy(BaseProxy):
    """Of a lock or a semaphore."""

    _exposed_: tuple[str, ...] = ("acquire", "release")

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> Any:
        """Acquire it, and return whether that was done."""
        return self._callmethod("acquire", (blocking,) if timeout is None else (blocking, timeout))

    def release(self, *args: Any) -> Any:
        """Release it."""
        return self._callmethod("release", args)

    def __enter__(self) -> Any:
        return self._callmethod("acquire")

    def __exit__(self, *_: object) -> None:
        self._callmethod("release")


class ConditionProxy(AcquirerProxy):
    """Of a condition."""

    _exposed_ = ("acquire", "release", "wait", "notify", "notify_all")

    def wait(self, timeout: float | None = None) -> Any:
        """Wait until it is notified; return False if that is not within ``timeout`` seconds."""
        return self._callmethod("wait", (timeout,))

    def notify(self, n: int = 1) -> Any:
        """Wake up to ``n`` that wait."""
        return self._callmethod("notify", (n,))

    def notify_all(self) -> Any:
        """Wake all that wait."""
        return self._callmethod("notify_all")

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        """Wait until the predicate, called here, is true; return its last value, false after ``timeout`` seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while not (result := predicate()):
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                break
            self.wait(left)
        return result


class EventProxy(BaseProxy):
    """Of an event."""

    _exposed_ = ("is_set", "set", "clear", "wait")

    def is_set(self) -> Any:
        """Return whether it is set."""
        return self._callmethod("is_set")

    def set(self) -> Any:
        """Set it, and wake all that wait."""
        return self._callmethod("set")

    def clear(self) -> Any:
        """Reset it."""
        return self._callmethod("clear")

    def wait(self, timeout: float | None = None) -> Any:
        """Wait until it is set; return whether it is, after ``timeout`` seconds at the latest."""
        return self._callmethod("wait", (timeout,))


class BarrierProxy(BaseProxy):
    """Of a barrier."""

    _exposed_ = ("__getattribute__", "wait", "abort", "reset")

    def wait(self, timeout: float | None = None) -> Any:
        """Wait until all parties do."""
        return self._callmethod("wait", (timeout,))

    def abort(self) -> Any:
        """Break it: all that wait raise an exception."""
        return self._callmethod("abort")

    def reset(self) -> Any:
        """Make it as it was at first."""
        return self._callmethod("reset")

    @property
    def parties(self) -> Any:
        """How many have to wait."""
        return self._callmethod("__getattribute__", ("parties",))

    @property
    def n_waiting(self) -> Any:
        """How many do wait."""
        return self._callmethod("__getattribute__", ("n_waiting",))

    @property
    def broken(self) -> Any:
        """Whether it is broken."""
        return self._callmethod("__getattribute__", ("broken",))


class NamespaceProxy(BaseProxy):
    """Of a namespace. Attributes that begin with an underscore are those of the proxy."""

    _exposed_ = ("__getattribute__", "__setattr__", "__delattr__")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._callmethod("__getattribute__", (name,))

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            self._callmethod("__setattr__", (name, value))

    def __delattr__(self, name: str) -> None:
        if name.startswith("_"):
            super().__delattr__(name)
        else:
            self._callmethod("__delattr__", (name,))


class ValueProxy(BaseProxy):
    """Of a value."""

    _exposed_ = ("get", "set")

    @property
    def value(self) -> Any:
        """The value, which can be set."""
        return self._callmethod("get")

    @value.setter
    def value(self, value: Any) -> None:
        self._callmethod("set", (value,))

    def get(self) -> Any:
        """Return the value."""
        return self._callmethod("get")

    def set(self, value: Any) -> None:
        """Set the value."""
        self._callmethod("set", (value,))

    __class_getitem__: Any = classmethod(types.GenericAlias)


class IteratorProxy(BaseProxy):
    """Of an iterator or a generator."""

    _exposed_ = ("__next__", "send", "throw", "close")

    def __iter__(self) -> IteratorProxy:
        return self

    def __next__(self) -> Any:
        return self._callmethod("__next__")

    def send(self, value: Any) -> Any:
        """Resume a generator with a value."""
        return self._callmethod("send", (value,))

    def throw(self, *args: Any) -> Any:
        """Raise an exception in a generator."""
        return self._callmethod("throw", args)

    def close(self) -> Any:
        """End a generator."""
        return self._callmethod("close")


_ListMethods: Any = MakeProxyType(
    "_ListMethods",
    [
        *("__add__", "__contains__", "__delitem__", "__getitem__", "__imul__", "__len__", "__mul__", "__reversed__"),
        *("__rmul__", "__setitem__", "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove"),
        *("reverse", "sort"),
    ],
)


class ListProxy(_ListMethods):  # type: ignore[misc]
    """Of a list."""

    def __iadd__(self, items: Iterable[Any]) -> ListProxy:
        self._callmethod("extend", (items,))
        return self

    def __imul__(self, number: int) -> ListProxy:
        self._callmethod("__imul__", (number,))
        return self


_DictMethods: Any = MakeProxyType(
    "_DictMethods",
    [
        *("__contains__", "__delitem__", "__getitem__", "__iter__", "__len__", "__or__", "__reversed__", "__ror__"),
        *("__setitem__", "clear", "copy", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"),
    ],
)


class DictProxy(_DictMethods):  # type: ignore[misc]
    """Of a dict. Views of it are lists."""

    _method_to_typeid_ = {"__iter__": "Iterator"}  # noqa: RUF012 - documented as a mapping

    def __ior__(self, other: Any) -> DictProxy:
        self._callmethod("update", (other,))
        return self


def _as_list(view: Any) -> tuple[type, tuple[Any]]:
    return list, (list(view),)


pickling.register(type({}.keys()), _as_list)
pickling.register(type({}.values()), _as_list)
pickling.register(type({}.items()), _as_list)


_SetMethods: Any = MakeProxyType(
    "_SetMethods",
    [
        *("__and__", "__contains__", "__iter__", "__len__", "__or__", "__rand__", "__ror__", "__rsub__", "__rxor__"),
        *("__sub__", "__xor__", "add", "clear", "copy", "difference", "difference_update", "discard", "intersection"),
        *("intersection_update", "isdisjoint", "issubset", "issuperset", "pop", "remove", "symmetric_difference"),
        *("symmetric_difference_update", "union", "update"),
    ],
)


class SetProxy(_SetMethods):  # type: ignore[misc]
    """Of a set."""

    _method_to_typeid_ = {"__iter__": "Iterator"}  # noqa: RUF012 - documented as a mapping

    def __iand__(self, other: Any) -> SetProxy:
        self._callmethod("intersection_update", (other,))
        return self

    def __ior__(self, other: Any) -> SetProxy:
        self._callmethod("update", (other,))
        return self

    def __isub__(self, other: Any) -> SetProxy:
        self._callmethod("difference_update", (other,))
        return self

    def __ixor__(self, other: Any) -> SetProxy:
        self._callmethod("symmetric_difference_update", (other,))
        return self


ArrayProxy = MakeProxyType("ArrayProxy", ["__len__", "__getitem__", "__setitem__"])

_PoolMethods: Any = MakeProxyType(
    "_PoolMethods",
    [
        *("apply", "apply_async", "close", "imap", "imap_unordered", "join", "map", "map_async", "starmap"),
        *("starmap_async", "terminate"),
    ],
)


class PoolProxy(_PoolMethods):  # type: ignore[misc]
    """Of a pool, whose workers are children of the manager's process."""

    _method_to_typeid_ = {  # noqa: RUF012 - documented as a mapping
        "apply_async": "AsyncResult",
        "map_async": "AsyncResult",
        "starmap_async": "AsyncResult",
        "imap": "Iterator",
        "imap_unordered": "Iterator",
    }

    def __enter__(self) -> PoolProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._callmethod("terminate")


class SyncManager(BaseManager):
    """A manager of the types that are used most (`multiprocessing.managers.SyncManager`).

    Its methods create an object in the manager's process, with the arguments given, and return a proxy:
    ``Queue``, ``JoinableQueue``, ``Event``, ``Lock``, ``RLock``, ``Semaphore``, ``BoundedSemaphore``, ``Condition``,
    ``Barrier``, ``Pool``, ``list``, ``dict``, ``set`` (from Python 3.14 on), ``Value``, ``Array`` and ``Namespace``.
    """


SyncManager.register("Queue", queue.Queue)
SyncManager.register("JoinableQueue", queue.Queue)
SyncManager.register("Event", threading.Event, EventProxy)
SyncManager.register("Lock", threading.Lock, AcquirerProxy)
SyncManager.register("RLock", threading.RLock, AcquirerProxy)
SyncManager.register("Semaphore", threading.Semaphore, AcquirerProxy)
SyncManager.register("BoundedSemaphore", threading.BoundedSemaphore, AcquirerProxy)
SyncManager.register("Condition", _condition, ConditionProxy)
SyncManager.register("Barrier", threading.Barrier, BarrierProxy)
SyncManager.register("Pool", _pool, PoolProxy)
SyncManager.register("list", list, ListProxy)
SyncManager.register("dict", dict, DictProxy)
if sys.version_info >= (3, 14):
    SyncManager.register("set", set, SetProxy)
SyncManager.register("Value", Value, ValueProxy)
SyncManager.register("Array", _array, ArrayProxy)
SyncManager.register("Namespace", Namespace, NamespaceProxy)

# What methods of these return, and nobody creates.
SyncManager.register("Iterator", proxytype=IteratorProxy, create_method=False)
SyncManager.register("AsyncResult", create_method=False)
