"""The daemon flag, and what becomes of children when their parent exits."""

from __future__ import annotations

import sys
from typing import Any

from mpconform.kit import Overdue, backend, promise, verifies

PARENT = """
    import sys

    def record_before_and_after(what, journal, gate, lifelines):
        lifelines.hold()
        journal.write(what + " is up")
        try:
            gate.wait()
        except Overdue:
            journal.write(what + " gave up")
        else:
            journal.write(what + " went on")

    if __name__ == "__main__":
        journal, lifelines, ending = Journal(sys.argv[1]), Lifelines(sys.argv[2]), sys.argv[3]
        children = list(zip(sys.argv[4::2], sys.argv[5::2]))
        for what, path in children:
            child = mp.Process(target=record_before_and_after, args=(what, journal, Gate(path), lifelines))
            child.daemon = what == "daemonic"
            child.start()
        journal.wait(len(children), "children that are up")
        journal.write("the parent exits")
        if ending == "sys.exit":
            sys.exit(3)
        if ending == "exception":
            raise ValueError("on purpose")
    """
"""Starts a child for each kind that it is told; each writes to a journal before and after it waits for a gate."""

STATUS = {"end of the script": 0, "sys.exit": 3, "exception": 1}
"""The ways in which a program exits, and its exit status then."""


class Exiting:
    """Such a program, which exits in one of the ways, and what is known of it."""

    def __init__(self, program: Any, scratch: Any, ending: str, *kinds: str) -> None:
        self.ending = ending
        self.journal, self.lifelines = scratch.journal(), scratch.lifelines()
        self.gates = {what: scratch.gate() for what in kinds}
        children = [text for what, gate in self.gates.items() for text in (what, gate.path)]
        self.running = program.start(PARENT, self.journal.path, self.lifelines.path, ending, *children)


def record_before_and_after(journal: Any, gate: Any, lifelines: Any) -> None:
    """Hold a lifeline, and write to the journal before and after waiting for the gate."""
    lifelines.hold()
    journal.write("the grandchild is up")
    try:
        gate.wait()
    except Overdue:
        journal.write("the grandchild gave up")
    else:
        journal.write("the grandchild went on")


def start_child_and_exit(ending: str, journal: Any, gate: Any, lifelines: Any, daemon: bool) -> None:
    """Hold a lifeline, start a child of this child and leave it to the exit procedure."""
    lifelines.hold()
    child = backend().Process(target=record_before_and_after, args=(journal, gate, lifelines))
    child.daemon = daemon
    child.start()
    journal.wait(1, "grandchild that is up")
    journal.write("the child exits")
    if ending == "sys.exit":
        sys.exit(3)
    if ending == "exception":
        raise ValueError("on purpose")


def try_to_start_children(journal: Any, latch: Any) -> None:
    """Write down what comes of starting children in this process."""
    for daemon in (False, True):
        process = backend().Process(target=latch.arrive, daemon=daemon)
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
def test_main_process_that_exits_while_a_daemonic_child_runs(program, scratch, patience):
    programs = [Exiting(program, scratch, ending, "daemonic") for ending in STATUS]
    with promise("process.daemon.not-joined-at-exit"):
        for one in programs:
            outcome = one.running.outcome()
            found = one.journal.read()
            what = f"a program whose daemonic child runs on when it exits, by {one.ending}"
            assert outcome.status == STATUS[one.ending], f"{what}: {outcome}, promised status {STATUS[one.ending]}"
            assert found == ["daemonic is up", "the parent exits"], f"{what}: recorded {found} until its end"
    with promise("process.daemon.terminated-at-exit"):
        for one in programs:
            outcome = one.running.outcome()
            what = f"the daemonic child of a program that exits by {one.ending} is terminated"
            assert "the parent exits" in one.journal.read(), f"the program did not come to its end: {outcome}"
            with patience.at_once(f"{what}: its end, after that of its parent"):
                one.lifelines.wait_until_ended(what)
            found = one.journal.read()[2:]
            assert found == [], f"{what}: it recorded {found} instead"
    for one in programs:
        one.gates["daemonic"].open()


