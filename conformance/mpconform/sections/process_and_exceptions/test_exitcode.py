"""pid and exitcode."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from mpconform.kit import each, verifies


def record_pid_and_wait(journal: Any, gate: Any) -> None:
    """Write down the process that this runs in, then run until the gate opens."""
    journal.write(os.getpid())
    gate.wait()


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


@verifies("process.pid.none-before-start")
def test_pid_is_none_before_start(mp):
    process = mp.Process(target=return_value)
    assert process.pid is None, f"pid before start() is {process.pid!r}, promised None"


@verifies("process.pid.is-process-id")
def test_pid_is_that_of_the_child(mp, journal, gate):
    process = mp.Process(target=record_pid_and_wait, args=(journal, gate))
    process.start()
    found = process.pid
    [promised] = journal.wait(1, "record of the child's process ID")
    gate.open()
    process.join()
    assert found == promised, f"pid after start() is {found!r}, promised the child's os.getpid(), {promised}"


@verifies("process.exitcode.none-before-termination")
def test_exitcode_is_none_until_the_child_terminates(mp, gate):
    process = mp.Process(target=gate.wait)
    before = process.exitcode
    process.start()
    running = process.exitcode
    gate.open()
    process.join()
    assert before is None, f"exitcode before start() is {before!r}, promised None"
    assert running is None, f"exitcode of a child that runs is {running!r}, promised None"


@verifies("process.exitcode.is-exit-status")
@each("status", [0, 1, 7, 255])
def test_exitcode_is_the_exit_status(mp, status):
    process = mp.Process(target=os._exit, args=(status,))
    process.start()
    process.join()
    assert process.exitcode == status, f"child left by os._exit({status}): exitcode is {process.exitcode!r}"


@verifies("process.exitcode.negative-signal")
@each("name", ["SIGKILL", "SIGTERM"])
def test_exitcode_is_the_negative_number_of_the_signal(mp, journal, gate, name):
    number = getattr(signal, name)
    process = mp.Process(target=record_pid_and_wait, args=(journal, gate))
    process.start()
    [pid] = journal.wait(1, "record of the child's process ID")
    os.kill(pid, number)
    process.join()
    assert process.exitcode == -number, f"child ended by {name}: exitcode is {process.exitcode!r}, promised {-number}"


@verifies("process.exitcode.negative-signal")
def test_exitcode_is_the_negative_number_of_any_signal_that_ends_the_child(mp):
    names = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGSEGV", "SIGPIPE", "SIGALRM", "SIGUSR1", "SIGXCPU"]
    numbers = [getattr(signal, name) for name in names]
    processes = [mp.Process(target=die_by_signal, args=(number,)) for number in numbers]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    found = [process.exitcode for process in processes]
    assert found == [-number for number in numbers], (
        f"children ended by their own {', '.join(names)}: exit codes {found}, promised {[-n for n in numbers]}"
    )


@verifies("process.exitcode.zero-after-run-returns")
@each("value", [None, 3])
def test_exitcode_is_zero_when_run_returned(mp, value):
    process = mp.Process(target=return_value, args=(value,))
    process.start()
    process.join()
    assert process.exitcode == 0, f"child's target returned {value!r}: exitcode is {process.exitcode!r}, promised 0"


@verifies("process.exitcode.sys-exit-number")
@each("number", [0, 1, 2, 100, 255])
def test_exitcode_is_the_number_given_to_sys_exit(mp, number):
    process = mp.Process(target=sys.exit, args=(number,))
    process.start()
    process.join()
    assert process.exitcode == number, f"child called sys.exit({number}): exitcode is {process.exitcode!r}"


@verifies("process.exitcode.one-after-exception")
@each("name", ["ValueError", "KeyboardInterrupt"])
def test_exitcode_is_one_after_an_exception(mp, name):
    process = mp.Process(target=raise_exception, args=(name,))
    process.start()
    process.join()
    assert process.exitcode == 1, f"child's target raised {name}: exitcode is {process.exitcode!r}, promised 1"
