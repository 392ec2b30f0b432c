"""Manager(): what it returns, where its objects live, and how its process ends."""

from __future__ import annotations

import gc
import os
import signal
from typing import Any

from mpconform.kit import Journal, backend, each, verifies
from mpconform.sections.managers.helpers import hold, is_free, of_cell, there, wait_until_ended

PARENT = """
    import fcntl
    import signal
    import sys
    import tempfile

    held = []

    class There:
        def __init__(self, function, *arguments):
            self.call = function, arguments

        def __reduce__(self):
            return self.call

    def hold(path):
        held.append(open(path, "w"))
        fcntl.flock(held[-1], fcntl.LOCK_EX)
        return os.getpid()

    if __name__ == "__main__":
        # What a process that is killed leaves there does no harm.
        os.environ["TMPDIR"] = tempfile.tempdir = os.path.dirname(sys.argv[1])
        manager = mp.Manager()
        Journal(sys.argv[2]).write(manager.list([There(hold, sys.argv[1])])[0])
    """
"""Makes a manager, whose process locks a file for as long as it lives, and writes down the id of that process."""


def note_list_and_change_both(journal: Journal, numbers: Any, words: Any) -> None:
    """Write down what the list holds, then change the list and the dict."""
    journal.write(list(numbers))
    numbers.append(3)
    words["child"] = "here"


def fails(function: Any, *arguments: Any) -> bool:
    """Return whether the call raises; keep nothing of the exception, whose buffers some interpreters cannot collect."""
    try:
        function(*arguments)
    except Exception:
        return True
    return False


def make_manager(journal: Journal, path: str) -> None:
    """Make a manager and leave it to the end of this process."""
    manager = backend().Manager()
    journal.write(there(manager, hold, path))
    journal.write("the child ends")


@verifies("manager.call.returns-started-manager")
def test_manager_returns_one_that_creates_objects_at_once(mp):
    manager = mp.Manager()
    found = manager.list([1, 2]), manager.dict({"a": 1})
    shown = [str(one) for one in found]
    manager.shutdown()
    assert shown == ["[1, 2]", "{'a': 1}"], f"a list and a dict of Manager() are {shown}, promised a started manager"


@verifies("manager.call.returns-a-sync-manager")
def test_manager_returns_a_sync_manager(mp):
    manager = mp.Manager()
    kind = mp.managers.SyncManager
    ok = isinstance(manager, kind)
    manager.shutdown()
    assert ok, f"Manager() returned an instance of {type(manager)!r}, promised is managers.SyncManager, {kind!r}"


@verifies("manager.call.server-is-another-process")
def test_objects_of_each_manager_live_in_a_process_of_their_own(mp):
    with mp.Manager() as one, mp.Manager() as other:
        found = [os.getpid(), there(one, os.getpid), there(other, os.getpid)]
    assert len(set(found)) == 3, (
        f"this process is {found[0]}, objects of two managers live in {found[1]} and {found[2]}; promised are three"
    )


@verifies("manager.call.shares-objects-between-processes")
def test_changes_of_one_process_are_seen_by_another(mp, journal):
    with mp.Manager() as manager:
        numbers, words = manager.list([1]), manager.dict()
        numbers.append(2)
        child = mp.Process(target=note_list_and_change_both, args=(journal, numbers, words), daemon=True)
        child.start()
        child.join()
        seen, after = journal.read(), (list(numbers), dict(words))
    assert seen == [[1, 2]], f"a child saw {seen} of a shared list that its parent had made [1, 2]"
    assert after == ([1, 2, 3], {"child": "here"}), f"after a child's changes the parent sees {after}"


@verifies("manager.gc.ends-the-process")
def test_process_ends_when_the_manager_is_garbage_collected(mp, scratch):
    manager = mp.Manager()
    path = scratch.path("held")
    there(manager, hold, path)
    del manager
    gc.collect()
    wait_until_ended(path, "the process of a manager that was garbage collected ends")


@verifies("manager.exit.ends-with-its-parent")
@each("end", ["pass", "raise ValueError('the program ends with an exception')"])
def test_process_ends_when_its_parent_exits(program, scratch, journal, end):
    path = scratch.path("held")
    outcome = program(f"{PARENT}    {end}\n", path, journal.path)
    assert journal.read(), f"the program that makes a manager ended with {outcome} before it had used it"
    wait_until_ended(path, f"the process of a manager ends when the program that made it ends with `{end}`")


@verifies("manager.exit.ends-with-a-child-that-made-it")
def test_process_ends_when_the_child_that_made_the_manager_exits(mp, scratch, journal):
    path = scratch.path("held")
    child = mp.Process(target=make_manager, args=(journal, path))
    child.start()
    child.join()
    assert len(journal.read()) == 2, f"a child that makes a manager ended with exit code {child.exitcode} before it did"
    wait_until_ended(path, "the process of a manager ends when the child that made it ends")


@verifies("manager.exit.parent-was-killed")
def test_whether_the_process_ends_when_its_parent_is_killed(program, scratch, journal, patience, observe):
    path = scratch.path("held")
    program(f"{PARENT}    os.kill(os.getpid(), signal.SIGKILL)\n", path, journal.path)
    (server,) = journal.read()
    try:
        patience.never(lambda: is_free(path), "the process of the manager ends")
    except AssertionError:
        observe("the process of a manager ends when its parent is killed")
    else:
        observe("the process of a manager goes on when its parent is killed")
        os.kill(server, signal.SIGKILL)


@verifies("manager.killed.calls-raise")
def test_calls_raise_when_the_process_was_killed(mp, scratch):
    manager = of_cell(mp, mp.managers.SyncManager, scratch.path("socket"))
    manager.start()
    numbers = manager.list([1])
    path = scratch.path("held")
    os.kill(there(manager, hold, path), signal.SIGKILL)
    wait_until_ended(path, "a process that was killed ends")
    found = [fails(numbers.append, 2), fails(manager.list)]
    assert found == [True, True], (
        f"append() of a shared list, and list() of its manager, when its process was killed: raised {found}"
    )