@verifies("process.exit.joins-non-daemonic-children")
def test_main_process_waits_for_its_other_children(program, scratch, patience):
    programs = [Exiting(program, scratch, ending, "other") for ending in ("end of the script", "exception")]
    for one in programs:
        one.journal.wait(2, "records: a child is up, the parent exits")
    patience.never(
        lambda: [one.ending for one in programs if one.running.process.poll() is not None],
        "a program ends while its non-daemonic child is still running",
    )
    for one in programs:
        one.gates["other"].open()
        outcome = one.running.outcome()
        [pid] = one.lifelines.seen()
        found, what = one.journal.read(), f"a program with a non-daemonic child that exits by {one.ending}"
        assert found[-1] == "other went on", f"{what}: ended when the records were {found}; {outcome}"
        assert one.lifelines.has_ended(pid), f"{what}: ended before its child; {outcome}"
        assert outcome.status == STATUS[one.ending], f"{what}: {outcome}, promised status {STATUS[one.ending]}"


@verifies("process.daemon.order-at-exit")
def test_which_children_go_first_at_exit(program, scratch, patience, observe):
    one = Exiting(program, scratch, "end of the script", "daemonic", "other")
    one.journal.wait(3, "records: two children are up, the parent exits")
    patience.never(
        lambda: one.running.process.poll() is not None, "a program ends while its non-daemonic child is still running"
    )
    one.gates["daemonic"].open()
    try:
        patience.never(lambda: "daemonic went on" in one.journal.read(), "the daemonic child goes on")
    except AssertionError:
        observe("daemonic children are terminated after the others have ended")
    else:
        observe("daemonic children are terminated before the others have ended")
    one.gates["other"].open()
    one.running.outcome()


class ExitingChild:
    """A child that was started, starts a child of its own and exits in one of the ways."""

    def __init__(self, mp: Any, scratch: Any, ending: str, daemon: bool) -> None:
        self.ending, self.gate = ending, scratch.gate()
        self.journal, self.lifelines = scratch.journal(), scratch.lifelines()
        arguments = (ending, self.journal, self.gate, self.lifelines, daemon)
        self.process = mp.Process(target=start_child_and_exit, args=arguments)
        self.process.start()


@verifies("process.daemon.terminated-when-child-exits")
def test_child_terminates_its_daemonic_children(mp, scratch):
    for one in [ExitingChild(mp, scratch, ending, daemon=True) for ending in STATUS]:
        one.journal.wait(2, "records: the grandchild is up, the child exits")
        one.lifelines.wait_until_ended("a child that exits ends, and so does its daemonic child")
        found = one.journal.read()
        one.process.join()
        assert found == ["the grandchild is up", "the child exits"], (
            f"a child whose daemonic child runs on when it exits, by {one.ending}: recorded {found}, promised that it"
            " is terminated"
        )


@verifies("process.exit.child-joins-its-children")
def test_child_waits_for_its_other_children(mp, scratch, patience):
    children = [ExitingChild(mp, scratch, ending, daemon=False) for ending in ("end of the script", "exception")]
    for one in children:
        one.journal.wait(2, "records: the grandchild is up, the child exits")
    patience.never(
        lambda: [one.ending for one in children if one.lifelines.ended()],
        "a child ends while its own non-daemonic child is still running",
    )
    for one in children:
        one.gate.open()
        one.process.join()
        ended, found = one.lifelines.ended(), one.journal.read()
        what = f"a child with a non-daemonic child that exits by {one.ending}"
        assert found[-1] == "the grandchild went on", f"{what}: ended when the records were {found}"
        assert len(ended) == 2, f"{what}: ended before that"


@verifies("process.daemon.may-not-have-children")
def test_daemonic_process_may_not_start_a_child(mp, journal, latch, patience):
    process = mp.Process(target=try_to_start_children, args=(journal, latch))
    process.daemon = True
    process.start()
    journal.wait(2, "records of the daemonic child")
    found = journal.read()
    assert all(answer.startswith("refused") for answer in found), (
        f"start() in a daemonic process, of a process that is no daemon and of one that is: {found}, promised an"
        " exception"
    )
    patience.never(latch.count, "a child runs that a daemonic process has started, although start() raised")
    process.join()
