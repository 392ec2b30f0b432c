"""terminate() and kill()."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
from typing import Any

from mpconform.kit import Overdue, backend, promise, verifies
from mpconform.kit.cell import START_METHOD
from mpconform.kit.program import with_tools

DESCENDANT = """
import sys

journal, gate = Journal(sys.argv[1]), Gate(sys.argv[2])
journal.write("the descendant is up")
gate.wait()
journal.write("the descendant went on")
"""
"""Writes to a journal before and after it waits for a gate."""


GAVE_UP = "the child ran on until it gave up"


def hold_and_leave_traces(lifelines: Any, journal: Any, gate: Any) -> None:
    """Hold a lifeline, and run until the gate opens, with a finally clause and an exit handler that would be seen."""
    lifelines.hold()
    atexit.register(journal.write, "exit handler")
    try:
        journal.write("the child is up")
        gate.wait()
    except Overdue:
        journal.write(GAVE_UP)
    finally:
        journal.write("finally clause")


def wait_with_sigterm_handler(journal: Any, gate: Any) -> None:
    """Run until the gate opens, and write down a SIGTERM that arrives before."""
    signal.signal(signal.SIGTERM, lambda number, frame: journal.write(("received", number)))
    journal.write("the child is up")
    gate.wait()


def wait_and_ignore_sigterm(journal: Any, gate: Any) -> None:
    """Run until the gate opens, unmoved by SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    journal.write("the child is up")
    gate.wait()


def record_before_and_after(journal: Any, gate: Any) -> None:
    """Write to the journal before and after waiting for the gate."""
    journal.write("the descendant is up")
    gate.wait()
    journal.write("the descendant went on")


def start_descendants_and_wait(lifelines: Any, journal: Any, gate: Any) -> None:
    """Hold a lifeline, start processes below this one, also by other means than the backend; run until it opens."""
    lifelines.hold()
    subprocess.Popen([sys.executable, "-c", with_tools(DESCENDANT), journal.path, gate.path])
    if os.environ[START_METHOD] == "fork":  # others leave files behind when they are ended
        backend().Process(target=record_before_and_after, args=(journal, gate)).start()
    gate.wait()


@verifies("process.terminate.sends-sigterm")
def test_terminate_sends_sigterm(mp, journal, gate):
    process = mp.Process(target=wait_with_sigterm_handler, args=(journal, gate))
    process.start()
    journal.wait(1, "child that has set its handler")
    process.terminate()
    found = journal.wait(2, "records: the child is up, and what its handler for SIGTERM received")
    gate.open()
    process.join()
    assert found[1] == ("received", signal.SIGTERM), f"terminate(): the child recorded {found[1]}, promised a SIGTERM"


@verifies("process.terminate.ends-process", "process.terminate.skips-finally", "process.terminate.skips-exit-handlers")
def test_terminated_child_does_nothing_more(mp, lifelines, journal, gate):
    process = mp.Process(target=hold_and_leave_traces, args=(lifelines, journal, gate))
    process.start()
    journal.wait(1, "child that is up")
    process.terminate()
    lifelines.wait_until_ended("terminate() ends a running child")
    found = journal.read()
    process.join()
    with promise("process.terminate.ends-process"):
        assert GAVE_UP not in found, f"terminate(): the child recorded {found}, promised is that it ends"
    with promise("process.terminate.skips-finally"):
        assert "finally clause" not in found, f"terminate(): the child recorded {found}, no finally promised"
    with promise("process.terminate.skips-exit-handlers"):
        assert "exit handler" not in found, f"terminate(): the child recorded {found}, no handler promised"


def check_descendants_run_on(mp: Any, scratch: Any, start_method: str, end: str) -> None:
    """Check that the processes that a child has started run on when the method ``end`` ends the child."""
    lifelines, journal, gate = scratch.lifelines(), scratch.journal(), scratch.gate()
    process = mp.Process(target=start_descendants_and_wait, args=(lifelines, journal, gate))
    process.start()
    count = 2 if start_method == "fork" else 1
    journal.wait(count, "descendants that are up")
    getattr(process, end)()
    lifelines.wait_until_ended(f"{end}() ends a running child")
    gate.open()
    found = journal.wait(2 * count, f"records: descendants are up, and they went on after {end}() on their parent")
    process.join()
    assert found[count:] == ["the descendant went on"] * count, f"{end}(): the descendants recorded {found}"


@verifies("process.terminate.spares-descendants", "process.kill.spares-descendants")
def test_descendants_of_a_child_that_was_ended_run_on(mp, scratch, start_method):
    with promise("process.terminate.spares-descendants"):
        check_descendants_run_on(mp, scratch, start_method, "terminate")
    with promise("process.kill.spares-descendants"):
        check_descendants_run_on(mp, scratch, start_method, "kill")


@verifies("process.kill.sends-sigkill")
def test_kill_sends_sigkill(mp, journal, gate):
    process = mp.Process(target=wait_and_ignore_sigterm, args=(journal, gate))
    process.start()
    journal.wait(1, "child that ignores SIGTERM")
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL, (
        f"kill() on a child that ignores SIGTERM: exitcode is {process.exitcode!r}, promised {-signal.SIGKILL}"
    )


@verifies("process.kill.ends-process", "process.kill.skips-finally")
def test_killed_child_does_nothing_more(mp, lifelines, journal, gate):
    process = mp.Process(target=hold_and_leave_traces, args=(lifelines, journal, gate))
    assert hasattr(process, "kill"), "kill(): promised, but a process has no such method"
    process.start()
    journal.wait(1, "child that is up")
    process.kill()
    lifelines.wait_until_ended("kill() ends a running child")
    found = journal.read()
    process.join()
    with promise("process.kill.ends-process"):
        assert GAVE_UP not in found, f"kill(): the child recorded {found}, promised is that it ends"
    with promise("process.kill.skips-finally"):
        assert not {"finally clause", "exit handler"} & {*found}, f"kill(): the child recorded {found}"


@verifies("process.example.terminated-child")
def test_life_of_a_terminated_child(mp, gate):
    process = mp.Process(target=gate.wait)
    alive = [process.is_alive()]
    process.start()
    alive.append(process.is_alive())
    process.terminate()
    process.join()
    alive.append(process.is_alive())
    assert alive == [False, True, False], (
        f"is_alive() before start(), after it and after terminate(): {alive}, promised [False, True, False]"
    )
    assert process.exitcode == -signal.SIGTERM, (
        f"exitcode after terminate() is {process.exitcode!r}, promised {-signal.SIGTERM}"
    )
