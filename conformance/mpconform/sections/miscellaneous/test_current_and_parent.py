"""current_process() and parent_process()."""

from __future__ import annotations

import functools
import os
import threading
from typing import Any

from mpconform.kit import backend, verifies


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


def record_pid(journal: Any) -> None:
    """Write down the pid of the current process, by its object and by the system."""
    journal.write((backend().current_process().pid, os.getpid()))


def record_parent(journal: Any) -> None:
    """Write down pid and name of the process that the backend takes for the parent of this one."""
    parent = backend().parent_process()
    journal.write((getattr(parent, "pid", None), getattr(parent, "name", None)))


def start_grandchild(journal: Any) -> None:
    """Start a child of this child, which writes down its parent; then write down the own pid."""
    grandchild = backend().Process(target=record_parent, args=(journal,))
    grandchild.start()
    grandchild.join()
    journal.write(os.getpid())


@verifies("current_process.main.is-the-running-process")
def test_current_process_in_a_main_process(program):
    outcome = program(
        """
        current = mp.current_process()
        print(current.pid == os.getpid(), current.ident == os.getpid(), current.is_alive(), current.daemon)
        print(current.exitcode, type(current.name), type(current.authkey).__mro__[-2])
        """
    )
    assert outcome.output.split("\n")[:2] == ["True True True False", "None <class 'str'> <class 'bytes'>"], (
        "current_process() of a main process: pid and ident that of the caller, is_alive() and daemon, exitcode, types"
        f" of name and authkey: {outcome}, promised True True True False None str bytes"
    )


@verifies("current_process.main.class")
def test_class_of_the_main_process(mp, observe):
    kind = "an instance" if isinstance(mp.current_process(), mp.Process) else "no instance"
    observe(f"the object of a main process is {kind} of Process")


@verifies("current_process.child.is-the-started-object")
def test_current_process_in_run_is_the_object_itself(mp, journal):
    process = recording_process()()
    process.journal = journal
    process.start()
    process.join()
    [(same, shown)] = journal.wait(1, "record of run()")
    assert same, f"current_process() in run() of a child returned {shown}, promised the object whose run() is called"


@verifies("current_process.child.has-the-pid-of-the-child")
def test_current_process_in_a_child_has_its_pid(mp, journal):
    process = mp.Process(target=record_pid, args=(journal,))
    process.start()
    process.join()
    [(shown, pid)] = journal.wait(1, "record of the child's pid")
    assert shown == pid, f"current_process().pid in a child is {shown}, promised {pid}, the pid of the child"


@verifies("current_process.call.same-object")
def test_current_process_is_the_same_in_every_thread(mp):
    found = [mp.current_process(), mp.current_process()]
    thread = threading.Thread(target=lambda: found.append(mp.current_process()))
    thread.start()
    thread.join()
    assert found[0] is found[1], f"current_process() returned {found[0]!r}, then another object, {found[1]!r}"
    assert found[0] is found[2], f"current_process() is {found[0]!r}, in another thread it is {found[2]!r}"


@verifies("parent_process.main.none")
def test_a_main_process_has_no_parent_process(mp, program):
    assert hasattr(mp, "parent_process"), "there is no parent_process()"
    outcome = program("print(mp.parent_process())")
    assert outcome.output.strip() == "None", f"print(parent_process()) in a main process: {outcome}, promised None"


@verifies("parent_process.child.is-the-parent")
def test_parent_process_in_a_child(mp, journal):
    assert hasattr(mp, "parent_process"), "there is no parent_process()"
    current = mp.current_process()
    current.name = "the parent"
    process = mp.Process(target=record_parent, args=(journal,))
    process.start()
    process.join()
    [found] = journal.wait(1, "record of the child's parent")
    assert found == (os.getpid(), "the parent"), (
        f"parent_process() in a child has the pid and name {found}, promised {(os.getpid(), 'the parent')}"
    )


@verifies("parent_process.grandchild.is-the-child")
def test_parent_process_in_a_grandchild(mp, journal):
    assert hasattr(mp, "parent_process"), "there is no parent_process()"
    process = mp.Process(target=start_grandchild, args=(journal,), daemon=False)
    process.start()
    process.join()
    [(found, _), promised] = journal.wait(2, "records of the grandchild's parent and of the child")
    assert found == promised, (
        f"parent_process().pid in a grandchild is {found}, promised {promised}, which started it;"
        f" {os.getpid()} is the main process"
    )
