"""The daemon flag, and what becomes of children when their parent exits."""

from __future__ import annotations

from typing import Any

from mpconform.kit import backend, promise, verifies

PARENT = """
    import sys

    def record_before_and_after(what, journal, gate):
        journal.write(what + " is up")
        gate.wait()
        journal.write(what + " went on")

    if __name__ == "__main__":
        journal, gates = Journal(sys.argv[1]), {"daemonic": Gate(sys.argv[2]), "other": Gate(sys.argv[3])}
        for what in sys.argv[4:]:
            arguments = (what, journal, gates[what])
            child = mp.Process(target=record_before_and_after, args=arguments)
            child.daemon = what == "daemonic"
            child.start()
        journal.wait(len(sys.argv) - 4, "children that are up")
        journal.write("the parent exits")
    """
"""Starts a child for each kind that it is told; each writes to a journal before and after it waits for a gate."""


def record_before_and_after(journal: Any, gate: Any, lifelines: Any) -> None:
    """Hold a lifeline, and write to the journal before and after waiting for the gate."""
    lifelines.hold()
    journal.write("the grandchild is up")
    try:
        gate.wait()
    finally:
        journal.write("the grandchild went on")


def start_child_and_exit(journal: Any, gate: Any, lifelines: Any, daemon: bool) -> None:
    """Hold a lifeline, start a child of this child and leave it to the exit procedure."""
    lifelines.hold()
    child = backend().Process(target=record_before_and_after, args=(journal, gate, lifelines))
    child.daemon = daemon
    child.start()
    journal.wait(1, "grandchild that is up")
    journal.write("the child exits")


def try_to_start_child(journal: Any) -> None:
    """Write down what comes of starting a child in this process."""
    process = backend().Process(target=journal.write, args=("the grandchild runs",))
    try:
        process.start()
    except Exception as error:
        journal.write(f"refused: {error!r}")
    else:
        process.join()
        journal.write("start() returned")


@verifies("process.daemon.set-after-start")
def test_daemon_set_after_start(mp, gate, observe):
    process = mp.Process(target=gate.wait)
    process.start()
    try:
        process.daemon = True
    except Exception as error:
        observe(f"raises {type(error).__name__}")
    else:
        observe("takes effect" if process.daemon else "is ignored")
    gate.open()
    process.join()


@verifies("process.daemon.not-joined-at-exit", "process.daemon.terminated-at-exit")
def test_main_process_that_exits_while_a_daemonic_child_runs(program, journal, scratch, patience):
    gate = scratch.gate()
    running = program.start(PARENT, journal.path, gate.path, scratch.path(), "daemonic")
    with promise("process.daemon.not-joined-at-exit"):
        outcome = running.outcome()
        found = journal.read()
        assert outcome.status == 0, (
            f"a program whose daemonic child runs on when it exits: {outcome}, promised status 0"
        )
        assert found == ["daemonic is up", "the parent exits"], (
            f"a program whose daemonic child runs on when it exits: recorded {found} until its end"
        )
    gate.open()
    with promise("process.daemon.terminated-at-exit"):
        outcome = running.outcome()
        assert "the parent exits" in journal.read(), f"the program did not come to its end: {outcome}"
        patience.never(
            lambda: "daemonic went on" in journal.read(),
            "a daemonic child goes on after its parent, the main process of a program, has exited",
        )


@verifies("process.exit.joins-non-daemonic-children")
def test_main_process_waits_for_its_other_children(program, journal, scratch, patience):
    gate = scratch.gate()
    running = program.start(PARENT, journal.path, scratch.path(), gate.path, "other")
    journal.wait(2, "records: a child is up, the parent exits")
    patience.never(
        lambda: running.process.poll() is not None, "a program ends while its non-daemonic child is still running"
    )
    gate.open()
    outcome = running.outcome()
    assert journal.read()[-1] == "other went on", (
        f"a program with a non-daemonic child: ended when the records were {journal.read()}; {outcome}"
    )


@verifies("process.daemon.order-at-exit")
def test_which_children_go_first_at_exit(program, journal, scratch, patience, observe):
    daemonic, other = scratch.gate(), scratch.gate()
    running = program.start(PARENT, journal.path, daemonic.path, other.path, "daemonic", "other")
    journal.wait(3, "records: two children are up, the parent exits")
    patience.never(
        lambda: running.process.poll() is not None, "a program ends while its non-daemonic child is still running"
    )
    daemonic.open()
    try:
        patience.never(lambda: "daemonic went on" in journal.read(), "the daemonic child goes on")
    except AssertionError:
        observe("daemonic children are terminated after the others have ended")
    else:
        observe("daemonic children are terminated before the others have ended")
    other.open()
    running.outcome()


@verifies("process.daemon.terminated-when-child-exits")
def test_child_terminates_its_daemonic_children(mp, journal, gate, lifelines):
    process = mp.Process(target=start_child_and_exit, args=(journal, gate, lifelines, True))
    process.start()
    journal.wait(2, "records: the grandchild is up, the child exits")
    lifelines.wait_until_ended("a child that exits ends, and so does its daemonic child")
    found = journal.read()
    process.join()
    assert found == ["the grandchild is up", "the child exits"], (
        f"a child whose daemonic child runs on when it exits: recorded {found}, promised that it is terminated"
    )


@verifies("process.exit.child-joins-its-children")
def test_child_waits_for_its_other_children(mp, journal, gate, lifelines, patience):
    process = mp.Process(target=start_child_and_exit, args=(journal, gate, lifelines, False))
    process.start()
    journal.wait(2, "records: the grandchild is up, the child exits")
    patience.never(lifelines.ended, "a child ends while its own non-daemonic child is still running")
    gate.open()
    lifelines.wait_until_ended("a child ends when its own child has ended")
    process.join()
    found = journal.read()
    assert found[-1] == "the grandchild went on", (
        f"a child with a non-daemonic child: ended when the records were {found}"
    )


@verifies("process.daemon.may-not-have-children")
def test_daemonic_process_may_not_start_a_child(mp, journal):
    process = mp.Process(target=try_to_start_child, args=(journal,))
    process.daemon = True
    process.start()
    journal.wait(1, "record of the daemonic child")
    process.join()
    found = journal.read()
    assert len(found) == 1 and found[0].startswith("refused"), (
        f"start() in a daemonic process: {found}, promised an exception and no grandchild"
    )
