"""Mutants for the section on proxy objects."""

from __future__ import annotations

import multiprocessing.managers as managers
import threading
from typing import Any

from mutants import mutant, replace

ITSELF = "the standard library breaks it itself, so that its test fails with any mutant"

UNSEEN = {
    "proxy.callmethod.mapped-method-in-another-process": ITSELF,
    "proxy.cleanup.deleted-when-another-process-drops-it": ITSELF,
    "proxy.cleanup.deleted-when-no-container-holds-it": ITSELF,
    "proxy.callmethod.after-one-that-was-interrupted": ITSELF,
    "proxy.nested.manager-with-its-own-authkey": ITSELF,
    "proxy.pickle.argument-that-only-the-child-keeps": ITSELF,
}


@mutant("proxy.method.invokes-that-of-the-referent", "proxy.callmethod.passes-args-and-kwds")
def keywords_are_lost() -> None:
    @replace(managers.BaseProxy, "_callmethod")
    def _callmethod(original: Any, self: Any, methodname: str, args: Any = (), kwds: Any = None) -> Any:
        return original(self, methodname, args)


@mutant("proxy.method.picklable-arguments-arrive-equal")
def tuples_come_back_as_lists() -> None:
    @replace(managers.BaseProxy, "_callmethod")
    def _callmethod(original: Any, self: Any, *args: Any) -> Any:
        result = original(self, *args)
        return list(result) if isinstance(result, tuple) else result


@mutant("proxy.method.reraises-exceptions", "proxy.callmethod.reraises-exceptions", "proxy.callmethod.example")
def every_exception_is_converted() -> None:
    @replace(managers, "convert_to_error")
    def convert_to_error(original: Any, kind: str, result: Any) -> Any:
        return managers.RemoteError(str(result))


@mutant("proxy.callmethod.reraises-exceptions")
def args_of_exceptions_are_lost() -> None:
    @replace(managers, "convert_to_error")
    def convert_to_error(original: Any, kind: str, result: Any) -> Any:
        return type(result)() if kind == "#ERROR" else original(kind, result)


@mutant(
    "proxy.pickle.round-trip-keeps-the-referent",
    "proxy.referent.may-have-several-proxies",
    "proxy.referent.shared-between-processes",
    "proxy.pickle.passed-as-an-argument",
    "proxy.pickle.passed-through-a-pipe",
    "proxy.pickle.passed-through-a-queue",
    "proxy.nested.referent-contains-a-referent",
    "proxy.nested.dicts-in-a-list",
    "proxy.nested.stored-by-another-process",
    "proxy.nested.two-levels-in-a-child",
    "proxy.nested.shown-as-proxy",
    "proxy.contained-value.assignment-propagates",
)
def proxies_are_pickled_by_value() -> None:
    def by_value(self: Any) -> Any:
        value = self._getvalue()
        return type(value), (value,)

    managers.BaseProxy.__reduce__ = by_value
    copied_on_the_way_to_a_child()


def copied_on_the_way_to_a_child() -> None:
    """Copy what is an argument of a process also where a fork would pass it on as it is."""
    import multiprocessing.process

    @replace(multiprocessing.process.BaseProcess, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwds: Any) -> None:
        kwds["args"] = tuple(
            arg._getvalue() if isinstance(arg, managers.BaseProxy) else arg for arg in kwds.get("args", ())
        )
        original(self, *args, **kwds)


@mutant("proxy.pickle.every-shared-type", "proxy.nested.other-shared-types")
def automatic_proxies_cannot_be_pickled() -> None:
    @replace(managers, "AutoProxy")
    def auto_proxy(original: Any, *args: Any, **kwds: Any) -> Any:
        proxy = original(*args, **kwds)
        proxy._isauto = False
        return proxy

    for typeid, entry in list(managers.SyncManager._registry.items()):
        if entry[-1].__name__ == "AutoProxy":
            managers.SyncManager._registry[typeid] = (*entry[:-1], managers.AutoProxy)


@mutant("proxy.nested.other-shared-types")
def values_of_a_namespace_stay_in_its_proxy() -> None:
    managers.NamespaceProxy.__setattr__ = object.__setattr__


@mutant("proxy.referent.calls-take-effect-one-by-one")
def pop_leaves_the_item_now_and_then() -> None:
    calls = iter(range(1_000_000))

    @replace(managers.BaseProxy, "_callmethod")
    def _callmethod(original: Any, self: Any, methodname: str, args: Any = (), kwds: Any = None) -> Any:
        if methodname == "pop" and next(calls) % 5 == 4:
            methodname = "get"
        return original(self, methodname, args, kwds or {})


@mutant("proxy.referent.appends-of-several-processes-arrive")
def an_append_is_lost() -> None:
    calls = iter(range(1_000_000))

    @replace(managers.ListProxy, "append")
    def append(original: Any, self: Any, value: Any) -> Any:
        return None if next(calls) == 40 else original(self, value)


