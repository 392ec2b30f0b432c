"""Mutants of managers."""

from __future__ import annotations

import array
import copy
import multiprocessing.connection
import multiprocessing.context
import multiprocessing.managers as managers
import multiprocessing.process
import os
import queue
import tempfile
import threading
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace

UNSEEN = {
    "sync_manager.condition.notifies-with-a-given-rlock": "the standard library itself breaks it",
}

Registration = dict[str, Any]


def changed_registrations(change: Callable[[type, str, Registration], None]) -> None:
    """Let ``change`` alter the arguments of every register() from now on."""
    original = managers.BaseManager.register.__func__  # type: ignore[attr-defined]
    names = ("callable", "proxytype", "exposed", "method_to_typeid", "create_method")

    def register(cls: type, typeid: str, *args: Any, **kwargs: Any) -> None:
        arguments = {"create_method": True, **dict(zip(names, args, strict=False)), **kwargs}
        change(cls, typeid, arguments)
        original(cls, typeid, **arguments)

    managers.BaseManager.register = classmethod(register)  # type: ignore[method-assign, assignment]


def made_by(typeid: str, make: Callable[..., Any]) -> None:
    """Let a method of SyncManager create what ``make`` returns."""
    registry: Any = managers.SyncManager._registry  # type: ignore[attr-defined]
    registry[typeid] = (make, *registry[typeid][1:])


