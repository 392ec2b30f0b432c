"""run() and start()."""

from __future__ import annotations

import functools
import os
from typing import Any

from mpconform.kit import Overdue, backend, verifies


def record_pid(journal: Any) -> None:
    """Write down the process that this runs in."""
    journal.write(os.getpid())


def record_call(journal: Any, *args: Any, **kwargs: Any) -> None:
    """Write down with what the target was called."""
    journal.write((args, kwargs))


def arrive_and_wait(latch: Any, gate: Any) -> None:
    """Arrive, then run until the gate opens."""
    latch.arrive()
    gate.wait()


def record_whether_the_gate_opens(latch: Any, gate: Any, journal: Any) -> None:
    """Arrive, then write down whether the gate opens before this process gives up."""
    latch.arrive()
    try:
        gate.wait()
    except Overdue:
        journal.write("gave up")
    else:
        journal.write("went on")


@functools.cache
def overriding_process() -> Any:
    """Make a subclass that overrides run(); the backend is known in a run only."""

    class OverridingProcess(backend().Process):  # type: ignore[misc]
        def run(self) -> None:
            [journal] = self.journals
            journal.write("override")

    OverridingProcess.__qualname__ = "OverridingProcess"
    return OverridingProcess


def __getattr__(name: str) -> Any:
    """Let a child that unpickles an instance find its class in this module."""
    if name == "OverridingProcess":
        return overriding_process()
    raise AttributeError(name)


@verifies("process.run.may-be-overridden")
def test_child_executes_the_override_of_run(mp, journal):
    process = overriding_process()(target=record_call, args=(journal,))
    process.journals = [journal]
    process.start()
    journal.wait(1, "record of a child whose class overrides run()")
    process.join()
    assert journal.read() == ["override"], (
        f"a subclass overrides run(): a child recorded {journal.read()}, promised one call of the override"
    )


@verifies("process.start.runs-run")
def test_start_runs_the_target(mp, latch):
    # Nothing but this: nearly every requirement needs it.
    process = mp.Process(target=latch.arrive)
    process.start()
    latch.wait(1, "call of the target after start()")


@verifies("process.start.runs-run-in-another-process")
def test_start_runs_the_target_in_another_process(mp, journal):
    process = mp.Process(target=record_pid, args=(journal,))
    process.start()
    [found] = journal.wait(1, "call of the target after start()")
    assert found != os.getpid(), "start(): the target ran in the calling process, promised a separate one"


@verifies("process.start.returns-while-activity-runs")
def test_start_returns_while_the_child_runs(mp, latch, gate, journal):
    process = mp.Process(target=record_whether_the_gate_opens, args=(latch, gate, journal))
    process.start()
    latch.wait(1, "child that runs")
    gate.open()
    [found] = journal.wait(1, "record of what became of the gate that opens after start()")
    process.join()
    assert found == "went on", (
        f"start(): promised to return while the activity runs; it returned when the child {found} its wait for a gate "
        "that opens after start()"
    )


@verifies("process.start.activity-runs-once")
def test_second_start_does_not_run_the_activity_again(mp, latch, gate, patience):
    process = mp.Process(target=arrive_and_wait, args=(latch, gate))
    process.start()
    latch.wait(1, "child of the first start()")
    try:
        process.start()
    except Exception as error:
        refused = repr(error)
    else:
        refused = "no exception"
    patience.never(lambda: latch.count() > 1, f"a second start() ({refused}) runs the activity again")
    gate.open()
    process.join()


@verifies("process.start.second-call")
def test_second_start(mp, gate, observe):
    process = mp.Process(target=gate.wait)
    process.start()
    try:
        process.start()
    except Exception as error:
        observe(f"raises {type(error).__name__}")
    else:
        observe("returns")
    gate.open()
    process.join()
