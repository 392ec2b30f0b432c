"""Mutants of how managers are made and started."""

from __future__ import annotations

import multiprocessing.connection
import multiprocessing.context
import multiprocessing.managers as managers
import multiprocessing.process
import os
import tempfile
import threading
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace
from mutants.managers.common import with_arguments

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


@mutant("base_manager.constructor.ctx-starts-the-process")
def context_is_always_that_of_fork() -> None:
    with_arguments(lambda arguments: arguments.update(ctx=multiprocessing.get_context("fork")))


@mutant("base_manager.constructor.ctx-starts-the-process", "base_manager.constructor.ctx-none-is-the-current-context")
def context_is_always_that_of_spawn() -> None:
    with_arguments(lambda arguments: arguments.update(ctx=multiprocessing.get_context("spawn")))


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


@mutant("base_manager.start.serves-objects")
def start_does_nothing() -> None:
    managers.BaseManager.start = lambda self, *args: None  # type: ignore[method-assign, assignment]


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


@mutant("base_manager.shutdown.waits-for-the-process")
def shutdown_does_not_wait() -> None:
    for name in ("join", "terminate", "kill"):
        setattr(multiprocessing.process.BaseProcess, name, lambda self, timeout=None: None)


@mutant("base_manager.shutdown.terminates-after-the-timeout")
def shutdown_neither_terminates_nor_kills() -> None:
    multiprocessing.process.BaseProcess.terminate = lambda self: None  # type: ignore[method-assign]
    multiprocessing.process.BaseProcess.kill = lambda self: None  # type: ignore[method-assign]


@mutant("base_manager.shutdown.kills-what-ignores-termination")
def shutdown_does_not_kill() -> None:
    multiprocessing.process.BaseProcess.kill = lambda self: None  # type: ignore[method-assign]


@mutant("base_manager.enter.starts-the-server")
def with_does_not_start() -> None:
    managers.BaseManager.__enter__ = lambda self: self  # type: ignore[method-assign]


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