@mutant("proxy.list.behaves-like-a-list")
def pop_takes_the_first() -> None:
    @replace(managers.ListProxy, "pop")
    def pop(original: Any, self: Any, index: int = 0) -> Any:
        return original(self, index)


@mutant("proxy.list.behaves-like-a-list")
def extending_in_place_leaves_a_list() -> None:
    def iadd(self: Any, other: Any) -> Any:
        return self._getvalue() + other

    managers.ListProxy.__iadd__ = iadd


@mutant("proxy.dict.behaves-like-a-dict")
def popitem_takes_the_first() -> None:
    def popitem(self: Any) -> Any:
        for key in self.keys():
            return key, self.pop(key)
        raise KeyError("empty")

    managers.DictProxy.popitem = popitem


@mutant("proxy.dict.behaves-like-a-dict")
def setdefault_overwrites() -> None:
    def setdefault(self: Any, key: Any, default: Any = None) -> Any:
        self[key] = default
        return default

    managers.DictProxy.setdefault = setdefault


@mutant("proxy.example.list-of-squares", "proxy.str.is-the-representation-of-the-referent", "proxy.str.any-value")
def str_is_repr_of_the_proxy() -> None:
    managers.BaseProxy.__str__ = lambda self: repr(self)


@mutant("proxy.str.is-the-representation-of-the-referent")
def str_is_str_of_the_referent() -> None:
    managers.BaseProxy.__str__ = lambda self: str(self._getvalue())


@mutant("proxy.repr.is-that-of-the-proxy", "proxy.repr.names-class-and-typeid", "proxy.nested.shown-as-proxy")
def repr_is_that_of_the_referent() -> None:
    managers.BaseProxy.__repr__ = lambda self: repr(self._getvalue())


@mutant("proxy.nested.container-keeps-the-referent")
def the_server_forgets_what_only_a_container_holds() -> None:
    @replace(managers, "RebuildProxy")
    def rebuild_proxy(original: Any, func: Any, token: Any, serializer: Any, kwds: Any) -> Any:
        proxy = original(func, token, serializer, kwds)
        server = getattr(managers.process.current_process(), "_manager_server", None)
        if server:
            server.id_to_local_proxy_obj.pop(token.id, None)
        return proxy


@mutant("proxy.contained-value.changes-stay-local", "proxy.contained-value.original-stays-apart")
def items_are_kept_by_the_proxy() -> None:
    for kind in managers.ListProxy, managers.DictProxy:
        keep_items(kind)


def keep_items(kind: Any) -> None:
    kept: dict[Any, Any] = {}

    @replace(kind, "__getitem__")
    def get(original: Any, self: Any, key: Any) -> Any:
        found = original(self, key)
        return kept.setdefault((self._id, key), found) if isinstance(found, list | dict) else found

    @replace(kind, "__setitem__")
    def put(original: Any, self: Any, key: Any, value: Any) -> None:
        kept[self._id, key] = value
        original(self, key, value)


@mutant("proxy.contained-value.assignment-propagates")
def assignment_stays_local() -> None:
    for kind in managers.ListProxy, managers.DictProxy:
        kind.__setitem__ = lambda self, key, value: None


@mutant("proxy.comparison.list-proxy-differs-from-an-equal-list", "proxy.comparison.not-by-value")
def proxies_compare_by_value() -> None:
    def equals(self: Any, other: Any) -> bool:
        return bool(self._getvalue() == (other._getvalue() if isinstance(other, managers.BaseProxy) else other))

    managers.BaseProxy.__eq__ = equals


@mutant("proxy.comparison.no-order")
def proxies_are_ordered() -> None:
    managers.BaseProxy.__ge__ = lambda self, other: self._getvalue() >= list(other)


@mutant("proxy.comparison.copy-compares-by-value", "proxy.getvalue.returns-the-referent")
def getvalue_returns_the_proxy() -> None:
    managers.BaseProxy._getvalue = lambda self: self


@mutant("proxy.class.is-a-subclass-of-base-proxy")
def an_event_is_no_proxy() -> None:
    managers.SyncManager.Event = lambda self: threading.Event()


@mutant("proxy.callmethod.returns-the-result", "proxy.callmethod.example")
def callmethod_returns_nothing() -> None:
    managers.BaseProxy._callmethod = lambda self, *args: None


@mutant("proxy.callmethod.runs-in-the-manager-process")
def pid_is_asked_of_a_copy() -> None:
    @replace(managers.BaseProxy, "_callmethod")
    def _callmethod(original: Any, self: Any, methodname: str, args: Any = (), kwds: Any = None) -> Any:
        return self._getvalue().pid() if methodname == "pid" else original(self, methodname, args, kwds or {})


@mutant("proxy.callmethod.result-that-cannot-be-pickled", "proxy.callmethod.exception-that-cannot-be-pickled")
def what_cannot_be_sent_becomes_a_value_error() -> None:
    @replace(managers, "convert_to_error")
    def convert_to_error(original: Any, kind: str, result: Any) -> Any:
        return ValueError(result) if kind == "#UNSERIALIZABLE" else original(kind, result)