def with_arguments(change: Callable[[dict[str, Any]], None]) -> None:
    """Let ``change`` alter the arguments of every new manager."""
    names = ("address", "authkey", "serializer", "ctx")

    @replace(managers.BaseManager, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        arguments = {**dict(zip(names, args, strict=False)), **kwargs}
        change(arguments)
        original(self, **arguments)


# Manager()


@mutant("manager.call.returns-started-manager")
def manager_is_not_started() -> None:
    @replace(multiprocessing.context.BaseContext, "Manager")
    def manager(original: Any, self: Any) -> Any:
        return managers.SyncManager(ctx=self.get_context())


@mutant("manager.call.returns-a-sync-manager")
def manager_is_of_another_class() -> None:
    @replace(multiprocessing.context.BaseContext, "Manager")
    def manager(original: Any, self: Any) -> Any:
        other = managers.BaseManager(ctx=self.get_context())
        other.start()
        return other


@mutant(
    "manager.call.server-is-another-process",
    "base_manager.start.starts-a-server-process",
    "base_manager.enter.starts-the-server",
)
def server_is_a_thread_of_this_process() -> None:
    @replace(managers.BaseManager, "start")
    def start(original: Any, self: Any, initializer: Any = None, initargs: Any = ()) -> None:
        server = self.get_server()
        self._address = server.address
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._state.value = managers.State.STARTED  # type: ignore[attr-defined]
        self.shutdown = lambda: None


@mutant(
    "manager.call.shares-objects-between-processes",
    "sync_manager.value.shared-between-processes",
    "sync_manager.array.shared-between-processes",
    "namespace_object.attributes.shared-between-processes",
)
def child_has_a_copy() -> None:
    @replace(managers.BaseProxy, "_after_fork")
    def after_fork(original: Any, self: Any) -> None:
        original(self)
        copied = self._getvalue()
        self._callmethod = lambda name, args=(), kwds=None: getattr(copied, name)(*args, **(kwds or {}))


@mutant(
    "manager.gc.ends-the-process",
    "manager.exit.ends-with-its-parent",
    "manager.exit.ends-with-a-child-that-made-it",
)
def process_outlives_the_manager_and_the_parent() -> None:
    @replace(managers.BaseManager, "start")
    def start(original: Any, self: Any, *args: Any) -> None:
        original(self, *args)
        self.shutdown.cancel()
        multiprocessing.process._children.discard(self._process)  # type: ignore[attr-defined]


@mutant("manager.killed.calls-raise")
def calls_return_none_without_a_server() -> None:
    @replace(managers.BaseProxy, "_callmethod")
    def callmethod(original: Any, self: Any, *args: Any) -> Any:
        try:
            return original(self, *args)
        except (EOFError, OSError):
            return None


# BaseManager(): arguments and address


@mutant("base_manager.constructor.listens-on-address", "base_manager.address.is-the-given-one")
def address_is_ignored() -> None:
    with_arguments(lambda arguments: arguments.update(address=None))


@mutant("base_manager.constructor.address-none-is-arbitrary")
def default_address_is_the_same_for_all() -> None:
    path = tempfile.mktemp()

    def change(arguments: dict[str, Any]) -> None:
        arguments["address"] = arguments.get("address") or path

    with_arguments(change)


@mutant("base_manager.constructor.authkey-checks-connections", "remote_manager.wrong-key.others-are-served-on")
def key_is_the_same_for_all() -> None:
    with_arguments(lambda arguments: arguments.update(authkey=b"the same"))


@mutant("base_manager.constructor.authkey-none-is-that-of-the-process", "base_manager.connect.sync-manager")
def default_key_is_another() -> None:
    def change(arguments: dict[str, Any]) -> None:
        arguments["authkey"] = arguments.get("authkey") or b"another"

    with_arguments(change)


@mutant("base_manager.constructor.authkey-must-be-bytes")
def key_may_be_a_str() -> None:
    def change(arguments: dict[str, Any]) -> None:
        if isinstance(arguments.get("authkey"), str):
            arguments["authkey"] = arguments["authkey"].encode()

    with_arguments(change)


@mutant("base_manager.constructor.serializer-xmlrpclib")
def serializer_must_be_pickle() -> None:
    def change(arguments: dict[str, Any]) -> None:
        if arguments.get("serializer", "pickle") != "pickle":
            raise ValueError("serializer must be pickle")

    with_arguments(change)


@mutant("base_manager.constructor.serializer-refuses-others")
def serializer_is_ignored() -> None:
    with_arguments(lambda arguments: arguments.update(serializer="pickle"))


@mutant("base_manager.constructor.ctx-starts-the-process", "base_manager.constructor.ctx-none-is-the-current-context")
def context_is_always_that_of_fork() -> None:
    with_arguments(lambda arguments: arguments.update(ctx=multiprocessing.get_context("fork")))


@mutant("base_manager.address.is-the-one-in-use")
def address_stays_as_it_was_given() -> None:
    managers.BaseManager.address = property(lambda self: given.get(id(self)))  # type: ignore[method-assign, assignment]
    given: dict[int, Any] = {}

    @replace(managers.BaseManager, "__init__")
    def init(original: Any, self: Any, address: Any = None, *args: Any, **kwargs: Any) -> None:
        given[id(self)] = address
        original(self, address, *args, **kwargs)


@mutant("base_manager.address.is-read-only")
def address_can_be_set() -> None:
    managers.BaseManager.address = property(  # type: ignore[method-assign, assignment]
        lambda self: self._address, lambda self, value: setattr(self, "_address", value)
    )


# start(), get_server(), connect()


@mutant("base_manager.start.initializer-runs-in-the-server")
def initializer_runs_in_the_parent() -> None:
    @replace(managers.BaseManager, "start")
    def start(original: Any, self: Any, initializer: Any = None, initargs: Any = ()) -> None:
        if initializer:
            initializer(*initargs)
        original(self)


@mutant("base_manager.start.initializer-gets-initargs")
def initargs_is_one_argument() -> None:
    @replace(managers.BaseManager, "start")
    def start(original: Any, self: Any, initializer: Any = None, initargs: Any = ()) -> None:
        original(self, initializer, (initargs,))


def run_in_thread(function: Callable[..., Any], arguments: Any) -> None:
    threading.Thread(target=function, args=arguments, daemon=True).start()


@mutant("base_manager.start.initializer-runs-first")
def initializer_runs_beside_the_server() -> None:
    @replace(managers.BaseManager, "start")
    def start(original: Any, self: Any, initializer: Any = None, initargs: Any = ()) -> None:
        if initializer is None:
            original(self)
        else:
            original(self, run_in_thread, (initializer, initargs))


@mutant("base_manager.get_server.serves-in-its-own-process")
def serve_forever_serves_in_a_child() -> None:
    @replace(managers.Server, "serve_forever")  # type: ignore[attr-defined]
    def serve_forever(original: Any, self: Any) -> None:
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
        else:
            original(self)


@mutant("base_manager.get_server.serves-client-after-client")
def server_ends_with_its_first_client() -> None:
    @replace(managers.Server, "serve_client")  # type: ignore[attr-defined]
    def serve_client(original: Any, self: Any, connection: Any) -> None:
        try:
            original(self, connection)
        finally:
            os._exit(0)


@mutant("base_manager.get_server.has-an-address")
def server_shows_the_address_that_was_asked_for() -> None:
    @replace(managers.BaseManager, "get_server")
    def get_server(original: Any, self: Any) -> Any:
        server = original(self)
        server.address = self._address
        return server


@mutant("base_manager.connect.uses-remote-objects", "base_manager.connect.from-another-process")
def connect_starts_a_server() -> None:
    @replace(managers.BaseManager, "connect")
    def connect(original: Any, self: Any) -> None:
        self._address = None
        self.start()


# shutdown() and the with statement


@mutant("base_manager.shutdown.stops-the-process", "base_manager.exit.shuts-down")
def shutdown_does_nothing() -> None:
    @replace(managers.BaseManager, "start")
    def start(original: Any, self: Any, *args: Any) -> None:
        original(self, *args)
        self.kept, self.shutdown = self.shutdown, lambda: None


@mutant("base_manager.shutdown.many-times")
def second_shutdown_raises() -> None:
    @replace(managers.BaseManager, "start")
    def start(original: Any, self: Any, *args: Any) -> None:
        original(self, *args)
        stop = self.shutdown

        def shutdown() -> None:
            if not stop.still_active():
                raise ValueError("was shut down already")
            stop()

        self.shutdown = shutdown


@mutant("base_manager.shutdown.only-after-start")
def shutdown_of_a_connected_manager_returns() -> None:
    managers.BaseManager.shutdown = lambda self: None  # type: ignore[method-assign]


@mutant("base_manager.shutdown.waits-for-the-process")
def shutdown_terminates_at_once() -> None:
    with_arguments(lambda arguments: arguments.update(shutdown_timeout=0))
    multiprocessing.process.BaseProcess.kill = lambda self: None  # type: ignore[method-assign]


@mutant("base_manager.shutdown.terminates-after-the-timeout")
def shutdown_neither_terminates_nor_kills() -> None:
    multiprocessing.process.BaseProcess.terminate = lambda self: None  # type: ignore[method-assign]
    multiprocessing.process.BaseProcess.kill = lambda self: None  # type: ignore[method-assign]


@mutant("base_manager.shutdown.kills-what-ignores-termination")
def shutdown_does_not_kill() -> None:
    multiprocessing.process.BaseProcess.kill = lambda self: None  # type: ignore[method-assign]


@mutant("base_manager.enter.keeps-a-started-server")
def with_starts_another_server() -> None:
    @replace(managers.BaseManager, "__enter__")
    def enter(original: Any, self: Any) -> Any:
        if self._state.value == managers.State.STARTED:  # type: ignore[attr-defined]
            self.first = self.shutdown
            self._state.value, self._address = managers.State.INITIAL, None  # type: ignore[attr-defined]
        return original(self)


@mutant("base_manager.enter.returns-the-manager")
def with_gives_nothing() -> None:
    @replace(managers.BaseManager, "__enter__")
    def enter(original: Any, self: Any) -> None:
        original(self)


# register()


@mutant("base_manager.register.adds-a-method")
def method_returns_the_object() -> None:
    original = managers.BaseManager.register.__func__  # type: ignore[attr-defined]

    def register(cls: Any, typeid: str, *args: Any, **kwargs: Any) -> None:
        original(cls, typeid, *args, **kwargs)
        if hasattr(cls, typeid):
            setattr(cls, typeid, lambda self, *a, **k: args[0](*a, **k))

    managers.BaseManager.register = classmethod(register)  # type: ignore[method-assign, assignment]


@mutant("base_manager.register.concerns-its-class-only")
def all_classes_have_one_registry() -> None:
    original = managers.BaseManager.register.__func__  # type: ignore[attr-defined]
    managers.BaseManager.register = classmethod(  # type: ignore[method-assign, assignment]
        lambda cls, *args, **kwargs: original(managers.BaseManager, *args, **kwargs)
    )


@mutant("base_manager.register.typeid-must-be-a-string")
def typeid_may_be_anything() -> None:
    original = managers.BaseManager.register.__func__  # type: ignore[attr-defined]
    managers.BaseManager.register = classmethod(  # type: ignore[method-assign, assignment]
        lambda cls, typeid, *args, **kwargs: original(cls, str(typeid), *args, **kwargs)
    )


@mutant("base_manager.register.callable-may-be-a-function")
def object_of_a_function_is_the_function() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        function = arguments.get("callable")
        if typeid == "pair":
            arguments["callable"] = lambda *args: Wrapped(function, *args)

    changed_registrations(change)


class Wrapped:
    """What is shared instead of what a function returns."""

    def __init__(self, *args: Any) -> None:
        self.args = args

    def get(self) -> str:
        return repr(self.args)


@mutant("base_manager.register.callable-gets-the-arguments")
def keyword_arguments_are_lost() -> None:
    @replace(managers.Server, "create")  # type: ignore[attr-defined]
    def create(original: Any, self: Any, connection: Any, typeid: str, /, *args: Any, **kwargs: Any) -> Any:
        return original(self, connection, typeid, *args)


@mutant("base_manager.register.creates-a-new-object-each-time")
def object_is_made_once() -> None:
    made: dict[str, Any] = {}

    def change(cls: type, typeid: str, arguments: Registration) -> None:
        function = arguments.get("callable")
        if typeid == "Note" and function:
            arguments["callable"] = lambda *args, **kwargs: made.setdefault(typeid, function(*args, **kwargs))

    changed_registrations(change)


@mutant("base_manager.register.callable-none-for-clients")
def callable_is_required() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments["create_method"] and arguments.get("callable") is None:
            arguments["create_method"] = False

    changed_registrations(change)


@mutant("base_manager.register.callable-none-without-a-method")
def object_without_a_callable_is_copied() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if not arguments["create_method"]:
            arguments["callable"] = copy.copy

    changed_registrations(change)


@mutant("base_manager.register.proxytype-makes-the-proxies")
def proxytype_is_ignored() -> None:
    changed_registrations(lambda cls, typeid, arguments: arguments.update(proxytype=None))


@mutant("base_manager.register.proxytype-none-makes-a-class")
def default_proxies_have_no_methods() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if typeid == "Note":
            arguments["proxytype"] = managers.BaseProxy

    changed_registrations(change)


@mutant("base_manager.register.exposed-allows-only-its-names", "base_manager.register.exposed-makes-methods")
def exposed_is_ignored() -> None:
    changed_registrations(lambda cls, typeid, arguments: arguments.update(exposed=None))


@mutant("base_manager.register.exposed-allows-private-names")
def private_names_are_never_exposed() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        arguments["exposed"] = [name for name in arguments.get("exposed") or () if not name.startswith("_")]

    changed_registrations(change)


@mutant("base_manager.register.exposed-none-uses-the-proxytype")
def exposed_names_of_the_proxytype_are_ignored() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments.get("proxytype") and not arguments.get("exposed"):
            arguments["exposed"] = managers.public_methods(arguments["callable"]())  # type: ignore[attr-defined]

    changed_registrations(change)


@mutant("base_manager.register.exposed-overrides-the-proxytype")
def exposed_names_are_mixed() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments.get("proxytype") and arguments.get("exposed"):
            arguments["exposed"] = [*arguments["exposed"], *arguments["proxytype"]._exposed_]

    changed_registrations(change)


@mutant("base_manager.register.public-methods-by-default")
def only_methods_of_the_class_are_public() -> None:
    @replace(managers, "public_methods")
    def public_methods(original: Any, item: Any) -> Any:
        return [name for name in original(item) if hasattr(type(item), name)]


@mutant("base_manager.register.others-hidden-by-default")
def private_methods_are_public() -> None:
    @replace(managers, "public_methods")
    def public_methods(original: Any, item: Any) -> Any:
        return [*original(item), "_hidden"]


@mutant("base_manager.register.method_to_typeid-returns-a-proxy")
def method_to_typeid_is_ignored() -> None:
    changed_registrations(lambda cls, typeid, arguments: arguments.update(method_to_typeid=None))


@mutant("base_manager.register.method_to_typeid-none-uses-the-proxytype")
def method_to_typeid_of_the_proxytype_is_ignored() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments.get("proxytype") and not arguments.get("method_to_typeid"):
            arguments["method_to_typeid"] = {"nothing": "Note"}

    changed_registrations(change)


@mutant("base_manager.register.method_to_typeid-overrides-the-proxytype")
def method_to_typeid_is_mixed() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments.get("proxytype") and arguments.get("method_to_typeid"):
            arguments["method_to_typeid"] |= arguments["proxytype"]._method_to_typeid_

    changed_registrations(change)


@mutant("base_manager.register.other-methods-return-copies")
def all_methods_return_proxies() -> None:
    def change(cls: type, typeid: str, arguments: Registration) -> None:
        if arguments.get("method_to_typeid"):
            arguments["method_to_typeid"] |= {"other": "Note"}

    changed_registrations(change)


@mutant("base_manager.register.create_method-false")
def create_method_is_ignored() -> None:
    changed_registrations(lambda cls, typeid, arguments: arguments.update(create_method=True))


@mutant("custom_manager.subclass.keeps-types-of-sync-manager")
def registrations_of_the_base_are_lost() -> None:
    original = managers.BaseManager.register.__func__  # type: ignore[attr-defined]

    def register(cls: Any, *args: Any, **kwargs: Any) -> None:
        if "_registry" not in cls.__dict__:
            cls._registry = {}
        original(cls, *args, **kwargs)

    managers.BaseManager.register = classmethod(register)  # type: ignore[method-assign, assignment]


# SyncManager: what synchronizes


@mutant("sync_manager.class.is-a-base-manager")
def sync_manager_is_a_class_apart() -> None:
    managers.SyncManager = type("SyncManager", (), {})  # type: ignore[misc, assignment]


@mutant("sync_manager.methods.return-proxies")
def event_is_no_proxy() -> None:
    managers.SyncManager.Event = lambda self: threading.Event()  # type: ignore[method-assign, assignment, misc]


@mutant("sync_manager.methods.create-a-new-object-each-time")
def there_is_one_list() -> None:
    only: list[Any] = []
    made_by("list", lambda *args: only)


@mutant(
    "sync_manager.lock.excludes-other-processes",
    "sync_manager.rlock.excludes-other-processes",
    "sync_manager.semaphore.value-bounds-holders",
    "sync_manager.bounded_semaphore.value-bounds-holders",
)
def acquire_does_not_wait() -> None:
    @replace(managers.AcquirerProxy, "acquire")  # type: ignore[attr-defined]
    def acquire(original: Any, self: Any, *args: Any) -> bool:
        original(self, False)
        return True

    @replace(managers.AcquirerProxy, "release")  # type: ignore[attr-defined]
    def release(original: Any, self: Any) -> None:
        try:
            original(self)
        except (RuntimeError, ValueError):
            pass


@mutant("sync_manager.lock.acquire-without-blocking", "sync_manager.lock.released-by-another-process")
def lock_is_an_rlock() -> None:
    made_by("Lock", threading.RLock)


@mutant("sync_manager.lock.acquire-timeout")
def timeout_of_acquire_is_cut_short() -> None:
    @replace(managers.AcquirerProxy, "acquire")  # type: ignore[attr-defined]
    def acquire(original: Any, self: Any, blocking: bool = True, timeout: float | None = None) -> Any:
        return original(self, blocking, timeout and timeout / 50)


@mutant("sync_manager.lock.release-unlocked-raises")
def release_forgives() -> None:
    @replace(managers.AcquirerProxy, "release")  # type: ignore[attr-defined]
    def release(original: Any, self: Any) -> None:
        try:
            original(self)
        except RuntimeError:
            pass


@mutant("sync_manager.rlock.acquired-again-by-its-holder", "sync_manager.rlock.release-by-another-raises")
def rlock_is_a_lock() -> None:
    made_by("RLock", threading.Lock)


@mutant("sync_manager.lock.with-statement")
def with_does_not_release() -> None:
    managers.AcquirerProxy.__exit__ = lambda self, *args: None  # type: ignore[attr-defined]


@mutant("sync_manager.semaphore.value-is-one-by-default")
def default_of_semaphore_is_two() -> None:
    made_by("Semaphore", lambda value=2: threading.Semaphore(value))


@mutant("sync_manager.bounded_semaphore.value-is-one-by-default")
def default_of_bounded_semaphore_is_two() -> None:
    made_by("BoundedSemaphore", lambda value=2: threading.BoundedSemaphore(value))


@mutant("sync_manager.semaphore.released-above-its-value")
def semaphore_is_bounded() -> None:
    made_by("Semaphore", threading.BoundedSemaphore)


@mutant("sync_manager.bounded_semaphore.release-too-often-raises")
def bounded_semaphore_is_not_bounded() -> None:
    made_by("BoundedSemaphore", threading.Semaphore)


@mutant("sync_manager.event.set-wakes-waiters")
def set_does_nothing() -> None:
    managers.EventProxy.set = lambda self: None  # type: ignore[attr-defined]


@mutant("sync_manager.event.is_set-follows-set-and-clear")
def clear_does_nothing() -> None:
    managers.EventProxy.clear = lambda self: None  # type: ignore[attr-defined]


@mutant("sync_manager.event.wait-timeout-returns-false")
def wait_for_an_event_returns_nothing() -> None:
    @replace(managers.EventProxy, "wait")  # type: ignore[attr-defined]
    def wait(original: Any, self: Any, timeout: float | None = None) -> None:
        original(self, timeout)


@mutant("sync_manager.condition.notify-wakes-a-waiter", "sync_manager.condition.notify_all-wakes-every-waiter")
def notify_does_nothing() -> None:
    managers.ConditionProxy.notify = lambda self, n=1: None  # type: ignore[attr-defined]
    managers.ConditionProxy.notify_all = lambda self: None  # type: ignore[attr-defined]


@mutant("sync_manager.condition.uses-the-given-lock")
def given_lock_is_ignored() -> None:
    made_by("Condition", lambda lock=None: threading.Condition())


@mutant("sync_manager.condition.wait_for-waits-until-true")
def wait_for_waits_once() -> None:
    @replace(managers.ConditionProxy, "wait_for")  # type: ignore[attr-defined]
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> Any:
        self.wait(timeout)
        return predicate()


@mutant("sync_manager.condition.wait_for-timeout-returns-the-value")
def wait_for_returns_nothing() -> None:
    @replace(managers.ConditionProxy, "wait_for")  # type: ignore[attr-defined]
    def wait_for(original: Any, self: Any, predicate: Any, timeout: float | None = None) -> None:
        original(self, predicate, timeout)


@mutant("sync_manager.condition.wait-timeout-returns-false")
def wait_for_a_notification_returns_nothing() -> None:
    @replace(managers.ConditionProxy, "wait")  # type: ignore[attr-defined]
    def wait(original: Any, self: Any, timeout: float | None = None) -> None:
        original(self, timeout)


@mutant("sync_manager.condition.not-held-raises")
def notify_forgives() -> None:
    @replace(managers.ConditionProxy, "notify")  # type: ignore[attr-defined]
    def notify(original: Any, self: Any, n: int = 1) -> None:
        try:
            original(self, n)
        except RuntimeError:
            pass


@mutant("sync_manager.barrier.releases-all-parties")
def all_parties_get_the_same_number() -> None:
    @replace(managers.BarrierProxy, "wait")  # type: ignore[attr-defined]
    def wait(original: Any, self: Any, timeout: float | None = None) -> int:
        original(self, timeout)
        return 0


@mutant("sync_manager.barrier.action-is-called-once")
def action_is_ignored() -> None:
    made_by("Barrier", lambda parties, action=None, timeout=None: threading.Barrier(parties, None, timeout))


@mutant("sync_manager.barrier.timeout-breaks-it", "sync_manager.barrier.abort-breaks-waiters")
def broken_barrier_raises_another_error() -> None:
    @replace(managers.BarrierProxy, "wait")  # type: ignore[attr-defined]
    def wait(original: Any, self: Any, timeout: float | None = None) -> Any:
        try:
            return original(self, timeout)
        except threading.BrokenBarrierError:
            raise TimeoutError from None


@mutant("sync_manager.barrier.reset-mends-it")
def reset_does_nothing() -> None:
    managers.BarrierProxy.reset = lambda self: None  # type: ignore[attr-defined]


@mutant("sync_manager.barrier.shows-its-state")
def parties_of_a_barrier_is_wrong() -> None:
    managers.BarrierProxy.parties = property(lambda self: 0)  # type: ignore[attr-defined]


# SyncManager: queues


@mutant("sync_manager.queue.carries-items-between-processes")
def queue_is_last_in_first_out() -> None:
    made_by("Queue", queue.LifoQueue)


class Doubling(queue.Queue):  # type: ignore[type-arg]
    """Puts some items twice."""

    def put(self, item: Any, *args: Any) -> None:
        super().put(item, *args)
        if item[1] % 10 == 0:
            super().put(item, *args)


@mutant("sync_manager.queue.delivery-exactly-once")
def some_items_are_put_twice() -> None:
    made_by("Queue", Doubling)


@mutant("sync_manager.queue.maxsize-bounds-items")
def maxsize_is_ignored() -> None:
    made_by("Queue", lambda maxsize=0: queue.Queue())


@mutant("sync_manager.queue.unbounded-by-default")
def default_of_maxsize_is_a_bound() -> None:
    made_by("Queue", lambda maxsize=100: queue.Queue(maxsize))


class Strange(queue.Queue):  # type: ignore[type-arg]
    """Does not raise Empty, is never full, and knows of no tasks."""

    def get_nowait(self) -> Any:
        try:
            return super().get_nowait()
        except queue.Empty:
            return None

    def full(self) -> bool:
        return False

    def join(self) -> None:
        return


@mutant(
    "sync_manager.queue.empty-raises",
    "sync_manager.queue.tells-its-size",
    "sync_manager.queue.join-waits-for-task_done",
)
def queue_is_strange() -> None:
    made_by("Queue", Strange)


# SyncManager: data


@mutant("sync_manager.value.holds-the-value")
def value_cannot_be_changed() -> None:
    managers.ValueProxy.value = property(managers.ValueProxy.get, lambda self, value: None)  # type: ignore[assignment]


@mutant("sync_manager.value.reads-and-writes-one-by-one")
def value_is_cached() -> None:
    kept: dict[int, Any] = {}

    def get(self: Any) -> Any:
        return kept[id(self)] if id(self) in kept else self.get()

    def put(self: Any, value: Any) -> None:
        kept[id(self)] = value
        self.set(value)

    managers.ValueProxy.value = property(get, put)  # type: ignore[assignment]


@mutant("sync_manager.array.holds-the-sequence")
def last_item_is_lost() -> None:
    made_by("Array", lambda typecode, sequence: array.array(typecode, list(sequence)[:-1]))


@mutant("sync_manager.dict.empty-by-default")
def dict_is_not_empty() -> None:
    made_by("dict", lambda *args, **kwargs: dict(*args or ({"old": 1},), **kwargs))


@mutant("sync_manager.dict.from-a-mapping")
def values_of_a_mapping_are_lost() -> None:
    made_by("dict", lambda source=(), **kwargs: dict.fromkeys(source) if isinstance(source, dict) else dict(source))


@mutant("sync_manager.dict.from-a-sequence")
def first_pair_wins() -> None:
    made_by("dict", lambda source=(), **kwargs: source if isinstance(source, dict) else dict(list(source)[::-1]))


@mutant("sync_manager.dict.popitem-gives-each-item-once")
def popitem_is_two_calls() -> None:
    @replace(managers.DictProxy, "popitem")
    def popitem(original: Any, self: Any) -> Any:
        items = list(self.items())
        if not items:
            raise KeyError
        self.pop(items[-1][0], None)
        return items[-1]


@mutant("sync_manager.list.empty-by-default")
def list_is_not_empty() -> None:
    made_by("list", lambda sequence=("old",): list(sequence))


@mutant("sync_manager.list.from-a-sequence")
def list_is_reversed() -> None:
    made_by("list", lambda sequence=(): list(sequence)[::-1])


@mutant("sync_manager.nesting.inner-objects-are-shared")
def inner_objects_are_copied() -> None:
    @replace(managers.ListProxy, "__getitem__")
    def getitem(original: Any, self: Any, place: Any) -> Any:
        item = original(self, place)
        return item._getvalue() if isinstance(item, managers.BaseProxy) else item


# Namespaces


@mutant("namespace_object.class.registers")
def namespace_needs_an_argument() -> None:
    @replace(managers.Namespace, "__init__")
    def init(original: Any, self: Any, needed: Any, **kwargs: Any) -> None:
        original(self, **kwargs)


@mutant("namespace_object.class.no-public-methods")
def namespace_has_a_method() -> None:
    managers.Namespace.show = lambda self: str(self)  # type: ignore[attr-defined]


@mutant("namespace_object.attributes.are-writable")
def attributes_are_set_once() -> None:
    @replace(managers.NamespaceProxy, "__setattr__")  # type: ignore[attr-defined]
    def setattribute(original: Any, self: Any, name: str, value: Any) -> None:
        if name.startswith("_") or not hasattr(self, name):
            original(self, name, value)


@mutant("namespace_object.attributes.missing-raises")
def missing_attributes_are_none() -> None:
    @replace(managers.NamespaceProxy, "__getattr__")  # type: ignore[attr-defined]
    def getattribute(original: Any, self: Any, name: str) -> Any:
        try:
            return original(self, name)
        except AttributeError:
            return None


@mutant("namespace_object.repr.shows-attributes", "namespace_object.example.global")
def representation_shows_nothing() -> None:
    managers.Namespace.__repr__ = lambda self: "Namespace(...)"  # type: ignore[method-assign, assignment]


@mutant("namespace_object.underscore.belongs-to-the-proxy")
def underscore_is_handed_on() -> None:
    @replace(managers.NamespaceProxy, "__setattr__")  # type: ignore[attr-defined]
    def setattribute(original: Any, self: Any, name: str, value: Any) -> None:
        if name == "_z_":
            self._callmethod("__setattr__", (name, value))
        else:
            original(self, name, value)

    @replace(managers.NamespaceProxy, "__getattr__")  # type: ignore[attr-defined]
    def getattribute(original: Any, self: Any, name: str) -> Any:
        return self._callmethod("__getattribute__", (name,)) if name == "_z_" else original(self, name)


# Customized managers and remote ones


@mutant(
    "custom_manager.example.maths",
    "remote_manager.tcp.clients-share-an-object",
    "remote_manager.unix-socket.clients-share-an-object",
    "remote_manager.example.three-programs",
    "remote_manager.example.local-process",
)
def results_come_in_a_list() -> None:
    @replace(managers.BaseProxy, "_callmethod")
    def callmethod(original: Any, self: Any, name: str, *args: Any) -> Any:
        return [original(self, name, *args)]


@mutant("remote_manager.wrong-key.others-are-served-on")
def wrong_key_ends_the_server() -> None:
    @replace(multiprocessing.connection, "deliver_challenge")
    def deliver_challenge(original: Any, *args: Any) -> None:
        try:
            original(*args)
        except multiprocessing.AuthenticationError:
            os._exit(1)
