"""The exit codes of children, by the way in which they end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from mpconform.kit import promise, verifies


class Nameless(BaseException):
    """An exception that tells nothing of itself, and that is no Exception."""

    def __str__(self) -> str:
        raise ValueError("no text")

    def __reduce__(self) -> Any:
        raise TypeError("not to be pickled")


def return_value(value: Any) -> Any:
    """Return the value."""
    return value


def return_function() -> Any:
    """Return what cannot be pickled."""
    return lambda: None


def raise_exception(name: str) -> None:
    """Raise the exception of this name."""
    raise {"ValueError": ValueError, "KeyboardInterrupt": KeyboardInterrupt, "Nameless": Nameless}[name]("on purpose")


def exit_from_a_finally_clause(status: int) -> None:
    """Raise an exception, and leave by sys.exit() while it is on its way."""
    try:
        raise ValueError("on purpose")
    finally:
        sys.exit(status)


def end_without_standard_error(end: Callable[[Any], None], argument: Any) -> None:
    """End in some way, where nothing can be written to the standard error stream."""
    sys.stderr.close()
    end(argument)


def die_by_signal(number: int) -> None:
    """End by a signal that this process sends to itself, whatever it does on it otherwise."""
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def exit_codes(mp: Any, *ways: tuple[Any, ...]) -> list[Any]:
    """Return the exit codes of children that run side by side; each way is a target and its arguments."""
    processes = [mp.Process(target=target, args=arguments) for target, *arguments in ways]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


@verifies(
    "process.exitcode.is-exit-status",
    "process.exitcode.zero-after-run-returns",
    "process.exitcode.sys-exit-number",
    "process.exitcode.one-after-exception",
)
def test_exitcode_of_each_kind_of_ending(mp):
    with promise("process.exitcode.is-exit-status"):
        found = exit_codes(mp, *((os._exit, status) for status in (0, 7, 255)))
        assert found == [0, 7, 255], f"children left by os._exit() with 0, 7 and 255: their exit codes are {found}"
    with promise("process.exitcode.zero-after-run-returns"):
        found = exit_codes(mp, (return_value, None), (return_value, 3), (return_function,))
        assert found == [0, 0, 0], f"children whose targets returned None, 3 and a function: {found}, promised 0"
    with promise("process.exitcode.sys-exit-number"):
        ways = [(sys.exit, 0), (sys.exit, 2), (sys.exit, 255), (exit_from_a_finally_clause, 3)]
        found = exit_codes(mp, *ways, (end_without_standard_error, sys.exit, 4))
        assert found == [0, 2, 255, 3, 4], (
            "children called sys.exit() with 0, 2, 255, 3 while an exception was on its way, and 4 with a closed"
            f" sys.stderr: their exit codes are {found}"
        )
    with promise("process.exitcode.one-after-exception"):
        names = ["ValueError", "KeyboardInterrupt", "Nameless"]
        raising = [(raise_exception, name) for name in names]
        found = exit_codes(mp, *raising, (end_without_standard_error, raise_exception, "ValueError"))
        assert found == [1, 1, 1, 1], (
            f"children whose targets raised {', '.join(names)} (which has no text), and ValueError with a closed"
            f" sys.stderr: exit codes {found}, promised 1"
        )


@verifies("process.exitcode.sys-exit-other-argument")
def test_exitcode_after_sys_exit_without_an_integer_of_eight_bits(mp, observe):
    arguments = [(), ("a text",), (-1,), (256,), (True,)]
    found = exit_codes(mp, *((sys.exit, *given) for given in arguments))
    observe(", ".join(f"sys.exit{given}: {code}" for given, code in zip(arguments, found, strict=True)))


@verifies("process.exitcode.negative-signal")
def test_exitcode_is_the_negative_number_of_the_signal(mp):
    names = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGABRT", "SIGSEGV"]  # the last two leave a core, if they may
    names += [name for name in ("SIGRTMAX",) if hasattr(signal, name)]
    numbers = [getattr(signal, name) for name in names]
    found = exit_codes(mp, *((die_by_signal, number) for number in numbers))
    promised = [-number for number in numbers]
    assert found == promised, f"children ended by {', '.join(names)}: exit codes {found}, promised {promised}"
