"""current_process() and parent_process()."""

from __future__ import annotations

import functools
import os
import threading
from typing import Any

from mpconform.kit import backend, promise, verifies
from mpconform.sections.miscellaneous.helpers import TELL, answer, told


@functools.cache
def recording_process() -> Any:
    """Make a subclass that overrides run(); the backend is known in a run only."""

    class RecordingProcess(backend().Process):  # type: ignore[misc]
        journal: Any = None

        def run(self) -> None:
            current = backend().current_process()
            self.journal.write((current is self, repr(current)))

    RecordingProcess.__qualname__ = "RecordingProcess"
    return RecordingProcess


def __getattr__(name: str) -> Any:
    """Let a child that unpickles an instance find its class in this module."""
    if name == "RecordingProcess":
        return recording_process()
    raise AttributeError(name)


def pid_and_name_of_parent() -> Any:
    """Return pid and name of the process that the backend takes for the parent of this one."""
    parent = backend().parent_process()
    return parent.pid, parent.name


def record_parent(journal: Any) -> None:
    """Write down what the backend takes for the parent of this process."""
    journal.write(answer(pid_and_name_of_parent))


def record_family(journal: Any) -> None:
    """Write down pid and parent of this process, then start a child of it, which does so too."""
    mp = backend()
    journal.write((os.getpid(), answer(lambda: mp.current_process().pid), answer(pid_and_name_of_parent)))
    grandchild = mp.Process(target=record_parent, args=(journal,), name="grandchild")
    grandchild.start()
    grandchild.join()


@verifies("current_process.main.is-the-running-process", "parent_process.main.none")
def test_current_process_and_parent_process_in_a_main_process(program):
    outcome = program(
        TELL
        + """
    def look():
        current = mp.current_process()
        own = [current.pid == os.getpid(), current.ident == os.getpid()]
        types = [isinstance(current.name, str), isinstance(current.authkey, bytes)]
        return own + [current.is_alive(), current.daemon, current.exitcode] + types

    tell("current", look)
    tell("parent", lambda: repr(mp.parent_process()))
    """
    )
    found = told(outcome)
    with promise("current_process.main.is-the-running-process"):
        assert found.get("current") == [True, True, True, False, None, True, True], (
            "current_process() of a main process: whether pid and ident are those of the caller, is_alive(), daemon,"
            f" exitcode, whether name is text and authkey bytes: {found.get('current')},"
            f" promised [True, True, True, False, None, True, True]; {outcome}"
        )
    with promise("parent_process.main.none"):
        parent = found.get("parent")
        assert parent == "None", f"parent_process() in a main process: {parent}, promised None; {outcome}"


@verifies("current_process.main.class")
def test_class_of_the_main_process(mp, observe):
    kind = "an instance" if isinstance(mp.current_process(), mp.Process) else "no instance"
    observe(f"the object of a main process is {kind} of Process")


@verifies("current_process.child.is-the-started-object")
def test_current_process_in_run_is_the_object_itself(mp, journal):
    process = recording_process()()
    process.journal = journal
    process.start()
    [(same, shown)] = journal.wait(1, "record of run()")
    process.join()
    assert same, f"current_process() in run() of a child returned {shown}, promised the object whose run() is called"


@verifies(
    "current_process.child.has-the-pid-of-the-child",
    "parent_process.child.is-the-parent",
    "parent_process.grandchild.is-the-child",
)
def test_family_of_a_child_and_a_grandchild(mp, journal):
    mp.current_process().name = "the parent"
    process = mp.Process(target=record_family, args=(journal,), name="the child")
    process.start()
    [(pid, shown, parent), *_] = journal.wait(1, "record of a child")
    with promise("current_process.child.has-the-pid-of-the-child"):
        assert shown == pid, f"current_process().pid in a child is {shown}, promised {pid}, the pid of the child"
    with promise("parent_process.child.is-the-parent"):
        promised = (os.getpid(), "the parent")
        assert parent == promised, f"pid and name of parent_process() in a child are {parent}, promised {promised}"
    with promise("parent_process.grandchild.is-the-child"):
        found = journal.wait(2, "records of a child and a grandchild")[1]
        assert found[0] == pid, (
            f"pid and name of parent_process() in a grandchild are {found}, promised the pid {pid} of the child that"
            f" started it; {os.getpid()} is the main process"
        )
    process.join()


@verifies("current_process.call.same-object")
def test_current_process_is_the_same_in_every_thread(mp):
    found = [mp.current_process(), mp.current_process()]
    thread = threading.Thread(target=lambda: found.append(mp.current_process()))
    thread.start()
    thread.join()
    assert found[0] is found[1], f"current_process() returned {found[0]!r}, then another object, {found[1]!r}"
    assert found[0] is found[2], f"current_process() is {found[0]!r}, in another thread it is {found[2]!r}"
