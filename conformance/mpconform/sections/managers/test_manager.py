"""Manager(): what it returns, where its objects live, and how its process ends."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Any

from mpconform.kit import Journal, Lifelines, backend, promise, verifies
from mpconform.sections.managers.helpers import desk, in_child, managed, there

PARENT = """
    import signal
    import sys
    import tempfile

    class There:
        def __init__(self, function, *arguments):
            self.call = function, arguments

        def __reduce__(self):
            return self.call

    if __name__ == "__main__":
        # What a process that is killed leaves there does no harm.
        os.environ["TMPDIR"] = tempfile.tempdir = os.path.dirname(sys.argv[1])
        manager = mp.Manager()
        Journal(sys.argv[2]).write(manager.list([There(Lifelines(sys.argv[1]).hold)])[0])
    """
ENDS = ("pass", "sys.exit(3)", "raise ValueError('the end')")
"""The ways in which a program, or a child, comes to its end and says goodbye."""

"""Makes a manager, whose process holds a lifeline, and writes down the id of that process."""


def note_list_and_change_both(numbers: Any, words: Any) -> list[Any]:
    """Return what the list holds; change the list and the dict."""
    before = list(numbers)
    numbers.append(3)
    words["child"] = "here"
    return before


def fails(function: Any, *arguments: Any) -> bool:
    """Return whether the call raises; keep nothing of the exception, whose buffers some interpreters cannot collect."""
    try:
        function(*arguments)
    except Exception:
        return True
    return False


def make_manager(journal: Journal, lifelines: Lifelines, end: str) -> None:
    """Make a manager and leave it to the end of this process, which comes in this way."""
    manager = backend().Manager()
    there(manager, lifelines.hold)
    journal.write("the child ends")
    if end == ENDS[1]:
        sys.exit(3)
    if end == ENDS[2]:
        raise ValueError("the end")


@verifies("manager.call.returns-started-manager", "manager.call.returns-a-sync-manager")
def test_manager_returns_a_sync_manager_that_creates_objects_at_once(mp):
    with managed(mp) as manager:
        with promise("manager.call.returns-started-manager"):
            numbers, words = manager.list([1, 2]), manager.dict({"a": 1})
            found = numbers[1], words["a"]
            assert found == (2, 1), (
                f"an item of a list and one of a dict of Manager() are {found}, promised are 2 and 1"
            )
        with promise("manager.call.returns-a-sync-manager"):
            kind = mp.managers.SyncManager
            assert isinstance(manager, kind), (
                f"Manager() returned an instance of {type(manager)!r}, promised is managers.SyncManager, {kind!r}"
            )


@verifies("manager.call.server-is-another-process")
def test_objects_of_each_manager_live_in_a_process_of_their_own(mp):
    with managed(mp) as one, managed(mp) as other:
        found = [os.getpid(), there(one, os.getpid), there(other, os.getpid)]
    assert len(set(found)) == 3, (
        f"this process is {found[0]}, objects of two managers live in {found[1]} and {found[2]}; promised are three"
    )


@verifies("manager.call.shares-objects-between-processes")
def test_changes_of_one_process_are_seen_by_another(mp, scratch):
    with managed(mp) as manager:
        numbers, words = manager.list([1]), manager.dict()
        numbers.append(2)
        seen = in_child(mp, scratch, note_list_and_change_both, numbers, words)
        after = list(numbers), dict(words)
    assert seen == [1, 2], f"a child saw {seen} of a shared list that its parent had made [1, 2]"
    assert after == ([1, 2, 3], {"child": "here"}), f"after a child's changes the parent sees {after}"


@verifies("manager.gc.ends-the-process")
def test_process_ends_when_the_manager_is_garbage_collected(mp, lifelines):
    manager = mp.Manager()
    there(manager, lifelines.hold)
    del manager
    gc.collect()
    lifelines.wait_until_ended("the process of a manager that was garbage collected ends")


@verifies("manager.exit.ends-with-its-parent")
def test_process_ends_when_its_parent_exits(program, scratch):
    ways = [(end, scratch.lifelines(), scratch.journal()) for end in ENDS]
    programs = [program.start(f"{PARENT}    {end}\n", lines.path, journal.path) for end, lines, journal in ways]
    for (end, lifelines, journal), parent in zip(ways, programs, strict=True):
        outcome = parent.outcome()
        assert journal.read(), f"the program that makes a manager ended with {outcome} before it had used it"
        lifelines.wait_until_ended(f"the process of a manager ends when the program that made it ends with `{end}`")


@verifies("manager.exit.ends-with-a-child-that-made-it")
def test_process_ends_when_the_child_that_made_the_manager_exits(mp, scratch):
    ways = [(end, scratch.lifelines(), scratch.journal()) for end in ENDS]
    children = [mp.Process(target=make_manager, args=(journal, lifelines, end)) for end, lifelines, journal in ways]
    for child in children:
        child.start()
    for end, lifelines, journal in ways:
        journal.wait(1, "child that has made a manager")
        lifelines.wait_until_ended(f"the process of a manager ends when the child that made it ends with `{end}`")
    for child in children:
        child.join()


@verifies("manager.exit.parent-was-killed")
def test_whether_the_process_ends_when_its_parent_runs_no_exit_handlers(program, scratch, patience, observe):
    ends = {"is killed": "os.kill(os.getpid(), signal.SIGKILL)", "ends with os._exit()": "os._exit(0)"}
    ways = [(f"{PARENT}    {end}\n", scratch.lifelines(), scratch.journal()) for end in ends.values()]
    programs = [program.start(source, lifelines.path, journal.path) for source, lifelines, journal in ways]
    for parent in programs:
        parent.outcome()

    def all_ended() -> bool:
        return all(lifelines.ended() for _, lifelines, _ in ways)

    try:
        patience.never(all_ended, "the process of each manager ends")
    except AssertionError:
        pass
    answers = []
    for end, (_, lifelines, journal) in zip(ends, ways, strict=True):
        (server,) = journal.read()
        if lifelines.has_ended(server):
            answers.append(f"the process of a manager ends when its parent {end}")
        else:
            answers.append(f"the process of a manager goes on when its parent {end}")
            os.kill(server, signal.SIGKILL)
    observe("; ".join(answers))


@verifies("manager.killed.calls-raise")
def test_calls_raise_when_the_process_was_killed(mp, scratch, lifelines):
    manager = desk(mp, scratch.path("socket"))
    manager.start()
    note = manager.Note("value")
    os.kill(note.run(lifelines.hold), signal.SIGKILL)
    lifelines.wait_until_ended("a process that was killed ends")
    found = [fails(note.get), fails(manager.Note)]
    assert found == [True, True], (
        f"get() of a shared object and the creation of another, once the manager's process was killed: raised {found}"
    )
