"""Mutants of how the process of a manager ends."""

from __future__ import annotations

import multiprocessing.managers as managers
import multiprocessing.process
import multiprocessing.util
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from mutants import mutant, replace
from mutants.managers.common import TOO_LONG, with_arguments


def finalizing(change: Callable[..., None]) -> None:
    """Call ``change(original, arguments, options)`` where a manager would be shut down."""
    original = managers.BaseManager._finalize_manager  # type: ignore[attr-defined]
    managers.BaseManager._finalize_manager = staticmethod(  # type: ignore[attr-defined]
        lambda *arguments, **options: change(original, arguments, options)
    )


@mutant(
    "base_manager.shutdown.stops-the-process",
    "base_manager.shutdown.waits-for-the-process",
    "base_manager.exit.shuts-down",
)
def shutdown_returns_at_once() -> None:
    finalizing(lambda original, arguments, options: threading.Thread(None, original, None, arguments, options).start())


@mutant("base_manager.shutdown.waits-for-the-process")
def shutdown_waits_on_when_the_process_has_completed() -> None:
    def change(original: Any, arguments: Any, options: Any) -> None:
        original(*arguments, **options)
        time.sleep(TOO_LONG)

    finalizing(change)


@mutant("base_manager.shutdown.terminates-after-the-timeout", "base_manager.shutdown.kills-what-ignores-termination")
def shutdown_kills_where_it_should_terminate() -> None:
    process: Any = multiprocessing.process.BaseProcess
    process.terminate = process.kill


@mutant("base_manager.shutdown.terminates-after-the-timeout", "base_manager.shutdown.kills-what-ignores-termination")
def shutdown_takes_its_timeout_for_shorter() -> None:
    def change(arguments: dict[str, Any]) -> None:
        arguments["shutdown_timeout"] = arguments.get("shutdown_timeout", 1.0) / 4

    with_arguments(change)


@mutant("base_manager.shutdown.terminates-after-the-timeout", "base_manager.shutdown.kills-what-ignores-termination")
def shutdown_takes_its_timeout_for_longer() -> None:
    def change(arguments: dict[str, Any]) -> None:
        arguments["shutdown_timeout"] = arguments.get("shutdown_timeout", 1.0) + TOO_LONG

    with_arguments(change)


@mutant("base_manager.shutdown.only-after-start")
def shutdown_of_a_connected_manager_ends_the_server() -> None:
    def shutdown(self: Any) -> None:
        connection = managers.listener_client[self._serializer][1](  # type: ignore[attr-defined]
            self._address, authkey=self._authkey
        )
        managers.dispatch(connection, None, "shutdown")  # type: ignore[attr-defined]
        raise AttributeError("shutdown")

    managers.BaseManager.shutdown = shutdown  # type: ignore[method-assign]


def leaving(change: Callable[[Any, Any], bool | None]) -> None:
    """Let ``change(shutdown, exception class)`` do what there is to do at the end of a with statement."""

    @replace(managers.BaseManager, "__exit__")
    def leave(original: Any, self: Any, kind: Any, *error: Any) -> Any:
        return change(lambda: original(self, kind, *error), kind)


@mutant("base_manager.exit.shuts-down")
def with_shuts_down_at_its_end_only() -> None:
    leaving(lambda shutdown, kind: kind or shutdown())


@mutant("base_manager.exit.shuts-down")
def with_shuts_down_after_an_exception_only() -> None:
    leaving(lambda shutdown, kind: kind and shutdown())


@mutant("base_manager.exit.shuts-down")
def with_keeps_exceptions_to_itself() -> None:
    leaving(lambda shutdown, kind: shutdown() or True)


def forget_all_managers() -> None:
    """Leave the processes of all managers to themselves."""
    multiprocessing.util._finalizer_registry.clear()  # type: ignore[attr-defined]
    multiprocessing.process._children.clear()  # type: ignore[attr-defined]


@mutant("manager.exit.ends-with-its-parent")
def a_program_that_raises_leaves_its_managers() -> None:
    sys.excepthook = lambda *ignored: forget_all_managers()


def forgets_after(kind: type[BaseException]) -> None:
    """Let a child whose target raises this leave its managers to themselves."""

    @replace(multiprocessing.process.BaseProcess, "run")
    def run(original: Any, self: Any) -> None:
        try:
            original(self)
        except kind:
            if "Process" in self.name:
                forget_all_managers()
            raise


@mutant("manager.exit.ends-with-a-child-that-made-it")
def a_child_that_raises_leaves_its_managers() -> None:
    forgets_after(Exception)


@mutant("manager.exit.ends-with-a-child-that-made-it")
def a_child_that_calls_exit_leaves_its_managers() -> None:
    forgets_after(SystemExit)


@mutant("manager.exit.ends-with-its-parent")
def a_program_that_calls_exit_leaves_its_managers() -> None:
    original = sys.exit

    def leave(*status: Any) -> Any:
        forget_all_managers()
        return original(*status)

    sys.exit = leave  # type: ignore[assignment]
