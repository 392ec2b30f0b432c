"""Mutants of the clauses of a promise that the mutants of the other modules leave whole."""

from __future__ import annotations

import multiprocessing.managers as managers
import threading
from typing import Any

from mutants import mutant, replace
from mutants.managers.common import Registration, changed_registrations, made_by, with_arguments

proxies: Any = managers

# Managers


@mutant("base_manager.constructor.authkey-checks-connections")
def only_the_first_bytes_of_a_key_count() -> None:
    def change(arguments: dict[str, Any]) -> None:
        if arguments.get("authkey"):
            arguments["authkey"] = arguments["authkey"][:8]

    with_arguments(change)


@mutant("base_manager.address.is-read-only")
def setting_the_address_does_nothing() -> None:
    managers.BaseManager.address = property(  # type: ignore[method-assign, assignment]
        lambda self: self._address, lambda self, value: None
    )


@mutant("base_manager.start.initializer-runs-in-the-server")
def initializer_runs_twice() -> None:
    @replace(managers.BaseManager, "start")
    def start(original: Any, self: Any, initializer: Any = None, initargs: Any = ()) -> None:
        original(self, initializer and twice, (initializer, initargs) if initializer else ())


def twice(function: Any, arguments: Any) -> None:
    for _ in range(2):
        function(*arguments)


@mutant("base_manager.shutdown.many-times")
def third_shutdown_raises() -> None:
    @replace(managers.BaseManager, "start")
    def start(original: Any, self: Any, *args: Any) -> None:
        original(self, *args)
        stop, calls = self.shutdown, []

        def shutdown() -> None:
            calls.append(1)
            if len(calls) > 2:
                raise ValueError("was shut down already")
            stop()

        self.shutdown = shutdown


# register()


@mutant("base_manager.register.typeid-must-be-a-string")
def typeid_may_be_bytes() -> None:
    original = managers.BaseManager.register.__func__  # type: ignore[attr-defined]

    def register(cls: Any, typeid: Any, *args: Any, **kwargs: Any) -> None:
        original(cls, typeid.decode() if isinstance(typeid, bytes) else typeid, *args, **kwargs)

    managers.BaseManager.register = classmethod(register)  # type: ignore[method-assign, assignment]


@mutant("base_manager.register.exposed-allows-only-its-names")
def exposed_lets_one_more_pass() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments.get("exposed"):
            arguments["exposed"] = (*arguments["exposed"], "both")

    changed_registrations(change)


@mutant("base_manager.register.others-hidden-by-default")
def special_methods_are_public() -> None:
    @replace(managers, "public_methods")
    def public_methods(original: Any, obj: Any) -> Any:
        return [*original(obj), "__reduce__"]


@mutant("base_manager.register.others-hidden-by-default")
def attributes_are_public() -> None:
    @replace(managers.BaseProxy, "_callmethod")
    def callmethod(original: Any, self: Any, name: str, *args: Any) -> Any:
        return "a value" if name == "value" else original(self, name, *args)


@mutant("namespace_object.underscore.belongs-to-the-proxy")
def underscore_belongs_to_all_proxies() -> None:
    @replace(proxies.NamespaceProxy, "__setattr__")
    def setattribute(original: Any, self: Any, name: str, value: Any) -> None:
        if name == "_z_":
            setattr(type(self), name, value)
        else:
            original(self, name, value)


@mutant("namespace_object.repr.shows-attributes")
def representation_shows_names_only() -> None:
    managers.Namespace.__repr__ = (  # type: ignore[method-assign, assignment]
        lambda self: f"Namespace({', '.join(vars(self))})"
    )


# What a SyncManager shares


@mutant("sync_manager.semaphore.value-bounds-holders")
def semaphore_takes_one_more() -> None:
    made_by("Semaphore", lambda value=1: threading.Semaphore(value + (value > 1)))


@mutant("sync_manager.bounded_semaphore.value-bounds-holders")
def bounded_semaphore_takes_one_more() -> None:
    made_by("BoundedSemaphore", lambda value=1: threading.BoundedSemaphore(value + (value > 1)))


@mutant("sync_manager.lock.with-statement")
def with_does_not_acquire() -> None:
    def leave(self: Any, *error: Any) -> None:
        try:
            self.release()
        except (RuntimeError, ValueError):
            pass

    proxies.AcquirerProxy.__enter__ = lambda self: True
    proxies.AcquirerProxy.__exit__ = leave


@mutant("sync_manager.event.is_set-follows-set-and-clear")
def event_is_set_at_first() -> None:
    def make() -> threading.Event:
        event = threading.Event()
        event.set()
        return event

    made_by("Event", make)


@mutant("sync_manager.condition.not-held-raises")
def wait_and_notify_all_forgive() -> None:
    for name in ("wait", "notify_all"):
        forgiving(name)


def forgiving(name: str) -> None:
    @replace(proxies.ConditionProxy, name)
    def call(original: Any, self: Any, *args: Any) -> Any:
        try:
            return original(self, *args)
        except RuntimeError:
            return False


@mutant("sync_manager.barrier.shows-its-state")
def nobody_waits_at_a_barrier() -> None:
    proxies.BarrierProxy.n_waiting = property(lambda self: 0)


@mutant("sync_manager.array.holds-the-sequence")
def a_slice_of_an_array_is_too_long() -> None:
    @replace(proxies.ArrayProxy, "__getitem__")
    def getitem(original: Any, self: Any, place: Any) -> Any:
        return original(self, slice(place.start, None)) if isinstance(place, slice) else original(self, place)


@mutant("sync_manager.nesting.inner-objects-are-shared")
def objects_in_a_shared_dict_are_copied() -> None:
    @replace(managers.DictProxy, "__getitem__")
    def getitem(original: Any, self: Any, key: Any) -> Any:
        item = original(self, key)
        return item._getvalue() if isinstance(item, managers.BaseProxy) else item