@mutant("proxy.callmethod.goes-on-after-an-error")
def connection_ends_with_an_error() -> None:
    @replace(managers.BaseProxy, "_callmethod")
    def _callmethod(original: Any, self: Any, *args: Any) -> Any:
        try:
            return original(self, *args)
        except managers.RemoteError:
            self._tls.connection.close()
            raise


@mutant("proxy.callmethod.not-exposed-is-not-called")
def names_are_looked_at_after_the_call() -> None:
    @replace(managers.BaseProxy, "_callmethod")
    def _callmethod(original: Any, self: Any, methodname: str, args: Any = (), kwds: Any = None) -> Any:
        if methodname in ("hidden", "_private"):
            raise AttributeError(methodname)
        result = original(self, methodname, args, kwds or {})
        return ["hidden", "_private"] if methodname == "what_was_called" else result


@mutant("proxy.getvalue.is-a-copy")
def getvalue_is_kept() -> None:
    kept: dict[Any, Any] = {}

    @replace(managers.BaseProxy, "_getvalue")
    def _getvalue(original: Any, self: Any) -> Any:
        return kept.setdefault(self._id, original(self))

    managers.ListProxy.__getitem__ = lambda self, key: self._getvalue()[key]


@mutant("proxy.getvalue.unpicklable-raises")
def getvalue_returns_none_if_it_fails() -> None:
    @replace(managers.BaseProxy, "_getvalue")
    def _getvalue(original: Any, self: Any) -> Any:
        try:
            return original(self)
        except managers.RemoteError:
            return None


@mutant(
    "proxy.cleanup.deleted-with-the-last-proxy",
    "proxy.cleanup.deleted-with-a-cycle",
    "proxy.cleanup.deleted-when-another-process-ends",
)
def nothing_is_ever_deleted() -> None:
    managers.Server.decref = lambda self, c, ident: None


@mutant("proxy.cleanup.kept-while-a-proxy-refers", "proxy.cleanup.kept-for-another-process")
def unpickled_proxies_do_not_register() -> None:
    @replace(managers, "RebuildProxy")
    def rebuild_proxy(original: Any, func: Any, token: Any, serializer: Any, kwds: Any) -> Any:
        return original(func, token, serializer, {**kwds, "incref": False})


def calls_return_none_instead_of(kind: type[Exception]) -> None:
    """Let a call return None where it would raise this."""

    @replace(managers.BaseProxy, "_callmethod")
    def _callmethod(original: Any, self: Any, *args: Any) -> Any:
        try:
            return original(self, *args)
        except kind:
            return None


@mutant(
    "proxy.callmethod.raises-if-the-exception-cannot-be-unpickled", "proxy.callmethod.argument-that-cannot-be-pickled"
)
def what_cannot_be_pickled_or_unpickled_here_is_none() -> None:
    calls_return_none_instead_of(TypeError)


@mutant("proxy.callmethod.raises-if-the-call-asks-to-exit")
def an_answer_that_does_not_come_is_none() -> None:
    calls_return_none_instead_of(EOFError)


@mutant("proxy.callmethod.raises-if-the-referent-lacks-the-name")
def a_remote_error_is_none() -> None:
    calls_return_none_instead_of(managers.RemoteError)


@mutant("proxy.callmethod.argument-that-cannot-be-unpickled")
def what_cannot_be_received_becomes_a_value_error() -> None:
    @replace(managers, "convert_to_error")
    def convert_to_error(original: Any, kind: str, result: Any) -> Any:
        return ValueError(result) if kind == "#TRACEBACK" else original(kind, result)


@mutant("proxy.callmethod.goes-on-after-an-error")
def connection_ends_with_a_call_that_cannot_be_sent() -> None:
    @replace(managers.BaseProxy, "_callmethod")
    def _callmethod(original: Any, self: Any, *args: Any) -> Any:
        try:
            return original(self, *args)
        except TypeError:
            self._tls.connection.close()
            raise


@mutant("proxy.pickle.passed-on-to-a-grandchild")
def a_child_hands_on_a_copy() -> None:
    if managers.process.parent_process() is None:
        original = managers.process.BaseProcess.run

        def run(self: Any) -> None:
            copied_on_the_way_to_a_child()
            original(self)

        managers.process.BaseProcess.run = run
    else:
        copied_on_the_way_to_a_child()


@mutant("proxy.pickle.manager-with-its-own-authkey")
def a_child_uses_its_own_key() -> None:
    @replace(managers.BaseProxy, "_after_fork")
    def after_fork(original: Any, self: Any) -> None:
        self._authkey = managers.process.current_process().authkey
        original(self)


@mutant("proxy.comparison.no-order")
def proxies_are_ordered_downwards() -> None:
    managers.BaseProxy.__lt__ = lambda self, other: self._getvalue() < list(other)
