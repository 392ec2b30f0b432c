"""pid before start(), and the exit codes of children."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from mpconform.kit import verifies


def return_value(value: Any) -> Any:
    """Return the value."""
    return value


def raise_exception(name: str) -> None:
    """Raise the built-in exception of this name."""
    raise {"ValueError": ValueError, "KeyboardInterrupt": KeyboardInterrupt}[name](f"raised on purpose: {name}")


def die_by_signal(number: int) -> None:
    """End by a signal that this process sends to itself, whatever it does on it otherwise."""
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def exit_codes(mp: Any, target: Callable[..., Any], values: list[Any]) -> list[Any]:
    """Return the exit codes of children that run side by side; each calls the target with one of the values."""
    processes = [mp.Process(target=target, args=(value,)) for value in values]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


@verifies("process.pid.none-before-start")
def test_pid_is_none_before_start(mp):
    process = mp.Process(target=return_value)
    assert process.pid is None, f"pid before start() is {process.pid!r}, promised None"


@verifies("process.exitcode.is-exit-status")
def test_exitcode_is_the_exit_status(mp):
    statuses = [0, 7, 255]
    found = exit_codes(mp, os._exit, statuses)
    assert found == statuses, f"children left by os._exit(), each with one of {statuses}: their exit codes are {found}"


@verifies("process.exitcode.negative-signal")
def test_exitcode_is_the_negative_number_of_the_signal(mp):
    names = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGABRT", "SIGSEGV"]  # the last two leave a core, if they may
    numbers = [getattr(signal, name) for name in names]
    found = exit_codes(mp, die_by_signal, numbers)
    promised = [-number for number in numbers]
    assert found == promised, f"children ended by {', '.join(names)}: exit codes {found}, promised {promised}"


@verifies("process.exitcode.zero-after-run-returns")
def test_exitcode_is_zero_when_run_returned(mp):
    values = [None, 3]
    found = exit_codes(mp, return_value, values)
    assert found == [0, 0], f"children whose targets returned {values}: exit codes {found}, promised 0"


@verifies("process.exitcode.sys-exit-number")
def test_exitcode_is_the_number_given_to_sys_exit(mp):
    numbers = [0, 2, 255]
    found = exit_codes(mp, sys.exit, numbers)
    assert found == numbers, f"children called sys.exit(), each with one of {numbers}: their exit codes are {found}"


@verifies("process.exitcode.one-after-exception")
def test_exitcode_is_one_after_an_exception(mp):
    names = ["ValueError", "KeyboardInterrupt"]
    found = exit_codes(mp, raise_exception, names)
    assert found == [1, 1], f"children whose targets raised {', '.join(names)}: exit codes {found}, promised 1"
