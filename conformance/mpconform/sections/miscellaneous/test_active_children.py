"""active_children(): which children it returns, and that it joins those that have ended."""

from __future__ import annotations

import os
from typing import Any

from mpconform.kit import backend, raises, verifies


def record_own_children(journal: Any, gate: Any) -> None:
    """Write down the pids of this child's children, before and while there is one; the pid of that one comes last."""
    mp = backend()
    before = [child.pid for child in mp.active_children()]
    grandchild = mp.Process(target=gate.wait)
    grandchild.start()
    journal.write((before, [child.pid for child in mp.active_children()], grandchild.pid))
    grandchild.join()


@verifies("active_children.call.returns-live-children")
def test_active_children_returns_all_that_run(mp, gate):
    children = [mp.Process(target=gate.wait, daemon=daemon) for daemon in (True, False)]
    for child in children:
        child.start()
    found = mp.active_children()
    gate.open()
    for child in children:
        child.join()
    assert isinstance(found, list), f"active_children() returned a {type(found).__name__}, promised a list"
    assert {id(child) for child in found} == {id(child) for child in children} and len(found) == 2, (
        f"active_children() with a daemonic and another child returned {found}, promised {children}"
    )


@verifies("active_children.call.empty-without-children")
def test_active_children_is_empty_until_a_child_is_started(mp):
    process = mp.Process(target=print)
    found = mp.active_children()
    assert found == [], f"active_children() returned {found}, promised [] while {process} is made and not started"


@verifies("active_children.call.drops-ended-children")
def test_active_children_leaves_out_what_has_ended(mp, gate, patience):
    children = [mp.Process(target=print), mp.Process(target=gate.wait)]
    for child in children:
        child.start()
    patience.until(
        lambda: children[0] not in mp.active_children(), "active_children() leaves out a child that has ended"
    )
    found = mp.active_children()
    gate.open()
    for child in children:
        child.join()
    assert found == children[1:], f"active_children() returned {found}, promised the child that runs, {children[1:]}"


@verifies("active_children.call.joins-ended-children")
def test_active_children_leaves_no_zombie(mp):
    child = mp.Process(target=print)
    child.start()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # until it has ended; it stays a zombie
    mp.active_children()
    with raises(ChildProcessError, "waitid() for the zombie of a child that active_children() is promised to join"):
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    assert child.exitcode == 0, f"exitcode after active_children() has joined the child: {child.exitcode!r}, promised 0"


@verifies("active_children.call.own-children-only")
def test_active_children_of_parent_and_child(mp, journal, gate):
    sibling = mp.Process(target=gate.wait)
    sibling.start()
    child = mp.Process(target=record_own_children, args=(journal, gate), daemon=False)
    child.start()
    [(before, meanwhile, grandchild)] = journal.wait(1, "record of a child's own children")
    found = {process.pid for process in mp.active_children()}
    gate.open()
    child.join()
    sibling.join()
    assert before == [], f"active_children() in a child that has started none: pids {before}, promised none"
    assert meanwhile == [grandchild], (
        f"active_children() in a child: pids {meanwhile}, promised its own, {[grandchild]}"
    )
    assert found == {sibling.pid, child.pid}, (
        f"active_children() in the parent: pids {found}, promised its own, {sibling.pid} and {child.pid};"
        f" {grandchild} is its child's"
    )


@verifies("active_children.call.children-of-all-contexts")
def test_active_children_of_another_context(mp, start_method, gate):
    other = mp.get_context("spawn" if start_method == "fork" else "fork")
    children = [context.Process(target=gate.wait) for context in (mp, other)]
    for child in children:
        child.start()
    found = {child.pid for child in mp.active_children()}
    gate.open()
    for child in children:
        child.join()
    promised = {child.pid for child in children}
    assert found == promised, (
        f"active_children() with a child of each of two contexts: pids {found}, promised all, {promised}"
    )
