"""active_children(): which children it returns, and that it joins those that have ended."""

from __future__ import annotations

import os
from typing import Any

from mpconform.kit import backend, promise, raises, verifies
from mpconform.sections.miscellaneous.helpers import other_than


def names_of(children: Any) -> list[str]:
    """Return the names of some children."""
    return [child.name for child in children]


def hold_and_wait(lifelines: Any, gate: Any) -> None:
    """Hold a lifeline, and run until the gate opens."""
    lifelines.hold()
    gate.wait()


def record_own_children(journal: Any, gate: Any) -> None:
    """Write down the names of this child's children, before and while there is one."""
    mp = backend()
    before = names_of(mp.active_children())
    grandchild = mp.Process(target=gate.wait, name="grandchild")
    grandchild.start()
    journal.write((before, names_of(mp.active_children())))
    grandchild.join()


@verifies(
    "active_children.call.empty-without-children",
    "active_children.call.returns-live-children",
    "active_children.call.drops-ended-children",
)
def test_active_children_are_those_that_run(mp, scratch, patience):
    gates, lifelines = [scratch.gate(), scratch.gate()], [scratch.lifelines(), scratch.lifelines()]
    children = [mp.Process(target=hold_and_wait, args=both) for both in zip(lifelines, gates, strict=True)]
    with promise("active_children.call.empty-without-children"):
        found = mp.active_children()
        assert found == [], f"active_children() returned {found}, promised [] while {children} are made and not started"
    children[0].daemon = True
    for child in children:
        child.start()
    with promise("active_children.call.returns-live-children"):
        found = mp.active_children()
        assert isinstance(found, list), f"active_children() returned a {type(found).__name__}, promised a list"
        assert {id(child) for child in found} == {id(child) for child in children} and len(found) == 2, (
            f"active_children() with a daemonic and another child returned {found}, promised {children}"
        )
    for one in lifelines:
        one.wait(1, "child that runs")
    gates[0].open()
    lifelines[0].wait_until_ended("the child ends")
    with promise("active_children.call.drops-ended-children"):
        what = "active_children() leaves out a child that has ended"
        answers: list[Any] = [children]
        with patience.at_once(f"{what}: from its end on"):
            patience.until(lambda: answers.append(mp.active_children()) or children[0] not in answers[-1], what)
        for found in (answers[-1], mp.active_children()):
            assert found == children[1:], (
                f"active_children() returned {found}, promised the child that runs, {children[1:]}"
            )
    gates[1].open()
    for child in children:
        child.join()


@verifies("active_children.call.joins-ended-children")
def test_active_children_leaves_no_zombie(mp, gate):
    children = [mp.Process(target=gate.wait) for _ in range(2)]
    for child in children:
        child.start()
    gate.open()  # none ends before all are started, because start() may join them too
    for child in children:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # until it has ended; it stays a zombie
    found = mp.active_children()
    assert found == [], f"active_children() returned {found} when all children have ended, promised []"
    for child in children:
        with raises(ChildProcessError, "waitid() for the zombie of a child that active_children() is promised to join"):
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        code = child.exitcode
        assert code == 0, f"exitcode after active_children() has joined the child: {code!r}, promised 0"


@verifies("active_children.call.own-children-only")
def test_active_children_of_parent_and_child(mp, journal, gate):
    sibling = mp.Process(target=gate.wait, name="sibling")
    sibling.start()
    child = mp.Process(target=record_own_children, args=(journal, gate), name="child")
    child.start()
    [(before, meanwhile)] = journal.wait(1, "record of a child's own children")
    found = names_of(mp.active_children())
    gate.open()
    child.join()
    sibling.join()
    assert before == [], f"active_children() in a child that has started none: {before}, promised none"
    assert meanwhile == ["grandchild"], f"active_children() in a child: {meanwhile}, promised its own, the grandchild"
    assert sorted(found) == ["child", "sibling"], (
        f"active_children() in the parent: {found}, promised its own, the child and its sibling"
    )


@verifies("active_children.call.children-of-all-contexts")
def test_active_children_of_another_context(mp, package, start_method, gate):
    other = mp.get_context(other_than(start_method, package.get_all_start_methods()))
    children = [context.Process(target=gate.wait) for context in (mp, other)]
    for child in children:
        child.start()
    found = mp.active_children()
    gate.open()
    for child in children:
        child.join()
    assert {id(child) for child in found} == {id(child) for child in children}, (
        f"active_children() with a child of each of two contexts returned {found}, promised both, {children}"
    )
