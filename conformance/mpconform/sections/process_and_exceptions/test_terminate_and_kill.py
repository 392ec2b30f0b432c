"""terminate() and kill()."""

from __future__ import annotations

import atexit
import signal
import subprocess
import sys
from typing import Any

from mpconform.kit import each, verifies
from mpconform.kit.program import with_tools

DESCENDANT = """
import sys

journal, gate = Journal(sys.argv[1]), Gate(sys.argv[2])
journal.write("the descendant is up")
gate.wait()
journal.write("the descendant went on")
"""
"""Writes to a journal before and after it waits for a gate."""


def wait_with_finally(journal: Any, gate: Any) -> None:
    """Run until the gate opens, with a finally clause that would be seen."""
    try:
        journal.write("the child is up")
        gate.wait()
    finally:
        journal.write("finally clause")


def wait_with_exit_handler(journal: Any, gate: Any) -> None:
    """Run until the gate opens, with an exit handler that would be seen."""
    atexit.register(journal.write, "exit handler")
    journal.write("the child is up")
    gate.wait()


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


def start_descendant_and_wait(journal: Any, gate: Any) -> None:
    """Start a process below this one, by other means than the backend, then run until the gate opens."""
    subprocess.Popen([sys.executable, "-c", with_tools(DESCENDANT), journal.path, gate.path])
    gate.wait()


@verifies("process.terminate.ends-process")
def test_terminate_ends_a_running_child(mp, gate, patience):
    process = mp.Process(target=gate.wait)
    process.start()
    process.terminate()
    process.join(patience.awaiting / 2)
    ended = process.exitcode is not None
    gate.open()
    process.join()
    assert ended, f"terminate() on a running child: it still runs {patience.awaiting / 2:.0f} s later"
    assert process.exitcode != 0, "terminate() on a running child: exitcode is 0 as if it had run to its end"


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


@verifies("process.terminate.skips-finally")
def test_terminated_child_skips_finally_clauses(mp, journal, gate):
    process = mp.Process(target=wait_with_finally, args=(journal, gate))
    process.start()
    journal.wait(1, "child that is up")
    process.terminate()
    process.join()
    assert journal.read() == ["the child is up"], (
        f"terminate(): the child recorded {journal.read()}, no finally promised"
    )


@verifies("process.terminate.skips-exit-handlers")
def test_terminated_child_skips_exit_handlers(mp, journal, gate):
    process = mp.Process(target=wait_with_exit_handler, args=(journal, gate))
    process.start()
    journal.wait(1, "child that is up")
    process.terminate()
    process.join()
    assert journal.read() == ["the child is up"], (
        f"terminate(): the child recorded {journal.read()}, no handler promised"
    )


@verifies("process.terminate.spares-descendants")
def test_descendants_of_a_terminated_child_run_on(mp, journal, gate):
    process = mp.Process(target=start_descendant_and_wait, args=(journal, gate))
    process.start()
    journal.wait(1, "descendant that is up")
    process.terminate()
    process.join()
    gate.open()
    found = journal.wait(2, "records: the descendant is up, and it went on after terminate() on its parent")
    assert found[1] == "the descendant went on", f"terminate(): the descendant recorded {found}"


@verifies("process.kill.ends-process")
def test_kill_ends_a_running_child(mp, gate, patience):
    process = mp.Process(target=gate.wait)
    assert hasattr(process, "kill"), "kill(): promised, but a process has no such method"
    process.start()
    process.kill()
    process.join(patience.awaiting / 2)
    ended = process.exitcode is not None
    gate.open()
    process.join()
    assert ended, f"kill() on a running child: it still runs {patience.awaiting / 2:.0f} s later"
    assert process.exitcode != 0, "kill() on a running child: exitcode is 0 as if it had run to its end"


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


@verifies("process.kill.skips-finally")
@each("target", [wait_with_finally, wait_with_exit_handler])
def test_killed_child_skips_finally_clauses_and_exit_handlers(mp, journal, gate, target):
    process = mp.Process(target=target, args=(journal, gate))
    process.start()
    journal.wait(1, "child that is up")
    process.kill()
    process.join()
    assert journal.read() == ["the child is up"], f"kill(): the child recorded {journal.read()}, promised nothing more"


@verifies("process.kill.spares-descendants")
def test_descendants_of_a_killed_child_run_on(mp, journal, gate):
    process = mp.Process(target=start_descendant_and_wait, args=(journal, gate))
    process.start()
    journal.wait(1, "descendant that is up")
    process.kill()
    process.join()
    gate.open()
    found = journal.wait(2, "records: the descendant is up, and it went on after kill() on its parent")
    assert found[1] == "the descendant went on", f"kill(): the descendant recorded {found}"


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


@verifies("process.repr.shows-state")
def test_text_form_shows_the_state(mp, gate):
    process = mp.Process(target=gate.wait)
    initial = repr(process)
    process.start()
    started = repr(process)
    process.terminate()
    process.join()
    stopped = repr(process)
    assert "initial" in initial, f"repr() before start(): {initial!r}, promised to show 'initial'"
    assert "started" in started, f"repr() after start(): {started!r}, promised to show 'started'"
    assert "stopped" in stopped, f"repr() after terminate() and join(): {stopped!r}, promised to show 'stopped'"
